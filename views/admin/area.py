"""The panel: today's work, applications, roster, accounts, rounds, audit."""

from __future__ import annotations

from typing import Any

from flask import Flask

from views.admin.audit import AuditAdmin
from views.admin.cases.applications import ApplicationAdmin
from views.admin.desk.mail import MailAdmin
from views.admin.desk.reminders import ReminderAdmin
from views.admin.desk.search import SearchPage
from views.admin.desk.statistics import StatisticsPage
from views.admin.imports.imports import ImportAdmin
from views.admin.material.scans import ScanPage
from views.admin.material.table import MaterialAdmin
from views.admin.people.people import PersonAdmin
from views.admin.people.units import UnitAdmin
from views.admin.people.users import UserAdmin
from views.admin.rounds.rounds import ExtensionAdmin, RoundAdmin


def register(app: Flask, admins: dict[str, Any]) -> None:
    """Add the panel's views to its area, in the order of its menu."""
    pages = (
        ApplicationAdmin,
        PersonAdmin,
        ImportAdmin,
        MaterialAdmin,
        ScanPage,
        RoundAdmin,
        ExtensionAdmin,
        ReminderAdmin,
        MailAdmin,
        StatisticsPage,
        SearchPage,
        UserAdmin,
        UnitAdmin,
        AuditAdmin,
    )
    for view in pages:
        admins["admin"].add_view(view())
