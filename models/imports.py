"""Imports of spreadsheets: the file with its choices, its rows as they were read, and remembered columns."""

from __future__ import annotations

import json
from typing import Any

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    ObjectIdField,
    ReferenceField,
    StringField,
)

from models.choices import Choice
from models.messages import M, Message
from models.outbox import packed, unpacked
from models.review_round import ReviewRound
from models.unit import Unit
from models.values import EncryptedTextField


class ImportKind(Choice):
    """What a file is about."""

    ROSTER = "roster", M("人员名册")
    MATERIAL = "material", M("材料表")
    NUMBERS = "numbers", M("官方编号与结果")


class ImportState(Choice):
    """How far an import is. The first, APPLYING and UNDOING are under way by themselves."""

    READING = "reading", M("正在读取")
    UNMAPPED = "unmapped", M("待对应栏目")
    READY = "ready", M("待确认")
    APPLYING = "applying", M("正在导入")
    APPLIED = "applied", M("已导入")
    UNDOING = "undoing", M("正在撤销")
    UNDONE = "undone", M("已撤销")
    DISCARDED = "discarded", M("已放弃")
    REFUSED = "refused", M("读不了")


class RowState(Choice):
    """What an import does with a row, or did."""

    CREATE = "create", M("新增")
    CHANGE = "change", M("改动")
    SAME = "same", M("不变")
    BAD = "bad", M("有问题")
    GONE = "gone", M("表里没有了")


#: Somebody or something is at work on the batch.
UNDER_WAY = (ImportState.READING, ImportState.APPLYING, ImportState.UNDOING)


class SheetChoice(EmbeddedDocument):
    """One sheet of the file: whether it is read, and where its heading is (0: none was found)."""

    name = StringField(required=True)
    used = BooleanField(default=False)
    top = IntField(default=0)  # row of the heading, as Excel counts
    rows = IntField(default=1)  # rows of the heading
    labels = ListField(StringField())  # one per column
    lines = IntField(default=0)  # rows that aren't blank
    sample: Any = EncryptedTextField()  # JSON: the first rows as [number, [text, …]]
    skipped: Any = EncryptedTextField()  # JSON: rows below the heading that aren't data, as [number, text]

    meta = {"allow_inheritance": False}

    @property
    def first_rows(self) -> list[tuple[int, list[str]]]:
        """The first rows as (number, texts)."""
        return [(number, cells) for number, cells in json.loads(self.sample or "[]")]

    @property
    def skipped_rows(self) -> list[tuple[int, str]]:
        """Rows taken for notes as (number, text)."""
        return [(number, words) for number, words in json.loads(self.skipped or "[]")]


class ImportBatch(Document):
    """One file that HR imports, from its upload to its undoing."""

    kind = StringField(choices=[k.value for k in ImportKind], required=True)
    unit = ReferenceField(Unit, required=True)
    round = ReferenceField(ReviewRound)  # not for the roster
    file_name = StringField(required=True, max_length=200)
    sha256 = StringField(required=True)
    size = IntField(required=True)
    state = StringField(choices=[s.value for s in ImportState], default=ImportState.READING.value)
    sheets = EmbeddedDocumentListField(SheetChoice)
    #: pairs [label, column key]; a label without a pair is left out
    mapping = ListField(ListField(StringField()))
    is_mapped = BooleanField(default=False)  # a person confirmed the mapping
    fingerprint = StringField(default="")  # of the headings
    remembered = BooleanField(default=False)  # the mapping is that of an earlier file
    mended: Any = EncryptedTextField()  # JSON: cells typed on the page, as [sheet, row, column key, text]
    generation = IntField(default=0)  # of the rows that count
    counts = DictField()  # RowState -> rows
    applied = DictField()  # what was done -> how many
    partial = BooleanField(default=False)  # applied without its bad rows
    with_gone = BooleanField(default=False)  # what the table no longer has is taken out too
    is_followed = BooleanField(default=True)  # what follows a finished import is done
    message = DictField()  # packed: why it was refused, or what changed meanwhile
    stale = ListField(StringField())  # places of rows that somebody changed meanwhile
    done = IntField(default=0)
    total = IntField(default=0)
    token = StringField(default="")  # of the process at work
    lease = DateTimeField()  # it is taken for dead after that
    version = IntField(default=0)
    by = ObjectIdField(required=True)
    by_name = StringField()
    at = DateTimeField(required=True)
    applied_by = ObjectIdField()
    applied_by_name = StringField()
    applied_at = DateTimeField()
    undone_by = ObjectIdField()
    undone_by_name = StringField()
    undone_at = DateTimeField()

    meta = {
        "collection": "import_batches",
        "auto_create_index": False,
        "indexes": [
            ("unit", "-at", "-_id"),
            ("unit", "sha256"),
            ("state", "lease"),
            ("is_followed", "lease"),
        ],
    }

    @property
    def columns(self) -> dict[str, str]:
        """Label -> column key."""
        return dict(self.mapping)

    @property
    def mended_cells(self) -> dict[tuple[str, int], dict[str, str]]:
        """What was typed on the page instead of cells: (sheet, row) -> column key -> text."""
        found: dict[tuple[str, int], dict[str, str]] = {}
        for sheet, row, key, words in json.loads(self.mended or "[]"):
            found.setdefault((sheet, row), {})[key] = words
        return found

    @property
    def text(self) -> Message | None:
        """What there is to say about it."""
        return unpacked(dict(self.message)) if self.message else None

    @property
    def is_under_way(self) -> bool:
        """Whether it is being read, applied or undone."""
        return self.state in UNDER_WAY

    def count(self, what: RowState) -> int:
        """How many rows are `what`."""
        return int(self.counts.get(what.value, 0))

    def __str__(self) -> str:
        return str(self.file_name)


class ImportRow(Document):
    """A row of a file as it was read: what it would do, and what undoes it. Its words are sealed."""

    batch = ObjectIdField(required=True)
    generation = IntField(required=True)
    position = IntField(required=True)
    sheet = StringField(required=True)
    number = IntField(required=True)  # as Excel counts
    what = StringField(choices=[w.value for w in RowState], required=True)
    content = EncryptedTextField(required=True)  # JSON of a RowContent
    target = ObjectIdField()  # what it changes, or has made
    version = IntField(default=0)  # of the target when it was read; after applying, since then
    undo = DictField()  # {set: stored values, unset: names}, sealed where they are
    done = BooleanField(default=False)  # what it says is written

    meta = {
        "collection": "import_rows",
        "auto_create_index": False,
        "indexes": [("batch", "generation", "what", "position")],
    }


class ColumnMemory(Document):
    """How a unit mapped the columns of one heading, for the next file that looks like it."""

    unit = ReferenceField(Unit, required=True)
    kind = StringField(choices=[k.value for k in ImportKind], required=True)
    fingerprint = StringField(required=True)
    mapping = ListField(ListField(StringField()))
    at = DateTimeField(required=True)

    meta = {
        "collection": "import_columns",
        "auto_create_index": False,
        "indexes": [{"fields": ["unit", "kind", "fingerprint"], "unique": True}, ("unit", "kind", "-at")],
    }


def packed_text(message: Message | None) -> dict[str, Any]:
    """A message as `ImportBatch.message` keeps it."""
    found: dict[str, Any] = packed(message) if message is not None else {}
    return found
