"""The roster (人员名册): list, one person's page, editing with version, accounts made from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.application import Application
from models.audit import AuditEvent
from models.choices import Role, State
from models.messages import PingshenError
from models.person import Person
from models.unit import Unit
from models.user import User
from models.values import ref_id
from models.web_session import SignInAttempts
from panel import clock, security
from panel.domain.access import policy
from panel.domain.access.who_may import Permission
from panel.domain.calendar import local_date
from panel.domain.errors import Invalid, NotFound, StaleWrite
from panel.domain.people import accounts, disclosure, roster
from panel.domain.people.roster_columns import COLUMNS, GROUPS, ColumnKind, Vocabulary, shown, vocabulary
from panel.passwords import hash_password
from views.admin import list_words
from views.admin.desk.reminders import RemindPeople
from views.admin.exports.roster import RosterExportPages
from views.admin.people.columns import roster_columns
from views.admin.people.filters import KEEPERS, AccountFilter, SanctionFilter, StartedFilter
from views.kit.access import current_actor
from views.kit.base import SecureView
from views.kit.i18n import tr
from views.kit.secure_actions import bulk_action
from views.kit.secure_list import FlagFilter, ListFilter, Rows
from views.shared.deeds import deed

LABELS = {column.key: column.label for column in COLUMNS}


class PersonAdmin(SecureView):
    """The people of the units that the person looks after."""

    roles = KEEPERS
    icon = "users"
    list_template = "admin/people/people.html"
    can_view_details = False
    page_size = 50
    search_field = "search"
    search_hint = _l("姓名、拼音或工号")
    columns = roster_columns()
    column_default_sort = "staff_number"
    list_filters = (
        ListFilter("department", _l("部门"), list_words.department_options),
        ListFilter("series", _l("岗位系列"), list_words.series_options),
        FlagFilter("in_service", _l("在职"), lambda: [("1", _l("在职")), ("0", _l("不在职"))]),
        AccountFilter(
            "account",
            _l("账号"),
            lambda: [("yes", _l("已开通")), ("no", _l("未开通")), ("disabled", _l("已停用"))],
        ),
        StartedFilter(
            "started", _l("今年申报"), lambda: [("no", _l("未开始")), ("yes", _l("已开始或已提交"))]
        ),
        SanctionFilter(
            "limited", _l("限制"), lambda: [("sanctioned", _l("有处分")), ("barred", _l("不得申报"))]
        ),
    )
    empty_title = _l("人员名册还是空的")
    empty_text = _l("先添加人员，再为他们开通账号。")

    def __init__(self) -> None:
        self.files = RosterExportPages(self)
        pages = (self.files, RemindPeople(self))
        super().__init__(Person, pages=pages, name=_l("人员名册"), endpoint="hr_people", url="people")

    def may_act(self, action: Any) -> bool:
        """Accounts are made by HR."""
        return policy.is_for(current_actor(), Permission.MANAGE_ACCOUNTS)

    def list_context(self, rows: Rows) -> dict[str, Any]:
        """Words for the cells, and the accounts of the page's people."""
        return {
            "departments": dict(list_words.department_options()),
            "levels": dict(list_words.level_options()),
            "specialities": dict(list_words.speciality_options()),
            "today": local_date(clock.now()),
            "accounts": _accounts_of(rows.data),
            "files_url": self.files.page_url(),
            "may_add": policy.is_for(current_actor(), Permission.EDIT_ROSTER),
        }

    # --- one person -------------------------------------------------------------------------------

    @expose("/<id>")
    def person_view(self, id: str) -> ResponseReturnValue:
        """A person's row of the roster, account and applications."""
        return self._person_page(self.get_one(id))

    def _person_page(self, person: Person, error: PingshenError | None = None) -> ResponseReturnValue:
        actor = current_actor()
        cases = policy.visible(actor, Application, *KEEPERS).filter(person=person.id)
        events = policy.visible(actor, AuditEvent, *KEEPERS).filter(thing="people", thing_id=str(person.id))
        page = self.render(
            "admin/people/person.html",
            person=person,
            groups=GROUPS,
            words=list_words,
            options=_words_of(person.unit),
            shown=shown,
            kinds=ColumnKind,
            account=_accounts_of([person]).get(person.id),
            may_keep=_keeps(person),
            is_self=person.id == actor.person_id,
            applications=list(cases.order_by("-year", "-id")),
            events=list(events.order_by("-at").limit(10)),
            today=local_date(clock.now()),
            row_state=lambda row: State(row.state),
            deed=lambda action: tr(deed(action)),
            column_label=lambda key: tr(LABELS.get(key, "")),
            error=error,
            errors=error.fields if isinstance(error, Invalid) else {},
        )
        return page, error.status if error else 200

    @expose("/<id>/reveal", methods=("POST",))
    def reveal_view(self, id: str) -> ResponseReturnValue:
        """One secret of the roster in clear, for this page only; recorded."""
        value = disclosure.roster_value(
            self.get_one(id), request.form.get("field", ""), current_actor(), clock.now()
        )
        return self.render("admin/kit/_revealed.html", value=value)

    @expose("/new", methods=("GET", "POST"))
    def new_view(self) -> ResponseReturnValue:
        """Add a person."""
        units = own_rosters()
        if not units:
            raise NotFound
        chosen = request.values.get("unit", "")
        unit = next((u for u in units if str(u.id) == chosen), units[0])
        return self._form(None, unit, units)

    @expose("/<id>/edit", methods=("GET", "POST"))
    def edit_person_view(self, id: str) -> ResponseReturnValue:
        """Change a person's row, unless somebody else changed it since the form was opened."""
        person = self.get_one(id)
        if not _keeps(person):
            raise NotFound
        return self._form(person, person.unit, [person.unit])

    def _form(self, person: Person | None, unit: Unit, units: list[Unit]) -> ResponseReturnValue:
        options = _words_of(unit)
        typed = _typed() if request.method == "POST" else None
        error: PingshenError | None = None
        if typed is not None:
            try:
                saved = roster.save(person, unit, typed, options, current_actor(), clock.now())
                flash(_("已保存：%(name)s", name=str(saved)), "success")
                return redirect(url_for(".person_view", id=saved.id))
            except (Invalid, StaleWrite) as refusal:
                error = refusal
        stored = Person.objects(id=person.id).first() if person and isinstance(error, StaleWrite) else person
        page = self.render(
            "admin/people/person_form.html",
            person=stored,
            unit=unit,
            units=units,
            groups=GROUPS,
            options=options,
            kinds=ColumnKind,
            shown=shown,
            typed=typed,
            error=error,
            errors=error.fields if isinstance(error, Invalid) else {},
            differences=_differences(stored, typed) if isinstance(error, StaleWrite) and typed else [],
            version=_version(stored, typed, error),
        )
        return page, error.status if error else 200

    # --- accounts ---------------------------------------------------------------------------------

    @bulk_action("accounts", _l("开通账号"), icon="user-plus")
    def accounts_action(self, people: list[Person]) -> ResponseReturnValue:
        """Show who gets an account and who is skipped, before any is made."""
        existing = _accounts_of(people)
        return self.render(
            "admin/people/accounts_confirm.html",
            ready=[p for p in people if p.id not in existing and p.in_service],
            skipped=[
                (p, _("已有账号") if p.id in existing else _("不在职，不开通账号"))
                for p in people
                if p.id in existing or not p.in_service
            ],
            return_url=self.return_url(),
        )

    @expose("/accounts", methods=("POST",))
    def make_accounts_view(self) -> ResponseReturnValue:
        """Make the accounts and show their one-time passwords, this once."""
        people = self.get_many(request.form.getlist("rowid"))
        if not people:
            raise NotFound
        made = accounts.make(people, current_actor(), clock.now(), passwords())
        return slips_page(self, made.slips, made.skipped, self.return_url())

    @expose("/<id>/reset", methods=("POST",))
    def reset_view(self, id: str) -> ResponseReturnValue:
        """A new one-time password; all sessions of the account end."""
        person = self.get_one(id)
        slip = accounts.reset(_account(person), current_actor(), clock.now(), passwords())
        return slips_page(self, [slip], [], url_for(".person_view", id=person.id))

    @expose("/<id>/enabled", methods=("POST",))
    def enabled_view(self, id: str) -> ResponseReturnValue:
        """Enable the account, or disable it with a reason."""
        person = self.get_one(id)
        enabled, reason = request.form.get("enabled") == "1", request.form.get("reason", "")
        try:
            accounts.set_enabled(_account(person), enabled, reason, current_actor(), clock.now())
        except Invalid as error:
            return self._person_page(person, error)
        flash(_("账号已启用。") if enabled else _("账号已停用，现有登录已全部退出。"), "success")
        return redirect(url_for(".person_view", id=person.id))


