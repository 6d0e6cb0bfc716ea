"""The material table of the demo: somebody has entries confirmed, disputed and waiting, made as HR would."""

from __future__ import annotations

from datetime import datetime

from models.application import Application
from models.material import MaterialEntry
from models.person import Person
from models.review_round import ReviewRound
from panel.demo.people import TEACHER, UNIT_NAME
from panel.demo.texts import SPECIALITIES, SUBJECTS
from panel.domain.actors import Actor
from panel.domain.material import answers, settling

#: Who is in the middle of the form, and who has given up and may begin anew.
ANSWERS, WAITS = "20210032", "20150082"


def seed(cast: dict[str, Actor], round: ReviewRound, now: datetime) -> None:
    """Fill the table of two people; one has confirmed an entry, disputed one and left one unanswered."""
    for number in (ANSWERS, WAITS):
        _fill(Person.objects.get(staff_number=number), round, cast["hr"], now)
    application = Application.objects.get(person=Person.objects.get(staff_number=ANSWERS), is_live=True)
    rows = {
        row.kind: row for row in MaterialEntry.objects(person=application.person, round=round, section__ne="")
    }
    me = cast[ANSWERS]
    project, award = rows["project"], rows["award"]
    answers.confirm(application, {project.uid: project.version}, me, now)
    answers.dispute(
        Application.objects.get(id=application.id),
        award.uid,
        award.version,
        "获奖证书上本人是第一完成人，材料表里写成了第二。",
        {"rank": "1"},
        None,
        me,
        now,
    )


def _fill(person: Person, round: ReviewRound, hr: Actor, now: datetime) -> None:
    subject = SUBJECTS[SPECIALITIES[TEACHER][0]]
    category, name = subject.projects[1]
    prize, grade, body = subject.award
    year = now.year - 2
    project = {
        "category": category,
        "name": name,
        "start": f"{year}-05",
        "rank": "2",
        "team": "5",
        "status": "ongoing",
        "source": UNIT_NAME,
    }
    award = {"name": prize, "start": f"{year}-11", "rank": "2", "grade": grade, "awarder": body}
    topic = project | {"name": f"{name}（二期）", "start": f"{year + 1}-05", "rank": "1", "team": "3"}
    for section, kind, values in (
        ("performance", "project", project),
        ("performance", "award", award),
        ("performance", "topic", topic),
    ):
        settling.add(round, person, section, kind, values, hr, now)
