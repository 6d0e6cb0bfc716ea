"""Flask-Admin's and MongoEngine's traps (DESIGN section 8, 1-18), each held on small views of real models."""

import re
from collections.abc import Callable
from typing import Any

import mongoengine as me
import pytest
from flask import Flask
from flask_admin import expose
from flask_babel import gettext

from models import DOCUMENTS
from models.application import Application
from models.audit import AuditEvent
from models.choices import Gender, Role, Sanction
from models.messages import M
from models.person import Person
from models.unit import Unit
from models.user import User
from panel import create_app
from panel.config import Settings
from panel.domain.errors import Invalid, Refused
from panel.headers import MAX_FORM_PARTS
from tests.factories import make_person, make_unit, make_user
from tests.views.conftest import Browser
from views.kit.base import SecureView
from views.kit.columns import ListColumn
from views.kit.pages import Pages
from views.kit.secure_actions import bulk_action
from views.kit.secure_forms import MAX_OPTIONS
from views.kit.secure_list import ListFilter

ROSTER = "/admin/trap-roster"
ACCOUNTS = "/admin/trap-accounts"


class RosterView(SecureView):
    """People of the own unit."""

    roles = (Role.UNIT_HR,)
    columns = (
        ListColumn("name", "姓名", sort="name"),
        ListColumn("staff_number", "工号", sort="staff_number"),
        ListColumn("gender", "性别"),
        ListColumn("sanction", "处分"),
    )
    form_labels = {
        "title": "职称",
        "department": "部门",
        "email": "邮箱",
        "unit": "单位",
        "id_number": "身份证号",
    }
    column_default_sort = "staff_number"
    can_create = can_edit = can_delete = True
    form_columns = ("staff_number", "name", "gender", "department", "email", "unit", "id_number", "title")
    enums = {"gender": Gender, "sanction": Sanction}
    list_filters = (ListFilter("sanction", "处分", Sanction),)
    search_field = "search"

    @bulk_action("promote", "晋级", in_rows=True)
    def promote(self, people: list[Person]) -> None:
        """Changes every chosen person."""
        for person in people:
            Person.objects(pk=person.pk).update_one(set__title="副教授")

    @bulk_action("refuse", "拒绝")
    def refuse(self, people: list[Person]) -> None:
        """A step that its rules refuse."""
        raise Refused(M("公示期未满，不能推荐。"))

    def editable_columns(self, document: Any | None) -> tuple[str, ...]:
        """The title of a sanctioned person is locked."""
        columns = tuple(self.form_columns)
        if document is not None and document.sanction != Sanction.NONE:
            return tuple(name for name in columns if name != "title")
        return columns

    def prepare(self, document: Any, is_new: bool) -> None:
        """A rule of the domain over the whole document."""
        if document.name == "坏名":
            raise Invalid({"name": M("这个姓名不能用。")})


class AccountView(SecureView):
    """Accounts of the own unit's people, with a reference."""

    roles = (Role.UNIT_HR,)
    columns = (ListColumn("username", "用户名"), ListColumn("name", "姓名"))
    form_labels = {"person": "人员"}
    can_create = can_edit = True
    form_columns = ("username", "name", "person")


class MorePages(Pages[SecureView]):
    """Pages of the roster in an object of their own."""

    @expose("/<id>/more")
    def more_view(self, id: str) -> str:
        """One person, as the view resolves them."""
        return str(self.view.get_one(id).name)

    @expose("/about")
    def about_view(self) -> str:
        """Something that no scope keeps back."""
        return "名册说明"

    @bulk_action("praise", "表扬")
    def praise(self, people: list[Person]) -> None:
        """Changes every chosen person."""
        Person.objects(pk__in=[person.pk for person in people]).update(set__title="模范")


class MoreRosterView(RosterView):
    """The roster with more pages."""

    def __init__(self) -> None:
        super().__init__(Person, pages=(MorePages(self),), name="名册", endpoint="trap_roster", url=ROSTER)


