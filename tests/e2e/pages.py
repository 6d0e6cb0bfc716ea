"""Every address that shows a page, with somebody who sees it and a world that gives it something to show."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from operator import attrgetter
from urllib.parse import urlencode

from bson import ObjectId

from models.application import Application
from models.certificate import Certificate
from models.choices import Action, Preparation, PublicityKind, State
from models.export_job import ExportJob
from models.imports import ImportBatch, ImportKind
from models.material import MaterialEntry, MaterialScan
from models.meeting import Committee, Meeting
from models.messages import M
from models.outbox import packed
from models.pending_file import PendingFile
from models.person import Person
from models.publicity import Objection, Publicity
from models.reminder import Reminder, ReminderGroup
from models.review_round import ReviewRound
from models.sections import Attachment
from models.user import User
from panel import clock, demo
from panel.demo import story, table
from panel.demo.people import APPLICANTS, EXPERTS
from panel.domain.actors import actor_of
from panel.domain.content import files
from panel.domain.desk import reminders
from panel.domain.desk.reminder_groups import Addressees
from panel.domain.review import meetings
from panel.domain.round_edit import schedule
from panel.services import imports
from tests.workbooks import make_xlsx

COMMITTEE = [row[0] for row in EXPERTS["teacher-committee"]]
HR, HR2, COLLEGE, ADMIN = "19980001", "20060002", "20010003", "20150111"
CHAIR, EXPERT = COMMITTEE[0], COMMITTEE[2]
LAB_CHAIR = EXPERTS["lab-committee"][0][0]
#: A roster's file with a person of a college, and one of none.
ROSTER = [["工号", "姓名", "所在部门"], ["T1", "张伟", "计算机科学与工程学院"], ["T2", "李娜", "无此学院"]]
#: Applicants by how far they are.
NEW, STARTED, READY, RETURNED = "20160011", "20210032", "20150023", "20100018"
ON_BEHALF, CERTIFIED = "20250052", "20180137"


class Quick(story.DemoCase):
    """A case of the demo whose applicant looks at the form without its being printed."""

    def preview(self) -> None:
        application = self.application
        revision = application.content_revision
        files.record_preview(application, revision, "ab" * 32, self.me, self.at)


class World:
    """A small university with cases in the states that have pages of their own."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        demo.seed_institution(now)
        self.cast = demo.cast_of()
        self.rounds = {round.series: round for round in ReviewRound.objects()}
        self.started = self._case("draft_started")
        table.seed(self.cast, self.rounds["teacher"], now)
        self.ready = self._case("draft_ready")
        self.returned = self._case("returned")
        self.on_behalf = self._case("on_behalf")
        self.held = self._case("on_hold")
        self.panel = self._case("panel_ready")
        self._remind()
        self._certify()
        self._meet()
        self._add_to_roster()
        self.scan = self._scan()

    def _begin(self, stage: str) -> Quick:
        who = next(row for row in APPLICANTS if row.stage == stage)
        at = self.now - timedelta(days=story.BEGINS.get(stage, story.EARLY))
        return Quick(self.cast, who, self.rounds[who.series], at)

    def _case(self, stage: str) -> Application:
        case = self._begin(stage)
        story.STAGES[stage](case)
        return case.application

    def _remind(self) -> None:
        choice = Addressees(ReminderGroup.DRAFT, self.rounds["teacher"])
        text = str(reminders.DRAFTS[ReminderGroup.DRAFT])
        reminders.send(choice, text, False, self.cast["hr"], self.now)

    def _scan(self) -> MaterialScan:
        """A stamped scan whose name fits two people."""
        file = Attachment(slot="", name="扫描0001.pdf", mime="application/pdf", size=900, sha256="ab" * 32)
        people = [self.person.id, self.started.person.id]
        values = {"unit": self.person.unit, "candidates": people, "by_name": "陈国栋", "at": self.now}
        return MaterialScan(round=self.round, file=file, **values).save()

    def _certify(self) -> None:
        """A meeting that is over, a list of results, a certificate."""
        case = self._begin("certified")
        case.to_panel()
        case.opine()
        self.closed_meeting = story.hold_meeting(self.cast, [case], "实验技术系列评审会议", lambda case: 7)
        case.post(PublicityKind.RESULT)
        case.pass_publicity()
        hr = self.cast["hr"]
        facts = {
            "document_number": "江理工人〔2026〕36 号",
            "approved_on": case.at.date(),
            "filing": "已备案",
        }
        case.run(Action.CONFIRM, hr, **facts)
        case.run(Action.ISSUE, hr)
        self.certified = case.application

    def _meet(self) -> None:
        """A meeting under way, where all but one have still to vote, and a planned one."""
        case = self._begin("ballot")
        case.to_panel()
        case.opine()
        today = clock.today()
        self.open_meeting = story.plan_meeting(self.cast, [case], "教师系列评审会议", self.now, today)
        present = [self.cast[number] for number in COMMITTEE[:7]]
        meetings.open_meeting(self.open_meeting, present[0], self.now)
        for actor in present:
            meetings.sign_in(self.open_meeting, actor, self.now)
        self.open_meeting = Meeting.objects.get(id=self.open_meeting.id)
        title, day = "教师系列第二次评审会议", today + timedelta(days=3)
        self.meeting = meetings.plan(
            self.committee, self.round, title, day, "行政楼 201", self.cast["hr"], self.now
        )

    def _add_to_roster(self) -> None:
        """Somebody who has an extension, somebody who has no account."""
        until = clock.today() + timedelta(days=60)
        schedule.extend(self.round, [self.person], [], until, "住院，附证明。", self.cast["hr"], self.now)
        Person(staff_number="20260001", name="江新来", unit=self.person.unit, department="cs").save()

    @property
    def reminder(self) -> Reminder:
        """A reminder to those who have not handed in."""
        sent: Reminder = Reminder.objects.first()
        return sent

    @cached_property
    def export_job(self) -> ExportJob:
        """A file of HR's that is being made."""
        job: ExportJob = ExportJob(
            user=User.objects.get(username=HR),
            kind="dossiers",
            title="申报材料-2人",
            applications=[self.returned.id, self.on_behalf.id],
            left_out=[{"name": "周子昂", "why": packed(M("您已回避"))}],
            state="running",
            total=2,
            done=1,
            at=self.now,
            expires_at=self.now + timedelta(days=7),
        ).save()
        return job

    @property
    def disputed(self) -> MaterialEntry:
        """An entry of the material table that its person disputes."""
        return MaterialEntry.objects.get(state="disputed")

    @property
    def placed(self) -> MaterialEntry:
        """One that waits for its person's answer."""
        return MaterialEntry.objects.get(state="placed")

    @cached_property
    def batch(self) -> ImportBatch:
        """A messy roster that was read, with a person of no department."""
        actor = actor_of(User.objects.get(username=HR))
        data = make_xlsx(ROSTER)
        made = imports.upload(ImportKind.ROSTER, self.person.unit, None, data, "名册.xlsx", actor, self.now)
        imports.run(made.id)
        read: ImportBatch = ImportBatch.objects.get(id=made.id)
        return read

    @cached_property
    def earlier(self) -> Application:
        """An application that the person of `started` gave up, with everything in it."""
        row = dict(self.ready.to_mongo()) | {
            "_id": ObjectId(),
            "person": self.started.person.id,
            "state": State.WITHDRAWN.value,
            "is_live": False,
        }
        row.pop("number", None)
        Application._get_collection().insert_one(row)
        found: Application = Application.objects.get(id=row["_id"])
        return found

    @cached_property
    def waiting(self) -> PendingFile:
        """A file of `started` that was compressed and waits to be looked at."""
        record = Attachment._from_son(dict(self.ready.attachments[0].to_mongo()) | {"uid": "7" * 32})
        return PendingFile(
            application=self.started.id,
            slot=record.slot,
            record=record,
            what=Preparation.COMPRESSED.value,
            sent_bytes=30_000_000,
            at=self.now,
            expires_at=self.now + timedelta(hours=12),
        ).save()

    @property
    def held_entry(self) -> str:
        """The uid of a project of the case that an objection holds."""
        return str(self.held.entries("performance")[0].uid)

    @property
    def round(self) -> ReviewRound:
        """The teachers' round."""
        return self.rounds["teacher"]

    @property
    def committee(self) -> Committee:
        """The teachers' committee."""
        return Committee.objects.get(code="teacher-committee")

    @property
    def person(self) -> Person:
        """Somebody of the roster."""
        return Person.objects.get(staff_number=NEW)

    @property
    def newcomer(self) -> Person:
        """Somebody of the roster without an account."""
        return Person.objects.get(staff_number="20260001")

    @property
    def account(self) -> User:
        """The second of HR."""
        return User.objects.get(username=HR2)

    @property
    def expert(self) -> User:
        """A member of the committee."""
        return User.objects.get(username=COMMITTEE[5])

    @property
    def entry(self) -> str:
        """A project of the case that is ready."""
        return str(self.ready.entries("performance")[0].uid)

    @property
    def sheet(self) -> str:
        """The ballot sheet of the meeting under way."""
        return str(self.open_meeting.sheets[0].uid)

    @property
    def unit_list(self) -> Publicity:
        """A list inside the unit."""
        return Publicity.objects.get(kind=PublicityKind.UNIT.value, rows__application=self.held.id)

    @property
    def result_list(self) -> Publicity:
        """A list of results."""
        return Publicity.objects.get(kind=PublicityKind.RESULT.value)

    @property
    def objection(self) -> Objection:
        """An objection that is open."""
        return Objection.objects.get(application=self.held.id)

    @property
    def certificate(self) -> Certificate:
        """The certificate."""
        return Certificate.objects.get(application=self.certified.id)

    def value(self, path: str) -> str:
        """The attribute at `path` as text; what begins with = is meant literally."""
        return path.removeprefix("=") if path.startswith("=") else str(attrgetter(path)(self))


