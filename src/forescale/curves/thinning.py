"""Fewer rows of a curve: copies once, and long curves thinned evenly or pooled."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..numerics import Floats

MAX_CONTEXT = 128
"""Longer contexts are thinned by every method whose cost grows with them."""


def distinct(x: Floats, y: Floats) -> NDArray[np.intp]:
    """Indices of the rows of a context sorted by (x, y) that copy no other row, (n',): a copy is no second reading."""
    new = (x[1:] != x[:-1]) | (y[1:] != y[:-1])
    return np.arange(len(x)) if new.all() else np.flatnonzero(np.append(True, new))


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


@dataclass(frozen=True)
class Reading:
    """A context as a network reads it, sorted by x; a point may stand for many rows.

    count: rows behind a point. scatter: standard deviation of one of them in ln y, nan where nothing tells it.
    step: last digit of y in ln y, 0 where it has none.
    """

    x: Floats
    y: Floats
    count: Floats
    scatter: Floats
    step: Floats

    @classmethod
    def of_rows(cls, curves: Sequence[tuple[Floats, Floats]]) -> "list[Reading]":
        """A point a row, of each (x, y); those of one length are looked at together."""
        by_length: dict[int, list[Floats]] = {}
        for _, y in curves:
            by_length.setdefault(len(y), []).append(y)
        steps = {n: iter(last_digit(np.stack(ys))) for n, ys in by_length.items()}
        plain = {n: (np.ones(n), np.full(n, np.nan)) for n in by_length}
        return [cls(x, y, *plain[len(y)], next(steps[len(y)])) for x, y in curves]

    @property
    def n(self) -> int:
        return len(self.x)

    @property
    def x_max(self) -> float:
        return float(self.x[-1])

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> "Reading":
        return Reading(*(part[rows] for part in (self.x, self.y, self.count, self.scatter, self.step)))


def pool(x: Floats, y: Floats, limit: int = MAX_CONTEXT) -> Reading:
    """At most `limit` points of a long context sorted by (x, y): means of ln x and of ln y in the bins of `thin`.

    So the error of the trend falls with the rows. The scatter within a bin comes from successive differences, which a
    slope leaves alone; where x repeats, whose rows are sorted by y, from the standard deviation.
    """
    u, v, n = np.log(x), np.log(y), len(x)
    position = 0.5 * np.arange(n) / (n - 1) + 0.5 * (u - u[0]) / max(u[-1] - u[0], 1e-300)
    bin_of = np.rint(position * (limit - 1)).astype(np.intp)
    first = np.flatnonzero(np.concatenate([[True], np.diff(bin_of) > 0]))
    count = np.diff(np.append(first, n)).astype(float)

    def mean(of: Floats) -> Floats:
        return np.asarray(np.add.reduceat(of, first) / count)

    level = mean(v)
    if (np.diff(u) <= 0).any():
        square = mean((v - np.repeat(level, count.astype(int))) ** 2) * count
    else:
        step = np.diff(v, prepend=v[0])
        step[first] = 0.0
        square = 0.5 * mean(step * step) * count
    scatter = np.sqrt(square / np.where(count > 1, count - 1, np.nan))
    return Reading(np.exp(mean(u)), np.exp(level), count, scatter, np.zeros(len(first)))


MOST_DIGITS = 7
"""A column with more digits than these has none that matter."""


def last_digit(y_BM: Floats) -> Floats:
    """The step of the column that a reading was printed in, relative to the reading; 0 where it has no digits.

    A column shares its decimals or its number of significant digits, whichever leaves a reading more open. A constant
    and a column of single digits tell nothing.
    """
    power = np.floor(np.log10(y_BM))
    most = power.max(axis=1, keepdims=True)
    units = 10.0 ** -np.arange(1, MOST_DIGITS)

    def shared(scale: Floats) -> Floats:
        """The coarsest unit of 10^scale that all readings of a column are multiples of, (B, M)."""
        z = (y_BM * 10.0**-scale)[None] / units[:, None, None]
        whole = np.all(np.abs(z - np.rint(z)) <= 1e-9 * z, axis=2)
        coarsest = np.where(whole.any(axis=0), units[whole.argmax(axis=0)], 0.0)
        return np.asarray(coarsest[:, None] * 10.0**scale)

    step = np.maximum(shared(np.broadcast_to(most, y_BM.shape)), shared(power)) / y_BM
    return np.where(np.ptp(y_BM, axis=1, keepdims=True) > 0, step, 0.0)
