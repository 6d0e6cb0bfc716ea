"""The only writers of an application's content. Every write is one conditional update.

A write names the version of the record or entry it changes; a stale one raises StaleWrite with both
versions and loses nothing. Saving is never blocked by a missing field, and text that can't be read as
the field's type is kept as typed (`unread`).
"""

from panel.domain.content.choosing import change_selection
from panel.domain.content.entries import can_remove, move_entry, remove_entry, restore_entry, save_entry
from panel.domain.content.files import (
    add_attachment,
    can_add,
    can_change,
    edit_attachment,
    record_preview,
    remove_attachment,
    require_room,
    set_photo,
)
from panel.domain.content.following import follow_round
from panel.domain.content.material import IN_HAND, place_material
from panel.domain.content.pending import (
    discard_pending,
    forget_expired,
    keep_pending,
    pending_file,
    pending_files,
    use_pending,
)
from panel.domain.content.records import save_record, set_none
from panel.domain.content.roster import refresh_drafts, refresh_from_roster
from panel.domain.content.start import Selection, confirm_on_behalf, create, selection_of
from panel.domain.content.taking import Taken, put_back, take_along
from panel.domain.content.writing import Saved, is_editable, is_given

__all__ = [
    "IN_HAND",
    "Saved",
    "Selection",
    "Taken",
    "add_attachment",
    "can_add",
    "can_change",
    "can_remove",
    "change_selection",
    "confirm_on_behalf",
    "create",
    "discard_pending",
    "edit_attachment",
    "follow_round",
    "forget_expired",
    "is_editable",
    "is_given",
    "keep_pending",
    "move_entry",
    "pending_file",
    "pending_files",
    "place_material",
    "put_back",
    "record_preview",
    "refresh_drafts",
    "refresh_from_roster",
    "remove_attachment",
    "remove_entry",
    "require_room",
    "restore_entry",
    "save_entry",
    "save_record",
    "selection_of",
    "set_none",
    "set_photo",
    "take_along",
    "use_pending",
]
