"""The Bayes optimum is the optimum."""

import numpy as np
import pytest

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
