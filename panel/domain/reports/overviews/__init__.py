"""Tables of cases (一览表, 备案表): the layout that HR gives them, what their columns are called and say.

Nothing here names a field of the guide: sections and fields come with the source (models.export_spec).
"""
