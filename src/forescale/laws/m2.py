"""M2, the power law with a floor.

    y = beta x^c + eps_inf

| symbol  | meaning                             | unit      |
|---------|-------------------------------------|-----------|
| beta    | reducible part of y at x = 1        | unit of y |
| c       | exponent, negative as y falls       | 1         |
| eps_inf | floor: y as x grows without end     | unit of y |

Source: Alabdulmohsin et al. 2022 (arXiv 2209.06640), estimator M2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..numerics import Floats
from .base import Law, as_floats, log_of
from .coordinates import Form, PriorRow, exp, floor_prior, last_level, linear


class M2(Law):
    """y = beta x^c + eps_inf."""

    name, title = "m2", "power law with a floor"
    source = "Alabdulmohsin et al. 2022, arXiv 2209.06640"
    parameters = ("beta", "c", "eps_inf")

    def __init__(self) -> None:
        self.example = {"beta": 3.0, "c": -0.4, "eps_inf": 0.2}
        self.form = FormM2()

    def log_y(self, log_x: ArrayLike, **params: ArrayLike) -> Floats:
        beta, c, eps_inf = self.unpack(params)
        return np.logaddexp(log_of(beta) + c * as_floats(log_x), log_of(eps_inf))


class FormM2(Form):
    names = ("ln floor", "ln drop", "ln b")
    n_polished, chain_steps = 3, 500

    def value(self, theta: Floats, U: Floats) -> Floats:
        floor, drop, b = (theta[..., i, None] for i in range(3))
        return np.logaddexp(floor, drop - np.exp(b) * U)

    def jacobian(self, theta: Floats, U: Floats) -> Floats:
        below = np.exp(theta[0] - self.value(theta, U))
        return np.stack([below, 1 - below, -(1 - below) * np.exp(theta[2]) * U], -1)

    def prior(self, U: Floats, V: Floats) -> tuple[PriorRow, ...]:
        return (floor_prior(V), (last_level(V) - 0.7, 1.5), (float(np.log(0.4)), 0.7))

    def starts(self, U: Floats, V: Floats) -> Floats:
        b = np.geomspace(0.02, 8.0, 12)[:, None]
        y = np.exp(V)
        design = np.stack([np.broadcast_to(1 / y, (len(b), len(y))), np.exp(-b * U) / y], -1)
        level, drop = linear(design, np.ones_like(design[..., 0]), np.ones_like(design[..., 0])).T
        low = 1e-4 * y.min()
        theta = np.stack([np.log(np.maximum(level, low)), np.log(np.maximum(drop, low)), np.log(b[:, 0])], -1)
        slope = float(np.polyfit(U, V, 1)[0])
        no_floor = [np.log(low), float(V[-1]), np.log(max(-slope, 1e-3))]
        return np.concatenate([theta, [no_floor]])

    def parameters(self, theta: Floats, log_x: float, log_y: float) -> dict[str, float]:
        floor, drop, b = theta[0], theta[1], np.exp(theta[2])
        return {"beta": exp(log_y + drop + b * log_x), "c": float(-b), "eps_inf": exp(log_y + floor)}
