"""Where HR's material table and what was submitted differ, for the page of a case (G24)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for

from models.application import Application
from models.choices import Role
from models.messages import M, Message
from models.sections import Entry
from models.values import ref_id
from panel.domain.actors import Actor
from panel.domain.material.sheets import differences_of
from panel.domain.rounds import printed_columns
from panel.domain.rounds.parts import AskedForm
from views.kit.i18n import tr
from views.shared.material_forms import compared, stored_of


@dataclass(frozen=True)
class TableDifference:
    """One entry that table and application hold differently."""

    title: str
    what: Message
    lines: list[tuple[Any, str, str]]  # label, in the table, in the application
    url: str


def material_differences(asked: AskedForm, actor: Actor) -> list[TableDifference]:
    """The differences, for HR and the supervision of the unit; nothing for the others."""
    application = asked.application
    units = {grant.unit_id for role in (Role.UNIT_HR, Role.SUPERVISOR) for grant in actor.as_(role)}
    if ref_id(application, "unit") not in units:
        return []
    found = []
    for row, entry in differences_of(asked):
        if row is None:
            title = tr(printed_columns.title(asked, entry)) if entry else ""
            found.append(TableDifference(title, M("申报里有，材料表里已撤下"), [], ""))
            continue
        url = url_for("hr_material.entry_view", id=row.id)
        if entry is None:
            found.append(TableDifference(row.title, M("材料表里有，申报里没有"), [], url))
            continue
        found.append(TableDifference(row.title, M("内容不同"), _lines(application, row, entry), url))
    return found


def _lines(application: Application, row: Any, entry: Entry) -> list[tuple[Any, str, str]]:
    keys = {*row.values, *entry.given}
    theirs = {key: value for key, value in stored_of(entry).items() if key in keys}
    rows = compared(application.round, row, row.values, theirs)
    return [(label, ours, other) for label, ours, other, is_different in rows if is_different]
