"""The synthetic checks ask what they say they ask."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from benchmark.store import RESULTS, kept, key_in
from benchmark.suites import truths

import forescale as fs
from benchmark import checks


def test_every_check_draws_curves_with_a_context_and_a_truth():
    seen = {}
    for check, variant, questions in truths.checks(3):
        seen.setdefault(check, []).append(variant)
        for q in questions:
            assert q.context.n >= 5
            assert q.truth.shape == q.x.shape == q.y.shape
            assert np.all(np.isfinite(q.truth) & (q.truth > 0))
    variants = {"clean": 5, "concave": 1, "decay": 2, "far": 3, "inside": 3, "rounded": 2, "monotone": 1}
    assert {name: len(v) for name, v in seen.items()} == variants


def test_rounded_contexts_show_what_a_table_prints():
    digits, decimals = (truths.rounded(np.random.default_rng(5), decimals) for decimals in (False, True))
    assert np.array_equal(digits.y, decimals.y)  # the same curve, and its targets are not rounded
    assert all(float(f"{y:.2g}") == pytest.approx(y, rel=1e-12) for y in digits.context.y)
    assert np.allclose(decimals.context.y * 100, np.round(decimals.context.y * 100))


def test_a_monotone_table_never_rises_and_hides_the_noise_of_its_readings():
    rises = 0
    for i in range(20):
        q = truths.monotone(np.random.default_rng(i))
        assert np.all(np.diff(q.context.y) <= 1e-12)
        assert q.context.x[0] == 1.0
        n = q.x[-1] / 2
        assert q.context.x[-1] == pytest.approx(n ** (98 / 99))  # the left edge of the last of 99 bins
        rises += np.sum(np.diff(q.y) > 0)
    assert rises > 5  # what is asked are raw readings


def test_asking_for_more_curves_keeps_the_first_ones():
    few, many = (next(iter(truths.checks(n)))[2] for n in (2, 4))
    assert all(np.array_equal(a.truth, b.truth) for a, b in zip(few, many, strict=False))


def test_least_squares_finds_a_noiseless_power_law():
    _, _, problems = next(iter(truths.checks(5)))
    row = checks.measured("clean", "", problems, partial(fs.forecast, method="m2"))
    assert row["median_rmsle"] < 1e-4  # truth in the model, no noise; far targets at 30 times
    assert row["failed"] == 0


def test_rows_of_other_checks_do_not_count(tmp_path, monkeypatch):
    made = []

    def make():
        made.append(1)
        return pd.DataFrame([{"rmsle": 0.1}])

    path = checks.stored("m2", tmp_path)
    for n_curves in (2, 2, 3):
        kept(path, checks.key_of_checks("m2", n_curves), make)
    assert len(made) == 2
    monkeypatch.setattr(truths, "fingerprint", lambda: "other curves")
    kept(path, checks.key_of_checks("m2", 3), make)
    assert len(made) == 3


def test_stored_checks_are_of_these_curves():
    stored = {key_in(path)["truths"] for path in (RESULTS / "synthetic").glob("*.csv")}
    assert stored == {truths.fingerprint()}


def test_the_sigmoid_solves_its_equation(rng):
    truth = truths.sigmoid(rng, 5.0)
    y = truth(np.array([1e-30, 1e30]))
    assert y[0] == pytest.approx(1.0, abs=1e-3)  # the plateau
    assert 0.003 <= y[1] <= 0.3 + 1e-6  # the floor
