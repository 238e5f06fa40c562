"""No row is lost, made or changed: our reader of delimited text against Python's own csv module, on drawn tables."""

import contextlib
import csv
import io
import json

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from forescale import CurveError, read_curves
from forescale.curves.readers.base import Source
from forescale.curves.readers.registry import read_one

CELL = st.one_of(
    st.floats(1e-6, 1e12).map(lambda v: f"{v:.6g}"),
    st.sampled_from(["", "a b", "1,5", 'say "hi"', "x;y", "nan", "—", "7B", "é", "'", "#", "[/]", "$a$", "a\tb", "|"]),
    st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\u2028\u2029\x85"), max_size=6),
)
TABLE = st.integers(2, 5).flatmap(lambda n: st.lists(st.lists(CELL, min_size=n, max_size=n), min_size=2, max_size=9))


def column(source):
    return {name: c.texts() for name, c in read_one(source).columns.items()}


@settings(max_examples=300, deadline=None)
@given(TABLE, st.sampled_from([",", ";", "\t"]), st.booleans(), st.sampled_from(["\n", "\r\n", "\r"]))
def test_cells_are_those_of_the_csv_module(rows, delimiter, quote_all, newline):
    rows = [[f"{1 + i}", *row[1:]] for i, row in enumerate(rows)]  # no row is blank
    names = [f"c{i}" for i in range(len(rows[0]))]
    written = io.StringIO()
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    csv.writer(written, delimiter=delimiter, quoting=quoting, lineterminator=newline).writerows([names, *rows])
    source = Source("t", "'t'", None, written.getvalue().encode(), ".tsv" if delimiter == "\t" else ".csv")
    expected = {name: [" ".join(row[i].split()) for row in rows] for i, name in enumerate(names)}
    assert column(source) == expected


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(1e-3, 1e9), st.floats(1e-3, 1e3)), min_size=1, max_size=30), st.integers(1, 7))
def test_numbers_come_through_every_text_format_digit_by_digit(pairs, k):
    x, y = ([p[i] for p in pairs] for i in (0, 1))
    text = {
        "a.csv": "tokens,loss\n" + "".join(f"{a!r},{b!r}\n" for a, b in pairs),
        "a.txt": "tokens loss\n" + "".join(f"{a!r}{' ' * k}{b!r}\n" for a, b in pairs),
        "a.md": "| tokens | loss |\n|---|---|\n" + "".join(f"| {a!r} | {b!r} |\n" for a, b in pairs),
        "a.jsonl": "".join(json.dumps({"tokens": a, "loss": b}) + "\n" for a, b in pairs),
        "a.json": json.dumps({"tokens": x, "loss": y}),
        "a.log": "".join(f"tokens={a!r} loss={b!r}\n" for a, b in pairs),
    }
    order = np.lexsort((y, x))
    for name, content in text.items():
        table = read_one(Source(name, name, None, content.encode(), "." + name[2:]))
        got = np.stack([table.columns[c].numbers for c in ("tokens", "loss")])
        np.testing.assert_array_equal(got[:, order], np.array([x, y])[:, order], err_msg=name)


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.sampled_from('ab1,;\t"\n {}[]:|-#.e='), max_size=60),
    st.sampled_from([".csv", ".json", ".md", ".log", ""]),
)
def test_any_text_is_a_table_or_a_sentence(text, suffix):
    with contextlib.suppress(CurveError):  # anything else is a traceback
        table = read_one(Source("t", "'t'", None, text.encode(), suffix))
        assert len({len(c) for c in table.columns.values()}) <= 1


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=200), st.sampled_from(["a.csv", "a.json", "a.npz", "a.xlsx", "a.parquet", "a.csv.gz", "a.log"])
)
def test_any_bytes_are_a_table_or_a_sentence(tmp_path_factory, blob, name):
    path = tmp_path_factory.mktemp("b") / name
    path.write_bytes(blob)
    with contextlib.suppress(CurveError):
        read_curves(path)


def test_a_truth_value_in_a_column_of_text_is_no_number(tmp_path):
    for value in (True, False, 10**400):
        rows = [{"x": str(2.0**i), "y": f"{3 - 0.1 * i:.3f}"} for i in range(8)]
        rows[3]["y"] = value
        table = tmp_path / "runs.json"
        table.write_text(json.dumps(rows))
        with pytest.raises(CurveError, match="row 4"):
            read_curves(table)
        assert len(read_curves(table, drop_bad=True)["curve"].y) == 7


@pytest.mark.parametrize(
    ("cell", "name"), [("_A", "_A"), ("*B*", "B"), ("**C**", "C"), ("`d_e`", "d_e"), ("f*", "f*"), ("_", "_")]
)
def test_a_name_in_a_markdown_table_loses_its_emphasis_alone(cell, name, tmp_path):
    table = tmp_path / "runs.md"
    lines = [f"| {cell} | {2**i} | **{3 - 0.1 * i:.2f}** |" for i in range(6)]
    table.write_text("\n".join(["| run | x | *loss* |", "|---|---|---|", *lines]))
    curves = read_curves(table, group="run", y="loss")
    assert list(curves) == [name]
    assert curves[name].n == 6
