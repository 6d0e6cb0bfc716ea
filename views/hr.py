"""The panel: today's work, applications, roster, accounts, rounds, audit."""

from __future__ import annotations

from typing import Any

from flask import Flask

from views.hr_applications import ApplicationAdmin
from views.hr_audit import AuditAdmin
from views.hr_imports import ImportAdmin
from views.hr_mail import MailAdmin
from views.hr_material import MaterialAdmin
from views.hr_material_scans import ScanPage
from views.hr_people import PersonAdmin
from views.hr_reminders import ReminderAdmin
from views.hr_rounds import ExtensionAdmin, RoundAdmin
from views.hr_search import SearchPage
from views.hr_statistics import StatisticsPage
from views.hr_today import IndexPage
from views.hr_units import UnitAdmin
from views.hr_users import UserAdmin

__all__ = ["IndexPage", "register"]


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
