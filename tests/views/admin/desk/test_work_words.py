"""Today's work is named by the pages: every kind, and nothing else."""

from panel.domain.desk.work import KINDS
from views.admin.desk.work import WORDS


def test_every_kind_of_work_has_its_words() -> None:
    assert [kind.key for kind in KINDS] == list(WORDS)
