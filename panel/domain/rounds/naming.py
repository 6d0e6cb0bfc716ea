"""What a field is called where it stands alone: two fields of one name are told apart by their groups."""

from __future__ import annotations

from models.field_spec import FieldSpec, Text
from models.form_spec import SectionSpec
from models.messages import M, Message


def field_name(section: SectionSpec, field: FieldSpec) -> Text | Message:
    """The field's label; with its group's heading before it where the section has the label twice."""
    group = group_of(section, field)
    if group is None or sum(row.label.zh == field.label.zh for row in section.fields) == 1:
        return field.label
    return M("%(group)s：%(field)s", group=group, field=field.label)


def group_of(section: SectionSpec, field: FieldSpec) -> Text | None:
    """The heading that the field stands under, or None; a heading holds until the next one."""
    heading: Text | None = None
    for row in section.fields:
        if row.group.zh:
            heading = row.group
        if row.key == field.key:
            return heading
    return None
