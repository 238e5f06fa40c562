"""M1, the pure power law.

    y = beta x^c

| symbol | meaning                        | unit            |
|--------|--------------------------------|-----------------|
| beta   | y at x = 1                     | unit of y       |
| c      | exponent, negative as y falls  | 1               |

Source: Hestness et al. 2017 (arXiv 1712.00409); named M1 in Alabdulmohsin et al. 2022 (arXiv 2209.06640).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..numerics import Floats
from .base import Law, as_floats, log_of
from .coordinates import Form, PriorRow, exp, last_level, linear


class M1(Law):
    """y = beta x^c."""

    name, title = "m1", "power law"
    source = "Hestness et al. 2017, arXiv 1712.00409"
    parameters = ("beta", "c")

    def __init__(self) -> None:
        self.example = {"beta": 3.0, "c": -0.4}
        self.form = FormM1()

    def log_y(self, log_x: ArrayLike, **params: ArrayLike) -> Floats:
        beta, c = self.unpack(params)
        return log_of(beta) + c * as_floats(log_x)


class FormM1(Form):
    names = ("k", "c")
    n_polished, chain_steps = 1, 300

    def value(self, theta: Floats, U: Floats) -> Floats:
        return theta[..., :1] + theta[..., 1:2] * U

    def jacobian(self, theta: Floats, U: Floats) -> Floats:
        return np.stack([np.ones_like(U), U], -1)

    def prior(self, U: Floats, V: Floats) -> tuple[PriorRow, ...]:
        return ((last_level(V), 3.0), (-0.4, 0.4))

    def starts(self, U: Floats, V: Floats) -> Floats:
        return linear(np.stack([np.ones_like(U), U], -1)[None], V[None], np.ones_like(U)[None])

    def parameters(self, theta: Floats, log_x: float, log_y: float) -> dict[str, float]:
        k, c = theta
        return {"beta": exp(log_y + k - c * log_x), "c": float(c)}
