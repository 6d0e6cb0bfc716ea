"""How much a page asks of the database: a few commands, by index, however many applications there are."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from pymongo import monitoring

from models.application import LIST_ORDERS, Application
from models.choices import Role, State
from models.database import get_database
from tests.contents import make_complete
from tests.factories import make_application, make_person, make_round, make_unit, make_user

LIST = "/admin/applications/"


class Commands(monitoring.CommandListener):
    """What is sent to the database."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.sent.append((event.command_name, dict(event.command)))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass

    def about(self, collection: str) -> list[tuple[str, dict[str, Any]]]:
        """Those that ask `collection`."""
        return [(name, command) for name, command in self.sent if command.get(name) == collection]


@pytest.fixture
def commands(app: Flask, database: Any, settings: Any) -> Iterator[Commands]:
    """Listens to the connection that the pages use; the demo's clock, which production lacks, is left out."""
    from models import database as module

    listener = Commands()
    monitoring.register(listener)
    module.connect(settings.mongodb_uri, settings.database)
    yield listener
    monitoring._LISTENERS.command_listeners.remove(listener)


def asked(browser: Any, commands: Commands, address: str) -> int:
    """The commands of a second look at `address`, as production sends them."""
    assert browser.get(address).status_code == 200
    commands.sent.clear()
    assert browser.get(address).status_code == 200
    return len([1 for name, command in commands.sent if command.get(name) != "settings"])


@pytest.fixture
def many(database: Any) -> None:
    """More than a page, in every state, in two departments."""
    round_ = make_round()  # making it takes longer than all the rest
    for serial in range(60):
        state = list(State)[serial % len(State)]
        department = ("cs", "me")[serial % 2]
        person = make_person(name=f"林{serial}", department=department)
        make_application(state, person=person, round=round_, photo=None)


ROLES = (
    ("unit HR", (Role.UNIT_HR,)),
    ("office", (Role.OFFICE,)),
    ("unit HR and office", (Role.UNIT_HR, Role.OFFICE)),
    ("supervisor", (Role.SUPERVISOR,)),
)


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("roles", [roles for _, roles in ROLES], ids=[name for name, _ in ROLES])
def test_a_page_of_the_list_takes_five_commands_at_most(roles, sign_in_as, commands):
    browser = sign_in_as(make_user(*roles, person=make_person(name="人事")))
    beyond = "?page=1" if Role.OFFICE not in roles[:1] else ""
    for query in ("", beyond, "?sort=name", "?state=draft", "?search=lin", "?department=cs&desc=1"):
        assert asked(browser, commands, LIST + query) <= 5, query


@pytest.mark.usefixtures("many")
def test_a_list_reads_no_whole_documents(sign_in_as, commands):
    browser = sign_in_as(Role.UNIT_HR)
    asked(browser, commands, LIST)
    found = [command for name, command in commands.about("applications") if name == "find"]
    assert found
    assert all("sections" not in command["projection"] for command in found)
    assert all(command["projection"] for command in found)


@pytest.mark.usefixtures("many")
def test_todays_work_takes_eight_commands_at_most(sign_in_as, commands):
    browser = sign_in_as(make_user(Role.UNIT_HR, Role.OFFICE, person=make_person(name="人事")))
    assert asked(browser, commands, "/admin/") <= 8


def test_a_case_takes_twelve_commands_at_most(sign_in_as, commands):
    case = make_complete(State.SUBMITTED, person=make_person(name="张可荐"))
    browser = sign_in_as(make_user(Role.UNIT_HR, Role.OFFICE, person=make_person(name="人事")))
    assert asked(browser, commands, f"{LIST}{case.id}") <= 12


@pytest.mark.usefixtures("many")
def test_a_search_takes_four_commands_at_most(sign_in_as, commands):
    browser = sign_in_as(Role.UNIT_HR)
    assert asked(browser, commands, "/admin/search/?q=lin") <= 4


