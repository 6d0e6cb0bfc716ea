"""An application whose secrets are masked, for showing it to others as its applicant sees it."""

from __future__ import annotations

from collections.abc import Callable

from models.application import Application
from models.field_spec import FieldSpec
from models.form_spec import SectionShape
from models.sections import Entry, SectionRecord
from models.values import as_read, mask, put, sealed
from panel.domain.rounds import parts


def masked(application: Application, hide: Callable[[str], str] = mask) -> Application:
    """A copy that is never stored, in which every secret field holds only what `hide` leaves of it (R23)."""
    shown: Application = Application._from_son(application.to_mongo())
    for name in ("round", "person"):
        put(shown, name, as_read(application, name))
    for section in parts.visible_sections(shown):
        secrets = [field for field in section.fields if field.encrypted]
        contents: list[Entry | SectionRecord] = [shown.record(section.key)]
        if section.shape is SectionShape.LIST:
            contents += shown.entries(section.key)
        for content in contents:
            _mask(content, secrets, hide)
    return shown


def without_secrets(application: Application) -> Application:
    """A copy for the public, that is never stored, in which every secret field is empty (R23)."""
    return masked(application, lambda secret: "")


def _mask(content: Entry | SectionRecord, secrets: list[FieldSpec], hide: Callable[[str], str]) -> None:
    for field in secrets:
        value, typed = content.get(field.key), content.typed_text(field.key)
        if value is not None:
            content.put(field.key, hide(str(value)), encrypted=True)
        if typed is not None:
            content.unread[field.key] = sealed(hide(typed))
