"""M3, a power law of a shifted inverse: saturates for large x.

    y = beta (1/x + gamma)^c

| symbol | meaning                                        | unit            |
|--------|------------------------------------------------|-----------------|
| beta   | scale                                          | unit of y (unit of x)^c |
| gamma  | inverse of the x at which the curve saturates  | 1 / unit of x   |
| c      | exponent, positive as y falls                  | 1               |

Source: Alabdulmohsin et al. 2022 (arXiv 2209.06640), estimator M3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..numerics import Floats
from .base import Law, as_floats, log_of
from .coordinates import Form, PriorRow, exp, last_level, linear


class M3(Law):
    """y = beta (1/x + gamma)^c."""

    name, title = "m3", "power law of a shifted inverse"
    source = "Alabdulmohsin et al. 2022, arXiv 2209.06640"
    parameters = ("beta", "gamma", "c")

    def __init__(self) -> None:
        self.example = {"beta": 3.0, "gamma": 1e-3, "c": 0.4}
        self.form = FormM3()

    def log_y(self, log_x: ArrayLike, **params: ArrayLike) -> Floats:
        beta, gamma, c = self.unpack(params)
        return log_of(beta) + c * np.logaddexp(-as_floats(log_x), log_of(gamma))


class FormM3(Form):
    names = ("k", "ln gamma", "c")
    n_polished, chain_steps = 3, 500

    def value(self, theta: Floats, U: Floats) -> Floats:
        k, gamma, c = (theta[..., i, None] for i in range(3))
        return k + c * np.logaddexp(-U, gamma)

    def jacobian(self, theta: Floats, U: Floats) -> Floats:
        shifted = np.logaddexp(-U, theta[1])
        return np.stack([np.ones_like(U), theta[2] * np.exp(theta[1] - shifted), shifted], -1)

    def prior(self, U: Floats, V: Floats) -> tuple[PriorRow, ...]:
        return ((last_level(V), 3.0), (-1.0, 2.0), (0.4, 0.4, 0.0, np.inf))

    def starts(self, U: Floats, V: Floats) -> Floats:
        gamma = np.linspace(-6.0, max(-U[0], 1.0) + 1.0, 16)[:, None]
        shifted = np.logaddexp(-U, gamma)
        design = np.stack([np.ones_like(shifted), shifted], -1)
        k, c = linear(design, np.broadcast_to(V, shifted.shape), np.ones_like(shifted)).T
        return np.stack([k, gamma[:, 0], c], -1)

    def parameters(self, theta: Floats, log_x: float, log_y: float) -> dict[str, float]:
        k, gamma, c = theta
        return {"beta": exp(log_y + k + c * log_x), "gamma": exp(gamma - log_x), "c": float(c)}
