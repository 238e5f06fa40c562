"""The curves of other learners are read as they are stored, and every one of them is scored."""

import pandas as pd
from benchmark.store import RESULTS, kept, key_in, read_table
from benchmark.suites.learners import SHARES
from benchmark.suites.learners import learners as problems

from benchmark import learners


def test_a_context_is_the_first_part_of_its_curve():
    for p in problems(0.35):
        assert p.name.startswith(p.suite)
        assert 3 <= p.context.n < len(p.x)
        assert p.context.x.max() < p.x.min()
        assert (p.y > 0).all()


def test_the_table_has_a_line_a_method_and_a_column_a_kind(monkeypatch):
    some = {share: problems(share)[::20] for share in SHARES}
    monkeypatch.setattr(learners, "problems", some.get)
    results = {method: learners.score(method) for method in ("pfn", "last")}
    for share in SHARES:
        head, *lines = learners.table(results, share)
        assert [line[0] for line in lines] == ["`pfn`", "`last`"]
        assert {p.suite for p in some[share]} == set(head[6:])
        pfn, last = (float(line[head.index("LL of ln y")].split()[0]) for line in lines)
        assert pfn > last + 0.3


def test_what_is_stored_is_read_back_under_its_key_only(tmp_path):
    rows = pd.DataFrame([{"share": 0.6, "kind": "epochs", "curve": "one, two", "rmsle": 0.1}])
    path = learners.stored("last", tmp_path)
    other = rows.assign(rmsle=0.2)
    kept(path, {"method": "last"}, lambda: rows)
    pd.testing.assert_frame_equal(kept(path, {"method": "last"}, lambda: other), rows)
    pd.testing.assert_frame_equal(kept(path, {"method": "new"}, lambda: other), other)
    assert read_table(learners.stored("m2", tmp_path)) is None


def test_stored_rows_are_of_these_curves():
    curves = learners.key_of_rows("last")["curves"]
    stored = {path.stem: key_in(path)["curves"] for path in (RESULTS / "learners").glob("*.csv")}
    assert stored == dict.fromkeys(learners.METHODS, curves)
