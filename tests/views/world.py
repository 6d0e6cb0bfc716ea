"""One small university with somebody for every role, for the table of role × address."""

from __future__ import annotations

import io
from datetime import timedelta
from functools import cached_property
from operator import attrgetter
from typing import Any

from bson import ObjectId
from PIL import Image

from models.application import Application
from models.certificate import Certificate
from models.choices import MeetingState, PublicityKind, Role, State
from models.comment import Comment
from models.database import get_database
from models.export_job import ExportJob
from models.imports import ImportBatch, ImportKind
from models.material import Dispute, MaterialEntry, MaterialScan
from models.meeting import Attendance, BallotSheet, Committee, Meeting
from models.mend import Mend
from models.outbox import OutboxRow
from models.pending_file import PendingFile
from models.person import Person
from models.publicity import Objection, Publicity, PublicityRow
from models.reminder import Reminder
from models.review_round import Extension, ReviewRound
from models.saved_view import SavedView
from models.sections import Attachment
from models.user import User
from panel.domain.actors import actor_of
from panel.domain.content import mending
from panel.domain.material import settling
from panel.domain.people import subscriptions
from panel.services import imports, storage
from tests.contents import make_complete, make_lecturer
from tests.factories import (
    NOW,
    make_actor,
    make_certificate,
    make_committee,
    make_meeting,
    make_person,
    make_round,
    make_unit,
    make_user,
    own_collections,
)
from tests.workbooks import make_xlsx

#: Nobody, the owner of the case, another applicant, HR of the unit, HR of another unit, and the roles.
WHO = (
    "public",
    "applicant",
    "colleague",
    "unit_hr",
    "other_hr",
    "endorser",
    "office",
    "expert",
    "chair",
    "teller",
    "supervisor",
    "admin",
)


def make_picture() -> bytes:
    """A small JPEG."""
    target = io.BytesIO()
    Image.new("RGB", (60, 40), "#4a7fb5").save(target, "JPEG")
    return target.getvalue()


class Kept:
    """What the database holds now, to be put back; but the settings, since the process knows the clock's."""

    def __init__(self) -> None:
        self.database = get_database()
        self.names = [name for name in own_collections(self.database) if name != "settings"]
        self.documents = self.read()

    def read(self) -> dict[str, list[dict[str, Any]]]:
        """All documents by collection."""
        return {name: list(self.database[name].find()) for name in self.names}

    def restore(self) -> None:
        """Put back what was changed since."""
        for name, documents in self.read().items():
            if documents != self.documents[name]:
                self.database[name].delete_many({})
                if self.documents[name]:
                    self.database[name].insert_many(self.documents[name])


