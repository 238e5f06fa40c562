"""A few seeded tables through every command; `python -m lab fuzz-commands` has the many."""

import pytest

from lab import fuzz_commands as fuzz
from lab import fuzz_tables


@pytest.mark.parametrize("first", [100, 700])
def test_spoiled_tables_end_in_an_answer_or_a_sentence(first):
    facts = fuzz.block(first, 4)
    assert [fault for fault in facts["faults"] if "took" not in fault] == []
    assert sum(map(sum, facts["ended"].values())) >= 4 * 6


def test_a_table_is_a_function_of_its_number():
    first, again = ([fuzz_tables.table_of(i) for i in range(5)] for _ in range(2))
    assert [t.rows for t in first] == [t.rows for t in again]
    dated = ("xlsx",)  # the time of writing stands in the file
    assert [t.content for t in first if t.ending not in dated] == [t.content for t in again if t.ending not in dated]


def test_faults_are_seen():
    assert fuzz.faults_of(0, "", "", ["forecast"], 0.1) == ["exit 0 with nothing written"]
    assert fuzz.faults_of(0, '{"a": NaN}', "", ["forecast", "--json"], 0.1) == ["NaN in JSON with exit 0"]
    assert fuzz.faults_of(2, "", "forescale: expected x, got y. Do z.", ["forecast"], 0.1) == []
    assert fuzz.faults_of(2, "", "Traceback\nmore", ["forecast"], 0.1)[0].startswith("exit 2 without one sentence")
    assert fuzz.faults_of(0, "x", "", ["forecast"], 11.0) == ["took 11 s"]
