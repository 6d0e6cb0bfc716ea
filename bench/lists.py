"""The list of applications beside Flask-Admin's own list and beside the bare query, on the same documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.mongoengine import ModelView
from flask_babel import Babel

from bench.pages import Commands
from bench.support import account, browser, median
from models.application import Application
from models.database import get_database
from models.person import Person

PAGE = 50
HEAD = (
    "list of 50 rows",
    "ours",
    "template",
    "bare query",
    "ours / (bare + template)",
    "Flask-Admin",
    "its share",
    "commands, ours / its",
)
COLUMNS = (
    "name",
    "department_name",
    "level",
    "speciality",
    "kind",
    "state",
    "submitted_at",
    "updated_at",
)


@dataclass(frozen=True)
class Question:
    """One look at the list: our address, Flask-Admin's, and the query behind both."""

    title: str
    ours: str
    stock: str
    filter: dict[str, Any]
    sort: str = "updated_at"
    down: bool = True


def questions() -> Iterator[Question]:
    """The list as it is opened, sorted, filtered and searched, and a later page."""
    unit = Person.objects.first().unit.id
    place = COLUMNS.index
    mine, list_, stock = {"unit": unit}, "/admin/applications/", "/stock/application/"
    newest = f"?sort={place('updated_at')}&desc=1"
    yield Question("newest first", list_, stock + newest, mine)
    by_name = f"{stock}?sort={place('name')}"
    yield Question("by name", f"{list_}?sort=name", by_name, mine, "name", False)
    chosen = f"{stock}{newest}&flt0_0=submitted"
    yield Question("one state", f"{list_}?state=submitted", chosen, mine | {"state": "submitted"})
    yield Question("page 100", f"{list_}?page=99", f"{stock}{newest}&page=99", mine)
    typed = "?search=zhangxiao"
    yield Question("search, pinyin", list_ + typed, stock + typed, {"search": "^zhangxiao"}, "")


def stock_app() -> Flask:
    """Flask-Admin's list as one gets it, with the same columns and page size."""

    class Stock(ModelView):  # type: ignore[misc]
        column_list = COLUMNS
        column_sortable_list = COLUMNS
        column_searchable_list = ("name", "staff_number")
        column_filters = ("state",)
        page_size = PAGE
        can_create = can_edit = can_delete = False

    app = Flask("stock", template_folder=None)
    app.config["SECRET_KEY"] = "bench"
    Babel(app)
    Admin(app, name="stock", url="/stock").add_view(Stock(Application, endpoint="application"))
    return app


def bare(question: Question) -> Callable[[], Any]:
    """The rows by the driver alone, with the columns shown and an order that an index gives."""
    rows = get_database().applications
    condition = dict(question.filter)
    if "search" in condition:
        condition["search"] = {"$regex": condition["search"]}
    skip = 99 * PAGE if question.title == "page 100" else 0

    def ask() -> Any:
        cursor = rows.find(condition, dict.fromkeys(COLUMNS, 1)).skip(skip).limit(PAGE)
        if question.sort:
            way = -1 if question.down else 1
            cursor = cursor.sort([(question.sort, way), ("_id", way)])
        return list(cursor)

    return ask


def rows(app: Flask, commands: Commands, repeat: int) -> Iterator[tuple[str, ...]]:
    """A row per question. A page of ours that finds nothing is the template's share: all but the rows."""
    client, stock = browser(app, account("unit_hr")), stock_app().test_client()
    empty = median(lambda: client.get("/admin/applications/?search=zzzzzz"), repeat)
    for question in questions():
        sent = [_commands(one, address, commands) for one, address in (
            (client, question.ours), (stock, question.stock),
        )]  # fmt: skip
        ours = median(lambda q=question: client.get(q.ours), repeat)
        theirs = median(lambda q=question: stock.get(q.stock), max(3, repeat // 5))
        query = median(bare(question), repeat)
        yield (
            question.title,
            f"{ours:.0f} ms",
            f"{empty:.0f} ms",
            f"{query:.1f} ms",
            f"{ours / (query + empty):.1f}",
            f"{theirs:.0f} ms",
            f"{theirs / ours:.1f}",
            " / ".join(map(str, sent)),
        )


def _commands(client: Any, address: str, commands: Commands) -> int:
    """Commands that one look at `address` sends, after another that fills caches."""
    for _ in range(2):
        commands.count = 0
        answer = client.get(address)
        if answer.status_code != 200:
            raise SystemExit(f"{address}: {answer.status}")
    return commands.count