@dataclass(frozen=True)
class Shown:
    """A page: who looks, and which attribute of the world each argument (or field of a form) is."""

    who: str
    names: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)


def shown(
    who: str, query: dict[str, str] | None = None, data: dict[str, str] | None = None, **names: str
) -> Shown:
    """`shown(HR, id="returned.id")`."""
    return Shown(who, names, query or {}, data or {})


def mine(who: str, case: str, **names: str) -> Shown:
    """A page of one's own application."""
    return Shown(who, {"application_id": f"{case}.id"} | names)


#: "METHOD rule" -> who sees it. Words after the rule tell pages of one address apart.
PAGES: dict[str, Shown] = {
    # --- everybody ---
    "GET /": shown(""),
    "GET /manual": shown(""),
    "GET /sign-in": shown(""),
    "POST /sign-in": shown("", data={"username": "=nobody", "password": "=wrong"}),
    "GET /notices/": shown(""),
    "GET /notices/<uid>": shown("", uid="result_list.uid"),
    "GET /verify/": shown(""),
    "GET /verify/<code>": shown("", code="certificate.code"),
    "GET /verify/<code> unknown": shown("", code="=ABCDEFGH"),
    # --- everybody with an account ---
    "GET / signed in": shown(NEW),
    "GET /signed-in": shown(NEW),
    "GET /password": shown(NEW),
    "GET /inbox": shown(RETURNED),
    "GET /account": shown(NEW),
    "POST /account/calendar": shown(NEW, data={"step": "=make"}),
    # --- self-service ---
    "GET /my/": shown(RETURNED),
    "GET /my/ before": shown(NEW),
    "GET /my/apply/<round_id>": shown(NEW, round_id="round.id"),
    "POST /my/apply/<round_id>": shown(NEW, round_id="round.id"),
    "GET /my/application/<application_id>/": mine(STARTED, "started"),
    "GET /my/application/<application_id>/ returned": mine(RETURNED, "returned"),
    "GET /my/application/<application_id>/ certified": mine(CERTIFIED, "certified"),
    "GET /my/application/<application_id>/check": mine(STARTED, "started"),
    "GET /my/application/<application_id>/choice": mine(STARTED, "started"),
    "GET /my/application/<application_id>/confirm": mine(ON_BEHALF, "on_behalf"),
    "GET /my/application/<application_id>/library": mine(RETURNED, "returned"),
    "GET /my/application/<application_id>/library earlier": Shown(
        STARTED, {"application_id": "started.id"}, query={"from": "earlier.id", "all": "=1"}
    ),
    "GET /my/application/<application_id>/photo": mine(READY, "ready"),
    "GET /my/application/<application_id>/preview": mine(READY, "ready"),
    "GET /my/application/<application_id>/receipt": mine(CERTIFIED, "certified"),
    "GET /my/application/<application_id>/submit": mine(READY, "ready"),
    "GET /my/application/<application_id>/submit too early": mine(STARTED, "started"),
    "GET /my/application/<application_id>/withdraw": mine(READY, "ready"),
    "GET /my/application/<application_id>/<section>": mine(READY, "ready", section="=basic"),
    "GET /my/application/<application_id>/<section> performance": mine(
        READY, "ready", section="=performance"
    ),
    "GET /my/application/<application_id>/<section> empty": mine(STARTED, "started", section="=publications"),
    "GET /my/application/<application_id>/<section> attachments": mine(
        READY, "ready", section="=attachments"
    ),
    "GET /my/application/<application_id>/<section> waiting": Shown(
        STARTED, {"application_id": "started.id", "section": "=attachments"}, query={"see": "waiting.uid"}
    ),
    "GET /my/application/<application_id>/<section> returned": mine(RETURNED, "returned", section="=basic"),
    "GET /my/application/<application_id>/<section> closed": mine(
        RETURNED, "returned", section="=qualification"
    ),
    "POST /my/application/<application_id>/<section> stale": Shown(
        READY,
        {"application_id": "ready.id", "section": "=basic"},
        data={"version": "=0", "f-birth_place": "=湖北东湖", "f-school": "=东湖大学"},
    ),
    "GET /my/application/<application_id>/<section>/new": Shown(
        READY, {"application_id": "ready.id", "section": "=publications"}, query={"kind": "=paper"}
    ),
    "GET /my/application/<application_id>/<section>/<uid>": mine(
        READY, "ready", section="=performance", uid="entry"
    ),
    "GET /my/application/<application_id>/<section>/<uid> given": mine(
        STARTED, "started", section="=performance", uid="disputed.uid"
    ),
    "GET /my/application/<application_id>/material": mine(STARTED, "started"),
    "GET /my/application/<application_id>/material/<uid>/dispute": mine(STARTED, "started", uid="placed.uid"),
    "GET /my/application/<application_id>/material/missing": Shown(
        STARTED, {"application_id": "started.id"}, query={"section": "=performance", "kind": "=award"}
    ),
    # --- the panel: the material table ---
    "GET /admin/material/": shown(HR),
    "GET /admin/material/sheets": shown(HR),
    "GET /admin/material/people/<person_id>": shown(HR, person_id="started.person.id"),
    "GET /admin/material/people/<person_id>/new": shown(
        HR,
        query={"round": "round.id", "section": "=performance", "kind": "=award"},
        person_id="started.person.id",
    ),
    "GET /admin/material/<id>": shown(HR, id="disputed.id"),
    "GET /admin/material/<id> placed": shown(HR, id="placed.id"),
    "GET /admin/scans/": shown(HR),
    # --- the panel: applications ---
    "GET /admin/": shown(HR),
    "GET /admin/ college": shown(COLLEGE),
    "GET /admin/ accounts": shown(ADMIN),
    "GET /admin/applications/": shown(HR),
    "GET /admin/applications/<id>": shown(HR, id="on_behalf.id"),
    "GET /admin/applications/<id> draft": shown(HR, id="started.id"),
    "GET /admin/applications/<id> college": shown(COLLEGE, id="returned.id"),
    "GET /admin/applications/<id>/selection": shown(HR, id="on_behalf.id"),
    "POST /admin/applications/run/<action>": shown(HR, data={"rowid": "on_behalf.id"}, action="=reject"),
    "POST /admin/applications/action/": shown(HR, data={"rowid": "panel.id", "action": "=table"}),
    # --- publicity, objections ---
    "GET /admin/applications/<id>/look": shown(HR, id="on_behalf.id"),
    "GET /admin/applications/<id>/look/<section>": shown(HR, id="on_behalf.id", section="=basic"),
    "GET /admin/applications/<id>/look/<section>/<uid>": shown(
        HR, id="held.id", section="=performance", uid="held_entry"
    ),
    "GET /admin/applications/<id>/mend": shown(HR, id="on_behalf.id"),
    "GET /admin/applications/<id>/mend form": shown(
        HR, query={"section": "=basic", "field": "=school"}, id="on_behalf.id"
    ),
    "GET /admin/applications/export": shown(HR),
    "GET /admin/applications/missing": shown(HR),
    "POST /admin/applications/export/make": shown(HR, data={"rowid": "started.id", "kind": "=forms"}),
    "GET /admin/exports/": shown(HR),
    "GET /admin/exports/<id>": shown(HR, id="export_job.id"),
    "GET /admin/exports/layouts/<round_id>/<key>": shown(HR, round_id="round.id", key="=filing"),
    "GET /admin/search/": shown(HR, query={"q": "=lin"}),
    "GET /admin/search/ nothing": shown(HR, query={"q": "=没有这个人"}),
    "GET /admin/applications/views/": shown(HR),
    "GET /admin/imports/": shown(HR),
    "GET /admin/imports/upload": shown(HR),
    "GET /admin/imports/<id>": shown(HR, id="batch.id"),
    "GET /admin/imports/<id>/columns": shown(HR, id="batch.id"),
    "GET /admin/reminders/": shown(HR),
    "GET /admin/reminders/new": shown(HR, query={"group": "=draft"}),
    "GET /admin/reminders/<id>": shown(HR, id="reminder.id"),
    "POST /admin/reminders/new": shown(HR, data={"group": "=draft", "step": "=send", "text": "={x}"}),
    "GET /admin/mail/": shown(HR),
    "GET /admin/statistics/": shown(HR),
    "GET /admin/publicity/": shown(HR),
    "GET /admin/publicity/<uid>": shown(HR, uid="unit_list.uid"),
    "GET /admin/objections/": shown(HR),
    "GET /admin/objections/new": shown(HR),
    "POST /admin/objections/new": shown(HR),
    "GET /admin/objections/<id>": shown(HR, id="objection.id"),
    # --- roster, accounts, rounds, extensions, audit ---
    "GET /admin/people/": shown(HR),
    "GET /admin/people/<id>": shown(HR, id="person.id"),
    "GET /admin/people/new": shown(HR),
    "GET /admin/people/export": shown(HR),
    "POST /admin/people/export": shown(HR),
    "GET /admin/people/<id>/edit": shown(HR, id="person.id"),
    "POST /admin/people/action/": shown(HR, data={"rowid": "newcomer.id", "action": "=accounts"}),
    "POST /admin/people/accounts": shown(HR, data={"rowid": "newcomer.id"}),
    "GET /admin/units/": shown(HR),
    "GET /admin/rounds/": shown(HR),
    "GET /admin/rounds/<id>": shown(HR, id="round.id"),
    "GET /admin/rounds/<id>/explain": shown(HR, id="round.id"),
    "GET /admin/rounds/<id>/explain person": shown(
        HR, query={"person": "started.person.id"}, id="started.round.id"
    ),
    "GET /admin/rounds/<id>/find": shown(
        HR, query={"field": "=basic.ethnicity", "text": "=族"}, id="started.round.id"
    ),
    "GET /admin/rounds/new": shown(HR),
    **{
        f"GET /admin/rounds/<id>/edit/{page}": shown(HR, id="round.id")
        for page in ("", "history", "publish", "compare", "clone", "import", "preview")
    },
    "GET /admin/rounds/<id>/edit/part/<part>": shown(
        HR, id="round.id", part="=form", query={"section": "=performance"}
    ),
    "GET /admin/extensions/": shown(HR),
    "GET /admin/extensions/new": shown(HR),
    "GET /admin/audit/": shown(HR),
    "GET /admin/users/": shown(ADMIN),
    "GET /admin/users/<id>": shown(ADMIN, id="account.id"),
    "GET /admin/users/new": shown(ADMIN),
    # --- the office of the committee ---
    "GET /admin/committees/": shown(HR),
    "GET /admin/committees/<id>": shown(HR, id="committee.id"),
    "GET /admin/experts/": shown(HR),
    "GET /admin/experts/<id>": shown(HR, id="panel.id"),
    "POST /admin/experts/choose": shown(HR, data={"rowid": "panel.id"}),
    "POST /admin/experts/assign": shown(
        HR, data={"rowid": "panel.id", "expert": "expert.id", "step": "=preview"}
    ),
    "GET /admin/meetings/": shown(HR),
    "GET /admin/meetings/new": shown(HR),
    "GET /admin/meetings/<id>": shown(HR, id="meeting.id"),
    "GET /admin/meetings/<id> under way": shown(HR, id="open_meeting.id"),
    "GET /admin/meetings/<id>/edit": shown(HR, id="meeting.id"),
    "GET /admin/meetings/<id>/minutes": shown(HR, id="closed_meeting.id"),
    # --- the committee ---
    "GET /committee/": shown(EXPERT),
    "GET /committee/cases/<id>": shown(EXPERT, id="panel.id"),
    "GET /committee/cases/<id>/recuse": shown(EXPERT, id="panel.id"),
    "GET /committee/meetings/": shown(CHAIR),
    "GET /committee/meetings/<id>": shown(CHAIR, id="open_meeting.id"),
    "GET /committee/meetings/<id>/sheets/<uid>": shown(EXPERT, id="open_meeting.id", uid="sheet"),
    "POST /committee/meetings/<id>/sheets/<uid>": shown(
        EXPERT, data={"step": "=review"}, id="open_meeting.id", uid="sheet"
    ),
    "GET /committee/meetings/<id>/close": shown(CHAIR, id="open_meeting.id"),
    "GET /committee/meetings/<id>/results": shown(LAB_CHAIR, id="closed_meeting.id"),
    # --- what isn't there ---
    "GET /<missing>": shown("", missing="=nowhere"),
}

