"""The material table (材料表): what HR agreed with each person, imported, answered, settled (G08, G24, G28).

An import calls `plan`, shows the changes, then `apply`; `undo` takes a batch back until somebody used it.
The applicant answers each entry (`answers`); HR settles disputes and mends single entries (`settling`).
"""

from panel.domain.material.applying import apply
from panel.domain.material.columns import columns_of, kinds_of, table_sections
from panel.domain.material.planning import plan
from panel.domain.material.reading import Change, Row, What
from panel.domain.material.undoing import undo

__all__ = ["Change", "Row", "What", "apply", "columns_of", "kinds_of", "plan", "table_sections", "undo"]
