"""The paper's baselines that learn features of one curve: gradients, evidence, and what they cannot know."""

import numpy as np
import pytest

import forescale as fs
from forescale.posterior import deep


@pytest.fixture
def points():
    u = np.linspace(-2, 1, 12)
    return u, np.sin(u) + 0.05 * np.random.default_rng(0).normal(size=12)


@pytest.mark.parametrize("fit", [deep._fit_blr, deep._fit_dkgp])
def test_gradients_are_those_of_the_loss(fit, points, monkeypatch):
    def check(value_and_slope, start):
        step = 1e-5 * np.random.default_rng(1).normal(size=len(start))
        up, down = value_and_slope(start + step)[0], value_and_slope(start - step)[0]
        assert value_and_slope(start)[1] @ step == pytest.approx((up - down) / 2, rel=1e-5)
        return start

    monkeypatch.setattr(deep, "_minimise", check)
    fit(*points, np.random.default_rng(0))


@pytest.mark.parametrize("method", ["blr", "dkgp"])
def test_a_smooth_curve_is_met_inside_its_context_and_a_reading_is_less_sure_than_the_trend(method):
    x = np.geomspace(1e3, 1e6, 25)
    y = (30 * x**-0.4 + 0.5) * np.exp(0.01 * np.random.default_rng(2).normal(size=25))
    run, trend = (fs.forecast((x, y), [3e4, 2e5], method=method, kind=kind) for kind in ("run", "curve"))
    truth = 30 * run.x**-0.4 + 0.5
    assert np.all(np.abs(np.log(trend.median / truth)) < 0.05)
    assert np.all(run.log_std > trend.log_std)


def test_few_points_are_not_called_noiseless():
    answer = fs.forecast(([1, 2, 4, 8], [4.0, 3.0, 2.4, 2.0]), [5.0], method="dkgp")
    assert answer.log_std[0] >= np.sqrt(deep.LEAST_NOISE) * np.std(np.log([4.0, 3.0, 2.4, 2.0]))
