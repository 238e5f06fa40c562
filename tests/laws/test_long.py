"""Long logs: nothing is targets times rows, and starts of a fit need no more than a part of the rows."""

import tracemalloc

import numpy as np
import pytest

import forescale as fs
from forescale.laws.fit import MANY, fit_law


def log_of(n, noise=0.05):
    x = np.arange(1.0, n + 1)
    return fs.Curve(x, (2 + 20 * x**-0.3) * np.exp(np.random.default_rng(0).normal(0, noise, n)))


@pytest.mark.parametrize("method", ["line", "last", "m2"])
def test_many_targets_of_many_rows_take_little_memory(method):
    curve, at = log_of(60_000), np.linspace(6e4, 1e5, 20_000)
    tracemalloc.start()
    fs.forecast(curve, at, method=method)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200e6  # targets times rows would be 9.6 GB


def test_a_fit_whose_starts_read_a_part_of_the_rows_finds_the_law():
    fit = fit_law("m2", log_of(5 * MANY))
    assert fit.parameters["eps_inf"] == pytest.approx(2.0, rel=0.05)
    assert fit.parameters["c"] == pytest.approx(-0.3, abs=0.03)
