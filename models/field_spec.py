"""A field of a round's form as data: texts, types, conditions, options.

Nothing here names a field of the guide (DESIGN section 3).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from models.choices import Kind
from models.messages import Message

#: What a field may be filled in from (`FieldSpec.source`), and a row compared with: the roster.
ROSTER_SOURCES = frozenset(
    {
        "name",
        "gender",
        "birth_date",
        "id_number",
        "phone",
        "title",
        "title_approved_on",
        "work_start",
        "joined_on",
        "speciality",
        "unit",
    }
)


class Spec(BaseModel):
    """Data of a round: frozen, and nothing unknown in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Spec):
    """A round's text: Chinese and, optionally, English. YAML may give a plain string for Chinese only."""

    zh: str
    en: str = ""

    def __str__(self) -> str:
        return self.zh

    def __bool__(self) -> bool:
        return bool(self.zh)

    def in_language(self, language: str) -> str:
        """The English if `language` is English and there is one, else the Chinese."""
        return self.en if language.startswith("en") and self.en else self.zh

    @staticmethod
    def listing(parts: Iterable[Text | str], most: int | None = None) -> Text:
        """The parts as each language sets them apart, A、B or A, B; … stands for those beyond `most`."""
        texts = [part if isinstance(part, Text) else Text(zh=part) for part in parts]
        shown = texts[:most]
        more = "…" if len(shown) < len(texts) else ""
        return Text(
            zh="、".join(text.zh for text in shown) + more,
            en=", ".join(text.in_language("en") for text in shown) + more,
        )


def _text(value: Any) -> Any:
    return {"zh": value} if isinstance(value, str) else value


LocalText = Annotated[Text, BeforeValidator(_text)]
#: What people read: of a round in both languages, of the code through the catalogue, or as it was typed.
Words = Text | Message | str
NO_TEXT = Text(zh="")


class FieldType(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    DATE = "date"  # full day
    MONTH = "month"  # PartialDate: year and month, a day is welcome
    RANGE = "range"  # from one month or day to another: 2020-03/2021-06
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    CLAUSE = "clause"  # one clause of the application's criteria edition
    PHONE = "phone"
    ID_NUMBER = "id_number"
    UNIT = "unit"  # organisation's name, the own unit offered
    PERSON = "person"  # somebody's name
    FILE = "file"  # attachments of one slot, by uid


#: What is encrypted at rest wherever it is asked (R23).
SEALED_TYPES = frozenset({FieldType.PHONE, FieldType.ID_NUMBER})


class Condition(Spec):
    """When a thing applies; an empty list means always. All given parts must hold."""

    kinds: list[Kind] = []
    levels: list[str] = []
    exceptional: bool | None = None
    entry_kinds: list[str] = []  # for a field of an entry: project, topic, award, book, paper, ...
    #: field of the same record or entry -> the values it may have
    values: dict[str, list[Any]] = {}
    #: a date of the roster -> the day it must lie before: who joined before 2018 (G22)
    roster_before: dict[str, date] = {}


class Option(Spec):
    value: str
    label: LocalText


class FieldSpec(Spec):
    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: LocalText
    type: FieldType = FieldType.TEXT
    help: LocalText = NO_TEXT
    example: LocalText = NO_TEXT
    required: bool = False
    required_when: Condition | None = None
    when: Condition = Condition()  # shown at all
    options: list[Option] = []
    unit: LocalText = NO_TEXT  # of a number: 年, 万元
    decimals: int = Field(default=0, ge=0, le=6)  # of a number; 0 = whole numbers only
    minimum: float | None = None
    maximum: float | None = None
    max_length: int = 200
    open_end: bool = False  # of a range: it may last still
    slot: str = ""  # of a file: whose attachments it names
    visible: bool = True  # off: nobody is asked, and what was entered before isn't shown
    printed: bool = True  # on the official form
    encrypted: bool = False
    locked: bool = False  # comes from the roster; HR changes it there
    source: str = ""  # roster attribute that fills it in: name, gender, birth_date, ...
    in_list: bool = False  # a column of the section's summary table
    width: Literal[3, 4, 6, 8, 12] = 6  # of 12 columns on a wide screen
    group: LocalText = NO_TEXT  # a heading above the first field of a group
    covers: list[str] = []  # guide and law rows

    @model_validator(mode="before")
    @classmethod
    def _is_sealed(cls, data: Any) -> Any:
        """Phones and ID numbers are encrypted also where a row doesn't say so."""
        if isinstance(data, dict) and data.get("type") in SEALED_TYPES:
            return data | {"encrypted": True}
        return data

    @model_validator(mode="after")
    def _is_usable(self) -> FieldSpec:
        if self.type in (FieldType.CHOICE, FieldType.CHOICES) and not self.options:
            raise ValueError(f"field {self.key}: a choice without options")
        if (self.type is FieldType.FILE) != bool(self.slot):
            raise ValueError(f"field {self.key}: a file names a slot, and nothing else does")
        if self.source and self.source not in ROSTER_SOURCES:
            raise ValueError(f"field {self.key}: the roster has no {self.source}")
        if self.locked and not self.source:
            raise ValueError(f"field {self.key}: locked, but without a source")
        return self

    def option(self, value: str) -> Option | None:
        """The option stored as `value`, or None."""
        return next((option for option in self.options if option.value == value), None)
