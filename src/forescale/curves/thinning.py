"""Fewer rows of a curve: copies once, and long curves thinned evenly."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MAX_CONTEXT = 128
"""Longer contexts are thinned by every method whose cost grows with them."""


def distinct(x: Floats, y: Floats) -> NDArray[np.intp]:
    """Indices of the rows of a context sorted by (x, y) that copy no other row, (n',): a copy is no second reading."""
    return np.flatnonzero(np.concatenate([[True], (np.diff(x) != 0) | (np.diff(y) != 0)]))


def thin(x: Floats, limit: int = MAX_CONTEXT) -> NDArray[np.intp]:
    """Indices of at most `limit` points of a sorted x, first and last kept, (n',).

    Half of the points are spread evenly over ranks and half over ln x: ranks alone would put nearly all points of a
    dense linear grid at its end, ln x alone would keep nearly none of them where the forecast starts.
    """
    n = len(x)
    if n <= limit:
        return np.arange(n)
    u = np.log(x)
    position = 0.5 * np.arange(n) / (n - 1) + 0.5 * (u - u[0]) / (u[-1] - u[0])
    wanted = np.linspace(0.0, 1.0, limit)
    right = np.clip(np.searchsorted(position, wanted), 1, n - 1)
    nearest = np.where(wanted - position[right - 1] <= position[right] - wanted, right - 1, right)
    return np.unique(nearest)