#: Addresses that show no page of their own, and what they answer with.
NO_PAGES = {
    "GET /static/<path:filename>": "a file",
    "GET /files/<application_id>/<uid>": "a file",
    "GET /files/<application_id>/<uid>/thumbnail": "a picture",
    "GET /files/<application_id>/photo": "a picture",
    "GET /files/form/<application_id>.pdf": "a PDF",
    "GET /my/application/<application_id>/form.pdf": "a PDF",
    "GET /certificates/<certificate_id>.pdf": "a PDF",
    "GET /account/calendar.ics": "a file",
    "GET /calendar/<secret>.ics": "a file",
    "GET /admin/statistics/<key>.xlsx": "a file",
    "GET /admin/applications/export.xlsx": "a file",
    "GET /admin/people/export.xlsx": "a file",
    "GET /admin/users/export.xlsx": "a file",
    "GET /admin/units/export.xlsx": "a file",
    "GET /admin/audit/export.xlsx": "a file",
    "GET /admin/objections/export.xlsx": "a file",
    "GET /admin/publicity/<uid>/list.docx": "a file",
    "GET /admin/publicity/<uid>/list.xlsx": "a file",
    "GET /admin/exports/<id>/file": "a file",
    "GET /admin/rounds/<id>/edit/export": "a file",
    "GET /admin/rounds/<id>/edit/row": "a part of a page",
    "GET /admin/material/export.xlsx": "a file",
    "GET /admin/imports/<id>/file": "a file",
    "GET /admin/imports/<id>/annotated": "a file",
    "GET /admin/imports/<id>/progress": "a part of a page",
    "GET /admin/imports/template/<kind>": "a file",
    "GET /admin/material/people/<person_id>/sheet.pdf": "a PDF",
    "GET /admin/material/<id>/evidence": "a file",
    "GET /my/application/<application_id>/material/<uid>/evidence": "a file",
    "GET /admin/scans/<id>/file": "a file",
    "GET /my/application/<application_id>/<section>/pending/<uid>": "a file",
    "GET /my/application/<application_id>/<section>/pending/<uid>/thumbnail": "a picture",
    "GET /my/mends/": "leads on to /my/",
    "GET /healthz": "a word",
    "GET /session": "JSON",
    "GET /my/apply/units": "JSON",
    "GET /committee/meetings/<id>/status": "a part of a page",
    "GET /my/apply/": "leads on to /my/",
    "GET /my/application/": "leads on to /my/",
    "GET /committee/cases/": "leads on to /committee/",
}


def address(world: World, key: str, page: Shown) -> str:
    """The path of a page of PAGES in `world`."""
    path = key.split()[1]
    for argument, source in page.names.items():
        path = path.replace(f"<{argument}>", world.value(source))
    asked = urlencode({name: world.value(source) for name, source in page.query.items()})
    return f"{path}?{asked}" if asked else path
