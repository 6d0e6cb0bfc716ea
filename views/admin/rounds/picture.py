"""The picture of the form in the editor: the sections, and the chosen one drawn as applicants see it."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _

from models.field_spec import FieldSpec
from models.round_draft import RoundDraft
from panel.domain.round_edit import tree
from panel.domain.round_edit.properties.sources import text_of
from views.kit.form_controls import Choices, SlotFiles, build
from views.kit.forms import FieldView


def chosen_section(draft: RoundDraft, path: str = "") -> str:
    """The identity of the section that is drawn: that of `path`, the one asked for, else the first."""
    wanted = path.split("/")[1] if path.startswith("sections/") else request.args.get("section", "")
    known = [row[tree.ID] for row in draft.data["sections"]]
    return wanted if wanted in known else (known[0] if known else "")


def slot_of(spec: FieldSpec, slots: list[Any]) -> SlotFiles | None:
    """Where a field that names attachments takes them from: the slot, still without files."""
    found = next((row for row in slots if row["key"] == spec.slot), None) if spec.slot else None
    return SlotFiles(text_of(found["label"]), "#") if found else None


def picture(draft: RoundDraft, section: str) -> list[tuple[str, FieldView]]:
    """The section's fields as applicants see them: the path of each, and its view."""
    row = tree.get(draft.data, f"sections/{section}")
    if row is None:
        return []
    drawn: list[tuple[str, FieldView]] = []
    for field in row["fields"]:
        # identities are unique where keys are not
        raw = tree.without_ids(field) | {"key": f"x_{len(drawn)}"}
        spec = FieldSpec.model_validate(raw)
        control = None
        if not spec.locked:
            control = build([spec], Choices(), {})._fields[spec.key]
        view = FieldView(spec, control, True, spec.required or spec.required_when is not None)
        view.shown = _("取自人员名册") if spec.locked else ""
        view.slot = slot_of(spec, draft.data["slots"])
        drawn.append((f"sections/{section}/fields/{field[tree.ID]}", view))
    return drawn
