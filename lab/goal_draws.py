"""The draws that curves of known truth are made of: laws, where they are measured, and readings of them.

x is in units of the largest context x. LU log-uniform, LN log-normal.
"""

from collections.abc import Callable

import numpy as np
from benchmark.problem import Floats, Problem

import forescale as fs

Rng = np.random.Generator


def generator(group: int, draw: int) -> Rng:
    """The chance of a group; draw 0 is what goals are stated on, others are independent of it."""
    return np.random.default_rng([group, draw] if draw else group)


def law(rng: Rng) -> Callable[[Floats], Floats]:
    """E + top x^-b: E U(.5, 2.2), b LN(.3, .4), top/E LU(.15, 2)."""
    E, b = rng.uniform(0.5, 2.2), 0.3 * np.exp(0.4 * rng.standard_normal())
    top = E * log_uniform(rng, 0.15, 2.0)
    return lambda x: E + top * x**-b


def ladder(rng: Rng, fewest: int, end: int, nearest: float = 8.0, farthest: float = 300.0) -> Floats:
    """x of `fewest` to `end` - 1 runs, evenly in ln x over LU(nearest, farthest) times."""
    return np.geomspace(1 / log_uniform(rng, nearest, farthest), 1.0, rng.integers(fewest, end))


def measured(
    rng: Rng, suite: str, law: Callable[[Floats], Floats], x: Floats, noise: float, at: Floats | None = None
) -> Problem:
    """The curve as it is read, with independent noise in ln y; asked at 10 x_max where nothing else is said."""
    at = np.array([10.0]) if at is None else at
    y, later = (law(where) * np.exp(noise * rng.standard_normal(len(where))) for where in (x, at))
    return Problem(suite, "drawn", fs.Curve(x, y), at, later, truth=law(at))


def log_uniform(rng: Rng, low: float, high: float) -> float:
    """LU(low, high)."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
