"""How the list of applications asks the database: which index gives its order (DESIGN traps 19, 20).

The server would find out by trying, which costs more than the answer where few rows fit. Rows are filtered in
the index, so that only those shown are fetched.
"""

from __future__ import annotations

from typing import Any

from models.application import Application
from views.kit.secure_list import ListArgs

DEFAULT_ORDER = "updated_at"
#: A search is for one person or a few: more than these are not counted.
MOST_FOUND = 1_000


def ordered(scope: Any, narrowed: Any, args: ListArgs, order: str) -> Any:
    """`narrowed`, which is `scope` with filters and search, in the order asked for, by an index.

    A search's finds come as its index has them: first the name or number nearest to what was typed.
    """
    if args.search:
        return narrowed.order_by().hint("list_search")
    down = args.descending if args.sort else True
    # the index ends in _id: both ways alike, so that it serves the whole order
    query = narrowed.order_by(("-" if down else "") + order, "-id" if down else "id")
    if _names_states(narrowed._query):
        return query.hint(f"state_{order}")
    if "unit" in scope._query:
        return query.hint(f"list_{order}")
    if states := _states_of(scope):
        # said once more for all branches together, so that the one index serves them
        return query.filter(__raw__={"state": {"$in": sorted(states)}}).hint(f"state_{order}")
    # several scopes at once: each by its own index, and their orders merged
    return query


def within(scope: Any, rest: Any, args: ListArgs) -> Any:
    """The conditions `rest` within `scope`; said of each of its branches, so that each has its index."""
    branches = scope._query.get("$or")
    if not rest._query:
        return scope
    if not branches or args.search or _names_states(rest._query):
        return scope.filter(__raw__=rest._query)
    return Application.objects(__raw__={"$or": [{"$and": [branch, rest._query]} for branch in branches]})


def _states_of(scope: Any) -> set[str]:
    """The states that the branches of `scope` name; none if a branch leaves them open."""
    named = [branch.get("state") for branch in scope._query.get("$or", ())]
    if not all(isinstance(state, str) or (isinstance(state, dict) and "$in" in state) for state in named):
        return set()
    return {value for state in named for value in ([state] if isinstance(state, str) else state["$in"])}


def _names_states(query: Any) -> bool:
    """Whether every row that fits is in one of the states that `query` names."""
    named = query.get("state")
    if isinstance(named, str) or (isinstance(named, dict) and "$in" in named):
        return True
    return any(_names_states(part) for part in query.get("$and", ()))
