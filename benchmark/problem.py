"""The one noun of everything that is scored: a context, and the points hidden from whoever reads it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

import forescale as fs

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Problem:
    """One curve with its answer.

    Attributes:
        suite, name: which curve.
        context: what a method may read.
        x, y: the T targets, and a reading at each.
        unit: LL is the ln density of y / unit.
        truth: (T,) the noise-free value at each target, where it is known.
    """

    suite: str
    name: str
    context: fs.Curve
    x: Floats
    y: Floats
    unit: float = 1.0
    truth: Floats | None = None

    def in_units(self) -> "Problem":
        """The same with y in units of `unit`, for a method that reads y as it is: what the paper divides is divided."""
        context = fs.Curve(self.context.x, self.context.y / self.unit, name=self.context.name)
        truth = None if self.truth is None else self.truth / self.unit
        return replace(self, context=context, y=self.y / self.unit, truth=truth, unit=1.0)


def contexts(problems: list[Problem]) -> dict[str, fs.Curve]:
    """Name -> what may be read; with `targets` the two arguments of `fs.forecast_many`."""
    return {p.name: p.context for p in problems}


def targets(problems: list[Problem]) -> dict[str, Floats]:
    """Name -> the x that are asked."""
    return {p.name: p.x for p in problems}
