"""Laws by hand: known points, limits, closed forms. What every law promises is held by tests/contracts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from forescale.laws import M1, M2, M3, M4, Bnsl, Chinchilla
from forescale.laws.bnsl import log_broken_power
from forescale.laws.m4 import solve_logit

X = np.geomspace(1.0, 1e4, 40)


def test_simple_laws_read_their_known_points() -> None:
    assert M1().y(16.0, beta=3.0, c=-0.5) == pytest.approx(0.75, rel=1e-12)
    assert M2().y(16.0, beta=3.0, c=-0.5, eps_inf=0.25) == pytest.approx(1.0, rel=1e-12)
    assert M3().y(4.0, beta=2.0, gamma=0.75, c=3.0) == pytest.approx(2.0, rel=1e-12)
    # alpha = 1: (y - .1)/(.9 - y) = 3 at y = .7
    assert M4().y(1.0, eps_0=0.9, eps_inf=0.1, alpha=1.0, beta=3.0, c=-1.0) == pytest.approx(0.7, rel=1e-12)


def test_m4_solves_its_implicit_equation() -> None:
    p = M4().example
    y = M4().y(X, **p)
    left = (y - p["eps_inf"]) / (p["eps_0"] - y) ** p["alpha"]
    np.testing.assert_allclose(left, p["beta"] * X ** p["c"], rtol=1e-10)  # float64


def test_m4_runs_from_its_plateau_to_its_floor() -> None:
    low, high = M4().y(np.array([1e-300, 1e300]), **M4().example)
    assert low == pytest.approx(0.9, rel=1e-9)
    assert high == pytest.approx(0.1, rel=1e-9)


def test_logit_solver_meets_its_equation_far_out_and_for_any_alpha() -> None:
    t, alpha = np.meshgrid(np.linspace(-700.0, 700.0, 141), np.geomspace(0.01, 100.0, 41))
    s = solve_logit(t, alpha)
    value = alpha * np.logaddexp(0.0, s) - np.logaddexp(0.0, -s)
    np.testing.assert_allclose(value, t, atol=1e-9, rtol=1e-12)


def test_bnsl_without_change_of_slope_is_a_power_law_with_floor() -> None:
    flat = {**Bnsl(1).example, "c1": 0.0}
    law = M2().y(X, beta=2.0, c=-0.2, eps_inf=0.1)
    np.testing.assert_allclose(Bnsl(1).y(X, **flat), law, rtol=1e-12)


def test_bnsl_has_its_slopes_on_both_sides_of_a_break() -> None:
    u = np.array([-40.0, -39.0, 39.0, 40.0])
    slope = np.diff(log_broken_power(u, 0.2, [(0.3, 0.0, 0.5)]))[[0, 2]]
    np.testing.assert_allclose(slope, [-0.2, -0.5], rtol=1e-9)


@pytest.mark.parametrize(
    ("constants", "expected"),
    [
        ((1.69, 406.4, 410.7, 0.34, 0.28), (3.21899e10, 2.98231e12, 1.930748)),
        ((1.8172, 482.01, 2085.43, 0.3478, 0.3658), (7.22487e10, 1.32874e12, 1.974441)),
    ],
)
def test_chinchilla_optimum_equals_reference_and_numerical_minimum(
    constants: tuple[float, ...], expected: tuple[float, ...]
) -> None:
    params = dict(zip(("E", "A", "B", "alpha", "beta"), constants, strict=True))
    law, C = Chinchilla(), 5.76e23
    optimum = law.optimum(C, **params)
    np.testing.assert_allclose(optimum, expected, rtol=1e-5)  # docs/theory-proofs.md, 23 and 24
    loss = lambda log_n: float(law.loss(np.exp(log_n), C / 6.0 / np.exp(log_n), **params))  # noqa: E731
    best = minimize_scalar(loss, bounds=(20.0, 30.0), method="bounded", options={"xatol": 1e-9})
    assert best.x == pytest.approx(np.log(optimum.n_params), abs=1e-3)  # the minimum is flat
    assert best.fun == pytest.approx(float(optimum.loss), rel=1e-9)
    assert 6.0 * optimum.n_params * optimum.n_tokens == pytest.approx(C, rel=1e-12)


def test_chinchilla_parameters_all_move_the_loss() -> None:
    params = {"E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.34, "beta": 0.28}
    base = Chinchilla().loss(1e9, 1e11, **params)
    for symbol, value in params.items():
        assert abs(Chinchilla().loss(1e9, 1e11, **{**params, symbol: value * 1.01}) / base - 1.0) > 1e-4
