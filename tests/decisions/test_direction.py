"""Decisions about an accuracy are those about its error, told in the unit of the accuracy."""

import numpy as np
import pytest

import forescale as fs
from forescale import Curve, CurveError

X = np.geomspace(1e6, 1e9, 8)
ERROR = {"a": 0.1 + 8 * X**-0.25, "b": 0.12 + 9 * X**-0.25}


def curves(as_accuracy):
    return {n: Curve(X, 1 - e, better="higher", best=1.0) if as_accuracy else Curve(X, e) for n, e in ERROR.items()}


def test_recipes_rank_the_higher_accuracy_first():
    error, accuracy = (fs.recipes(curves(way), at=1e10) for way in (False, True))
    assert accuracy.ranking == error.ranking == ("a", "b")
    assert [run.name for run in accuracy.baseline] == ["a", "b"]
    assert accuracy.prob_better("a", "b") == pytest.approx(error.prob_better("a", "b"), abs=1e-6)
    assert accuracy.duels[0].multiplier.median == pytest.approx(error.duels[0].multiplier.median, rel=1e-4)
    assert accuracy.forecasts["a"].median[-1] == pytest.approx(1 - error.forecasts["a"].median[-1])


def test_reach_aims_upwards():
    error, accuracy = fs.reach(curves(False)["a"], 0.13), fs.reach(curves(True)["a"], 0.87)
    assert accuracy.median == pytest.approx(error.median, rel=1e-3)
    assert accuracy.interval(0.9) == pytest.approx(error.interval(0.9), rel=1e-3)
    told = fs.reach(curves(True)["a"], 0.5).warnings
    assert "8 of 8 measurements read 0.5 or more" in next(w.message for w in told if w.code == "already_reached")


@pytest.mark.parametrize("target", [1.0, 1.2, np.nan])
def test_a_target_beyond_the_best_value_is_refused(target):
    with pytest.raises(CurveError, match="expected a target between"):
        fs.reach(curves(True)["a"], target)


def test_suggest_gains_are_those_of_the_error():
    error, accuracy = (
        fs.suggest(curves(way)["a"], 1e10, candidates=[2e8, 2e9], method="line", n_nodes=8) for way in (False, True)
    )
    np.testing.assert_allclose(accuracy.scores, error.scores, rtol=1e-6)
    low, high = accuracy.runs[0].interval
    np.testing.assert_allclose([low, high], [1 - error.runs[0].interval[1], 1 - error.runs[0].interval[0]], rtol=1e-6)
    assert accuracy.runs[0].outcome[0] < accuracy.runs[0].outcome[1]


def test_backtest_scores_what_is_missing():
    error, accuracy = (fs.backtest(curves(way), methods=["pfn", "line"]) for way in (False, True))
    for ours, theirs in zip(accuracy.scores, error.scores, strict=True):
        assert (ours.rmsle, ours.ll) == pytest.approx((theirs.rmsle, theirs.ll), rel=1e-5)


def test_a_loss_that_rises_in_every_curve_is_asked_about():
    rising = {n: Curve(X, 1 - e) for n, e in ERROR.items()}
    for ask in (lambda: fs.recipes(rising, at=1e10), lambda: fs.reach(rising["a"], 0.9)):
        with pytest.raises(CurveError, match="better='higher'"):
            ask()
    one_falls = {"a": Curve(X, 1 - ERROR["a"]), "b": Curve(X, ERROR["b"])}
    assert fs.recipes(one_falls, at=1e10, method="line").names == ("a", "b")


def test_curves_of_two_measures_are_not_compared():
    mixed = {"a": curves(True)["a"], "b": curves(False)["b"]}
    with pytest.raises(CurveError, match="measured alike"):
        fs.recipes(mixed, at=1e10)
