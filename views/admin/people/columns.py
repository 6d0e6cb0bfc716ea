"""The columns of the roster and of the accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _l

from models.choices import Gender, Sanction
from models.values import mask, reveal
from panel.domain.calendar import local_date
from views.admin import list_words
from views.admin.list_words import cell
from views.kit.columns import FileCell, FileValue, ListColumn, named, words
from views.kit.i18n import tr


def roster_columns(is_clear: bool = False) -> tuple[ListColumn, ...]:
    """The roster; with `is_clear` ID and telephone numbers stand whole in the file, else masked."""

    def secret(key: str) -> Callable[[], FileValue]:
        return lambda: lambda row: _secret(row.get(key), is_clear)

    return (
        ListColumn(
            "name",
            _l("姓名"),
            lambda view, context, row: cell("person", view, row),
            fields=("staff_number", "name", "gender", "birth_date", "id_number", "phone", "email"),
            file=(
                FileCell("staff_number", _l("工号")),
                FileCell(width=12),
                FileCell("gender", _l("性别"), words("gender", Gender), width=8),
                FileCell("birth_date", _l("出生日期"), _day("birth_date")),
                FileCell("id_number", _l("身份证号"), secret("id_number"), width=22),
                FileCell("phone", _l("手机"), secret("phone"), width=16),
                FileCell("email", _l("电子邮箱"), width=26),
            ),
        ),
        ListColumn(
            "department",
            _l("部门"),
            lambda view, context, row: context["departments"].get(row.department, row.department),
            fields=("department", "series", "work_start", "joined_on"),
            file=(
                FileCell(make=named("department", list_words.department_options), width=24),
                FileCell("series", _l("岗位系列"), named("series", list_words.series_options), width=18),
                FileCell("work_start", _l("参加工作时间")),
                FileCell("joined_on", _l("来本单位时间")),
            ),
            sort="department",
        ),
        ListColumn(
            "title",
            _l("现职称"),
            lambda view, context, row: cell("title", view, row, context["levels"].get(row.title_level)),
            fields=("title", "title_level", "title_approved_on"),
            file=(
                FileCell(),
                FileCell("title_level", _l("现职称级别"), named("title_level", list_words.level_options)),
                FileCell("title_approved_on", _l("现职称批准日期"), width=16),
            ),
        ),
        ListColumn(
            "speciality",
            _l("申报专业"),
            lambda view, context, row: tr(context["specialities"].get(row.speciality, row.speciality)),
            file=(FileCell(make=named("speciality", list_words.speciality_options), width=22),),
        ),
        ListColumn(
            "in_service",
            _l("在职情况"),
            lambda view, context, row: cell("person_state", view, row, context["today"]),
            fields=("in_service", "retired", "sanction", "sanction_until", "barred_until"),
            file=(
                FileCell(label=_l("在职"), width=8),
                FileCell("retired", _l("已退休"), width=8),
                FileCell("sanction", _l("处分"), words("sanction", Sanction)),
                FileCell("sanction_until", _l("处分到期日"), _day("sanction_until")),
                FileCell("barred_until", _l("不得申报至"), _day("barred_until")),
            ),
        ),
        ListColumn(
            "account",
            _l("账号"),
            lambda view, context, row: cell("account", view, context["accounts"].get(row.id)),
            fields=("id",),
        ),
    )


def _day(key: str) -> Callable[[], FileValue]:
    return lambda: lambda row: local_date(row[key]) if row.get(key) else ""


def _secret(stored: Any, is_clear: bool) -> str:
    text = str(reveal(stored) or "")
    return text if is_clear else mask(text)