class World:
    """Made afresh for a row; what an address doesn't need is never made."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.last = ObjectId()  # the account asked for last

    @cached_property
    def round(self) -> ReviewRound:
        """An open round."""
        return make_round()

    @cached_property
    def owner(self) -> Person:
        """The person of the case."""
        return make_lecturer()

    @cached_property
    def case(self) -> Application:
        """The case: complete, in the state of the row; in the panel it has its three experts."""
        values: dict[str, Any] = {}
        if self.state in (State.PANEL, State.BALLOT):
            values["experts"] = [member.user.id for member in self.committee.members[:3]]
        case = make_complete(self.state, person=self.owner, round=self.round, **values)
        picture = make_picture()
        for record in case.attachments:
            record.sha256 = record.thumbnail_sha256 = storage.put(picture, "image/jpeg")
        Application.objects(id=case.id).update_one(set__attachments=case.attachments)
        return case

    @cached_property
    def material(self) -> MaterialEntry:
        """An award in HR's material table of the case's person, placed in the case while it is in hand."""
        self.case  # noqa: B018 - it comes first, so that the entry is placed in it
        values = {"name": "校级教学优秀奖", "start": "2022-09", "rank": "3"}
        hr = make_actor(Role.UNIT_HR)
        return settling.add(self.round, self.owner, "performance", "award", values, hr, NOW)

    @cached_property
    def disputed(self) -> MaterialEntry:
        """The same, questioned by the person with a file."""
        sha256 = storage.put(make_picture(), "image/jpeg")
        proof = Attachment(slot="", name="证书.jpg", mime="image/jpeg", size=900, sha256=sha256)
        dispute = Dispute(reason="排名不对", evidence=proof, at=NOW)
        MaterialEntry.objects(id=self.material.id).update_one(set__state="disputed", set__dispute=dispute)
        return MaterialEntry.objects.get(id=self.material.id)

    @cached_property
    def scan(self) -> MaterialScan:
        """A stamped scan that nobody was found for."""
        sha256 = storage.put(make_picture(), "image/jpeg")
        file = Attachment(slot="", name="1.jpg", mime="image/jpeg", size=900, sha256=sha256)
        return MaterialScan(round=self.round, unit=make_unit(), file=file, at=NOW).save()

    @cached_property
    def entry(self) -> str:
        """The uid of an entry of the case."""
        return str(self.case.achievements[0].uid)

    @cached_property
    def file(self) -> str:
        """The uid of an attachment of the case that shows an ID number."""
        return str(self.case.files("social_insurance")[0].uid)

    @cached_property
    def proof(self) -> str:
        """The uid of an attachment that proves an achievement."""
        return str(self.case.files("achievement_evidence")[0].uid)

    @cached_property
    def waiting_file(self) -> str:
        """The uid of a file of the case that was compressed and waits to be looked at."""
        sha256 = storage.put(make_picture(), "image/jpeg")
        record = Attachment(
            slot="", name="1.jpg", mime="image/jpeg", size=900, sha256=sha256, thumbnail_sha256=sha256
        )
        waiting = PendingFile(
            application=self.case.id,
            slot="achievement_evidence",
            record=record,
            what="compressed",
            sent_bytes=9_000_000,
            at=NOW,
            expires_at=NOW + timedelta(hours=12),
        ).save()
        return str(waiting.uid)

    @property
    def slot(self) -> str:
        """A slot for attachments of the round."""
        return str(self.case.attachments[0].slot)

    @cached_property
    def committee(self) -> Committee:
        """The committee of the case: two who may preside, two more experts."""
        return make_committee(4)

    @cached_property
    def meeting(self) -> Meeting:
        """A planned meeting of the committee."""
        return make_meeting(self.committee, round=self.round)

    @property
    def member(self) -> User:
        """A member of the committee."""
        member: User = self.committee.members[2].user
        return member

    @cached_property
    def open_meeting(self) -> Meeting:
        """A meeting under way, with a sheet for the case, to which everybody has signed in."""
        case, members = self.case, self.committee.members
        sheet = BallotSheet(level=case.level, group=case.speciality, applications=[case.id])
        meeting = make_meeting(
            self.committee,
            round=self.round,
            state=MeetingState.OPEN.value,
            sheets=[sheet],
            members=len(members),
            attendance=[Attendance(user=member.user.id, name=member.name, at=NOW) for member in members],
            opened_at=NOW,
        )
        Application.objects(id=case.id).update_one(set__meeting=meeting.id)
        return meeting

    @cached_property
    def closed_meeting(self) -> Meeting:
        """A meeting that is over, without cases."""
        return make_meeting(
            self.committee,
            round=self.round,
            state=MeetingState.CLOSED.value,
            members=len(self.committee.members),
            opened_at=NOW,
            closed_at=NOW,
            tally_sha256="ab" * 32,
        )

    @property
    def sheet(self) -> str:
        """The uid of that meeting's sheet."""
        return str(self.open_meeting.sheets[0].uid)

    @cached_property
    def publicity(self) -> Publicity:
        """A list with the case: of the results if the case is that far, else inside the unit."""
        is_result = self.state is State.RESULT_PUBLICITY
        kind = PublicityKind.RESULT if is_result else PublicityKind.UNIT
        posted = Publicity(
            kind=kind.value,
            title="公示",
            round=self.round,
            unit=self.owner.unit,
            posted_on=NOW.date(),
            starts=NOW.date() + timedelta(days=1),
            ends=NOW.date() + timedelta(days=7),
            ends_at=NOW + timedelta(days=7),
            days=5,
            telephone="027-00000000",
            receiving_office="人力资源部",
            rows=[PublicityRow(application=self.case.id, name=self.case.name)],
            at=NOW,
        ).save()
        Application.objects(id=self.case.id).update_one(
            set__publicity=posted.id, set__publicity_ends=posted.ends_at
        )
        return posted

    @cached_property
    def objection(self) -> Objection:
        """An open objection to the case."""
        return Objection(
            application=self.case,
            publicity=self.publicity,
            from_name="周明",
            contact="13900000000",
            text="论文排名与实际不符。",
            registered_by=make_user(Role.UNIT_HR),
            registered_at=NOW,
        ).save()

    @cached_property
    def certificate(self) -> Certificate:
        """The certificate of the case."""
        return make_certificate(self.case)

    @cached_property
    def export_job(self) -> ExportJob:
        """A file that somebody else of HR had made of the case."""
        return ExportJob(
            user=make_user(Role.UNIT_HR),
            kind="dossiers",
            title="申报材料",
            applications=[self.case.id],
            state="ready",
            total=1,
            at=NOW,
        ).save()

    @cached_property
    def person(self) -> Person:
        """Somebody of the unit's roster."""
        return make_person()

    @cached_property
    def account(self) -> User:
        """The account of somebody of the unit."""
        return make_user(person=self.person, username=self.person.staff_number)

    @cached_property
    def mended(self) -> Mend:
        """A slip of the pen that HR corrected in the case."""
        hr = actor_of(make_user(Role.UNIT_HR))
        place = next(p for p in mending.places(self.case) if not p.entry)
        return mending.mend(self.case, place, "改正后的内容", "笔误", place.typed, hr, NOW)

    @cached_property
    def calendar_secret(self) -> str:
        """What is secret in the address of somebody's calendar."""
        return subscriptions.make(actor_of(self.account), NOW)

    @cached_property
    def reminder(self) -> Reminder:
        """A reminder that the unit's HR sent to one person."""
        sent = Reminder(
            unit=make_unit(),
            round=self.round,
            group="not_started",
            text="请填报",
            people=1,
            by=self.account.id,
            by_name="人事",
            at=NOW,
        ).save()
        self.notice.update(set__reminder=sent.id)
        return sent

    @cached_property
    def notice(self) -> OutboxRow:
        """A notice to that person, whose mail failed."""
        return OutboxRow(
            person=self.person, unit=make_unit().id, message="请填报", at=NOW, mail="failed"
        ).save()

    @cached_property
    def batch(self) -> ImportBatch:
        """A roster that was read, with a good and a bad row."""
        head, good, bad = (
            ["工号", "姓名", "所在部门"],
            ["T1", "张伟", "信息工程学院"],
            ["T2", "李娜", "无此学院"],
        )
        actor = actor_of(make_user(Role.UNIT_HR))
        data = make_xlsx([head, good, bad])
        made = imports.upload(ImportKind.ROSTER, make_unit(), None, data, "名册.xlsx", actor, NOW)
        imports.run(made.id)
        read: ImportBatch = ImportBatch.objects.get(id=made.id)
        return read

    @cached_property
    def extension(self) -> Extension:
        """An extension of the round for one person."""
        return Extension(
            unit=make_unit(), round=self.round, people=[self.person], until=NOW.date(), reason="出差", at=NOW
        ).save()

    @property
    def own_view(self) -> SavedView:
        """A saved view of whoever was asked for last."""
        given = {"user": self.last, "list": "hr_applications", "name": "待审核"}
        found: SavedView | None = SavedView.objects(**given).first()
        return found or SavedView(**given, at=NOW).save()

    @cached_property
    def comment(self) -> Comment:
        """A colleague's comment on the case."""
        return Comment(
            application=self.case, by=make_user().id, by_name="周明", text="已电话核实", at=NOW
        ).save()

    def user(self, who: str) -> User:
        """The account of one of WHO (not "public")."""
        found = self._user(who)
        self.last = found.id
        return found

    def _user(self, who: str) -> User:
        if who == "applicant":
            return make_user(person=self.owner)
        if who == "colleague":
            return make_user(person=make_person())
        if who == "other_hr":
            return make_user(Role.UNIT_HR, unit=make_unit(code="other", name="外校"))
        if who in ("expert", "chair"):
            # The third member is an expert and no chair, the first presides.
            user: User = self.committee.members[2 if who == "expert" else 0].user
            return user
        return make_user(Role(who))

    def value(self, path: str) -> str:
        """The attribute at `path` as text; what begins with = is meant literally."""
        return path.removeprefix("=") if path.startswith("=") else str(attrgetter(path)(self))
