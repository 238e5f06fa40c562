"""Checks 15–24 of docs/theory-proofs.md, §9, and the table of minimisers."""

import time

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from forescale import theory
from forescale.errors import CurveError
from forescale.laws.chinchilla import Chinchilla
from forescale.theory.bounds import angle_error, best_eps, best_eta, misspecification_bound

HOFFMANN = {"E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.34, "beta": 0.28}
REPLICATION = {"E": 1.8172, "A": 482.01, "B": 2085.43, "alpha": 0.3478, "beta": 0.3658}


def test_15_quantised_angles_lose_what_quadrature_says():
    for m, expected in ((8, 0.02391), (16, 0.00621), (32, 0.00158)):
        angle = (np.arange(2000) + 0.5) / 2000 * np.pi / m
        assert angle_error(angle).mean() == pytest.approx(expected, abs=1e-4)
        assert np.all(angle_error(angle) <= 1 - np.cos(angle))


def test_16_expected_atoms_in_digamma_form():
    for (K, n), expected in {(1, 10): 2.928968, (5, 50): 12.460485, (10, 100): 24.441754, (20, 400): 61.370795}.items():
        atoms = theory.expected_atoms(n, K)
        assert atoms == pytest.approx(expected, abs=1e-6)
        assert atoms == pytest.approx(np.sum(K / (K + np.arange(n))), rel=1e-12)
        assert K * np.log1p(n / K) <= atoms <= 1 + K * np.log1p((n - 1) / K)


def test_17_multiplicity_entropy_stays_below_its_bound():
    for (K, n), (exact, bound) in {(5, 50): (23.1426, 48.7457), (20, 400): (141.0424, 367.7009)}.items():
        assert theory.multiplicity_entropy(n, K) == pytest.approx(exact, abs=1e-3)
        assert theory.expected_atoms(n, K) * np.log(n) == pytest.approx(bound, abs=1e-3)


def test_18_19_bound_s_and_its_eps():
    cases = {
        (100, 1e6, 16, 10): (7.984498034e-3, 0.05517743511),
        (1000, 1e7, 16, 10): (1.027495319e-3, None),
        (64, 1e5, 8, 4): (7.958358679e-3, None),
        (2048, 1e9, 64, 32): (1.029081508e-3, 0.008268248332),
    }
    for (n, T, d, K), (total, eps) in cases.items():
        bound = theory.bound_s(n=n, T=T, d=d, K=K)
        assert bound.total == pytest.approx(total, rel=1e-8)
        assert bound.total == pytest.approx(bound.estimation + bound.misspecification, rel=1e-14)
        if eps is not None:
            assert bound.eps == pytest.approx(eps, rel=1e-8)


def test_20_bound_t():
    for (n, T, d, K), total in {(60, 1e9, 16, 10): 8.61168808e-6, (20, 1e6, 8, 4): 9.02738542e-4}.items():
        assert theory.bound_t(n=n, T=T, d=d, K=K).total == pytest.approx(total, rel=1e-7)


def test_quantisation_is_optimal():
    level = np.geomspace(1e-12, 15.9, 40)
    eps, eta = best_eps(level), best_eta(level)
    np.testing.assert_allclose(eps**3 + 2 * eps**2, level, rtol=1e-12)
    np.testing.assert_allclose(eta**3 + eta**2, level, rtol=1e-12)
    assert best_eps(16.0) == best_eps(1e6) == 2.0
    n, T, d, K = 100, 1e6, 16, 10
    b = theory.bound_s(n=n, T=T, d=d, K=K)
    for eps in (b.eps * 0.99, b.eps * 1.01):
        worse = theory.expected_atoms(n, K) * (np.log(2 * n) + d * np.log1p(2 / eps)) / T
        assert worse + misspecification_bound(n, K, eps) > b.total


def test_continuous_prior_costs_more_quantisation():
    # §9, last table: B_S with eps²/4 at d = 2, K = 2, three printed digits
    expected = {100: (0.190, 0.175, 0.212, 0.287, 0.392), 400: (0.145, 0.096, 0.084, 0.095, 0.119),
                800: (0.136, 0.081, 0.060, 0.058, 0.067)}  # fmt: skip
    for T, row in expected.items():
        total = theory.bound_s(n=[1, 2, 4, 8, 16], T=T, d=2, K=2, continuous_prior=True).total
        # three printed digits; the .175 at T = 100, n = 2 is 0.17445 by hand, so one unit more than rounding
        np.testing.assert_allclose(total, row, atol=6e-4)


def test_21_slope_tends_to_one_slowly():
    slope = theory.optimum(C=[1e24, 1e50, 1e100], d=16, K=10).slopes.p_per_T
    np.testing.assert_allclose(slope, [0.9120, 0.9617, 0.9817], atol=2e-3)
    np.testing.assert_allclose(slope, 1 - 4 / np.log([1e24, 1e50, 1e100]), atol=0.02)


def test_22_first_order_condition_and_envelope():
    o = theory.optimum(C=1e12, d=16, K=10)
    assert o.exponents.beta == pytest.approx(0.9144, abs=1e-3)
    assert o.exponents.gamma == pytest.approx(0.1728, abs=1e-3)
    balance = (o.exponents.beta + o.exponents.gamma) * o.terms.estimation
    assert o.terms.misspecification == pytest.approx(balance, rel=1e-9)
    assert o.slopes.bound == pytest.approx(-0.4381, abs=1e-3)
    assert o.slopes.bound == pytest.approx(-o.exponents.beta / (1 + o.exponents.beta + o.exponents.gamma), rel=1e-9)
    up, down = (theory.optimum(C=1e12 * f, d=16, K=10).bound for f in (1.001, 1 / 1.001))
    assert np.log(up / down) / (2 * np.log(1.001)) == pytest.approx(o.slopes.bound, abs=1e-6)


@pytest.mark.parametrize(
    ("constants", "n", "tokens", "loss"),
    [(HOFFMANN, 3.21899e10, 2.98231e12, 1.930748), (REPLICATION, 7.22487e10, 1.32874e12, 1.974441)],
)
def test_23_24_chinchilla_closed_form_is_the_minimum(constants, n, tokens, loss):
    law, C = Chinchilla(), 5.76e23
    best = law.optimum(C, **constants)
    np.testing.assert_allclose([best.n_params, best.n_tokens, best.loss], [n, tokens, loss], rtol=1e-5)
    found = minimize_scalar(
        lambda u: float(law.loss(np.exp(u), C / 6 / np.exp(u), **constants)),
        bounds=(np.log(n) - 2, np.log(n) + 2),
        method="bounded",
        options={"xatol": 1e-10},
    )
    # a flat minimum: its place is known to the square root of the loss's rounding
    assert np.exp(found.x) == pytest.approx(float(best.n_params), rel=1e-5)
    assert found.fun == pytest.approx(float(best.loss), rel=1e-12)


def half_digit(text: str) -> float:
    """Half a unit of the last printed digit: what rounding in the table leaves open."""
    digits, _, power = text.partition("e")
    return 0.5 * 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))