@pytest.fixture(scope="module")
def trap_app(settings: Settings, _migrated: Any) -> Flask:
    made = create_app(settings)
    made.test_client_class = Browser
    admin = next(one for one in made.extensions["admin"] if one.endpoint == "admin")
    admin.add_view(MoreRosterView())
    admin.add_view(AccountView(User, name="账号", endpoint="trap_accounts", url=ACCOUNTS))
    return made


@pytest.fixture
def new_browser(trap_app: Flask, database: Any) -> Callable[[], Browser]:
    return lambda: trap_app.test_client()  # type: ignore[return-value]


@pytest.fixture
def hr(client: Browser) -> Browser:
    return client.sign_in_as(Role.UNIT_HR)


@pytest.fixture
def colleague(database: Any) -> Person:
    return make_person(name="张三")


@pytest.fixture
def stranger(database: Any) -> Person:
    """Somebody of another unit, whom HR must not see."""
    return make_person(name="李四", unit=make_unit(code="other", name="外校"))


def form_of(person: Person, browser: Browser, **changes: str) -> dict[str, str]:
    """What a browser would send from the edit form."""
    page = browser.get(f"{ROSTER}/edit/?id={person.id}").get_data(as_text=True)
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found
    return {
        "seen": found.group(1),
        "staff_number": person.staff_number,
        "name": person.name,
        "gender": "female",
        "department": "cs",
        "email": "",
        "unit": str(person.unit.id),
        "id_number": "",
        "title": person.title,
    } | changes


# --- 1: ids --------------------------------------------------------------------------------------


def test_a_bulk_action_reaches_no_foreign_id(hr: Browser, colleague: Person, stranger: Person) -> None:
    answer = hr.submit(
        f"{ROSTER}/action/", {"action": "promote", "rowid": [str(colleague.id), str(stranger.id)]}
    )
    assert answer.status_code == 404
    assert {colleague.reload().title, stranger.reload().title} == {"讲师"}


def test_a_bulk_action_reaches_what_the_person_sees(hr: Browser, colleague: Person) -> None:
    other = make_person(name="王五")
    answer = hr.submit(
        f"{ROSTER}/action/", {"action": "promote", "rowid": [str(colleague.id), str(other.id)]}
    )
    assert answer.status_code == 302
    assert {colleague.reload().title, other.reload().title} == {"副教授"}


def test_a_foreign_or_malformed_id_is_not_found_anywhere(hr: Browser, stranger: Person) -> None:
    for key in (str(stranger.id), "5f0000000000000000000000", "nonsense", ""):
        assert hr.get(f"{ROSTER}/details/?id={key}").status_code == 404
        assert hr.get(f"{ROSTER}/edit/?id={key}").status_code == 404
        assert hr.submit(f"{ROSTER}/edit/?id={key}", {"name": "改名"}).status_code == 404
        assert hr.submit(f"{ROSTER}/delete/", {"id": key}).status_code == 404
        assert hr.submit(f"{ROSTER}/action/", {"action": "promote", "rowid": key}).status_code == 404
    assert stranger.reload().name == "李四"


def test_a_list_shows_the_own_unit_alone(hr: Browser, colleague: Person, stranger: Person) -> None:
    page = hr.get(f"{ROSTER}/").get_data(as_text=True)
    assert "张三" in page
    assert "李四" not in page


def test_there_is_no_stock_bulk_delete(hr: Browser, colleague: Person) -> None:
    answer = hr.submit(f"{ROSTER}/action/", {"action": "delete", "rowid": str(colleague.id)})
    assert answer.status_code == 404
    assert Person.objects(pk=colleague.pk).count() == 1


# --- 2, 5, 6, 8: addresses that don't exist --------------------------------------------------------


@pytest.mark.parametrize("path", ["api/file/?id=1&coll=fs", "ajax/lookup/?name=unit&query=a", "export/csv/"])
def test_files_lookups_and_exports_of_the_stock_view_have_no_address(hr: Browser, path: str) -> None:
    assert hr.get(f"{ROSTER}/{path}").status_code == 404


