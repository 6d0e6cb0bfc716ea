"""Accounts and roles, for the administrator, who has no say in any application."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from bson import ObjectId, Regex
from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.audit import AuditEvent
from models.choices import Role
from models.meeting import Committee
from models.messages import M, PingshenError
from models.unit import Unit
from models.user import Grant, User
from models.values import ref_id
from panel import clock
from panel.domain.access import policy
from panel.domain.errors import Invalid, NotFound
from panel.domain.people import accounts
from views.admin import list_words
from views.admin.list_words import cell, when
from views.admin.people.people import passwords, slips_page
from views.kit.access import current_actor
from views.kit.base import SecureView
from views.kit.columns import FileCell, FileValue, ListColumn
from views.kit.i18n import tr
from views.kit.secure_list import FlagFilter, ListArgs, ListFilter, Rows
from views.shared.deeds import deed

#: The roles that can be granted.
GRANTABLE = tuple(role for role in Role if role not in (Role.PUBLIC, Role.SYSTEM))
MOST_GRANTS = 30


@dataclass(frozen=True)
class RoleInWords:
    """One role in words: what, and where it counts."""

    role: Role
    place: Any


def _grants() -> FileValue:
    """All roles of an account in one cell, a line for each."""
    known = Names()

    def place(grant: Any) -> str:
        held = known.place(Grant._from_son(grant))
        if not held.place:
            return tr(held.role)
        return _("%(role)s（%(place)s）", role=tr(held.role), place=held.place)

    return lambda row: "\n".join(place(grant) for grant in row.get("grants", []))


ACCOUNT_COLUMNS = (
    ListColumn(
        "name",
        _l("姓名"),
        lambda view, context, row: cell("username", view, row),
        fields=("username", "name"),
        file=(FileCell("username", _l("账号名"), width=16), FileCell(width=12)),
    ),
    ListColumn(
        "grants",
        _l("角色"),
        lambda view, context, row: cell("grants", context["places"](row)),
        file=(FileCell(make=_grants, width=50, wraps=True),),
    ),
    ListColumn(
        "is_enabled",
        _l("账号"),
        lambda view, context, row: cell("account", view, row),
        file=(FileCell(label=_l("可登录"), width=10),),
    ),
    ListColumn(
        "last_sign_in",
        _l("最近登录"),
        when("last_sign_in"),
        file=(FileCell(width=18),),
        sort="last_sign_in",
    ),
)


class UserAdmin(SecureView):
    """All accounts."""

    roles = (Role.ADMIN,)
    icon = "user-cog"
    list_template = "admin/people/users.html"
    can_view_details = False
    search_field = "username"
    search_hint = _l("账号名或姓名的开头")
    columns = ACCOUNT_COLUMNS
    column_default_sort = "username"
    list_filters = (
        ListFilter(
            "role", _l("角色"), lambda: [(role.value, role.label) for role in GRANTABLE], "grants__role"
        ),
        FlagFilter("is_enabled", _l("状态"), lambda: [("1", _l("可登录")), ("0", _l("已停用"))]),
    )

    def __init__(self) -> None:
        super().__init__(User, name=_l("账号与角色"), endpoint="hr_users", url="users")

    def list_query(self, args: ListArgs) -> Any:
        """The search finds the beginning of the account's or the person's name."""
        query = super().list_query(ListArgs(args.page, args.sort, args.descending, "", args.filters))
        if not args.search:
            return query
        start = Regex("^" + re.escape(args.search.strip()))
        return query.filter(__raw__={"$or": [{"username": start}, {"name": start}]})

    def list_context(self, rows: Rows) -> dict[str, Any]:
        """Roles in words."""
        known = Names()
        return {"places": lambda user: [known.place(grant) for grant in user.grants]}

    @expose("/<id>")
    def user_view(self, id: str) -> ResponseReturnValue:
        """An account with its roles."""
        return self._page(self.get_one(id))

    def _page(
        self,
        user: User,
        error: PingshenError | None = None,
        typed: list[Grant] | None = None,
        where: str = "",
    ) -> ResponseReturnValue:
        known = Names()
        events = policy.visible(current_actor(), AuditEvent, Role.ADMIN).filter(
            thing="users", thing_id=str(user.id)
        )
        page = self.render(
            "admin/people/user.html",
            user=user,
            known=known,
            grants=typed if typed is not None else list(user.grants),
            seen=[accounts.told(grant) for grant in user.grants],
            roles=[(role.value, role.label) for role in GRANTABLE],
            is_self=user.id == current_actor().user_id,
            events=list(events.order_by("-at").limit(10)),
            deed=lambda action: tr(deed(action)),
            error=error,
            errors=error.fields if isinstance(error, Invalid) else {},
            where=where,
            told=accounts.told,
        )
        return page, error.status if error else 200

    @expose("/<id>/grants", methods=("POST",))
    def grants_view(self, id: str) -> ResponseReturnValue:
        """Replace the account's roles."""
        user = self.get_one(id)
        typed, seen = _read_grants("grant"), _read_grants("seen")
        try:
            accounts.set_grants(user, typed, seen, current_actor(), clock.now())
        except PingshenError as error:
            return self._page(user, error, typed, "grants")
        flash(_("角色已保存，下次打开页面时生效。"), "success")
        return redirect(url_for(".user_view", id=user.id))

    @expose("/<id>/reset", methods=("POST",))
    def reset_view(self, id: str) -> ResponseReturnValue:
        """A new one-time password; all sessions of the account end."""
        user = self.get_one(id)
        slip = accounts.reset(user, current_actor(), clock.now(), passwords())
        return slips_page(self, [slip], [], url_for(".user_view", id=user.id))

    @expose("/<id>/enabled", methods=("POST",))
    def enabled_view(self, id: str) -> ResponseReturnValue:
        """Enable the account, or disable it with a reason."""
        user = self.get_one(id)
        enabled, reason = request.form.get("enabled") == "1", request.form.get("reason", "")
        try:
            accounts.set_enabled(user, enabled, reason, current_actor(), clock.now())
        except Invalid as error:
            return self._page(user, error, where="enabled")
        flash(_("账号已启用。") if enabled else _("账号已停用，现有登录已全部退出。"), "success")
        return redirect(url_for(".user_view", id=user.id))

    @expose("/new", methods=("GET", "POST"))
    def new_view(self) -> ResponseReturnValue:
        """An account for somebody who isn't on a roster."""
        error: PingshenError | None = None
        typed = _read_grants("grant") if request.method == "POST" else []
        if request.method == "POST":
            try:
                slip = accounts.create(
                    request.form.get("username", ""),
                    request.form.get("name", ""),
                    typed,
                    current_actor(),
                    clock.now(),
                    passwords(),
                )
                return slips_page(self, [slip], [], url_for(".index_view"))
            except PingshenError as refusal:
                error = refusal
        page = self.render(
            "admin/people/user_new.html",
            known=Names(),
            grants=typed,
            roles=[(role.value, role.label) for role in GRANTABLE],
            told=accounts.told,
            error=error,
            errors=error.fields if isinstance(error, Invalid) else {},
            sent=request.form,
        )
        return page, error.status if error else 200


