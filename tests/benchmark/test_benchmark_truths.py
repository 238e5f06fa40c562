"""The synthetic checks ask what they say they ask, and the Bayes optimum is the optimum."""

import numpy as np
import pandas as pd
import pytest
from benchmark.store import write_table

from benchmark import bayes_gap, synthetic, truths


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
    _, _, questions = next(iter(truths.checks(5)))
    rows = synthetic.ask("m2", None, questions)
    assert np.median([row["rmsle"] for row in rows]) < 1e-4  # truth in the model, no noise; far targets at 30 times


def test_rows_of_other_checks_do_not_count(tmp_path, monkeypatch):
    made_by = synthetic.key_of_checks("m2", None, 2)
    _, variant, questions = next(iter(truths.checks(2)))
    rows = [synthetic.summary("clean", variant, synthetic.ask("m2", None, questions))]
    write_table(synthetic.stored("m2", tmp_path), made_by, pd.DataFrame(rows)[[*synthetic.COLUMNS]])
    assert synthetic.read("m2", tmp_path, synthetic.key_of_checks("m2", None, 2)) is not None
    assert synthetic.read("m2", tmp_path, synthetic.key_of_checks("m2", None, 3)) is None
    altered = tmp_path / "truths.py"
    altered.write_text("# other curves\n")
    monkeypatch.setattr(truths, "__file__", str(altered))
    assert synthetic.read("m2", tmp_path, synthetic.key_of_checks("m2", None, 2)) is None


def test_the_sigmoid_solves_its_equation(rng):
    truth = truths.sigmoid(rng, 5.0)
    y = truth(np.array([1e-30, 1e30]))
    assert y[0] == pytest.approx(1.0, abs=1e-3)  # the plateau
    assert 0.003 <= y[1] <= 0.3 + 1e-6  # the floor


def test_the_optimal_predictive_agrees_with_a_fine_grid():
    rng = np.random.default_rng([7, 4])
    data, reading = bayes_gap.draw_curve(rng)
    draws, log_weight = bayes_gap.posterior(rng, data, 8000)
    u = np.log(bayes_gap.TARGETS)
    sampled = bayes_gap.log_predictive(data, draws, log_weight, u, reading)
    axes = [np.linspace(a, b, 70) for a, b in zip(bayes_gap.LOW, bayes_gap.HIGH, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
    weight = bayes_gap.log_posterior(grid, data)
    exact = bayes_gap.log_predictive(data, grid, weight - np.logaddexp.reduce(weight), u, reading)
    assert sampled == pytest.approx(exact, abs=0.04)  # some 3000 effective draws: 0.02 nats
