"""The stamped material table that HR scanned, in its place in the application (G28)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from models.application import Application
from models.choices import Origin, ScanState
from models.form_spec import SlotSpec
from models.material import MaterialScan
from models.sections import Attachment, new_uid
from models.values import ref_id
from panel.domain.content.files import replace_file
from panel.domain.content.writing import commit
from panel.domain.rounds import parts


def scan_slot(application: Application) -> SlotSpec | None:
    """The place that HR fills with the stamped table; None where the round has none."""
    return next((slot for slot in parts.visible_slots(application) if slot.by_hr), None)


def attach_waiting(application: Application, now: datetime) -> bool:
    """Put the person's waiting scans into the application in hand; tells whether any went in.

    Joins the running transaction.
    """
    waiting = MaterialScan.objects(
        round=ref_id(application, "round"),
        person=ref_id(application, "person"),
        state=ScanState.WAITING.value,
    ).order_by("at", "id")
    done = [attach_scan(Application.objects.get(id=application.id), scan, now) for scan in waiting]
    return any(done)


def attach_scan(application: Application, scan: MaterialScan, now: datetime) -> bool:
    """Put one scan into its place, in that of HR's earlier one, which stays readable. False: no room."""
    slot = scan_slot(application)
    if slot is None:
        return False
    record = Attachment._from_son(scan.file.to_mongo())
    record.uid, record.slot, record.origin = new_uid(), slot.key, Origin.HR.value
    record.at, record.version = now, 1
    old = next((file for file in application.files(slot.key) if file.origin == Origin.HR), None)
    if old is not None:
        record.replaces = old.uid
        replace_file(application, old, record, now)
        MaterialScan.objects(application=application.id, state=ScanState.ATTACHED.value).update(
            set__state=ScanState.REPLACED.value, inc__version=1
        )
    else:
        if len(application.files(slot.key)) >= slot.max_files:
            return False
        commit(application, {}, {"$push": {"attachments": record.to_mongo()}}, now)
    MaterialScan.objects(id=scan.id).update_one(
        set__state=ScanState.ATTACHED.value,
        set__application=application.id,
        set__file__uid=record.uid,
        inc__version=1,
    )
    return True


def detach_scan(application: Application, scan: MaterialScan, now: datetime) -> None:
    """Take a scan out of the application again; entries never name it. Joins the running transaction."""
    pull: dict[str, Any] = {"attachments": {"uid": scan.file.uid, "origin": Origin.HR.value}}
    commit(application, {"attachments.uid": scan.file.uid}, {"$pull": pull}, now)
