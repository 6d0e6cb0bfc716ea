"""From the sheets of a file to planned rows: headings, columns, and what each row would do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime

from pymongo import ReturnDocument

from models.imports import (
    ColumnMemory,
    ImportBatch,
    ImportRow,
    ImportState,
    RowState,
    SheetChoice,
    packed_text,
)
from models.messages import M, Message
from panel.domain.importing.rows import Planned, Progress, Source, Target, chunks, stored_row
from panel.domain.tables import cells, headers
from panel.domain.tables.headers import Header
from panel.domain.tables.recognise import Vocabulary, plain
from panel.domain.tables.sheet import Line, Sheet

_SAMPLE_ROWS = 12
_SAMPLE_COLUMNS = 60
_SAMPLE_TEXT = 40
_SKIPPED = 50
_AT_ONCE = 2000
_MEMORIES = 20
Knows = Callable[[tuple[str, ...]], bool]
#: Sheets of our own making that hold no data.
OWN_SHEETS = frozenset({"填写说明", "示例", "选项", "问题清单"})


def recognise(batch: ImportBatch, sheets: Sequence[Sheet], target: Target) -> None:
    """Find headings and columns that nobody has chosen yet; changes `batch` in memory alone."""
    vocabulary = Vocabulary({column.key: column.words for column in target.columns})
    if not batch.sheets:
        knows = _knower(vocabulary, batch)
        batch.sheets = [_sheet_choice(sheet, knows) for sheet in sheets]
    for choice, sheet in zip(batch.sheets, sheets, strict=True):
        _complete(choice, sheet)
    batch.fingerprint = fingerprint(batch)
    if not batch.is_mapped:
        batch.mapping, batch.remembered = _mapping(batch, vocabulary, target)


def _knower(vocabulary: Vocabulary, batch: ImportBatch) -> Knows:
    """Whether the words of a heading are known: to us, or since the unit has mapped them before."""
    remembered = {label for memory in _memories(batch) for label, _key in memory.mapping}
    return lambda words: vocabulary.knows(words) or "/".join(words) in remembered


def _memories(batch: ImportBatch) -> list[ColumnMemory]:
    """What the unit said of its last files' columns."""
    return list(ColumnMemory.objects(unit=batch.unit, kind=batch.kind).order_by("-at").limit(_MEMORIES))


def _sheet_choice(sheet: Sheet, knows: Knows) -> SheetChoice:
    header = headers.find(sheet, knows)
    usable = header is not None and not sheet.is_hidden and sheet.name not in OWN_SHEETS
    return SheetChoice(
        name=sheet.name,
        used=usable,
        top=header.top if header else 0,
        rows=header.bottom - header.top + 1 if header else 1,
    )


def header_of(choice: SheetChoice, sheet: Sheet) -> Header | None:
    """The heading of a sheet as it was found or chosen."""
    return headers.at(sheet, choice.top, choice.rows) if choice.top else None


def _complete(choice: SheetChoice, sheet: Sheet) -> None:
    """Say of a sheet what its page shows."""
    header = header_of(choice, sheet)
    choice.labels = headers.labels_of(header) if header else []
    choice.lines = len(sheet.lines)
    choice.sample = json.dumps([_texts(line) for line in sheet.lines[:_SAMPLE_ROWS]], ensure_ascii=False)
    left_out = [line for line, is_data in headers.rows_below(sheet, header) if not is_data] if header else []
    words = [(line.number, " ".join(_texts(line)[1]).strip()[:_SAMPLE_TEXT]) for line in left_out[:_SKIPPED]]
    choice.skipped = json.dumps(words, ensure_ascii=False)
    if header is None:
        choice.used = False


def _texts(line: Line) -> tuple[int, list[str]]:
    found = [cells.line(cell) for cell in line.cells[:_SAMPLE_COLUMNS]]
    return line.number, [
        words if len(words) <= _SAMPLE_TEXT else words[:_SAMPLE_TEXT] + "…" for words in found
    ]


def fingerprint(batch: ImportBatch) -> str:
    """The same for files with the same headings, whatever their sheets are called."""
    labels = sorted({plain(label) for choice in batch.sheets if choice.used for label in choice.labels})
    return hashlib.sha256("\n".join(labels).encode()).hexdigest()


