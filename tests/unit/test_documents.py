"""What the documents for whoever carries on name is there."""

import re
from pathlib import Path

import pytest

from tests.test_architecture import ORDER

ROOT = Path(__file__).resolve().parents[2]
#: Beside what is tracked: made at set-up, or data.
MADE = {".venv", "var"}


def named(document: str) -> set[str]:
    """The paths in backquotes and commands of a document: whatever begins like a folder of ours."""
    text = (ROOT / document).read_text(encoding="utf-8")
    tops = "models|panel|views|templates|tests|docs|bench"
    found = re.findall(rf"(?<![\w./-])((?:{tops})/[\w./*-]*\w/?)", text)
    return {path.split("::")[0] for path in found if "*" not in path}


@pytest.mark.parametrize("document", ["docs/architecture.md", "README.md"])
def test_every_path_that_a_document_names_is_there(document: str) -> None:
    paths = named(document)
    assert len(paths) > 10
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_the_architecture_is_one_page() -> None:
    assert len((ROOT / "docs/architecture.md").read_text(encoding="utf-8").splitlines()) <= 100


@pytest.mark.parametrize(
    ("document", "pattern"),
    [("docs/architecture.md", r"`panel/domain/(\w+)/`"), ("README.md", r"^  (\w+)/ ")],
)
def test_a_document_lists_the_domain_s_packages_in_their_order(document: str, pattern: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    listed = [name for name in dict.fromkeys(re.findall(pattern, text, re.MULTILINE)) if name in ORDER]
    # the README sets two that are near each other on one line
    assert [name for name in ORDER if name in listed] == listed
    assert len(listed) > len(ORDER) / 2
