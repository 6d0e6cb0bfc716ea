"""Which collections this process wrote to since they were last emptied, told by the driver itself."""

from __future__ import annotations

import sys
import threading
from typing import Any

from pymongo import monitoring
from pymongo.database import Database

from tests.factories import empty

#: Commands that change no document. Whatever isn't named here or below is taken to have written anywhere.
READS = frozenset(
    [
        "abortTransaction",
        "aggregate",
        "buildInfo",
        "collStats",
        "commitTransaction",
        "count",
        "dbStats",
        "distinct",
        "endSessions",
        "explain",
        "find",
        "getLog",
        "getMore",
        "getParameter",
        "hello",
        "isMaster",
        "killCursors",
        "listCollections",
        "listDatabases",
        "listIndexes",
        "ping",
        "profile",
        "refreshSessions",
        "replSetGetConfig",
        "replSetGetStatus",
        "serverStatus",
        "setParameter",
        "startSession",
        "validate",
    ]
)
#: Commands that change documents of the one collection that they name.
WRITES = frozenset(
    ["create", "createIndexes", "delete", "drop", "dropIndexes", "findAndModify", "insert", "update"]
)
_WRITING_STAGES = ("$out", "$merge")


class Written(monitoring.CommandListener):
    """What has to be emptied before the next test.

    It hears every client of this process made after `listen`, in whatever thread, also within transactions
    that are aborted. Other processes it can't hear: starting any makes all collections count as written, and
    `watching = False` does so for good, for those that live on beside the tests.
    """

    def __init__(self) -> None:
        self.watching = True
        self._everything = True
        self._names: set[tuple[str, str]] = set()
        self._clearing: int | None = None

    def listen(self) -> None:
        """Hear of all commands and started processes from now on."""
        monitoring.register(self)
        sys.addaudithook(self._audit)

    def clear(self, database: Database[dict[str, Any]]) -> None:
        """Delete every document of the collections that may have been written."""
        names, self._names = self._names, set()
        everything, self._everything = self._everything, False
        self._clearing = threading.get_ident()
        try:
            if everything or not self.watching:
                empty(database)
            else:
                for owner, name in sorted(names):
                    # the server's own, as of its profiler, can't be emptied
                    if owner == database.name and not name.startswith("system."):
                        database[name].delete_many({})
        finally:
            self._clearing = None

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if threading.get_ident() == self._clearing:
            return  # what is emptied leaves nothing behind
        command = event.command_name
        if command in WRITES:
            self._names.add((event.database_name, event.command[command]))
        elif command not in READS or (command == "aggregate" and _is_writing(event.command["pipeline"])):
            self._everything = True

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing: what counts is that a command was sent."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing: a command that failed for its caller may have written."""

    def _audit(self, event: str, arguments: Any) -> None:
        if event in ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"):
            self._everything = True


def _is_writing(pipeline: list[dict[str, Any]]) -> bool:
    return any(stage in part for part in pipeline for stage in _WRITING_STAGES)


WRITTEN = Written()
