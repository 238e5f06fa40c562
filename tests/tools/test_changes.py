"""Fragments land in the section of what is not released yet, and nowhere else."""

import pytest
from tools.changes import FOLDER, folded

CHANGELOG = "# Changelog\n\n## Unreleased\n\nFirst.\n\n- one\n\n## 0.1\n\n- old\n"


def test_fragments_join_the_unreleased_section():
    text = folded(CHANGELOG, ["- two\n", "- three\n  goes on\n"])
    assert text == "# Changelog\n\n## Unreleased\n\nFirst.\n\n- one\n- two\n- three\n  goes on\n\n## 0.1\n\n- old\n"
    assert folded("## Unreleased\n", ["- one"]) == "## Unreleased\n\n- one\n"


def test_what_is_no_list_of_bullets_is_refused():
    with pytest.raises(ValueError, match="expected bullets"):
        folded(CHANGELOG, ["two"])


def test_all_fragments_that_wait_can_be_folded():
    fragments = [path.read_text() for path in FOLDER.glob("*.md") if path.name != "README.md"]
    folded(CHANGELOG, fragments)
