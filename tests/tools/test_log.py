"""Every entry of the research log says what it claimed, predicted, measured and decided; the index is made of that."""

from tools import log


def test_the_index_is_made_of_the_heads():
    assert (log.LOG / "index.md").read_text() == log.index(), "python -m tools log"


def test_entries_are_numbered_without_a_gap():
    assert [int(entry.path.name[:3]) for entry in log.entries()] == list(range(1, len(log.entries()) + 1))
