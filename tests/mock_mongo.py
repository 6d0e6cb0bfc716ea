"""A database inside the process for tests whose subject isn't the database: no server is started.

mongomock does honestly what they need: storing, nested queries, files. It knows no transactions: here a
body just runs, and one that raises leaves what it had written. Indexes aren't made. What asks for more is
tested on the server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar

import mongomock
from mongomock.gridfs import enable_gridfs_integration

T = TypeVar("T")


class Session:
    """Stands where a transaction's session would."""

    in_transaction = False

    def bind(self, **_: Any) -> nullcontext[None]:
        """Nothing is bound: mongomock's calls know no session."""
        return nullcontext()

    def with_transaction(self, body: Callable[[Any], T], **_: Any) -> T:
        """Run `body`, once."""
        self.in_transaction = True
        try:
            return body(None)
        finally:
            self.in_transaction = False


class MockClient(mongomock.MongoClient):  # type: ignore[misc]
    """mongomock's client with sessions that do nothing."""

    @contextmanager
    def start_session(self, **_: Any) -> Iterator[Session]:
        """A stand-in."""
        yield Session()


enable_gridfs_integration()
