"""What bound S says about width and data together: their mixed derivative, and how a harder teacher moves the split."""

import numpy as np
import pytest

from forescale import theory
from forescale.errors import CurveError

PLACES = [(100, 1e6, 16, 10), (64, 1e5, 8, 4), (5, 20, 16, 10), (2000, 1e4, 3, 50), (1e6, 1e12, 256, 100)]
"""(n, T, d, K): near the optimum, and far from it on both sides, eps = 2 among them."""


@pytest.mark.parametrize(("n", "T", "d", "K"), PLACES)
def test_the_mixed_derivative_is_that_of_the_bound(n, T, d, K):
    h = 1e-3

    def total(i: int, j: int) -> float:
        return theory.bound_s(n=n * np.exp(i * h), T=T * np.exp(j * h), d=d, K=K).total

    by_differences = (total(1, 1) - total(1, -1) - total(-1, 1) + total(-1, -1)) / (4 * h**2)
    assert theory.coupling(n=n, T=T, d=d, K=K).mixed == pytest.approx(by_differences, rel=1e-4)  # of order h²


def test_more_data_are_worth_more_to_a_wider_learner_everywhere(rng):
    n, T, d = np.exp(rng.uniform(0, 30, (3, 20_000)) * [[1], [1], [0.3]])
    K = np.exp(rng.uniform(-5, 10, 20_000))
    c = theory.coupling(n=n, T=T, d=d, K=K)
    assert np.all(c.mixed < 0)
    falls = np.isfinite(c.k)
    assert 0.2 < falls.mean() < 1
    assert np.all((c.k[falls] > 0) & (c.k[falls] < 1))


def test_the_joint_law_of_that_exponent_has_the_bounds_value_slopes_and_coupling():
    n, T, d, K = 100.0, 1e6, 16, 10
    bound, c, h = theory.bound_s, theory.coupling(n=n, T=T, d=d, K=K), 1e-4
    value = bound(n=n, T=T, d=d, K=K).total
    a = -np.log(bound(n=n * np.exp(h), T=T, d=d, K=K).total / value) / h
    b = -np.log(bound(n=n, T=T * np.exp(h), d=d, K=K).total / value) / h
    for share in (0.2, 0.7):  # of the first term: the law is not unique, its k is

        def law(i: float, j: float, share: float = share) -> float:
            u = share * np.exp(-a * i / (c.k * share))
            return value * (u + (1 - share) * np.exp(-b * j / (c.k * (1 - share)))) ** c.k

        mixed = (law(h, h) - law(h, -h) - law(-h, h) + law(-h, -h)) / (4 * h**2)
        assert mixed == pytest.approx(c.mixed, rel=1e-3)  # slopes by a forward difference
        assert -np.log(law(h, 0) / value) / h == pytest.approx(a, rel=1e-3)


def test_a_separable_law_has_no_coupling_and_the_bound_nears_one_slowly():
    best = theory.optimum(C=[1e6, 1e12, 1e24], d=16, K=10)
    k = theory.coupling(n=best.n, T=best.T, d=16, K=10).k
    np.testing.assert_allclose(k, [0.356, 0.718, 0.893], atol=5e-4)


def test_a_larger_input_or_a_richer_teacher_moves_the_split_towards_parameters():
    def ratio(**changed) -> np.ndarray:
        best = theory.optimum(**({"C": 1e12, "d": 16, "K": 10} | changed))
        return best.T / best.p

    np.testing.assert_allclose(ratio(d=[4, 256]), [1004.7, 238.5], atol=0.1)  # 1005 and 239 of the claim
    for C in (1e9, 1e12, 1e18, 1e24):
        assert np.all(np.diff(ratio(C=C, d=[4, 8, 16, 64, 256])) < 0)
        assert np.all(np.diff(ratio(C=C, K=[4, 10, 100, 1000])) < 0)
    for C in (1e12, 1e18, 1e24):  # at 1e9 and K = 1000 bound T is at the level where it says nothing
        assert np.all(np.diff(ratio(C=C, d=[4, 8, 16, 64, 256], bound="t")) < 0)
        assert np.all(np.diff(ratio(C=C, K=[4, 10, 100, 1000], bound="t")) < 0)
    limits = [ratio(C=C, d=4) / ratio(C=C, d=256) for C in (1e12, 1e24, 1e100)]
    assert np.all(np.diff(limits) < 0)  # to leading order p* knows neither d nor K, and (1 + 2/d) is left of the ratio
    assert limits[-1] > 1.3


def test_bad_places_are_named():
    with pytest.raises(CurveError, match="n ≥ 1"):
        theory.coupling(n=0.5, T=1e6, d=16, K=10)
