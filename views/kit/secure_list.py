"""Lists: what a query string may say about filter, search, sort and page, and nothing else (traps 7, 14)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bson import Regex
from werkzeug.datastructures import MultiDict

from models.values import search_query

#: More are not counted: the pager says "10000+".
COUNT_LIMIT = 10_000
MAX_SEARCH = 60


@dataclass(frozen=True)
class ListFilter:
    """One drop-down over a list: `options` are (value, label); `field` defaults to `name`."""

    name: str
    label: Any
    #: A Choice class, or a function that returns the pairs.
    options: Any
    field: str = ""

    def choices(self) -> list[tuple[str, Any]]:
        """The values that may reach the query, with labels."""
        offer = getattr(self.options, "options", self.options)
        return list(offer())

    def apply(self, query: Any, value: str) -> Any:
        """`query` narrowed to `value`, which is one of `choices`."""
        return query.filter(**{self.field or self.name: value})


@dataclass(frozen=True)
class FlagFilter(ListFilter):
    """A drop-down over a yes/no field; options are ("1", label) and ("0", label)."""

    def apply(self, query: Any, value: str) -> Any:
        return query.filter(**{self.field or self.name: value == "1"})


@dataclass(frozen=True)
class ListArgs:
    """What the query string asks for, after everything unknown was dropped."""

    page: int = 0
    sort: str = ""
    descending: bool = False
    search: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    #: Names of the columns shown, in their order; empty for the list's own.
    columns: tuple[str, ...] = ()

    def query(self, **changes: Any) -> dict[str, Any]:
        """Arguments of the same list with `changes`, for url_for; empty ones left out."""
        args = replace(self, **changes)
        values: dict[str, Any] = dict(args.filters)
        if args.search:
            values["search"] = args.search
        if args.sort:
            values["sort"] = args.sort
        if args.descending:
            values["desc"] = 1
        if args.columns:
            values["columns"] = ",".join(args.columns)
        if args.page:
            values["page"] = args.page
        return values

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter or search leaves rows out."""
        return bool(self.filters or self.search)


def read_args(
    args: MultiDict[str, str],
    filters: Iterable[ListFilter],
    sortable: Iterable[str],
    columns: Iterable[str] = (),
) -> tuple[ListArgs, list[str]]:
    """The list's arguments and the names of filters whose value isn't offered (and which are dropped).

    `columns` are those that may be chosen; they come as one value with commas, or one value each.
    """
    chosen: dict[str, str] = {}
    wrong: list[str] = []
    for item in filters:
        value = args.get(item.name, "")
        if not value:
            continue
        if value in {option for option, _ in item.choices()}:
            chosen[item.name] = value
        else:
            wrong.append(item.name)
    sort = args.get("sort", "")
    read = ListArgs(
        page=max(0, args.get("page", 0, type=int)),
        sort=sort if sort in set(sortable) else "",
        descending=args.get("desc", 0, type=int) == 1,
        search=args.get("search", "").replace("\0", "").strip()[:MAX_SEARCH],
        filters=chosen,
        columns=_columns(args, set(columns)),
    )
    return read, wrong


def _columns(args: MultiDict[str, str], offered: set[str]) -> tuple[str, ...]:
    """The chosen columns that are offered, each once, in the order sent."""
    sent = ",".join(args.getlist("columns")).split(",")
    return tuple(dict.fromkeys(name for name in sent if name in offered))


def search_by_keys(query: Any, text: str, key_field: str) -> Any:
    """`query` narrowed to documents one of whose search keys begins with `text`.

    A raw $regex without flags, so that the index is used (trap 20); the text is escaped.
    """
    typed = search_query(text)
    return query.filter(__raw__={key_field: Regex("^" + re.escape(typed))}) if typed else query


class PlainRow:
    """A stored row as the driver read it, with the names of a document: making fifty documents of many
    fields takes longer than asking for them. What wasn't read is None."""

    __slots__ = ("_data",)

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data

    @property
    def id(self) -> Any:
        """The `_id`."""
        return self._data["_id"]

    pk = id

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        value = self._data.get(name)
        return PlainRow(value) if isinstance(value, Mapping) else value

    def __str__(self) -> str:
        return str(self._data.get("number") or self._data.get("name") or "")


@dataclass(frozen=True)
class Rows:
    """One page of a list."""

    data: list[Any]
    count: int
    page: int
    pages: int
    most: int = COUNT_LIMIT

    @property
    def is_capped(self) -> bool:
        """Whether there are more rows than were counted."""
        return self.count >= self.most


def fetch(
    query: Any, page: int, page_size: int, most: int = COUNT_LIMIT, counting: Any | None = None
) -> Rows:
    """The rows of `page`, or of the last page when there are fewer; `most` are counted.

    `counting` is the same query as it is counted fastest, where that isn't `query` itself.

    A page that isn't full says how many there are: then nothing is counted.
    """
    page = min(page, most // page_size)
    rows = list(query.clone().skip(page * page_size).limit(page_size))
    if len(rows) < page_size and (rows or not page):
        count = page * page_size + len(rows)
        return Rows(rows, count, page, max(1, -(-count // page_size)), most)
    count = (
        (query if counting is None else counting)
        .clone()
        .order_by()
        .limit(most)
        .count(with_limit_and_skip=True)
    )
    pages = max(1, -(-count // page_size))
    if page >= pages:
        return fetch(query, pages - 1, page_size, most, counting)
    return Rows(rows, count, page, pages, most)
