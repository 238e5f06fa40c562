"""The first part of a context may obey another law than the rest: warm-up, the easy part of a task, another regime.

    ln y(U) = law(late) + other law(early),   late = smooth max(U, U_c),   early = U + U_c - late

so that the other law alone shapes the curve before U_c, and the first one alone after it.
"""

from __future__ import annotations

import numpy as np

from ..laws import FloatArray
from .layouts import MIN_RANGE
from .random import bernoulli, log_uniform, uniform

FEWEST = 6
"""Context points below which nothing is called a first part."""


def split(rng: np.random.Generator, U_BP: FloatArray, n_context: int, reach: float) -> tuple[FloatArray, FloatArray]:
    """(late, early), both (B, P), for contexts of at least FEWEST points in the first columns of U.

    U_c lies U(.03, reach) into the context, of its points or of its log-range, half each, and leaves at least three
    points behind it; the laws change over within R LU(.003, .15).
    """
    assert n_context >= FEWEST
    shape = (len(U_BP), 1)
    share = uniform(rng, 0.03, reach, shape)
    last = n_context - 3
    point = np.clip(np.round(share * (n_context - 1)), 1, last).astype(np.int64)
    in_points = np.take_along_axis(U_BP[:, :n_context], point, axis=1)
    in_range = np.minimum(U_BP[:, :1] * (1.0 - share), U_BP[:, last : last + 1])
    join = np.where(bernoulli(rng, 0.5, shape), in_points, in_range)
    width = np.maximum(-U_BP[:, :1], MIN_RANGE) * log_uniform(rng, 0.003, 0.15, shape)
    late = width * np.logaddexp(U_BP / width, join / width)
    return late, U_BP + join - late
