"""What the files of the panel's lists hold: columns of stored rows, with words instead of keys.

Made anew for each file, so that each word is looked up once and in the language of the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from bson import ObjectId
from flask_babel import lazy_gettext as _l

from models.application import Application
from models.choices import Gender, Kind, Role, Sanction, State
from models.values import mask, reveal
from panel.domain.access import policy
from panel.domain.calendar import local_date
from views.admin import list_words
from views.kit.access import current_actor
from views.kit.i18n import tr
from views.kit.list_export import ExportColumn, StoredRow, words
from views.shared.deeds import deed, thing

_CHUNK = 1000


def applications() -> list[ExportColumn]:
    """The list of applications."""
    units = {unit.id: unit.name for unit in list_words.own_units()}
    return [
        ExportColumn("name", _l("姓名"), width=12),
        ExportColumn("staff_number", _l("工号"), of="name"),
        ExportColumn("number", _l("申报编号"), of="name", width=18),
        ExportColumn("unit", _l("单位"), value=lambda row: units.get(row.get("unit"), ""), width=24),
        ExportColumn("department_name", _l("部门"), width=24),
        ExportColumn("round", _l("批次"), value=_of_round(lambda spec, row: spec.title, ()), width=36),
        ExportColumn(
            "committee",
            _l("评委会"),
            value=_of_round(lambda spec, row: spec.committee(row["committee"]).name, ("committee",)),
            fields=("round", "committee"),
            width=30,
        ),
        ExportColumn(
            "level",
            _l("申报职称"),
            value=_of_round(lambda spec, row: spec.level(row["level"]).title, ("level",)),
            fields=("round", "level"),
        ),
        ExportColumn("exceptional", _l("破格"), of="level", width=8),
        ExportColumn(
            "speciality",
            _l("专业"),
            value=_of_round(lambda spec, row: spec.speciality(row["speciality"]).label, ("speciality",)),
            fields=("round", "speciality"),
            width=22,
        ),
        ExportColumn("kind", _l("类型"), value=words("kind", Kind)),
        ExportColumn("state", _l("状态"), value=words("state", State)),
        ExportColumn("deadline", _l("补正期限"), width=18),
        ExportColumn("publicity_ends", _l("公示截止"), width=18),
        ExportColumn("submitted_at", _l("提交时间"), width=18),
        ExportColumn("updated_at", _l("最近变动"), width=18),
    ]


def _of_round(label: Callable[[Any, StoredRow], Any], keys: Iterable[str]) -> Callable[[StoredRow], Any]:
    """A cell with what the row's round says of the row's `keys`; the stored key where it says nothing."""
    known: dict[tuple[Any, ...], str] = {}
    keys = tuple(keys)

    def cell(row: StoredRow) -> str:
        place = (row.get("round"), *(row.get(key) for key in keys))
        if place not in known:
            known[place] = _said(row, label, place[-1] if keys else "")
        return known[place]

    return cell


def _said(row: StoredRow, label: Callable[[Any, StoredRow], Any], fallback: Any) -> str:
    round = list_words.rounds().get(str(row.get("round")))
    try:
        return tr(label(round.spec, row)) if round else str(fallback or "")
    except KeyError:
        return str(fallback or "")


def people(is_clear: bool = False) -> list[ExportColumn]:
    """The roster; `is_clear` writes ID and telephone numbers whole, else they are masked."""
    departments = dict(list_words.department_options())
    levels = dict(list_words.level_options())
    series = dict(list_words.series_options())
    specialities = dict(list_words.speciality_options())

    def secret(key: str) -> Callable[[StoredRow], Any]:
        return lambda row: _secret(row.get(key), is_clear)

    def named(key: str, known: Mapping[str, Any]) -> Callable[[StoredRow], Any]:
        return words(key, lambda value: known.get(value, value))

    def day(key: str) -> Callable[[StoredRow], Any]:
        return lambda row: local_date(row[key]) if row.get(key) else ""

    return [
        ExportColumn("staff_number", _l("工号"), of="name"),
        ExportColumn("name", _l("姓名"), width=12),
        ExportColumn("gender", _l("性别"), of="name", value=words("gender", Gender), width=8),
        ExportColumn("birth_date", _l("出生日期"), of="name", value=day("birth_date")),
        ExportColumn("id_number", _l("身份证号"), of="name", value=secret("id_number"), width=22),
        ExportColumn("phone", _l("手机"), of="name", value=secret("phone"), width=16),
        ExportColumn("email", _l("电子邮箱"), of="name", width=26),
        ExportColumn("department", _l("部门"), value=named("department", departments), width=24),
        ExportColumn("series", _l("岗位系列"), of="department", value=named("series", series), width=18),
        ExportColumn("work_start", _l("参加工作时间"), of="department"),
        ExportColumn("joined_on", _l("来本单位时间"), of="department"),
        ExportColumn("title", _l("现职称")),
        ExportColumn("title_level", _l("现职称级别"), of="title", value=named("title_level", levels)),
        ExportColumn("title_approved_on", _l("现职称批准日期"), of="title", width=16),
        ExportColumn("speciality", _l("申报专业"), value=named("speciality", specialities), width=22),
        ExportColumn("in_service", _l("在职"), width=8),
        ExportColumn("retired", _l("已退休"), of="in_service", width=8),
        ExportColumn("sanction", _l("处分"), of="in_service", value=words("sanction", Sanction)),
        ExportColumn("sanction_until", _l("处分到期日"), of="in_service", value=day("sanction_until")),
        ExportColumn("barred_until", _l("不得申报至"), of="in_service", value=day("barred_until")),
    ]


def _secret(stored: Any, is_clear: bool) -> str:
    text = str(reveal(stored) or "")
    return text if is_clear else mask(text)


def accounts(place: Callable[[StoredRow], str]) -> list[ExportColumn]:
    """The accounts; `place` puts a stored grant into words."""
    return [
        ExportColumn("username", _l("账号名"), of="name", width=16),
        ExportColumn("name", _l("姓名"), width=12),
        ExportColumn(
            "grants",
            _l("角色"),
            value=lambda row: "\n".join(place(grant) for grant in row.get("grants", [])),
            width=50,
            wraps=True,
        ),
        ExportColumn("is_enabled", _l("可登录"), width=10),
        ExportColumn("last_sign_in", _l("最近登录"), width=18),
    ]


def audit() -> list[ExportColumn]:
    """The audit: who acted only where the page would name them (R16)."""
    actor = current_actor()

    def who(row: StoredRow) -> str:
        return str(row.get("actor_name") or "") if policy.may_name(actor, row.get("role") or "") else ""

    return [
        ExportColumn("at", _l("时间"), width=18),
        ExportColumn("actor_name", _l("操作人"), value=who, fields=("actor_name", "role"), width=12),
        ExportColumn("role", _l("身份"), of="actor_name", value=words("role", Role), width=16),
        ExportColumn("action", _l("做了什么"), value=words("action", deed), width=24),
        ExportColumn(
            "thing",
            _l("对象"),
            value=lambda row: row["about"],
            fields=("thing", "thing_id", "detail"),
            width=30,
        ),
        ExportColumn("reason", _l("理由"), width=40, wraps=True),
    ]


def with_things(rows: Iterable[StoredRow]) -> Iterator[StoredRow]:
    """Audit rows with `about`: whom or what each is about, as the page says it; looked up in groups."""
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


def units() -> list[ExportColumn]:
    """Units with a line per department."""
    return [
        ExportColumn("name", _l("单位"), width=30),
        ExportColumn("code", _l("代码"), of="name"),
        ExportColumn("credit_code", _l("统一社会信用代码"), width=24),
        ExportColumn(
            "departments",
            _l("部门"),
            value=lambda row: "\n".join(d["name"] for d in row.get("departments", [])),
            width=40,
            wraps=True,
        ),
    ]
