"""Scores of a Forecast against what was measured: the one place where they are defined. One value a curve.

Every function takes a Forecast over T points and the measured y (T,), in the user's units; the mean over the
curves of a suite is the caller's. Definitions as in arXiv 2505.23032.
"""

import numpy as np
from numpy.typing import ArrayLike

from ..errors import CurveError
from ..numerics import Floats
from .forecast import Forecast

MSCE_LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


def rmsle(f: Forecast, y: ArrayLike) -> float:
    """Root mean squared error of ln median: sqrt(mean (ln median - ln y)²); of what y misses to its best value where
    the curve has a direction or a bound. No unit."""
    short, measure = f.as_shortfall(), f.scaling.measure
    return float(np.sqrt(np.mean((np.log(short.median) - np.log(measure.shortfall(_checked(f, y)))) ** 2)))


def log_likelihood(f: Forecast, y: ArrayLike) -> float:
    """Mean ln density at y, in nats, per unit of y: moves with the unit of y."""
    return float(np.mean(f.log_prob(_checked(f, y))))


def log_likelihood_log_y(f: Forecast, y: ArrayLike) -> float:
    """Mean ln density of ln y at ln y (of the shortfall, as `rmsle`), in nats: does not move with the unit of y, so
    that suites compare."""
    short = f.scaling.measure.shortfall(_checked(f, y))
    return float(np.mean(f.as_shortfall().log_prob(short) + np.log(short)))


def pit(f: Forecast, y: ArrayLike) -> Floats:
    """Probability integral transform cdf(y), (T,): uniform where the forecast is calibrated."""
    return f.cdf(_checked(f, y))


def coverage(f: Forecast, y: ArrayLike, level: float = 0.9) -> float:
    """Share of y inside the central interval of that level."""
    return float(np.mean(np.abs(pit(f, y) - 0.5) <= level / 2))


def msce(f: Forecast, y: ArrayLike) -> float:
    """Mean over MSCE_LEVELS of (coverage - level)²: 0 is perfect; says little with few targets."""
    return float(np.mean([(coverage(f, y, level) - level) ** 2 for level in MSCE_LEVELS]))


def _checked(f: Forecast, y: ArrayLike) -> Floats:
    """The measurements, (T,), those at a bound moved off it as a curve's readings are."""
    values, measure = np.atleast_1d(np.asarray(y, float)), f.scaling.measure
    if not measure.plain and values.shape == f.x.shape and np.isfinite(values).all():
        return measure.value(measure.placed(values, f.context.y_name))
    if values.shape != f.x.shape or not np.all(np.isfinite(values) & (values > 0)):
        raise CurveError(
            f"expected {len(f.x)} positive, finite measurements, one for each target, got shape {values.shape}. "
            "Score a forecast where y was measured."
        )
    return values
