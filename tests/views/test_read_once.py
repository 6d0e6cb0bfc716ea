"""A page of one case works out its sections, fields and findings once, however many parts ask for them."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import CodeType, FrameType
from typing import Any

import pytest

from models.application import Application, Submission
from models.choices import Role, State
from models.sections import Entry, ReturnItem
from panel.domain.checks import requirements
from panel.domain.content.frozen import content_of
from panel.domain.rounds import parts
from tests.contents import award, basic, make_complete, make_lecturer, paper, without
from tests.factories import NOW, make_entry
from tests.steps import running_return

#: The teachers' round, in which the lecturer of these tests has every section.
SECTIONS = [
    "basic", "qualification", "education", "training", "work_history", "performance", "publications",
    "assessments", "attachments",
]  # fmt: skip


@contextmanager
def calls_of(functions: Iterable[Callable[..., Any]]) -> Iterator[list[FrameType]]:
    """The frames of all calls of `functions`, by whatever name they were imported."""
    codes: set[CodeType] = {function.__code__ for function in functions}
    frames: list[FrameType] = []

    def note(frame: FrameType, event: str, _arg: Any) -> None:
        if event == "call" and frame.f_code in codes:
            frames.append(frame)

    sys.setprofile(note)
    try:
        yield frames
    finally:
        sys.setprofile(None)


def worked_out(open_page: Callable[[], Any]) -> Counter[str]:
    """How often a page worked out sections, slots and findings, and the fields of each record and entry."""
    functions = (parts.visible_sections, parts.visible_slots, parts.visible_fields, requirements.unmet_in)
    with calls_of(functions) as frames:
        answer = open_page()
    assert answer.status_code == 200
    return Counter(_name(frame) for frame in frames)


def _name(frame: FrameType) -> str:
    if frame.f_code is not parts.visible_fields.__code__:
        return frame.f_code.co_name
    content = frame.f_locals["content"]
    section = frame.f_locals["spec"].key
    return f"{section}/{content.uid}" if isinstance(content, Entry) else section


def once(*names: str) -> Counter[str]:
    return Counter(names)


def fields_of(application: Application) -> list[str]:
    """The records and entries of the lecturer's form, by section and uid; nothing else has fields."""
    entries = [*application.education, *application.work_history, *application.achievements]
    entries += application.assessments
    return ["basic", "qualification", *(f"{entry.section}/{entry.uid}" for entry in entries)]


@pytest.fixture(autouse=True)
def _time(travel):
    travel(NOW)


@pytest.fixture
def incomplete(database) -> dict[str, Any]:
    """Parts of a case with findings at a record, at an entry and at a slot."""
    return {
        "basic": without(basic(), "school"),
        "assessments": [make_entry("assessments", year=2025, uid="b" * 32)],
        "attachments": [],
    }


def test_the_page_for_hr_works_everything_out_once_also_for_the_guards_of_its_steps(sign_in_as, incomplete):
    case = make_complete(State.SUBMITTED, content_revision=7, **incomplete)
    case.receipt.content_revision = 6  # changed by HR since, so that a guard asks what is missing
    Application.objects(id=case.id).update(set__receipt=case.receipt)
    Submission(application=case, content_revision=7, content=content_of(case), sha256="a" * 64, at=NOW).save()
    hr = sign_in_as(Role.UNIT_HR)
    found = worked_out(lambda: hr.get(f"/admin/applications/{case.id}"))
    assert found == once("visible_sections", "visible_slots", "unmet_in", *fields_of(case))


@pytest.mark.parametrize(
    "page",
    [
        "",
        "check",
        "basic",
        "assessments",
        f"assessments/{'b' * 32}",
        "attachments",
        "submit",
        "photo",
        "choice",
    ],
)
def test_each_page_of_the_applicant_works_everything_out_once(sign_in_as, incomplete, page):
    person = make_lecturer()
    case = make_complete(person=person, **incomplete)
    applicant = sign_in_as(Role.APPLICANT, person=person)
    found = worked_out(lambda: applicant.get(f"/my/application/{case.id}/{page}"))
    assert found == once("visible_sections", "visible_slots", "unmet_in", *fields_of(case))


@pytest.mark.parametrize("page", ["", "performance", "attachments"])
def test_so_does_a_page_of_what_was_returned(sign_in_as, incomplete, page):
    person = make_lecturer()
    items = [
        ReturnItem(section="performance", entry="a" * 32, field="grade", text="请核对"),
        ReturnItem(section="attachments", field="social_insurance", text="请补传"),
    ]
    case = make_complete(
        State.RETURNED,
        person=person,
        returns=[running_return(items=items)],
        deadline=NOW + timedelta(days=3),
        achievements=[award(uid="a" * 32), paper()],
        **incomplete,
    )
    applicant = sign_in_as(Role.APPLICANT, person=person)
    found = worked_out(lambda: applicant.get(f"/my/application/{case.id}/{page}"))
    assert found == once("visible_sections", "visible_slots", "unmet_in", *fields_of(case))


def test_the_count_sees_a_second_time(database):
    """What these tests rest on: a function asked twice is counted twice."""
    case = make_complete()
    with calls_of([parts.visible_sections]) as frames:
        parts.visible_sections(case)
        parts.visible_sections(case)
    assert [section.key for section in parts.visible_sections(case)] == SECTIONS
    assert len(frames) == 2
