"""Several questions to the database in one command.

A page needs a few small answers: rounds, units, a count, fifty rows. Asked one by one, the way there and back
is most of their time. `ask` sends them as one aggregation, each with its own filter, order and index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: Rows of one answer that come with it; more would need a second command.
BATCH = 5000
_PLACE, _ROW = "n", "d"


@dataclass(frozen=True)
class Question:
    """One question: the documents of `query`, or what `stages` make of them, as plain mappings."""

    query: Any
    stages: Sequence[Mapping[str, Any]] | None = None

    def pipeline(self) -> list[dict[str, Any]]:
        """The question as stages of an aggregation: filter, order, part, fields."""
        query = self.query
        found: list[dict[str, Any]] = [{"$match": query._query}]
        if query._ordering:
            found.append({"$sort": dict(query._ordering)})
        if query._skip:
            found.append({"$skip": query._skip})
        if query._limit:
            found.append({"$limit": query._limit})
        if query._loaded_fields and query._loaded_fields.fields:
            found.append({"$project": query._loaded_fields.as_dict()})
        return [*found, *(dict(stage) for stage in self.stages or ())]

    def read(self, row: dict[str, Any]) -> Any:
        """A row as a document of the query's class, or as it came when `stages` made it."""
        return row if self.stages is not None else self.query._document._from_son(row)


def counted(query: Any, most: int) -> Question:
    """How many `query` finds, counted up to `most`; `number` reads the answer."""
    return Question(query.order_by(), ({"$limit": most}, {"$count": "n"}))


def number(answer: Sequence[Mapping[str, Any]]) -> int:
    """The number in the answer to `counted`; nothing found is no row."""
    return int(answer[0]["n"]) if answer else 0


def ask(*parts: Question, hint: str | None = None) -> list[list[Any]]:
    """The answers to `parts`, in their order, by one command; `hint` names the index of the first."""
    if not parts:
        return []
    pipeline: list[dict[str, Any]] = []
    for place, part in enumerate(parts):
        # $literal: a bare number would include or leave out a field
        stages = [*part.pipeline(), {"$replaceWith": {_PLACE: {"$literal": place}, _ROW: "$$ROOT"}}]
        if place:
            name = part.query._document._get_collection_name()
            stages = [{"$unionWith": {"coll": name, "pipeline": stages}}]
        pipeline += stages
    answers: list[list[Any]] = [[] for _ in parts]
    first = parts[0].query._document._get_collection()
    options = {"hint": hint} if hint else {}
    for row in first.aggregate(pipeline, batchSize=BATCH, **options):
        answers[row[_PLACE]].append(parts[row[_PLACE]].read(row[_ROW]))
    return answers