def test_inline_editing_of_the_stock_view_has_no_address(hr: Browser, colleague: Person) -> None:
    data = {"list_form_pk": str(colleague.id), "name": "改名"}
    assert hr.submit(f"{ROSTER}/ajax/update/", data).status_code == 404
    assert colleague.reload().name == "张三"


def test_a_view_that_may_not_write_has_no_address_to_write_to(settings: Settings, database: Any) -> None:
    class ReadOnly(SecureView):
        roles = (Role.UNIT_HR,)
        columns = (ListColumn("name", "姓名"),)

    made = create_app(settings)
    admin = next(one for one in made.extensions["admin"] if one.endpoint == "admin")
    admin.add_view(ReadOnly(Person, name="只读", endpoint="read_only", url="/admin/read-only"))
    rules = {rule.rule for rule in made.url_map.iter_rules() if rule.endpoint.startswith("read_only.")}
    assert rules == {"/admin/read-only/", "/admin/read-only/details/"}


def test_pages_in_an_object_of_their_own_are_behind_the_gate_and_within_the_scope_of_the_view(
    hr: Browser, colleague: Person, stranger: Person, new_browser: Callable[[], Browser]
) -> None:
    assert hr.get(f"{ROSTER}/{colleague.id}/more").text == "张三"
    assert hr.get(f"{ROSTER}/{stranger.id}/more").status_code == 404
    assert hr.get(f"{ROSTER}/about").text == "名册说明"
    assert new_browser().sign_in_as(Role.EXPERT).get(f"{ROSTER}/about").status_code == 404
    assert new_browser().get(f"{ROSTER}/about").status_code == 302
    for person, status in ((colleague, 302), (stranger, 404)):
        chosen = {"action": "praise", "rowid": str(person.id)}
        assert hr.submit(f"{ROSTER}/action/", chosen).status_code == status
    assert (colleague.reload().title, stranger.reload().title) == ("模范", "讲师")


# --- 3, 10, 11, 13: what a form may hold ------------------------------------------------------------


def test_a_post_cannot_set_a_field_that_the_form_does_not_name(hr: Browser, colleague: Person) -> None:
    data = form_of(colleague, hr, name="张三丰") | {"sanction": "demotion", "retired": "1", "version": "99"}
    assert hr.submit(f"{ROSTER}/edit/?id={colleague.id}", data).status_code == 302
    colleague.reload()
    assert (colleague.name, colleague.sanction, colleague.retired, colleague.version) == (
        "张三丰",
        "none",
        False,
        2,
    )


def test_a_field_locked_by_state_is_gone_from_the_form_and_ignored_in_a_post(hr: Browser) -> None:
    locked = make_person(name="赵六", sanction=Sanction.DEMERIT.value)
    assert 'name="title"' not in hr.get(f"{ROSTER}/edit/?id={locked.id}").get_data(as_text=True)
    data = form_of(locked, hr, name="赵六六", title="教授")
    assert hr.submit(f"{ROSTER}/edit/?id={locked.id}", data).status_code == 302
    assert (locked.reload().name, locked.title) == ("赵六六", "讲师")


class TrapRow(me.EmbeddedDocument):
    """An embedded row."""

    uid = me.StringField()


class TrapHolder(me.Document):
    """A model with every kind of field that a form can't hold safely."""

    rows = me.EmbeddedDocumentListField(TrapRow)
    mapping = me.MapField(me.StringField())
    words = me.ListField(me.StringField())
    file = me.FileField()
    other = me.ReferenceField(Unit)
    meta = {"auto_create_index": False}


@pytest.mark.parametrize("field", ["rows", "mapping", "words", "file"])
def test_lists_mappings_and_files_are_refused_in_a_form_at_start(field: str) -> None:
    """Traps 10, 11 and 13 are closed by not using inline lists and file fields: entries have own pages."""

    class Unsafe(SecureView):
        roles = (Role.UNIT_HR,)
        can_edit = True
        columns = (ListColumn(field, "内容"),)
        form_columns = (field,)

    with pytest.raises(TypeError):
        Unsafe(TrapHolder, name="x", endpoint="x", url="/x")


