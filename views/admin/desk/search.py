"""Quick search (Ctrl-K): applications and people by name, pinyin, staff or application number."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from bson import Regex
from flask import jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.choices import Role, State
from models.person import Person
from models.together import Question, ask
from models.values import search_query
from panel.addresses import wants_json
from panel.domain.access import policy
from panel.domain.access.who_may import STAFF
from views.admin import list_words
from views.admin.desk import work
from views.kit.access import current_actor
from views.kit.base import SecurePage
from views.kit.i18n import tr
from views.kit.secure_list import MAX_SEARCH, PlainRow

MOST_LINES = 12
#: Applications looked at, of which the newest are shown: one person may have one in each year.
LOOKED_AT = 48
ROSTER = (Role.UNIT_HR, Role.SUPERVISOR)


@dataclass(frozen=True)
class Hit:
    """A line of the answer: where it leads and what it says."""

    url: str
    name: str
    about: str
    state: str


class SearchPage(SecurePage):
    """The dialog's answers as JSON, and the same as a page for browsers without script."""

    roles = STAFF
    in_menu = False

    def __init__(self) -> None:
        super().__init__(name=_l("快速搜索"), endpoint="hr_search", url="search")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """What begins with the text typed, within what the person sees; at most MOST lines."""
        typed = request.args.get("q", "").strip()[:MAX_SEARCH]
        hits, has_more = _hits(typed)
        if wants_json():
            return jsonify(hits=[asdict(hit) for hit in hits], more=has_more)
        return self.render(
            "admin/desk/search.html", typed=typed, hits=hits, has_more=has_more, most=MOST_LINES
        )


def _hits(typed: str) -> tuple[list[Hit], bool]:
    """The lines for `typed`, and whether there are more; one command, each collection by its index."""
    key = search_query(typed)
    if not key:
        return [], False
    actor = current_actor()
    start = {"search": Regex("^" + re.escape(key))}
    cases = work.cases(actor).filter(__raw__=start).limit(LOOKED_AT).only(*_CASE)
    people = policy.visible(actor, Person, *ROSTER).filter(__raw__=start).limit(MOST_LINES + 1).only(*_PERSON)
    found, staff = ask(Question(cases, ()), Question(people, ()), hint="list_search")
    rows = sorted(map(PlainRow, found), key=lambda row: -row.year)
    with_case = {row.person for row in rows}
    hits = [_case(row) for row in rows]
    hits += [_person(row) for row in map(PlainRow, staff) if row.id not in with_case]
    return hits[:MOST_LINES], len(hits) > MOST_LINES


_CASE = (
    "name",
    "staff_number",
    "number",
    "department_name",
    "round",
    "year",
    "level",
    "state",
    "person",
)
_PERSON = ("name", "staff_number", "department", "title")


def _case(row: PlainRow) -> Hit:
    about = (row.staff_number, row.number, row.department_name, row.year, tr(list_words.level_title(row)))
    return Hit(
        url_for("hr_applications.case_view", id=row.id),
        row.name,
        " · ".join(str(part) for part in about if part),
        tr(State(row.state)),
    )


def _person(row: PlainRow) -> Hit:
    departments = dict(list_words.department_options())
    about = (row.staff_number, departments.get(row.department, ""), row.title)
    return Hit(
        url_for("hr_people.person_view", id=row.id),
        row.name,
        " · ".join(part for part in about if part),
        _("人员名册"),
    )
