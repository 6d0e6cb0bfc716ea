"""Fills in one application as its applicant would: through the same functions as the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models.application import Application
from panel.demo import pictures
from panel.demo.people import UNIT_NAME, Applicant
from panel.demo.texts import DUTIES, SPECIALITIES, SUBJECTS, Subject
from panel.domain.actors import Actor
from panel.domain.content import entries, files, section_records
from panel.domain.rounds import offers, parts
from panel.services.files import uploads
from panel.services.files.limits import Limits

_MONTHS = {"junior": 12, "middle": 36, "associate": 60, "senior": 60}


class Filler:
    """Fills in the application of one person at one time."""

    def __init__(self, application: Application, applicant: Applicant, actor: Actor, now: datetime) -> None:
        self.id = application.id
        self.who = applicant
        self.actor = actor
        self.now = now
        self.subject: Subject = SUBJECTS[SPECIALITIES[applicant.series][applicant.speciality]]

    @property
    def application(self) -> Application:
        """The application as stored now."""
        return Application.objects.get(id=self.id)

    def everything(self) -> Application:
        """Fill in every section so that nothing blocks submitting; returns the application."""
        self.basic()
        self.qualification()
        self.lists()
        self.photo()
        self.slots()
        self.achievements()
        return self.application

    def some(self) -> Application:
        """Fill in as far as somebody who was interrupted."""
        self.basic(with_duties=False)
        self._entry(
            "education",
            start="2013-09",
            end="2017-06",
            organisation="江城大学",
            major=self.subject.major,
            diploma="bachelor",
            degree="bachelor",
            study_mode="full_time",
            is_basic=True,
        )
        return self.application

    def _record(self, section: str, **raw: Any) -> None:
        application = self.application
        section_records.save_record(
            application, section, raw, application.record(section).version, self.actor, self.now
        )

    def _entry(self, section: str, kind: str = "", evidence: list[str] | None = None, **raw: Any) -> None:
        entries.save_entry(
            self.application, section, None, raw, 0, self.actor, self.now, kind=kind, evidence=evidence
        )

    def basic(self, with_duties: bool = True) -> None:
        """Personal details."""
        born = int(self.who.born[:4])
        duties = DUTIES.format(
            course=self.subject.course, project=self.subject.projects[0][1], papers=len(self.subject.papers)
        )
        self._record(
            "basic",
            ethnicity="汉族",
            birth_place="湖北江城",
            health="healthy",
            party="cpc" if born % 2 else "none",
            languages="英语，大学英语六级",
            societies="湖北省高等教育学会会员" if born % 3 == 0 else "",
            graduated_on=f"{self._began()}-06",
            school="江城大学",
            major=self.subject.major,
            diploma="master",
            degree="master",
            length="三年",
            duty_summary=duties if with_duties else "",
        )

    def _began(self) -> int:
        return int(self.who.work_start[:4])

    def qualification(self) -> None:
        """The present title and the years of work."""
        raw: dict[str, Any] = {
            "current_work": self.who.series,
            "years": str(self.now.year - self._began()),
        }
        if self.who.title:
            approved = self.who.approved_on
            raw |= {
                "current_post": self.who.title,
                "current_post_since": f"{int(approved[:4]) + 1}-01",
                "title1_name": self.who.title,
                "title1_approved_on": approved,
                "title1_authority": "江城市职称改革工作领导小组",
                "title1_number": f"JC{approved[:4]}{self.who.staff_number[-5:]}",
            }
        self._record("qualification", **raw)

    def lists(self) -> None:
        """Education, training, work history, assessments."""
        began = self._began()
        self._entry(
            "education",
            start=f"{began - 3}-09",
            end=f"{began}-06",
            organisation="江城大学",
            major=self.subject.major,
            diploma="master",
            degree="master",
            study_mode="full_time",
            is_applied=True,
        )
        self._entry(
            "education",
            start=f"{began - 7}-09",
            end=f"{began - 3}-06",
            organisation="湖北江滨学院",
            major=self.subject.major,
            diploma="bachelor",
            degree="bachelor",
            study_mode="full_time",
            is_basic=True,
        )
        self._entry(
            "training",
            start=f"{self.now.year - 2}-07",
            end=f"{self.now.year - 2}-08",
            content="高校教师教学能力提升研修",
            place="江城大学教师发展中心",
            witness="刘主任",
        )
        self._entry(
            "work_history",
            start=self.who.work_start,
            organisation=UNIT_NAME,
            work_type=self.who.series,
            post=self.who.title,
        )
        for year in range(self.now.year - 3, self.now.year):
            result = "excellent" if (year + began) % 3 == 0 else "qualified"
            self._entry("assessments", year=str(year), result=result)

    def photo(self) -> None:
        """A drawn portrait of the round's size."""
        rule = self.application.spec.photo
        drawn = pictures.portrait(self.who.staff_number, self.who.gender == "female", rule.width, rule.height)
        record, _ = uploads.receive_photo(drawn, rule)
        files.set_photo(self.application, record, "basic", self.actor, self.now)

    def slots(self) -> None:
        """One file in every slot that this application has, but the evidence of achievements."""
        for slot in parts.visible_slots(self.application):
            if slot.key != "achievement_evidence":
                self._slot(slot.key, slot.label.zh)

    def _slot(self, slot: str, label: str) -> None:
        months = _MONTHS[self.who.level]
        lines = [f"姓名：{self.who.name}", f"工号：{self.who.staff_number}", f"单位：{UNIT_NAME}"]
        if slot == "social_insurance":
            lines += [f"缴费月数：{months} 个月", "险种：基本养老保险、失业保险、工伤保险"]
        if slot == "title_certificate":
            lines += [f"资格名称：{self.who.title}", f"批准日期：{self.who.approved_on}"]
        uid = self.upload(slot, label, lines, UNIT_NAME, pages=2 if slot == "social_insurance" else 1)
        if slot == "social_insurance":
            files.edit_attachment(self.application, uid, months, "", 1, self.actor, self.now)

    def upload(self, slot: str, title: str, lines: list[str], issuer: str, pages: int = 1) -> str:
        """Make a document, put it into the slot; returns the attachment's uid."""
        day = f"{self.now:%Y年%m月%d日}"
        if pages == 1 and slot == "achievement_evidence":
            data = pictures.scan(title, lines, issuer, day)
        else:
            data = pictures.document(title, lines, issuer, day, pages)
        attachment = uploads.receive(data, f"{title}.pdf", Limits())
        return files.add_attachment(self.application, slot, attachment, self.actor, self.now).uid

    def achievements(self) -> None:
        """Projects, an award, papers and for senior levels a book, each with its proof and clause."""
        year = max(int(self.who.approved_on[:4]) if self.who.approved_on else self._began(), 2016) + 1
        (category, name), (category2, name2) = self.subject.projects
        self._performance(
            "project",
            "立项通知",
            name,
            0,
            category=category,
            name=name,
            start=f"{year}-03",
            end=f"{year + 2}-12" if year + 2 < self.now.year else "",
            status="finished" if year + 2 < self.now.year else "ongoing",
            rank="1",
            team="5",
            part="lead",
            source="湖北省教育厅",
            funds="3",
        )
        self._performance(
            "topic",
            "立项通知",
            name2,
            1,
            category=category2,
            name=name2,
            start=f"{year + 1}-05",
            status="ongoing",
            rank="2",
            team="4",
            part="join",
            source=UNIT_NAME,
        )
        prize, grade, body = self.subject.award
        self._performance(
            "award",
            "获奖证书",
            prize,
            2,
            name=prize,
            start=f"{year + 1}-11",
            rank="1",
            grade=grade,
            awarder=body,
        )
        self._publications(year)

    def _performance(self, kind: str, document: str, what: str, place: int, **raw: Any) -> None:
        proof = self.upload(
            "achievement_evidence", f"{document}—{what[:12]}", [what, f"完成人：{self.who.name}"], UNIT_NAME
        )
        self._entry("performance", kind, [proof], clause=self._clause("performance", place), **raw)

    def _publications(self, year: int) -> None:
        for index, (title, journal) in enumerate(self.subject.papers):
            proof = self.upload(
                "achievement_evidence", f"论文—{title[:12]}", [f"《{title}》", f"刊于《{journal}》"], journal
            )
            self._entry(
                "publications",
                "paper",
                [proof],
                name=title,
                start=f"{min(year + index, self.now.year - 1)}-{3 + 2 * index:02d}",
                journal=journal,
                issue=f"第 {3 + index} 期",
                authorship="joint" if index else "sole",
                rank="1",
                clause=self._clause("publications", index),
            )
        if self.who.level == "senior":
            title, publisher = self.subject.book
            proof = self.upload("achievement_evidence", f"著作—{title}", [f"《{title}》"], publisher)
            self._entry(
                "publications",
                "book",
                [proof],
                name=title,
                start=f"{year + 1}-09",
                publisher=publisher,
                form="textbook",
                words="12",
                authorship="joint",
                rank="1",
                clause=self._clause("publications", 2),
            )

    def _clause(self, section: str, place: int) -> str:
        """The clause at `place` of those that apply, the last one when there are fewer."""
        clauses = offers.clauses_for(self.application, section)
        return clauses[min(place, len(clauses) - 1)].key
