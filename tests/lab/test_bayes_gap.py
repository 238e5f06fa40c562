"""The Bayes optimum is the optimum."""

import numpy as np
import pytest

import forescale as fs
from lab import bayes_gap


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


def test_the_truth_loses_least_on_average_and_the_best_predictive_next():
    class Vague:
        def forecast(self, curve, at):
            return fs.forecast(curve, at, method="last")

    facts = bayes_gap.bayes_gap(Vague(), n_curves=30, n_draws=500)["groups"]["all"]
    assert facts["truth"] > facts["optimal"] > facts["network"]
    assert facts["truth"] - facts["optimal"] == pytest.approx(facts["within"])
    expected = np.mean(-(bayes_gap.LOW[2] + bayes_gap.HIGH[2]) / 2 - 0.5 * np.log(2 * np.pi * np.e))
    assert facts["truth"] == pytest.approx(expected, abs=4 * 1.5 / np.sqrt(30))  # ln sigma spreads by 1.3