class Names:
    """Units, departments, offices and committees by what grants store; read once per page."""

    def __init__(self) -> None:
        self.units = {str(unit.id): unit for unit in policy.visible(current_actor(), Unit).order_by("code")}
        self.unit_options = [(key, unit.name) for key, unit in self.units.items()]
        self.committees = {row.code: row.name for row in Committee.objects.order_by("code")}
        self.committees |= {
            key: label for key, label in list_words.committee_options() if key not in self.committees
        }
        self.departments = [(d.code, d.name) for unit in self.units.values() for d in unit.departments]
        self.offices = [
            (row.key, row.label)
            for row in {
                row.key: row
                for round in list_words.rounds().values()
                for row in round.spec.endorsements
                if not row.own_department
            }.values()
        ]

    def place(self, grant: Grant) -> RoleInWords:
        """The role and where it counts."""
        unit = self.units.get(str(ref_id(grant, "unit")))
        parts = [
            unit.name if unit else "",
            unit.department_name(grant.department) if unit and grant.department else "",
            tr(dict(self.offices).get(grant.office, grant.office)) if grant.office else "",
            tr(self.committees.get(grant.committee, grant.committee)) if grant.committee else "",
        ]
        return RoleInWords(Role(grant.role), " · ".join(part for part in parts if part))


def _read_grants(prefix: str) -> list[Grant]:
    """Roles as the form sends them: parallel lists; only known roles and units get through."""
    names = ("role", "unit", "department", "office", "committee")
    columns = [request.form.getlist(f"{prefix}_{name}") for name in names]
    count = len(columns[0])
    if count > MOST_GRANTS:
        raise Invalid({"grants": M("一个账号最多 %(n)s 个角色。", n=MOST_GRANTS)})
    rows = zip(*[(column + [""] * count)[:count] for column in columns], strict=True)
    grants = []
    for role, unit, department, office, committee in rows:
        if role not in {item.value for item in Role}:
            raise NotFound
        found = policy.one(current_actor(), Unit, ObjectId(unit)) if ObjectId.is_valid(unit) else None
        if unit and found is None:
            raise NotFound
        grants.append(
            Grant(
                role=role,
                unit=found,
                department=department[:40] or None,
                office=office[:40] or None,
                committee=committee[:40] or None,
            )
        )
    return grants
