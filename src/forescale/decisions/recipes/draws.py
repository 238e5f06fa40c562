"""Two recipes as pairs of whole curves whose order at every x has the probability that was found for it.

Along one recipe, posteriors of laws give whole curves; a network's sampled curve keeps one quantile level at every x
(comonotone), a coupling and not a posterior. Multipliers and crossings are read off such pairs.
"""

import numpy as np
from numpy.typing import NDArray

from ...forecasts.forecast import Forecast
from ...numerics import Floats
from .order import scores

N_CURVES = 1000
N_LEVELS = 41
"""Levels that are solved for along the grid; those between are read linearly in the normal score."""
_WIDEST = 3.3


def drawn(f: Forecast, name: str, seed: int) -> Floats:
    """ln of N_CURVES curves on the grid and, last, the target, (S, G + 1), sorted by what they read there."""
    if f.marginals.joint:
        own = int(np.random.SeedSequence([seed, *name.encode()]).generate_state(1)[0])
        curves = np.log(np.maximum(f.sample(N_CURVES, seed=own), 1e-300))
        return curves[np.argsort(curves[:, -1], kind="stable")]
    return levels_along(f, N_CURVES)


def levels_along(f: Forecast, n: int) -> Floats:
    """ln y at n equally likely levels, (n, T), interpolated between `N_LEVELS` that are solved for."""
    from scipy.special import ndtr

    knots = np.linspace(-_WIDEST, _WIDEST, N_LEVELS)
    log_y = np.log(np.maximum(f.quantile(ndtr(knots)), 1e-300))
    return np.stack([np.interp(scores(n), knots, column) for column in log_y.T], axis=1)


def pairing(rho: float, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows of two sorted tables that go together, so that their normal scores have correlation rho."""
    z = np.random.default_rng(seed).normal(size=(2, N_CURVES))
    other = rho * z[0] + np.sqrt(1 - rho * rho) * z[1]
    return z[0].argsort().argsort(), other.argsort().argsort()


def moved(a: Floats, b: Floats, prob_along: Floats) -> tuple[Floats, Floats]:
    """The pairs (S, G) moved at each x, half each, so that a share `prob_along` (G,) of them has A below B."""
    gap = np.sort(a - b, axis=0)
    place = np.clip(prob_along * len(gap) - 0.5, 0, len(gap) - 1)
    left = np.minimum(place.astype(int), len(gap) - 2)
    columns = np.arange(gap.shape[1])
    zero = gap[left, columns] + (place - left) * (gap[left + 1, columns] - gap[left, columns])
    return a - zero / 2, b + zero / 2


def first_below(log_y: Floats, target: Floats, log_x: Floats) -> Floats:
    """ln x at which each curve (S, G) first is at or below its target (S,).

    The grid's start where it is below from the beginning, inf where it never is.
    """
    gap = log_y - target[:, None]
    below = gap <= 0
    i = below.argmax(1)
    rows = np.arange(len(gap))
    before = np.maximum(i - 1, 0)
    high, low = gap[rows, before], gap[rows, i]
    share = np.where(i > 0, high / np.where(high > low, high - low, 1.0), 0.0)
    return np.where(below.any(1), log_x[before] + share * (log_x[i] - log_x[before]), np.inf)


def first_sign_change(gap: Floats, log_x: Floats, low: float, high: float) -> Floats:
    """ln x in [low, high] where each row of gap (S, G) first changes sign, linear between grid points; inf if never."""
    left, right = gap[:, :-1], gap[:, 1:]
    with np.errstate(invalid="ignore", divide="ignore"):
        place = log_x[:-1] + np.where(left != right, left / (left - right), 0.0) * np.diff(log_x)
    changes = (left * right <= 0) & (left != right) & (place >= low) & (place <= high)
    i = changes.argmax(1)
    return np.where(changes.any(1), place[np.arange(len(gap)), i], np.inf)
