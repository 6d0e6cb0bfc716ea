"""A third, quite different series, made in the editor alone (tests/engineering.py), is what is shipped."""

from models.choices import Role
from panel.domain.actors import actor_of
from panel.domain.round_edit import tree, yaml_file
from panel.domain.round_edit.problems import contradictions
from panel.domain.rounds import round_files
from panel.domain.rounds.round_files import FOLDER
from tests.engineering import build
from tests.factories import make_unit, make_user


def test_the_shipped_engineering_series_is_what_the_editor_makes(database):
    make_unit()
    made = build(actor_of(make_user(Role.UNIT_HR)))
    assert contradictions.problems(tree.with_ids(made.data)) == []
    shipped = (FOLDER / "engineering.yaml").read_text(encoding="utf-8")
    assert yaml_file.read(shipped.encode()) == made.spec
    assert round_files.load_file(FOLDER / "engineering.yaml") == made.spec