def passwords() -> accounts.Passwords:
    """One-time passwords as the product makes, hashes and unlocks them."""
    return accounts.Passwords(security.one_time_password, hash_password, _forgive)


def _forgive(username: str) -> None:
    SignInAttempts.objects(pk=security.attempts_key(username)).delete()


def slips_page(
    view: Any, slips: list[accounts.Slip], skipped: list[Any], return_url: str
) -> ResponseReturnValue:
    """One-time passwords, shown once: nothing keeps the page."""
    page = make_response(
        view.render("admin/people/slips.html", slips=slips, skipped=skipped, return_url=return_url)
    )
    page.headers["Cache-Control"] = "no-store"
    return page


def own_rosters() -> list[Unit]:
    """The units whose roster the person keeps."""
    kept = {grant.unit_id for grant in current_actor().as_(Role.UNIT_HR)}
    return [unit for unit in list_words.own_units() if unit.id in kept]


def _keeps(person: Person) -> bool:
    return ref_id(person, "unit") in {unit.id for unit in own_rosters()}


def _account(person: Person) -> User:
    user = User.objects(person=person.id).first()
    if user is None:
        raise NotFound
    return user


def _accounts_of(people: Iterable[Person]) -> dict[Any, User]:
    """The accounts of `people`, by the person's id; `people` were resolved in scope."""
    found = User.objects(person__in=[person.id for person in people]).no_dereference()
    return {ref_id(user, "person"): user for user in found}


def _words_of(unit: Unit) -> Vocabulary:
    units = policy.visible(current_actor(), Unit).order_by("code")
    return vocabulary(unit, units, [round.spec for round in list_words.rounds().values()])


def _typed() -> dict[str, str]:
    """What the form may send: the roster's columns, nothing else."""
    names = [column.key for column in COLUMNS]
    names += [f"clear_{column.key}" for column in COLUMNS if column.secret]
    return {name: request.form[name] for name in (*names, "version") if name in request.form}


def _differences(person: Person | None, typed: dict[str, str]) -> list[tuple[Any, str, str]]:
    """The columns in which what is stored and what was typed differ: label, theirs, mine."""
    if person is None:
        return []
    return [
        (column.label, shown(person, column), typed.get(column.key, ""))
        for column in COLUMNS
        if not column.secret and shown(person, column) != typed.get(column.key, "").strip()
    ]


def _version(person: Person | None, typed: dict[str, str] | None, error: PingshenError | None) -> str:
    """A refused form keeps its version; after a conflict the person has seen the newer one."""
    if person is None:
        return ""
    if typed is not None and not isinstance(error, StaleWrite):
        return typed.get("version", "")
    return str(person.version)
