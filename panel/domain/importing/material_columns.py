"""The columns of a material table, from the round's lists: of one achievement per row, and of free text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from models.field_spec import FieldSpec, FieldType
from models.form_spec import EntryKind, SectionSpec
from models.messages import M
from models.round_spec import RoundSpec
from panel.domain.importing import material_headings as known
from panel.domain.importing.rows import TargetColumn
from panel.domain.material.columns import columns_of, kinds_of, table_sections

STAFF_NUMBER, NAME, SPECIALITY, KIND, PERIOD = "staff_number", "name", "speciality", "kind", "period"
#: Prefixes of keys: a field of one achievement per row, and free text with several of a kind.
FIELD, TEXT = "f:", "t:"
_PLACE = re.compile(r"\{(\w+)")
_LABELS = 2
_BY_USE = {"start": known.START, "end": known.END, "rank": known.RANK}


def text_key(section: SectionSpec, kind: EntryKind) -> str:
    """The key of the free-text column of a kind."""
    return f"{TEXT}{section.key}.{kind.key}"


def title_field(section: SectionSpec, kind: EntryKind) -> str:
    """The field that names an achievement of `kind`: that of its own name, else the first of its title."""
    keys = _PLACE.findall((kind.title or section.entry_title).zh)
    texts = {field.key for field in columns_of(section, kind.key) if field.type is FieldType.TEXT}
    named = [key for key in keys if key in texts]
    required = {field.key for field in section.fields if field.required}
    return next((key for key in reversed(named) if key in required), named[0] if named else "")


def columns(spec: RoundSpec) -> list[TargetColumn]:
    """What a heading can be mapped to."""
    person = M("人员")
    kinds = [(section, kind) for section in table_sections(spec) for kind in kinds_of(section)]
    names = tuple(dict.fromkeys(kind.label.zh for _section, kind in kinds))
    specialities = tuple(option.label.zh for option in spec.specialities)
    first = specialities[0] if specialities else ""
    found = [
        TargetColumn(STAFF_NUMBER, M("工号"), person, known.STAFF_NUMBER, example="20160011"),
        TargetColumn(NAME, M("姓名"), person, known.NAME, is_required=True, example="林晓雯"),
        TargetColumn(
            SPECIALITY, M("申报专业"), person, known.SPECIALITY, example=first, options=specialities
        ),
    ]
    found += [
        TargetColumn(
            text_key(section, kind),
            kind.label,
            M("一格里写着几条的列"),
            (kind.label.zh, *known.SAME.get(kind.label.zh, ())),
            is_in_template=False,
        )
        for section, kind in kinds
    ]
    if not kinds:  # a round whose lists HR does not judge: specialities alone
        return found
    row = M("每行一条业绩的列")
    found.append(TargetColumn(KIND, M("类别"), row, known.KIND, example=names[0], options=names))
    found += _fields(kinds, row)
    return [*found, TargetColumn(PERIOD, M("起止时间"), row, known.PERIOD, is_in_template=False)]


def _fields(kinds: Iterable[tuple[SectionSpec, EntryKind]], group: object) -> list[TargetColumn]:
    """One column per field key: what a kind calls it is one of its names."""
    pairs = list(kinds)
    titles = {title_field(section, kind) for section, kind in pairs}
    specs: dict[str, list[FieldSpec]] = {}
    for section, kind in pairs:
        for field in columns_of(section, kind.key):
            specs.setdefault(field.key, []).append(field)
    return [_field(key, fields, key in titles, group) for key, fields in specs.items()]


def _field(key: str, fields: list[FieldSpec], is_title: bool, group: object) -> TargetColumn:
    labels = list(dict.fromkeys(field.label.zh for field in fields))
    words = labels + [word for label in labels for word in known.SAME.get(label, ())]
    words += known.TITLE if is_title else _BY_USE.get(key, ())
    options = tuple(dict.fromkeys(option.label.zh for field in fields for option in field.options))
    is_one = len({field.label.zh for field in fields}) == 1
    label = fields[0].label if is_one else M("名称") if is_title else "／".join(labels[:_LABELS])
    example = next((field.example.zh for field in fields if field.example), options[0] if options else "")
    is_choice = all(field.type is FieldType.CHOICE for field in fields)
    return TargetColumn(
        FIELD + key, label, group, tuple(words), fields[0].help or None, example=example,
        options=options if is_choice else (),
    )  # fmt: skip