@pytest.mark.parametrize(
    ("why", "options"),
    [
        ("form_columns", {"can_edit": True}),
        ("column_editable_list", {"column_editable_list": ["name"]}),
        ("form_ajax_refs", {"form_ajax_refs": {"unit": {"fields": ["name"]}}}),
        ("list_filters", {"column_filters": ["name"]}),
        ("search_field", {"column_searchable_list": ["name"]}),
        ("export", {"can_export": True}),
        ("reference can't be searched", {"search_field": "unit"}),
        ("needs roles", {"roles": ()}),
        ("needs columns", {"columns": ()}),
        ("named by objects", {"column_list": ("name", "unit")}),
        ("named by objects", {"column_labels": {"name": "名字"}}),
    ],
)
def test_a_view_that_opens_a_trap_does_not_start(why: str, options: dict[str, Any]) -> None:
    base = {"roles": (Role.UNIT_HR,), "columns": (ListColumn("name", "姓名"),)}
    unsafe = type("Unsafe", (SecureView,), base | options)
    with pytest.raises(TypeError, match=why):
        unsafe(Person, name="x", endpoint="x", url="/x")


def test_no_model_view_may_write_applications() -> None:
    options = {
        "roles": (Role.UNIT_HR,),
        "columns": (ListColumn("name", "姓名"),),
        "can_edit": True,
        "form_columns": ("name",),
    }
    with pytest.raises(TypeError, match="domain alone"):
        type("Unsafe", (SecureView,), options)(Application, name="x", endpoint="x", url="/x")


def test_personal_data_is_masked_in_the_form_and_kept_when_left_empty(hr: Browser, colleague: Person) -> None:
    number = colleague.id_number
    page = hr.get(f"{ROSTER}/edit/?id={colleague.id}").get_data(as_text=True)
    assert number not in page
    assert colleague.masked_id in page
    hr.submit(f"{ROSTER}/edit/?id={colleague.id}", form_of(colleague, hr, name="张三三"))
    assert (colleague.reload().name, colleague.id_number) == ("张三三", number)


# --- 4: CSRF and GET ------------------------------------------------------------------------------


def test_no_unsafe_address_of_a_view_works_without_a_token(hr: Browser, colleague: Person) -> None:
    for path, data in (
        ("new/", {"name": "新"}),
        (f"edit/?id={colleague.id}", {"name": "改名"}),
        ("delete/", {"id": str(colleague.id)}),
        ("action/", {"action": "promote", "rowid": str(colleague.id)}),
    ):
        assert hr.post(f"{ROSTER}/{path}", data=data).status_code == 400
    colleague.reload()
    assert (colleague.name, colleague.title) == ("张三", "讲师")


def test_row_actions_are_forms_and_never_links(hr: Browser, colleague: Person) -> None:
    page = hr.get(f"{ROSTER}/").get_data(as_text=True)
    assert not re.search(r'href="[^"]*/(action|delete)/', page)
    assert page.count('name="csrf_token"') >= 3  # bulk bar, row action, delete
    assert hr.get(f"{ROSTER}/action/?action=promote&rowid={colleague.id}").status_code == 405
    assert hr.get(f"{ROSTER}/delete/?id={colleague.id}").status_code == 405


# --- 6: references ---------------------------------------------------------------------------------


def test_a_reference_offers_only_what_the_person_sees(hr: Browser, stranger: Person) -> None:
    make_person(name="张三")
    page = hr.get(f"{ACCOUNTS}/new/").get_data(as_text=True)
    assert "张三" in page
    assert "李四" not in page


def test_a_reference_to_a_foreign_id_is_refused_and_what_was_typed_kept(
    hr: Browser, stranger: Person
) -> None:
    answer = hr.submit(
        f"{ACCOUNTS}/new/", {"username": "new-1", "name": "新账号", "person": str(stranger.id)}
    )
    assert answer.status_code == 422
    assert "请从列表里选择" in answer.get_data(as_text=True)
    assert 'value="new-1"' in answer.get_data(as_text=True)
    assert User.objects(username="new-1").count() == 0


