"""The audit list: who did what to what, when. Nothing here can be changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from bson import ObjectId, Regex
from flask import request
from flask_babel import lazy_gettext as _l

from models.application import Application
from models.audit import AuditEvent
from models.choices import Action, Role
from panel import clock
from panel.domain.access import policy, who_may
from panel.domain.calendar import end_of_day, start_of_day
from views.admin.list_words import cell, when
from views.kit.access import current_actor
from views.kit.base import SecureView
from views.kit.columns import FileCell, FileValue, ListColumn, StoredRow, words
from views.kit.i18n import tr
from views.kit.secure_list import ListArgs, ListFilter, Rows
from views.shared.deeds import DEEDS, THINGS, deed, thing, thing_url

_CHUNK = 1000
_DAYS = {"1": 1, "7": 7, "30": 30, "365": 365}


class SinceFilter(ListFilter):
    """The last days, counted from now."""

    def apply(self, query: Any, value: str) -> Any:
        return query.filter(at__gte=clock.now() - timedelta(days=_DAYS[value]))


def _deeds() -> list[tuple[str, Any]]:
    return [*Action.options(), *DEEDS.items()]


def _who() -> FileValue:
    """Who acted, only where the page would name them (R16)."""
    actor = current_actor()
    return lambda row: (
        str(row.get("actor_name") or "") if policy.may_name(actor, row.get("role") or "") else ""
    )


AUDIT_COLUMNS = (
    ListColumn("at", _l("时间"), when("at"), file=(FileCell(width=18),)),
    ListColumn(
        "actor_name",
        _l("操作人"),
        lambda view, context, row: cell(
            "actor",
            row,
            tr(Role(row.role).label) if row.role else "",
            policy.may_name(current_actor(), row.role),
        ),
        fields=("actor_name", "role"),
        file=(FileCell(make=_who, width=12), FileCell("role", _l("身份"), words("role", Role), width=16)),
    ),
    ListColumn(
        "action",
        _l("做了什么"),
        lambda view, context, row: tr(deed(row.action)),
        file=(FileCell(make=words("action", deed), width=24),),
    ),
    ListColumn(
        "thing",
        _l("对象"),
        lambda view, context, row: cell(
            "audit_thing", row, context["names"].get(row.thing_id) or thing(row), _url(row)
        ),
        fields=("thing", "thing_id", "detail"),
        # `about` is what `_with_things` adds
        file=(FileCell(make=lambda: lambda row: row["about"], width=30),),
    ),
    ListColumn("reason", _l("理由"), file=(FileCell(width=40, wraps=True),)),
)


class AuditAdmin(SecureView):
    """Audit events of the person's unit; an administrator's are those of accounts and settings."""

    roles = (Role.SUPERVISOR, Role.ADMIN, Role.UNIT_HR)
    icon = "history"
    list_template = "admin/audit.html"
    can_view_details = False
    page_size = 50
    search_field = "actor_name"
    search_hint = _l("操作人姓名，或申报人姓名、工号")
    columns = AUDIT_COLUMNS
    column_default_sort = ("at", True)
    list_filters = (
        ListFilter("thing", _l("对象"), lambda: list(THINGS.items())),
        ListFilter("action", _l("操作"), _deeds),
        SinceFilter(
            "since",
            _l("时间"),
            lambda: [
                ("1", _l("最近一天")),
                ("7", _l("最近一周")),
                ("30", _l("最近一个月")),
                ("365", _l("最近一年")),
            ],
        ),
    )
    empty_title = _l("还没有记录")

    def __init__(self) -> None:
        super().__init__(AuditEvent, name=_l("操作记录"), endpoint="hr_audit", url="audit")

    def list_query(self, args: ListArgs) -> Any:
        """By person (who did it, or whose case it is), by one thing, and between two days."""
        query = super().list_query(ListArgs(args.page, args.sort, args.descending, "", args.filters))
        if args.search:
            query = query.filter(__raw__={"$or": _about(args.search)})
        about = request.args.get("id", "")
        if ObjectId.is_valid(about):
            query = query.filter(thing_id=about)
        for name, condition, instant in (("from", "$gte", start_of_day), ("to", "$lte", end_of_day)):
            day = read_date(request.args.get(name, ""))
            if day:
                query = query.filter(__raw__={"at": {condition: instant(day)}})
        return query.order_by("-at", "-id")

    def file_rows(self, rows: Iterable[StoredRow]) -> Iterable[StoredRow]:
        """Rows with the names of what they are about."""
        return _with_things(rows)

    def list_context(self, rows: Rows) -> dict[str, Any]:
        """Names of the applications on the page, and the two days as typed."""
        ids = [row.thing_id for row in rows.data if row.thing == "applications"]
        found = policy.visible(current_actor(), Application).filter(
            id__in=[id for id in ids if ObjectId.is_valid(id)]
        )
        return {
            "names": {str(id): name for id, name in found.scalar("id", "name")},
            "day_from": _typed_day("from"),
            "day_to": _typed_day("to"),
            "about": request.args.get("id", ""),
        }


def _with_things(rows: Iterable[StoredRow]) -> Iterator[StoredRow]:
    """Stored rows with `about`: whom or what each is about, as the page says it; looked up in groups."""
    following = iter(rows)
    while chunk := list(islice(following, _CHUNK)):
        cases = [row["thing_id"] for row in chunk if row.get("thing") == "applications"]
        visible = policy.visible(current_actor(), Application)
        found = visible.filter(id__in=[ObjectId(id) for id in cases if ObjectId.is_valid(id)])
        known = {str(id): name for id, name in found.scalar("id", "name")}
        for row in chunk:
            yield {**row, "about": known.get(str(row.get("thing_id"))) or tr(thing(_Event(row)))}


class _Event:
    """What `thing` asks of an event, of a stored row."""

    def __init__(self, row: StoredRow) -> None:
        self.thing, self.detail = row.get("thing", ""), row.get("detail")


def read_date(text: str) -> date | None:
    """A day in ISO form, or None."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, no instant
    except ValueError:
        return None


def _typed_day(name: str) -> str:
    day = read_date(request.args.get(name, ""))
    return day.isoformat() if day else ""


def _about(text: str) -> list[dict[str, Any]]:
    """Events by or about whoever `text` names; the text is escaped and only a prefix matches."""
    start = Regex("^" + re.escape(text.strip()))
    cases = policy.visible(current_actor(), Application).filter(
        __raw__={"search": Regex("^" + re.escape(text.strip().lower()))}
    )
    ids = [str(id) for id in cases.limit(200).scalar("id")]
    return [
        _by(start),
        {"detail.name": start},
        {"detail.staff_number": start},
        {"detail.username": start},
        {"thing_id": {"$in": ids}},
    ]


def _by(start: Regex[str]) -> dict[str, Any]:
    """Who did it; not through a name that the list itself keeps back (R16)."""
    hidden = [role.value for role in who_may.COMMITTEE_ROLES if not policy.may_name(current_actor(), role)]
    return {"actor_name": start, "role": {"$nin": hidden}}


def _url(row: Any) -> str:
    """A link only where this person may open it."""
    actor = current_actor()
    if row.thing == "users" and not actor.holds(Role.ADMIN):
        return ""
    if row.thing in ("applications", "people") and not actor.holds(Role.UNIT_HR, Role.SUPERVISOR):
        return ""
    return thing_url(row)
