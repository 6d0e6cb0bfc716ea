"""What the roster says of a person, as the round's form asks for it."""

from __future__ import annotations

from typing import Any

from models.form_spec import SectionSpec
from models.person import Person
from panel.domain.rounds.fields import as_date


def roster_value(source: str, person: Person) -> Any:
    """What the roster says for `source` (a member of ROSTER_SOURCES), as a field's value; None if nothing."""
    value = getattr(person, source)
    if source == "unit":
        return value.name if value is not None else None
    day = None if isinstance(value, str) else as_date(value)
    return day or value or None


def roster_values(section: SectionSpec, person: Person) -> dict[str, Any]:
    """What the roster fills in of `section`: field key to value, for every field with a source."""
    found = {field.key: roster_value(field.source, person) for field in section.fields if field.source}
    return {key: value for key, value in found.items() if value is not None}
