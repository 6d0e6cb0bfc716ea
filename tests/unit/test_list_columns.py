"""One column of a list, as its file reads it."""

from views.kit.columns import FileCell


def test_the_file_reads_a_part_s_value_by_its_dotted_path():
    read = FileCell(key="receipt.number").value()
    assert read({"receipt": {"number": "20260100003"}}) == "20260100003"
    assert read({"receipt": None}) is None
    assert read({}) is None
    assert FileCell(key="name").value()({"name": "林晓静"}) == "林晓静"
