"""Scores by hand, on distributions whose answers are known."""

import numpy as np
import pytest
from scipy import stats

from forescale import Curve, CurveError
from forescale.forecasts import metrics
from forescale.forecasts.distributions import Mixture
from forescale.forecasts.forecast import Forecast
from forescale.forecasts.scaling import LogScaling


def log_normal(medians, std=0.1) -> Forecast:
    loc = np.log(np.asarray(medians, float))[:, None]
    marginals = Mixture("normal", np.zeros_like(loc), loc, np.full_like(loc, std))
    return Forecast(
        np.arange(10.0, 10 + len(loc)), marginals, LogScaling(), "run", "exact", Curve([1, 2, 5], [3, 2, 1])
    )


def test_rmsle_by_hand():
    assert metrics.rmsle(log_normal([1, 1]), [np.exp(0.3), np.exp(-0.4)]) == pytest.approx(np.sqrt(0.125))
    assert metrics.rmsle(log_normal([2, 3]), [2, 3]) == pytest.approx(0, abs=1e-9)


def test_log_likelihood_by_hand():
    y = np.array([2.1, 2.8])
    by_hand = stats.lognorm.logpdf(y, 0.1, scale=[2, 3]).mean()
    assert metrics.log_likelihood(log_normal([2, 3]), y) == pytest.approx(by_hand)


def test_only_the_likelihood_of_ln_y_is_free_of_the_unit():
    y = np.array([2.1, 2.8])
    small, large = (log_normal(np.array([2, 3]) * unit) for unit in (1, 1000))
    assert metrics.log_likelihood_log_y(large, 1000 * y) == pytest.approx(metrics.log_likelihood_log_y(small, y))
    assert metrics.log_likelihood(large, 1000 * y) == pytest.approx(metrics.log_likelihood(small, y) - np.log(1000))
    assert metrics.rmsle(large, 1000 * y) == pytest.approx(metrics.rmsle(small, y))


def test_coverage_and_msce_by_hand():
    f = log_normal(np.ones(4))
    y = np.exp(0.1 * np.array([0.0, 0.6, 1.0, 3.0]))  # two-sided levels 0, 0.451, 0.683, 0.997
    assert metrics.pit(f, y) == pytest.approx(stats.norm.cdf([0.0, 0.6, 1.0, 3.0]))
    assert metrics.coverage(f, y, 0.5) == 0.5
    assert metrics.coverage(f, y, 0.9) == 0.75
    covered = np.array([0.5, 0.5, 0.75, 0.75, 0.75, 0.75, 0.75])
    by_hand = np.mean((covered - [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99]) ** 2)
    assert metrics.msce(f, y) == pytest.approx(by_hand)


def test_a_calibrated_forecast_covers_as_it_says(rng):
    n = 20_000
    f, y = log_normal(np.ones(n)), np.exp(0.1 * rng.normal(size=n))
    for level in metrics.MSCE_LEVELS:
        assert abs(metrics.coverage(f, y, level) - level) < 4 * np.sqrt(level * (1 - level) / n)  # 4 standard errors


@pytest.mark.parametrize("y", [[1.0], [1.0, -1.0], [1.0, np.nan], [[1.0, 2.0]]])
def test_a_score_needs_one_measurement_a_target(y):
    with pytest.raises(CurveError, match="expected 2 positive, finite measurements"):
        metrics.rmsle(log_normal([1, 2]), y)