MINIMISERS = """
16 10 1e6 9.7185 155.50 6431.0 0.108577 0.3485 0.5349 -0.3389 0.0439
16 10 1e9 136.193 2179.1 458908 8.41959e-3 0.4111 0.6980 -0.4007 1.376e-3
16 10 1e12 2626.14 42018 2.37992e7 4.56910e-4 0.4418 0.7916 -0.4381 8.325e-6
16 10 1e18 1.43968e6 2.30349e7 4.34124e10 8.54107e-7 0.4668 0.8754 -0.4660 6.493e-11
16 10 1e24 9.84528e8 1.57525e10 6.34822e13 1.25751e-9 0.4770 0.9120 -0.4767 2.266e-16
8 4 1e9 201.382 1611.06 620711 2.32281e-3 0.4280 0.7482 -0.4213 1.797e-4
16 100 1e12 3521.48 56343.7 1.77482e7 3.31379e-3 0.4246 0.7379 -0.4167 2.513e-4
64 10 1e12 815.083 52165.3 1.91698e7 1.46590e-3 0.4322 0.7613 -0.4269 6.741e-5
256 10 1e18 116222 2.97529e7 3.36102e10 1.05943e-5 0.4597 0.8508 -0.4586 7.83e-9
1024 1000 1e24 2.71783e7 2.78306e10 3.59316e13 4.53925e-6 0.4623 0.8597 -0.4614 1.354e-9
"""


