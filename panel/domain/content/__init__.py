"""The only writers of an application's content. Every write is one conditional update.

A write names the version of the record or entry it changes; a stale one raises StaleWrite with both
versions and loses nothing. Saving is never blocked by a missing field, and text that can't be read as
the field's type is kept as typed (`unread`).
"""