def test_a_reference_offers_at_most_fifty_rows(hr: Browser) -> None:
    for _number in range(55):
        make_person()
    page = hr.get(f"{ACCOUNTS}/new/").get_data(as_text=True)
    assert page.count("<option") == MAX_OPTIONS + 1 == 51


# --- 7: what reaches a query -----------------------------------------------------------------------


def test_a_query_string_cannot_inject_operators(hr: Browser, colleague: Person) -> None:
    for query in ("sanction[$ne]=none", "sanction={'$ne':'none'}", "sanction=x", "name__ne=1", "sort=unit"):
        page = hr.get(f"{ROSTER}/?{query}")
        assert page.status_code == 200
        assert "张三" in page.get_data(as_text=True)


def test_a_filter_value_that_is_not_offered_is_dropped_with_a_word(hr: Browser) -> None:
    assert "没有这个筛选条件" in hr.get(f"{ROSTER}/?sanction=x").get_data(as_text=True)


def test_a_search_is_literal_and_finds_pinyin(hr: Browser, colleague: Person) -> None:
    assert "张三" in hr.get(f"{ROSTER}/?search=zhangs").get_data(as_text=True)
    assert "张三" in hr.get(f"{ROSTER}/?search=%E5%BC%A0").get_data(as_text=True)
    for pattern in (".*", "^", "(", "zhang.", "$where"):
        assert "没有符合条件的记录" in hr.get(f"{ROSTER}/", query_string={"search": pattern}).get_data(
            as_text=True
        )


# --- 12: nobody's change is lost -------------------------------------------------------------------


