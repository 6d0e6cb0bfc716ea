"""A stored value of an application in words: what a clause says and which files are named, too.

The one accessor for lists, forms, HR's page and prints; panel.domain.rounds.fields knows the field alone.
"""

from __future__ import annotations

from typing import Any

from models.application import Application
from models.field_spec import FieldSpec, FieldType, Text
from models.messages import Message
from models.sections import Attachment
from panel.domain.rounds import offers
from panel.domain.rounds.fields import display


def shown(application: Application, field: FieldSpec, value: Any) -> str | Message | Text:
    """How people read `value` of `field` in this application; "" when empty or no longer there."""
    if value is None:
        return ""
    if field.type is FieldType.CLAUSE:
        row = offers.clause(application, str(value))
        return row.text if row else str(value)
    if field.type is FieldType.FILE:
        return _names(application, field, files_named(application, value))
    return display(field, value)


def files_named(application: Application, value: Any) -> list[Attachment]:
    """The attachments that a FILE value names, each once; a replaced one is found by what took its place."""
    wanted = value if isinstance(value, list | tuple) else []
    by_uid = {file.uid: file for file in application.attachments}
    by_uid |= {file.replaces: file for file in application.attachments if file.replaces not in by_uid}
    found = {by_uid[uid].uid: by_uid[uid] for uid in wanted if uid in by_uid}
    return list(found.values())


def _names(application: Application, field: FieldSpec, files: list[Attachment]) -> Text | str:
    """Names of files; of a slot that shows ID numbers and the like, only how many there are (R23)."""
    if not files:
        return ""
    slot = next((slot for slot in application.spec.slots if slot.key == field.slot), None)
    if slot is None or slot.private:
        label = slot.label if slot else Text(zh="")
        return Text(
            zh=f"{label.zh}（{len(files)} 份）", en=f"{label.in_language('en')} (files: {len(files)})"
        )
    names = [str(file.name) for file in files]
    return Text.listing(names)
