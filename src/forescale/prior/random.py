"""The few random numbers every piece of the prior draws, in the shapes it needs.

Notation of the docstrings here: LU(a, b) log-uniform, U(a, b) uniform, LN(m, s) log-normal with median m.
Everything takes `rng` first and returns float64.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..laws import FloatArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Shape = int | tuple[int, ...]


def uniform(rng: np.random.Generator, low: float | FloatArray, high: float | FloatArray, shape: Shape) -> FloatArray:
    """U(low, high); the bounds may be arrays that broadcast to `shape`."""
    return low + (high - low) * rng.random(shape)


def log_uniform(rng: np.random.Generator, low: float, high: float, shape: Shape) -> FloatArray:
    """LU(low, high)."""
    return np.exp(uniform(rng, float(np.log(low)), float(np.log(high)), shape))


def log_normal(rng: np.random.Generator, median: float, std: float, shape: Shape) -> FloatArray:
    """LN(median, std): exp of a normal with mean ln(median) and standard deviation std."""
    return median * np.exp(std * rng.standard_normal(shape))


def bernoulli(rng: np.random.Generator, p: float | FloatArray, shape: Shape) -> Bools:
    """True with probability p."""
    return rng.random(shape) < p


def category(rng: np.random.Generator, weights: Sequence[float], shape: Shape) -> Ints:
    """Index drawn in proportion to `weights`."""
    edges = np.cumsum(weights)
    return np.minimum(np.searchsorted(edges / edges[-1], rng.random(shape), side="right"), len(weights) - 1)
