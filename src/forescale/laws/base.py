"""What every law of this room promises: a formula, its parameters with units, and a stable log y."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from ..numerics import Floats
from .coordinates import Form


class Law(ABC):
    """A formula y(x) with parameters; float64, broadcasting, finite in log space for x in 1e-3..1e30.

    Parameters travel as keyword arrays that broadcast against x: shape (B, 1) against (B, N), say.

    Attributes:
        name, title, source: what it is called, what it is in a word or two, and where it comes from.
        parameters: symbols, in the order of the table in the law's file, which has their meanings and units.
        example: one set of parameters, on which the contract suite tries the law.
        form: the same law in coordinates in which it is fitted and sampled.
    """

    name: str
    title: str
    source: str
    parameters: tuple[str, ...]
    example: dict[str, float]
    form: Form

    @abstractmethod
    def log_y(self, log_x: ArrayLike, **params: ArrayLike) -> Floats:
        """Natural log of y at natural log of x; the parameters by their symbols."""

    def y(self, x: ArrayLike, **params: ArrayLike) -> Floats:
        """y at x, in the unit of y."""
        return np.exp(self.log_y(np.log(as_floats(x)), **params))

    def unpack(self, params: Mapping[str, ArrayLike]) -> tuple[Floats, ...]:
        """Parameters in the order of `parameters`."""
        return tuple(as_floats(params[symbol]) for symbol in self.parameters)


def as_floats(value: ArrayLike) -> Floats:
    """Any array or number as float64."""
    return np.asarray(value, dtype=np.float64)


def log_of(value: ArrayLike) -> Floats:
    """ln of a value that may be 0 (a floor that is absent): -inf without a warning; nan below 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(as_floats(value))
