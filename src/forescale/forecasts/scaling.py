"""Maps between measured outcomes and the scaled outcome r that methods speak of, with Jacobians.

Two are increasing maps of y > 0, one turns them round. Whoever scales y also brings the Jacobian back:

    LogScaling     r = (ln y - shift) / scale    ours: every forecast is equivariant to the unit of y
    LinearScaling  r = y / unit                  the paper's (arXiv 2505.23032): y over its largest context value
    Measured       one of these of the shortfall of y, for a measure with a direction and bounds (curves/measure.py)
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Self, cast

import numpy as np
from numpy.typing import ArrayLike

from ..curves.measure import Measure
from ..numerics import Floats

Moments = tuple[Floats, Floats]
_LOG_RANGE = (-744.0, 709.0)
"""ln of the smallest and the largest float64: an outcome in the user's unit stays positive and finite."""


class Scaling(ABC):
    """An invertible map from an outcome y (user's unit) to r (the network's unit).

    Attributes:
        measure: direction and bounds of y; r is better when lower, whichever way y is.
    """

    measure: Measure = Measure()

    @property
    def increasing(self) -> bool:
        """Whether r rises with y."""
        return not self.measure.rises

    def shortfall(self, y: ArrayLike) -> Floats:
        """What y misses to its best value: y itself for a loss; any shape."""
        return self.measure.shortfall(y)

    @abstractmethod
    def to_scaled(self, y: ArrayLike) -> Floats:
        """r of y; any shape."""

    @abstractmethod
    def to_units(self, r: ArrayLike) -> Floats:
        """y of r; any shape."""

    @abstractmethod
    def log_jacobian(self, y: ArrayLike) -> Floats:
        """ln dr/dy at y, so that ln p(y) = ln p(r) + log_jacobian(y)."""

    @abstractmethod
    def from_other(self, other: Self) -> tuple[float, float]:
        """(shift, scale) that turn the r of another scaling of this class into the r of this one."""

    def log_moments(self, moments: Moments | None) -> Moments | None:
        """Mean and standard deviation of ln y from those of r, where the map makes that exact; None elsewhere."""
        return None


@dataclass(frozen=True)
class LogScaling(Scaling):
    """r = (ln y - shift) / scale."""

    shift: float = 0.0
    scale: float = 1.0

    def to_scaled(self, y: ArrayLike) -> Floats:
        return cast("Floats", (np.log(np.asarray(y, float)) - self.shift) / self.scale)

    def to_units(self, r: ArrayLike) -> Floats:
        return np.exp(np.clip(self.shift + self.scale * np.asarray(r, float), *_LOG_RANGE))

    def log_jacobian(self, y: ArrayLike) -> Floats:
        return cast("Floats", -np.log(np.asarray(y, float)) - np.log(self.scale))

    def from_other(self, other: Self) -> tuple[float, float]:
        return (other.shift - self.shift) / self.scale, other.scale / self.scale

    def log_moments(self, moments: Moments | None) -> Moments | None:
        return moments and (self.shift + self.scale * moments[0], self.scale * moments[1])


@dataclass(frozen=True)
class LinearScaling(Scaling):
    """r = y / unit."""

    unit: float = 1.0

    def to_scaled(self, y: ArrayLike) -> Floats:
        return np.asarray(y, float) / self.unit

    def to_units(self, r: ArrayLike) -> Floats:
        return np.asarray(r, float) * self.unit

    def log_jacobian(self, y: ArrayLike) -> Floats:
        return np.full(np.shape(y), -np.log(self.unit))

    def from_other(self, other: Self) -> tuple[float, float]:
        return 0.0, other.unit / self.unit


@dataclass(frozen=True)
class Measured(Scaling):
    """`inner` of the shortfall of y."""

    inner: Scaling
    measure: Measure

    def to_scaled(self, y: ArrayLike) -> Floats:
        return self.inner.to_scaled(self.measure.shortfall(y))

    def to_units(self, r: ArrayLike) -> Floats:
        return self.measure.value(self.inner.to_units(r))

    def log_jacobian(self, y: ArrayLike) -> Floats:
        return self.inner.log_jacobian(self.measure.shortfall(y)) + self.measure.log_slope(y)

    def from_other(self, other: Self) -> tuple[float, float]:
        return self.inner.from_other(other.inner)


def measured(inner: Scaling, measure: Measure) -> Scaling:
    """`inner` for the outcomes of a measure: itself where the shortfall is y."""
    return inner if measure.plain else Measured(inner, measure)
