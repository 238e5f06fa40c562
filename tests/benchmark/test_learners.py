"""The curves of other learners are read as they are stored, and every curve is counted."""

import numpy as np

from benchmark import learners


def test_a_context_is_the_first_part_of_its_curve():
    for kind, name, context, x, y in learners.problems(0.35):
        assert name.startswith(kind)
        assert 3 <= context.n < len(x)
        assert context.x.max() < x.min()
        assert (y > 0).all()


def test_the_table_has_a_line_a_method_and_every_kind(monkeypatch):
    some = list(learners.problems(0.6))[::20]
    monkeypatch.setattr(learners, "problems", lambda share: iter(some))
    results = {method: learners.pd.DataFrame(learners.score(method)) for method in ("pfn", "last")}
    head, *lines = learners.table(results, 0.6)
    assert [line[0] for line in lines] == ["`pfn`", "`last`"]
    kinds = {kind for kind, *_ in some}
    assert set(head[-len(kinds) :]) == kinds
    ll = {line[0]: float(line[head.index("LL of ln y")].split()[0]) for line in lines}
    assert ll["`pfn`"] > ll["`last`"] + 0.3
    assert all(line[head.index("failed")] == "0" for line in lines)


def test_what_is_stored_is_read_back_under_its_key_only(tmp_path):
    row = {
        "share": 0.6,
        "kind": "epochs",
        "curve": "a",
        "rmsle": 0.1,
        "ll_ln": 1.0,
        "coverage50": 0.5,
        "coverage90": np.nan,
    }
    learners.store("last", [row], {"method": "last"}, tmp_path)
    assert learners.read("last", tmp_path, {"method": "other"}) is None
    stored = learners.read("last", tmp_path, {"method": "last"})
    assert stored.loc[0, "rmsle"] == 0.1
    assert np.isnan(stored.loc[0, "coverage90"])
