"""Tables of cases (一览表, 备案表): the layout that HR gives them, what their columns are called and say.

Nothing here names a field of the guide: sections and fields come with the source (models.export_spec).
"""

from panel.domain.overviews.cells import Reading, cell
from panel.domain.overviews.layouts import Layout, LayoutColumn, layout_of, reset, save
from panel.domain.overviews.words import Source, is_number, offered

__all__ = [
    "Layout",
    "LayoutColumn",
    "Reading",
    "Source",
    "cell",
    "is_number",
    "layout_of",
    "offered",
    "reset",
    "save",
]