def _mapping(
    batch: ImportBatch, vocabulary: Vocabulary, target: Target
) -> tuple[list[tuple[str, str]], bool]:
    """Pairs of label and column, remembered from the last such file or else recognised."""
    keys = {column.key for column in target.columns}
    labels = {label for choice in batch.sheets if choice.used for label in choice.labels}
    known = ColumnMemory.objects(unit=batch.unit, kind=batch.kind, fingerprint=batch.fingerprint).first()
    if known is not None:
        return [(label, key) for label, key in known.mapping if key in keys and label in labels], True
    found: dict[str, str] = {}
    for choice in batch.sheets:
        if choice.used:
            words = [tuple(label.split("/")) for label in choice.labels]
            for label, key in vocabulary.map(words, choice.labels).items():
                found.setdefault(label, key)
    for memory in _memories(batch):
        for label, key in memory.mapping:
            if label in labels and label not in found and key in keys and key not in found.values():
                found[label] = key
    return list(found.items()), False


def remember(batch: ImportBatch, now: datetime) -> None:
    """Keep the mapping for the next file with this heading."""
    ColumnMemory.objects(unit=batch.unit, kind=batch.kind, fingerprint=batch.fingerprint).update_one(
        set__mapping=batch.mapping, set__at=now, upsert=True
    )


def missing(batch: ImportBatch, target: Target) -> list[str]:
    """The keys of required columns that no label is mapped to."""
    mapped = set(batch.columns.values())
    return [column.key for column in target.columns if column.is_required and column.key not in mapped]


def sources(batch: ImportBatch, sheets: Sequence[Sheet]) -> list[Source]:
    """The rows of data of all chosen sheets, with their cells by column key."""
    mapped, mended = batch.columns, batch.mended_cells
    found: list[Source] = []
    for choice, sheet in zip(batch.sheets, sheets, strict=True):
        header = header_of(choice, sheet) if choice.used else None
        if header is None:
            continue
        columns = {mapped[label]: index for index, label in enumerate(choice.labels) if label in mapped}
        found += [
            Source(sheet.name, line, columns, mended.get((sheet.name, line.number), {}))
            for line, is_data in headers.rows_below(sheet, header)
            if is_data and any(line.at(index) != "" for index in columns.values())
        ]
    return found


def store(batch: ImportBatch, rows: Sequence[Planned], token: str, progress: Progress) -> bool:
    """Make `rows` the batch's, unless somebody else is at work on it; tells whether they are."""
    generation = batch.generation + 1
    collection = ImportRow._get_collection()
    collection.delete_many({"batch": batch.id, "generation": generation})
    for piece in chunks(list(enumerate(rows)), _AT_ONCE):
        documents = [stored_row(row, batch.id, generation, position) for position, row in piece]
        collection.insert_many(documents, ordered=False)
        progress(len(piece))
    counts = {what.value: sum(1 for row in rows if row.what is what) for what in RowState}
    if not _finish(batch, token, ImportState.READY, {"generation": generation, "counts": counts}):
        return False
    collection.delete_many({"batch": batch.id, "generation": {"$ne": generation}})
    return True


def read(batch: ImportBatch, sheets: Sequence[Sheet], target: Target, token: str, progress: Progress) -> bool:
    """Read the file's sheets into rows, or stop where a person must say what the columns are."""
    if batch.sheets and [choice.name for choice in batch.sheets] != [sheet.name for sheet in sheets]:
        batch.sheets = []
    recognise(batch, sheets, target)
    if missing(batch, target):
        return _finish(batch, token, ImportState.UNMAPPED, {})
    found = sources(batch, sheets)
    if not found:
        message = M("所选的工作表里，表头下面没有数据。请填好后重新上传；表头认错了的，请改它在第几行。")
        return _finish(batch, token, ImportState.UNMAPPED, {}, message)
    batch.total = len(found)
    ImportBatch.objects(id=batch.id, token=token).update_one(set__total=batch.total, set__done=0)
    return store(batch, target.plan(found, progress), token, lambda count: None)


def _finish(
    batch: ImportBatch,
    token: str,
    state: ImportState,
    more: dict[str, object],
    message: Message | None = None,
) -> bool:
    """Store what was found out, if the work is still ours."""
    kept = batch.to_mongo()
    names = ("sheets", "mapping", "fingerprint", "remembered", "is_mapped")
    found = {name: kept[name] for name in names if name in kept}
    # why rows are read again stays to be told
    words = {"message": packed_text(message)} if message is not None else {}
    update = {"$set": found | more | words | {"state": state.value, "token": ""}, "$inc": {"version": 1}}
    stored = ImportBatch._get_collection().find_one_and_update(
        {"_id": batch.id, "token": token}, update, return_document=ReturnDocument.AFTER
    )
    return stored is not None
