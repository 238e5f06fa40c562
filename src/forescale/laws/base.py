"""What every law of this room promises: a formula, its parameters with units, and a stable log y."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Parameter:
    """One symbol of a formula: what it means and in which unit it is measured."""

    symbol: str
    meaning: str
    unit: str


class Law(ABC):
    """A formula y(x) with parameters; float64, broadcasting, finite in log space for x in 1e-3..1e30.

    Parameters travel as keyword arrays that broadcast against x: shape (B, 1) against (B, N), say.
    """

    name: str
    formula: str
    source: str
    parameters: tuple[Parameter, ...]

    @abstractmethod
    def log_y(self, log_x: ArrayLike, **params: ArrayLike) -> FloatArray:
        """Natural log of y at natural log of x; the parameters by their symbols."""

    def y(self, x: ArrayLike, **params: ArrayLike) -> FloatArray:
        """y at x, in the unit of y."""
        return np.exp(self.log_y(np.log(as_floats(x)), **params))

    def inverse(self, y: ArrayLike, **params: ArrayLike) -> FloatArray:
        """x at which the law reads y; nan where the law never does.

        Raises:
            NotImplementedError: the law has no closed-form inverse.
        """
        raise NotImplementedError(f"{self.name} has no closed-form inverse")


def as_floats(value: ArrayLike) -> FloatArray:
    """Any array or number as float64."""
    return np.asarray(value, dtype=np.float64)


def log_of(value: ArrayLike) -> FloatArray:
    """ln of a value that may be 0 (a floor that is absent): -inf without a warning; nan below 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(as_floats(value))


def softplus(z: FloatArray) -> FloatArray:
    """ln(1 + e^z) without overflow."""
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))
