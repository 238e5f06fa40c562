"""What a family is: a law whose parameters are drawn; one draw gives one clean curve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ...laws import FloatArray
from ..config import OursConfig


class Span(NamedTuple):
    """Log-range R of the context and horizon E of the targets, each of shape (B, 1)."""

    R: FloatArray
    E: FloatArray

    @property
    def shape(self) -> tuple[int, ...]:
        return self.R.shape


Params = Mapping[str, FloatArray]  # symbol -> (B, 1)


@dataclass(frozen=True)
class Family:
    """A random law.

    `draw` gives the parameters, each of shape (B, 1); `log_y` the clean curve g(U) = ln y up to a
    constant, shape (B, M), from U = ln(x / x_last) and the parameters alone. A part that a curve lacks
    has an amplitude (or floor) of exactly 0, so absence needs no second code path.
    """

    name: str
    draw: Callable[[np.random.Generator, Span, OursConfig], dict[str, FloatArray]]
    log_y: Callable[..., FloatArray]


def add_floor(h_BM: FloatArray, floor_B1: FloatArray) -> FloatArray:
    """ln(floor + e^h), floor being the ratio irreducible / reducible where h = 0 (0: no floor)."""
    return np.log(floor_B1 + np.exp(np.minimum(h_BM, 600.0)))
