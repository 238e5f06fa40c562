"""BNSL, the broken neural scaling law: power laws joined by n smooth breaks, above a floor.

    y = a + b x^-c0 prod_i (1 + (x/d_i)^(1/f_i))^(-c_i f_i),   i = 1..n

| symbol | meaning                                                     | unit               |
|--------|-------------------------------------------------------------|--------------------|
| a      | floor: y for x without end (if the last slope falls)        | unit of y          |
| b      | scale of the reducible part                                 | unit of y (unit of x)^c0 |
| c0     | exponent before the first break, positive as y falls        | 1                  |
| c_i    | change of the exponent at break i                           | 1                  |
| d_i    | x of break i                                                | unit of x          |
| f_i    | width of break i in ln x; small is sharp                    | 1                  |

Source: Caballero et al. 2022 (arXiv 2210.14891), eq. 1.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from .base import FloatArray, Law, Parameter, as_floats, log_of, softplus

Break = tuple[ArrayLike, ArrayLike, ArrayLike]  # (c_i, ln d_i, f_i)


def log_broken_power(log_x: ArrayLike, c0: ArrayLike, breaks: Iterable[Break]) -> FloatArray:
    """ln of x^-c0 prod_i (1 + (x/d_i)^(1/f_i))^(-c_i f_i); breaks as (c_i, ln d_i, f_i)."""
    log_x = as_floats(log_x)
    total = -as_floats(c0) * log_x
    for c, log_d, f in breaks:
        f = as_floats(f)
        total = total - as_floats(c) * f * softplus((log_x - as_floats(log_d)) / f)
    return total


class Bnsl(Law):
    """Broken neural scaling law with n breaks; parameters a, b, c0 and c1, d1, f1, c2, ..."""

    def __init__(self, n_breaks: int) -> None:
        assert n_breaks >= 0
        self.n_breaks = n_breaks
        self.name = f"bnsl{n_breaks}"
        self.formula = f"y = a + b x^-c0 prod_(i<={n_breaks}) (1 + (x/d_i)^(1/f_i))^(-c_i f_i)"
        self.source = "Caballero et al. 2022, arXiv 2210.14891"
        head = (
            Parameter("a", "floor", "unit of y"),
            Parameter("b", "scale of the reducible part", "unit of y (unit of x)^c0"),
            Parameter("c0", "exponent before the first break, positive where y falls", "1"),
        )
        per_break = (
            (
                Parameter(f"c{i}", f"change of exponent at break {i}", "1"),
                Parameter(f"d{i}", f"x of break {i}", "unit of x"),
                Parameter(f"f{i}", f"width of break {i} in ln x", "1"),
            )
            for i in range(1, n_breaks + 1)
        )
        self.parameters = head + tuple(p for triple in per_break for p in triple)

    def log_y(self, log_x: ArrayLike, **params: ArrayLike) -> FloatArray:
        breaks = [(params[f"c{i}"], log_of(params[f"d{i}"]), params[f"f{i}"]) for i in range(1, self.n_breaks + 1)]
        reducible = log_of(params["b"]) + log_broken_power(log_x, params["c0"], breaks)
        return np.logaddexp(log_of(params["a"]), reducible)
