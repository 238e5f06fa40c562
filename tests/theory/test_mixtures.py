"""The last table of docs/theory-proofs.md, §9: exact Bayes mixtures, d = 2, K = 2."""

import numpy as np
import pytest

from forescale import theory
from forescale.errors import CurveError

T = (100, 400, 800)
TABLE = {  # learner width (None: the generator itself) -> mean and its error at T, as measured
    None: ((0.0237, 0.0005), (0.01120, 0.00013), (0.00735, 0.00007)),
    1: ((0.0442, 0.0008), (0.0398, 0.0008), (0.0387, 0.0008)),
    2: ((0.0269, 0.0004), (0.0161, 0.0002), (0.0131, 0.0002)),
    4: ((0.0245, 0.0004), (0.0118, 0.0001), (0.0081, 0.0001)),
    8: ((0.0239, 0.0004), (0.0113, 0.0001), (0.0075, 0.0001)),
    16: ((0.0238, 0.0004), (0.0112, 0.0001), (0.0074, 0.0001)),
}


def assert_agrees(n, regret):
    for (mean, error), ours, own in zip(TABLE[n], regret.mean, regret.error, strict=True):
        # 5 errors of the table and of ours, and 5 % for input sets that each of us drew only a few of
        assert abs(ours - mean) < 5 * np.hypot(error, own) + 0.05 * mean, (n, ours, mean)


def test_a_small_mixture_agrees_at_small_t():
    regret = theory.mixture_regret(np.random.default_rng(1), [50, 100], d=2, K=2, n=2, n_members=4000, n_teachers=200)
    assert regret.mean[1] == pytest.approx(0.0269, abs=5 * np.hypot(0.0004, regret.error[1]) + 0.05 * 0.0269)
    bound = theory.bound_s(n=2, T=[50, 100], d=2, K=2, continuous_prior=True).total
    assert np.all(regret.mean < bound)


@pytest.mark.slow
@pytest.mark.parametrize("n", list(TABLE))
def test_exact_bayes_mixtures(n):
    regret = theory.mixture_regret(
        np.random.default_rng([7, n or 0]), T, d=2, K=2, n=n, n_members=40_000, n_teachers=250, n_inputs=4
    )
    assert_agrees(n, regret)
    if n is not None:
        assert np.all(regret.mean < theory.bound_s(n=n, T=T, d=2, K=2, continuous_prior=True).total)


def test_bad_mixtures_are_named():
    with pytest.raises(CurveError, match="T ≥ 1"):
        theory.mixture_regret(np.random.default_rng(0), [0], d=2, K=2, n=1)
    with pytest.raises(CurveError, match="n ≥ 1"):
        theory.mixture_regret(np.random.default_rng(0), [10], d=2, K=2, n=0, n_members=10, n_teachers=2)
