"""Two versions of one record or entry, side by side, for the person to choose field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from models.field_spec import Text
from models.form_spec import SectionSpec
from models.messages import M, Message
from models.sections import Entry
from panel.domain.errors import StaleWrite
from panel.domain.rounds.conditions import Content
from views.kit.form_controls import NAME, name_of
from views.kit.forms import typed_words, words_of
from views.kit.i18n import tr
from views.my.case import Case
from views.my.fields import FieldsForm, posted_values

MINE = "mine"
KEEP = "keep-"
EVIDENCE = "evidence"


@dataclass(frozen=True)
class FieldConflict:
    """A field that says two things: its words on both sides, and what would be posted to keep one's own."""

    key: str
    name: str
    label: Text | Message
    mine: str
    theirs: str
    posted: list[str]


def resolved(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Of what was posted from the page of both versions, what the person chose to keep of their own."""
    return {key: value for key, value in raw.items() if request.form.get(KEEP + key) == MINE}


def is_resolution() -> bool:
    """Whether the POST comes from the page of both versions."""
    return "resolve" in request.form


def current_answer(case: Case, section: SectionSpec, error: StaleWrite) -> dict[str, Any]:
    """For the script, which merges what doesn't clash: the stored values as a form posts them."""
    answer: dict[str, Any] = {"error": "stale-write", "message": tr(error.message)}
    if error.current is None:
        return answer | {"compare": True}
    values = posted_values(FieldsForm(case, section, error.current))
    if section.evidence:
        values[EVIDENCE] = list(error.current.evidence)
    return answer | {"version": error.current.version, "current": values}


def page(
    case: Case, section: SectionSpec, error: StaleWrite, title: Any, evidence: list[str] | None = None
) -> ResponseReturnValue:
    """The page of both versions (409); when the entry is gone, what was typed and how to add it anew."""
    current: Content | None = error.current
    differences = _differences(case, section, current, error.typed, evidence)
    html = render_template(
        "my/form/stale.html",
        case=case,
        page=section.key,
        section=section,
        title=title,
        differences=differences,
        version=current.version if current is not None else 0,
        is_gone=current is None,
        # a new entry that was stored already has an address of its own
        action=case.entry_url(section.key, current.uid) if isinstance(current, Entry) else request.path,
        kind=request.values.get("kind", ""),
    )
    return html, 409


def _differences(
    case: Case,
    section: SectionSpec,
    current: Content | None,
    typed: Mapping[str, Any],
    evidence: list[str] | None,
) -> list[FieldConflict]:
    if current is None:
        return [
            FieldConflict(key, f"{NAME}-{key}", spec.label, typed_words(spec, raw), "", _listed(raw))
            for key, raw in typed.items()
            if raw and (spec := next((s for s in section.fields if s.key == key), None))
        ]
    sheet = FieldsForm(case, section, current)
    rows = []
    for spec in sheet.specs:
        if spec.key not in typed:
            continue
        mine = typed_words(spec, typed[spec.key], sheet.choices)
        unread = current.typed_text(spec.key)
        theirs = str(unread) if unread else words_of(spec, current.get(spec.key), sheet.choices)
        if mine != theirs:
            posted = _listed(typed[spec.key])
            rows.append(FieldConflict(spec.key, name_of(spec.key), spec.label, mine, theirs, posted))
    stored_evidence = list(getattr(current, "evidence", []))
    if evidence is not None and evidence != stored_evidence:
        names = {a.uid: a.name for a in case.application.attachments}
        mine, theirs = (_("、").join(names.get(u, u) for u in uids) for uids in (evidence, stored_evidence))
        rows.append(FieldConflict(EVIDENCE, EVIDENCE, M("证明材料"), mine, theirs, evidence))
    return rows


def _listed(raw: Any) -> list[str]:
    return [str(item) for item in raw] if isinstance(raw, list) else [str(raw)]