def test_an_older_copy_never_overwrites_a_newer_one(hr: Browser, colleague: Person) -> None:
    data = form_of(colleague, hr, name="旧页面的名字")
    Person.objects(pk=colleague.pk).update_one(set__name="新改的名字", inc__version=1)
    answer = hr.submit(f"{ROSTER}/edit/?id={colleague.id}", data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "旧页面的名字" in page
    assert "新改的名字" in page
    assert colleague.reload().name == "新改的名字"


def test_after_seeing_both_versions_the_person_can_save(hr: Browser, colleague: Person) -> None:
    data = form_of(colleague, hr, name="旧页面的名字")
    Person.objects(pk=colleague.pk).update_one(set__name="新改的名字", inc__version=1)
    page = hr.submit(f"{ROSTER}/edit/?id={colleague.id}", data).get_data(as_text=True)
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found
    answer = hr.submit(f"{ROSTER}/edit/?id={colleague.id}", data | {"seen": found.group(1)})
    assert answer.status_code == 302
    assert colleague.reload().name == "旧页面的名字"


def test_saving_after_a_delete_resurrects_nothing(hr: Browser, colleague: Person) -> None:
    data = form_of(colleague, hr, name="还魂")
    Person.objects(pk=colleague.pk).delete()
    assert hr.submit(f"{ROSTER}/edit/?id={colleague.id}", data).status_code == 404
    assert Person.objects(pk=colleague.pk).count() == 0


def test_a_change_writes_only_the_changed_fields_and_an_audit_event(hr: Browser, colleague: Person) -> None:
    before = Person._get_collection().find_one({"_id": colleague.id})
    hr.submit(f"{ROSTER}/edit/?id={colleague.id}", form_of(colleague, hr, title="教授"))
    after = Person._get_collection().find_one({"_id": colleague.id})
    changed = {key for key in after if after[key] != before.get(key)}
    assert changed == {"title", "version", "updated_at"}
    event = AuditEvent.objects(thing="people", action="update").get()
    assert (event.thing_id, event.detail["fields"]) == (str(colleague.id), ["title"])


# --- 14: errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["-1", "99999999999999999999", "abc", "3"])
def test_a_page_out_of_range_is_clamped(hr: Browser, colleague: Person, page: str) -> None:
    answer = hr.get(f"{ROSTER}/?page={page}")
    assert answer.status_code == 200
    assert "张三" in answer.get_data(as_text=True)


def test_a_blank_email_is_stored_as_nothing(hr: Browser, colleague: Person) -> None:
    assert hr.submit(f"{ROSTER}/edit/?id={colleague.id}", form_of(colleague, hr)).status_code == 302
    assert "email" not in Person._get_collection().find_one({"_id": colleague.id})


def test_blank_required_fields_are_named_at_the_field_and_in_the_summary(
    hr: Browser, colleague: Person
) -> None:
    answer = hr.submit(
        f"{ROSTER}/edit/?id={colleague.id}", form_of(colleague, hr, unit="", department="", name="留着的名字")
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "有 2 处需要修改" in page
    assert 'id="unit-error"' in page
    assert "留着的名字" in page


def test_a_taken_number_is_reported_at_its_field(hr: Browser, colleague: Person) -> None:
    other = make_person(name="王五")
    answer = hr.submit(
        f"{ROSTER}/edit/?id={other.id}", form_of(other, hr, staff_number=colleague.staff_number)
    )
    assert answer.status_code == 422
    assert re.search(r'id="staff_number-error"[^>]*><div>已有相同的记录', answer.get_data(as_text=True))


def test_a_form_of_a_thousand_rows_fits_and_an_endless_one_is_refused_in_words(hr: Browser) -> None:
    fields = {f"row-{number}": "甲" * 100 for number in range(2_000)}
    assert hr.submit(f"{ROSTER}/action/", fields | {"action": "promote"}).status_code == 302
    endless = {f"row-{number}": "甲" for number in range(MAX_FORM_PARTS + 10)}
    token = {"X-CSRFToken": hr.token()}
    answer = hr.post(f"{ROSTER}/action/", data=endless, headers=token, content_type="multipart/form-data")
    assert answer.status_code == 413
    assert "内容过大" in answer.get_data(as_text=True)


# --- 15-18 -----------------------------------------------------------------------------------------


def test_a_refusal_in_an_action_is_shown_in_its_own_words(hr: Browser, colleague: Person) -> None:
    answer = hr.submit(
        f"{ROSTER}/action/",
        {"action": "refuse", "rowid": str(colleague.id)},
        headers={"Referer": f"http://localhost{ROSTER}/"},
        follow_redirects=True,
    )
    page = answer.get_data(as_text=True)
    assert "公示期未满，不能推荐。" in page
    assert "Failed" not in page


def test_a_rule_of_the_domain_is_shown_at_its_field_and_nothing_is_stored(
    hr: Browser, colleague: Person
) -> None:
    answer = hr.submit(f"{ROSTER}/edit/?id={colleague.id}", form_of(colleague, hr, name="坏名"))
    assert answer.status_code == 422
    assert "这个姓名不能用。" in answer.get_data(as_text=True)
    assert colleague.reload().name == "张三"


def test_words_are_translated_in_a_request_and_outside_one(trap_app: Flask) -> None:
    with trap_app.app_context():
        assert gettext("提交") == "提交"
    with trap_app.test_request_context("/", headers={"Cookie": "language=en"}):
        from flask_admin.babel import gettext as stock

        assert stock("Home") == "Home"
    with trap_app.test_request_context("/"):
        assert stock("Save") == "保存"


def test_indexes_are_made_by_the_migration_alone(database: Any) -> None:
    assert [one.__name__ for one in DOCUMENTS if one._meta.get("auto_create_index") is not False] == []
    unique = [
        index["key"].to_dict() if hasattr(index["key"], "to_dict") else dict(index["key"])
        for index in database.people.list_indexes()
        if index.get("unique")
    ]
    assert {"staff_number": 1} in unique


def test_times_come_back_aware(hr: Browser, colleague: Person) -> None:
    hr.submit(f"{ROSTER}/edit/?id={colleague.id}", form_of(colleague, hr, title="教授"))
    assert Person.objects.get(pk=colleague.pk).updated_at.tzinfo is not None


def test_an_account_of_another_role_does_not_find_the_view(client: Browser) -> None:
    client.sign_in_as(make_user(Role.EXPERT))
    assert client.get(f"{ROSTER}/").status_code == 404
