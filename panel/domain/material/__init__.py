"""The material table (材料表): what HR agreed with each person, imported, answered, settled (G08, G24, G28).

An import calls `plan`, shows the changes, then `apply`; `undo` takes a batch back until somebody used it.
The applicant answers each entry (`answers`); HR settles disputes and mends single entries (`settling`).
"""