def test_showing_a_case_never_lists_all_that_the_person_sees(many, sign_in_as, commands):
    case = make_complete(State.SUBMITTED, person=make_person(name="张可荐"))
    browser = sign_in_as(Role.UNIT_HR)
    asked(browser, commands, f"{LIST}{case.id}")
    found = [command["filter"] for name, command in commands.about("applications") if name == "find"]
    assert found
    assert [asked for asked in found if "_id" not in str(asked) and "person" not in asked] == []


# --- explained by the server ---------------------------------------------------------------------

FILTERS = (
    {},
    {"round": "round"},
    {"department": "cs"},
    {"level": "associate"},
    {"kind": "promotion"},
    {"committee": "teacher-committee"},
    {"state": "submitted"},
    {"work": "to_check"},
    {"work": "overdue"},
    {"state": "submitted", "department": "cs", "level": "associate", "kind": "promotion"},
    {"department": "cs", "level": "associate"},
)


def plans(commands: Commands) -> Iterator[tuple[str, str]]:
    """The plan of each question about applications that the page sent, with the question."""
    database = get_database()
    for name, command in commands.about("applications"):
        if name not in ("find", "aggregate", "count"):
            continue
        keys = ("filter", "sort", "projection", "hint", "skip", "limit", "pipeline", "query", "cursor")
        plain = {name: "applications"} | {key: command[key] for key in keys if key in command}
        explained = database.command("explain", plain, verbosity="queryPlanner")
        yield str(list(winning(explained))), str(plain)


def winning(explained: Any) -> Iterator[Any]:
    """The plans chosen, wherever an explanation holds them."""
    if isinstance(explained, dict):
        for key, value in explained.items():
            if key == "winningPlan":
                yield value
            elif key != "rejectedPlans":
                yield from winning(value)
    elif isinstance(explained, list):
        for value in explained:
            yield from winning(value)


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("roles", [roles for _, roles in ROLES], ids=[name for name, _ in ROLES])
def test_every_order_and_filter_offered_is_served_by_an_index(roles, sign_in_as, commands):
    browser = sign_in_as(make_user(*roles, person=make_person(name="人事")))
    round_id = str(Application.objects.first().round.id)
    for order in LIST_ORDERS:
        # the trailing fields of all orders are the same: the first order is asked for with every filter
        for chosen in FILTERS if order == LIST_ORDERS[0] else FILTERS[:2]:
            query = {"sort": order} | chosen | ({"round": round_id} if "round" in chosen else {})
            commands.sent.clear()
            assert browser.get(LIST, query_string=query).status_code == 200
            found = list(plans(commands))
            assert found
            for plan, question in found:
                assert "IXSCAN" in plan or "EOF" in plan, question
                assert "COLLSCAN" not in plan, question
                # the one exception: several states within several scopes, of a few rows that are overdue
                is_few = chosen == {"work": "overdue"} and roles == (Role.OFFICE,)
                assert is_few or "'stage': 'SORT'" not in plan, question


def test_a_search_is_served_by_its_index_and_cannot_be_sorted(many, sign_in_as, commands):
    browser = sign_in_as(Role.UNIT_HR)
    page = browser.get(f"{LIST}?search=lin&sort=name").text
    (plan, _question), *_more = plans(commands)
    assert "list_search" in plan
    assert "'stage': 'SORT'" not in plan
    assert "ps-sort" not in page


def test_work_in_the_list_of_a_unit_stays_within_it(sign_in_as):
    make_application(person=make_person(name="本校"))
    make_application(person=make_person(name="外校", unit=make_unit(code="other", name="外校")))
    both = sign_in_as(make_user(Role.UNIT_HR, Role.SUPERVISOR, person=make_person(name="人事")))
    page = both.get(LIST).text
    assert "本校" in page
    assert ">外校<" not in page


def test_every_index_of_the_list_tells_equal_rows_apart():
    named = [row for row in Application._meta["indexes"] if isinstance(row, dict) and "name" in row]
    indexes = {row["name"]: row["fields"] for row in named}
    for order in LIST_ORDERS:
        for name, first in ((f"list_{order}", "unit"), (f"state_{order}", "state")):
            assert indexes[name][:3] == [first, order, "_id"]
