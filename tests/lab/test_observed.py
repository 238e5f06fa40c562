"""The three facts that tell an isotonic regression from the best so far."""

import numpy as np
import pytest
from benchmark.problem import Problem
from lab.observed import UNIT, drawn_again, facts, noise_of

from forescale import Curve


@pytest.fixture
def problem():
    rng = np.random.default_rng(3)
    k = np.arange(1, 401)
    y = np.exp(np.log(0.1 + (k / 30) ** -0.4) + 0.02 * rng.standard_normal(400))
    shown = np.unique(np.geomspace(1, 200, 60).astype(int))
    return Problem("ic", "one", Curve(k[shown - 1] * UNIT, y[shown - 1]), k[200:] * UNIT, y[200:], 1.0)


def test_the_noise_of_raw_readings_is_found(problem):
    assert noise_of(np.log(problem.y)) == pytest.approx(0.02, rel=0.15)


def test_the_best_so_far_lies_below_the_readings_behind_it_and_a_monotone_fit_does_not(problem):
    Ut, Vt = np.log(problem.x / problem.context.x[-1]), np.log(problem.y)
    seen = {name: facts(U, V, Ut, Vt) for name, (U, V) in drawn_again(problem, np.random.default_rng(0)).items()}
    assert seen["best so far"][2] > 1.0
    assert abs(seen["isotonic"][2]) < 0.5
    assert seen["isotonic"][0] < seen["best so far"][0]