@pytest.mark.parametrize("line", MINIMISERS.split("\n")[1:-1])
def test_minimiser_table(line):
    d, K, C, n, p, T, bound, p_slope, ratio_slope, bound_slope, bound_t = map(float, line.split())
    o = theory.optimum(C=C, d=d, K=K)
    np.testing.assert_allclose([o.n, o.p, o.T], [n, p, T], rtol=1e-4)
    assert o.bound == pytest.approx(bound, rel=1e-6, abs=half_digit(line.split()[6]))
    np.testing.assert_allclose([o.slopes.p, o.slopes.p_per_T, o.slopes.bound], [p_slope, ratio_slope, bound_slope],
                               atol=2e-3)  # fmt: skip
    assert theory.optimum(C=C, d=d, K=K, bound="t").bound == pytest.approx(bound_t, rel=2e-3)  # three or four digits
    assert o.p * o.T == pytest.approx(C, rel=1e-12)


def test_one_line_through_the_frontier():
    o = theory.optimum(C=10.0 ** np.arange(6, 25), d=16, K=10)
    assert np.polyfit(np.log(o.T), np.log(o.p), 1)[0] == pytest.approx(0.8157, abs=1e-4)


def test_frontier_at_once_is_one_by_one():
    C = np.array([1e6, 1e12, 1e24])
    together = theory.optimum(C=C, d=16, K=10)
    alone = [theory.optimum(C=c, d=16, K=10).n for c in C]
    np.testing.assert_allclose(together.n, alone, rtol=1e-12)


def test_bound_t_grows_like_log_c():
    n = theory.optimum(C=[1e23, 1e24], d=16, K=10, bound="t").n
    assert np.diff(n)[0] / np.log(10) == pytest.approx(5.2, abs=0.05)  # §6, measured there


def test_asymptote_is_reached_slowly():
    C = np.array([1e24, 1e200])
    o, (p, T, bound) = theory.optimum(C=C, d=16, K=10), theory.asymptote(C=C, d=16, K=10)
    gap = np.abs(np.log(np.array([p / o.p, T / o.T, bound / o.bound])))
    assert np.all(gap[:, 0] < 0.05)
    assert np.all(gap[:, 1] < gap[:, 0])
    limit = 2 * (1 + 2 / 16) * np.log(1e24) ** 2
    assert (o.T / o.p)[0] / limit == pytest.approx(0.59, abs=0.005)  # §6


def test_minimiser_is_a_minimum_also_at_the_edge():
    for C in (16.0, 20.0, 1e3, 1e5):
        o = theory.optimum(C=C, d=16, K=10)
        n = np.geomspace(1, C / 16, 4001)
        assert o.bound <= theory.bound_s(n=n, T=np.maximum(C / (16 * n), 1), d=16, K=10).total.min() * (1 + 1e-9)


def test_optimum_takes_milliseconds():
    theory.optimum(C=1e12, d=16, K=10)
    seconds = []
    for _ in range(5):
        start = time.process_time()
        theory.optimum(C=1e12, d=16, K=10)
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.010
    start = time.process_time()
    theory.optimum(C=10.0 ** np.arange(6, 25), d=16, K=10)
    assert time.process_time() - start < 1.0


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"n": 0.5}, r"n ≥ 1, got 0\.5"),
        ({"T": 0}, "T ≥ 1, got 0"),
        ({"d": 0}, "d ≥ 1, got 0"),
        ({"K": 0}, "K > 0, got 0"),
        ({"K": -2}, "K > 0, got -2"),
        ({"T": np.nan}, "finite T"),
        ({"n": np.inf}, "finite n"),
        ({"n": "many"}, "expected a number"),
    ],
)
@pytest.mark.parametrize("bound", [theory.bound_s, theory.bound_t])
def test_bad_arguments_are_named(bound, changed, says):
    with pytest.raises(CurveError, match=says):
        bound(**({"n": 100, "T": 1e6, "d": 16, "K": 10} | changed))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"C": 10}, "C ≥ d.*C = 10 at d = 16"),
        ({"C": -1}, "C > 0"),
        ({"C": np.inf}, "finite C"),
        ({"d": 0.5}, "d ≥ 1"),
        ({"K": np.nan}, "finite K"),
        ({"bound": "u"}, "bound 's' or 't'"),
    ],
)
def test_bad_budgets_are_named(changed, says):
    with pytest.raises(CurveError, match=says):
        theory.optimum(**({"C": 1e9, "d": 16, "K": 10} | changed))
