"""Least squares without starting values, on curves whose answer is known."""

import numpy as np
import pytest

import forescale as fs
from forescale.laws import LAWS
from forescale.laws.fit import fit_law
from forescale.method.registry import METHODS

X = np.geomspace(1e4, 1e7, 40)
TRUE = {
    "m1": {"beta": 5.0, "c": -0.2},
    "m2": {"beta": 30.0, "c": -0.35, "eps_inf": 0.4},
    "m3": {"beta": 20.0, "gamma": 3e-7, "c": 0.3},
    "m4": {"eps_0": 0.9, "eps_inf": 0.2, "alpha": 0.5, "beta": 2e3, "c": -0.7},
    "bnsl1": {"a": 0.1, "b": 3.0, "c0": 0.1, "c1": 0.4, "d1": 3e5, "f1": 0.3},
}
CLASSICAL = ["m1", "m2", "m3", "m4", "bnsl1", "bnsl2", "line", "last"]


def curve_of(law: str, noise: float = 0.0, seed: int = 0) -> fs.Curve:
    y = LAWS[law].y(X, **TRUE[law])
    return fs.Curve(X, y * np.exp(noise * np.random.default_rng(seed).normal(size=len(X))), name=law)


@pytest.mark.parametrize("law", TRUE)
def test_noise_free_curves_give_their_parameters_back(law):
    fit = fit_law(law, curve_of(law))
    assert fit.objective < 1e-5  # a weak ridge keeps it off zero
    for key, value in TRUE[law].items():
        assert fit.parameters[key] == pytest.approx(value, rel=0.03)


@pytest.mark.parametrize("law", [*TRUE, "bnsl2"])
def test_gradient_vanishes_at_the_fit(law):
    fit = fit_law(law, curve_of("m4" if law == "bnsl2" else law, noise=0.01))
    assert fit.gradient_norm < 1e-5  # of a mean squared error about 1e-4, per nat of a coordinate
    assert fit.n_agree >= 1


@pytest.mark.parametrize("method", CLASSICAL)
def test_units_change_nothing_but_the_units(method):
    curve, at = curve_of("m4", noise=0.01), np.array([2e7, 1e8])
    other = fs.Curve(curve.x / 1e6, curve.y * 37.0)
    a, b = METHODS[method].ask(curve, at, "run", 0), METHODS[method].ask(other, at / 1e6, "run", 0)
    for p in (0.05, 0.5, 0.95):
        np.testing.assert_allclose(b.quantile(p) / 37.0, a.quantile(p), rtol=2e-3)  # optimisers stop within tolerance


def test_plug_in_of_the_true_law_covers():
    inside = []
    for seed in range(60):
        context, x, y = curve_of("m2", noise=0.02, seed=seed).cut(1e6)
        inside.append(fs.metrics.coverage(METHODS["m2"].ask(context, x, "run", 0), y, 0.9))
    assert 0.8 < np.mean(inside) < 0.99  # first-order intervals of 60 curves: 0.9 within a few errors of 0.03


def test_a_trend_is_narrower_than_a_run():
    curve, at = curve_of("m2", noise=0.02), np.array([2e7])
    width = {}
    for kind in ("run", "curve"):
        low, high = METHODS["m2"].ask(curve, at, kind, 0).interval(0.9)
        width[kind] = float(high[0] - low[0])
    assert 0 < width["curve"] < width["run"]


def test_the_last_value_knows_no_trend():
    with pytest.raises(fs.CurveError, match="kind 'run' for method 'last'"):
        fs.forecast(curve_of("m1"), 2e7, method="last", kind="curve")


BAD = {
    "three points": ([1.0, 2.0, 4.0], [1.0, 0.9, 0.85]),
    "constant": ([1.0, 2.0, 4.0, 8.0, 16.0], [0.5] * 5),
    "rising": ([1.0, 2.0, 4.0, 8.0, 16.0, 32.0], [0.1, 0.2, 0.3, 0.5, 0.7, 1.1]),
    "repeats at two x": ([1.0, 1.0, 1.0, 2.0, 2.0, 2.0], [1.0, 1.1, 0.9, 0.8, 0.7, 0.75]),
    "spike": (np.arange(1.0, 21.0), np.where(np.arange(20) == 10, 1e6, 1.0)),
    "huge range": (np.geomspace(1, 1e25, 12), np.geomspace(1e12, 1e-12, 12)),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("method", CLASSICAL)
@pytest.mark.parametrize("case", BAD)
def test_bad_curves_give_a_finite_forecast_or_a_named_error(method, case):
    x, y = BAD[case]
    curve = fs.Curve(x, y, name="odd")
    at = np.array([curve.x_max * 2, curve.x_max * 1000])
    try:
        f = METHODS[method].ask(curve, at, "run", 0)
    except fs.FitError as error:
        message = str(error)
    else:
        message = f"{method} 'odd'" if np.all(np.isfinite([np.log(f.median), f.log_prob(curve.y[0])])) else "not finite"
    assert method in message
    assert "'odd'" in message


def test_more_parameters_than_points_is_said():
    curve = fs.Curve([1.0, 2.0, 4.0, 8.0], [1.0, 0.8, 0.7, 0.65])
    f = METHODS["bnsl1"].ask(curve, np.array([16.0]), "run", 0)
    assert "underdetermined" in [w.code for w in f.warnings]


def test_a_fit_that_never_is_finite_is_an_error(monkeypatch):
    monkeypatch.setattr(
        type(LAWS["m4"].form), "value", lambda self, theta, U: np.full((*theta.shape[:-1], len(U)), np.nan)
    )
    with pytest.raises(fs.FitError, match="m4.*none of 0 starts.*curve 'm4'"):
        fit_law("m4", curve_of("m4"))


def test_a_curve_is_fitted_once_for_its_forecast_and_its_figure(monkeypatch):
    from forescale.laws import fit

    made, fitted = [], fit.fit_law
    monkeypatch.setattr(fit, "fit_law", lambda *a, **k: made.append(a) or fitted(*a, **k))
    x = np.geomspace(1.0, 64.0, 7)
    answer = fs.forecast(fs.Curve(x, 2 + 3 * x**-0.5), [100.0], method="m2")
    answer.on_a_grid()
    assert len(made) == 1
