"""Content of applications for tests: complete, so that a test changes the one thing it is about."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from models.application import Application
from models.choices import Severity, State
from models.person import Person
from models.sections import Attachment, Entry, SectionRecord
from models.values import PartialDate
from panel.domain.checks import requirements
from panel.domain.checks.findings import Finding
from tests.factories import NOW, make_application, make_entry, make_person, make_record

UNIT = "江城理工学院"


def make_lecturer(**values: Any) -> Person:
    """A lecturer since 2018-12-20, at the unit since 2015: everything the roster can know."""
    return make_person(**({"joined_on": PartialDate(2015, 7), "birth_date": date(1986, 3, 12)} | values))


def basic(**values: Any) -> SectionRecord:
    """A complete section of personal details."""
    given = {
        "name": "林晓静",
        "gender": "female",
        "birth_date": PartialDate(1986, 3, 12),
        "id_number": "420106198603120021",
        "ethnicity": "汉族",
        "birth_place": "湖北武汉",
        "work_start": PartialDate(2012, 7),
        "health": "healthy",
        "phone": "13800001111",
        "party": "cpc",
        "graduated_on": PartialDate(2012, 6),
        "school": "华中科技大学",
        "major": "计算机应用技术",
        "diploma": "master",
        "degree": "master",
        "duty_summary": "承担本科教学，主持科研项目。",
    }
    return make_record(**(given | values))


def qualification(**values: Any) -> SectionRecord:
    """A complete section of qualification for a promotion."""
    given = {
        "current_work": "teacher",
        "years": 14,
        "title1_name": "讲师",
        "title1_approved_on": PartialDate(2018, 12, 20),
        "title1_authority": "湖北省职称改革工作领导小组",
        "title1_number": "C2018123",
    }
    return make_record(**(given | values))


def exceptional(**values: Any) -> SectionRecord:
    """A complete section of qualification for an exceptional application."""
    given = {
        "exceptional_reasons": "获国家级奖励",
        "recommender1_name": "张为民",
        "recommender1_title": "教授",
        "recommender1_unit": "江城大学",
        "recommender2_name": "李学勤",
        "recommender2_title": "教授",
        "recommender2_unit": "江城师范大学",
    }
    return qualification(**(given | values))


def degree(**values: Any) -> Entry:
    """A degree that is both the basic one and the one applied with."""
    given = {
        "start": PartialDate(2009, 9),
        "end": PartialDate(2012, 6),
        "organisation": "华中科技大学",
        "major": "计算机应用技术",
        "diploma": "master",
        "degree": "master",
        "study_mode": "full_time",
        "is_basic": True,
        "is_applied": True,
    }
    return make_entry("education", **(given | values))


def job(**values: Any) -> Entry:
    """The present post at the own unit, since 2012-07."""
    given = {"start": PartialDate(2012, 7), "organisation": UNIT, "work_type": "teacher", "post": "讲师"}
    return make_entry("work_history", **(given | values))


def project(**values: Any) -> Entry:
    """A completed project of 2021 to 2023."""
    given = {
        "category": "湖北省教育厅科学研究计划项目",
        "name": "面向新工科的课程体系研究",
        "start": PartialDate(2021, 3),
        "end": PartialDate(2023, 5, 17),
        "rank": 1,
        "team": 5,
        "part": "lead",
        "status": "finished",
        "source": "湖北省教育厅",
        "clause": "a1",
    }
    return _with_evidence(make_entry("performance", "project", **(given | values)))


def award(**values: Any) -> Entry:
    """A prize of 2022."""
    given = {
        "name": "湖北省高等学校教学成果奖",
        "start": PartialDate(2022, 9),
        "rank": 3,
        "team": 8,
        "grade": "二等奖",
        "awarder": "湖北省人民政府",
        "clause": "a4",
    }
    return _with_evidence(make_entry("performance", "award", **(given | values)))


def paper(**values: Any) -> Entry:
    """A paper of 2022."""
    given = {
        "name": "一种自适应采样方法",
        "start": PartialDate(2022, 4),
        "journal": "计算机学报",
        "authorship": "joint",
        "rank": 1,
        "clause": "a6",
    }
    return _with_evidence(make_entry("publications", "paper", **(given | values)))


def book(**values: Any) -> Entry:
    """A textbook of 2020."""
    given = {
        "name": "程序设计基础",
        "start": PartialDate(2020, 8),
        "publisher": "高等教育出版社",
        "form": "textbook",
        "authorship": "joint",
        "rank": 2,
        "clause": "a7",
    }
    return _with_evidence(make_entry("publications", "book", **(given | values)))


def _with_evidence(entry: Entry) -> Entry:
    entry.evidence = ["e" * 32]
    return entry


def attachment(slot: str, **values: Any) -> Attachment:
    """The record of a PDF in `slot`."""
    given = {
        "slot": slot,
        "name": f"{slot}.pdf",
        "mime": "application/pdf",
        "size": 20_000,
        "sha256": "ab" * 32,
        "pages": 1,
        "at": NOW,
    }
    return Attachment(**(given | values))


def attachments(**months: int | None) -> list[Attachment]:
    """A file in each slot of the teachers' round; `months` are those the insurance statement covers."""
    return [
        attachment("social_insurance", months=months.get("months", 60)),
        attachment("title_certificate"),
        attachment("qualification_certificate"),
        attachment("material_table"),
        attachment("achievement_evidence", uid="e" * 32),
    ]


def make_complete(state: State = State.DRAFT, **values: Any) -> Application:
    """A lecturer's application for associate professor in which nothing is missing; `values` replace parts.

    `basic` and `qualification` replace those sections; `sections` adds others.
    """
    person = values.pop("person", None) or make_lecturer()
    sections = {
        "basic": values.pop("basic", None) or basic(),
        "qualification": values.pop("qualification", None) or qualification(),
    } | values.pop("sections", {})
    given: dict[str, Any] = {
        "person": person,
        "sections": sections,
        "education": [degree()],
        "work_history": [job()],
        "achievements": [project(), award(), paper(), book()],
        "assessments": [make_entry("assessments", year=2025, result="excellent")],
        "attachments": attachments(),
        "edition": "2025",
    }
    return make_application(state, **(given | values))


def training(start: PartialDate, end: PartialDate) -> Entry:
    """A course of further training."""
    return make_entry(
        "training", start=start, end=end, content="骨干教师研修", place="武汉大学", witness="王明"
    )


def unmet(application: Application, now: datetime = NOW) -> list[Finding]:
    """What is not in order with the application as stored."""
    return requirements.unmet(Application.objects.get(id=application.id), now)


def places(application: Application, severity: Severity = Severity.BLOCKING) -> list[tuple[str, str]]:
    """Section and field or slot of the findings of one severity."""
    return [(f.section, f.field or f.slot) for f in unmet(application) if f.severity is severity]


def only(application: Application) -> Finding:
    """The one finding there is."""
    found = unmet(application)
    assert len(found) == 1, found
    return found[0]


def said(finding: Finding) -> str:
    """Its message in Chinese."""
    return str(finding.message)


def without(record: SectionRecord, *keys: str) -> SectionRecord:
    """`record` with `keys` emptied."""
    for key in keys:
        record.put(key, None)
    return record
