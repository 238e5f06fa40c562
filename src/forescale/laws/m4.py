"""M4, the sigmoid that has a power law in its middle; y is given implicitly.

    (y - eps_inf) / (eps_0 - y)^alpha = beta x^c

| symbol  | meaning                                    | unit                                  |
|---------|--------------------------------------------|---------------------------------------|
| eps_0   | plateau at x -> 0 (chance level)           | unit of y                             |
| eps_inf | floor at x -> infinity, below eps_0        | unit of y                             |
| alpha   | asymmetry of the upper bend, above 0       | 1                                     |
| beta    | scale                                      | (unit of y)^(1-alpha) (unit of x)^-c  |
| c       | exponent, negative as y falls              | 1                                     |

With z = (y - eps_inf)/(eps_0 - eps_inf) = sigmoid(s) this is one equation in s,

    -softplus(-s) + alpha softplus(s) = t,   t = ln beta + c ln x - (1 - alpha) ln(eps_0 - eps_inf).

Source: Alabdulmohsin et al. 2022 (arXiv 2209.06640), eq. of estimator M4.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import ArrayLike

from ..numerics import Floats, log_sigmoid, sigmoid, softplus
from .base import Law, as_floats, log_of
from .coordinates import Form, PriorRow, exp, floor_prior, last_level, linear


def solve_logit(t: ArrayLike, alpha: ArrayLike, *, tolerance: float = 1e-13) -> Floats:
    """Root s of -softplus(-s) + alpha softplus(s) = t, any t, alpha > 0; arrays broadcast.

    The left side rises in s, is convex for alpha > 1 and concave for alpha < 1, and lies beyond its own
    asymptotes s and alpha s. From the asymptote's root Newton therefore walks monotonically to the
    solution: the start is the safeguard, and no step can overshoot.
    """
    t, alpha = np.broadcast_arrays(as_floats(t), as_floats(alpha))
    s = np.where(t < 0.0, t, t / alpha)
    for _ in range(100):
        tail = np.exp(-np.abs(s))
        inverse = 1.0 / (1.0 + tail)
        z = np.where(s > 0.0, inverse, tail * inverse)
        log1p_tail = np.log1p(tail)  # softplus(s) = max(s, 0) + log1p_tail
        value = alpha * (np.maximum(s, 0.0) + log1p_tail) + np.minimum(s, 0.0) - log1p_tail
        step = (t - value) / (1.0 + (alpha - 1.0) * z)
        s = s + step
        if not np.any(np.abs(step) > tolerance * (1.0 + np.abs(s))):
            break
    return s


class M4(Law):
    """(y - eps_inf)/(eps_0 - y)^alpha = beta x^c."""

    name, title = "m4", "sigmoidal law"
    source = "Alabdulmohsin et al. 2022, arXiv 2209.06640"
    parameters = ("eps_0", "eps_inf", "alpha", "beta", "c")

    def __init__(self) -> None:
        self.example = {"eps_0": 0.9, "eps_inf": 0.1, "alpha": 1.3, "beta": 5.0, "c": -0.5}
        self.form = FormM4()

    def log_y(self, log_x: ArrayLike, **params: ArrayLike) -> Floats:
        eps_0, eps_inf, alpha, beta, c = self.unpack(params)
        log_drop = log_of(eps_0 - eps_inf)
        t = log_of(beta) + c * as_floats(log_x) - (1.0 - alpha) * log_drop
        return np.logaddexp(log_of(eps_inf), log_drop + log_sigmoid(solve_logit(t, alpha)))


class FormM4(Form):
    names = ("ln floor", "ln drop", "logit alpha", "t", "c")
    n_polished, chain_steps = 4, 700

    def value(self, theta: Floats, U: Floats) -> Floats:
        floor, drop, alpha, t, c = (theta[..., i, None] for i in range(5))
        s = solve_logit(t + c * U, sigmoid(alpha), tolerance=1e-10)
        return np.logaddexp(floor, drop + log_sigmoid(s))

    def jacobian(self, theta: Floats, U: Floats) -> Floats:
        floor, drop, alpha = theta[0], theta[1], sigmoid(theta[2])
        s = solve_logit(theta[3] + theta[4] * U, alpha, tolerance=1e-10)
        log_z = log_sigmoid(s)
        below = np.exp(floor - np.logaddexp(floor, drop + log_z))
        z = np.exp(log_z)
        by_t = (1 - below) * (1 - z) / (1 + (alpha - 1) * z)  # dV/dt = dV/dlnz · dlnz/ds · ds/dt
        return np.stack([below, 1 - below, -by_t * alpha * (1 - alpha) * softplus(s), by_t, by_t * U], -1)

    def prior(self, U: Floats, V: Floats) -> tuple[PriorRow, ...]:
        v, top = last_level(V), float(V.max())
        return (floor_prior(V), (top + 0.5, 1.0), (-0.5, 1.5), (v, 3.0), (-0.4, 0.4, -np.inf, 0.0))

    def starts(self, U: Floats, V: Floats) -> Floats:
        y = np.exp(V)
        low, high = y.min(), y.max()
        grid = np.array(
            list(product((1e-3, 0.5, 0.8, 0.95, 0.99), (1.005, 1.05, 1.3, 3.0, 20.0), (0.05, 0.2, 0.5, 0.9)))
        )
        floor, top, alpha = (grid[:, 0] * low)[:, None], (grid[:, 1] * high)[:, None], grid[:, 2:]
        above, under = np.log(y - floor), np.log(top - y)
        drop = np.log(top - floor)
        t = above - drop - alpha * (under - drop)
        z = (y - floor) / (top - floor)
        weight = ((1 - floor / y) * (1 - z) / (1 + (alpha - 1) * z)) ** 2
        design = np.broadcast_to(np.stack([np.ones_like(U), U], -1), (*t.shape, 2))
        k, c = linear(design, t, weight).T
        return np.stack([np.log(floor[:, 0]), drop[:, 0], np.log(alpha / (1 - alpha))[:, 0], k, c], -1)

    def parameters(self, theta: Floats, log_x: float, log_y: float) -> dict[str, float]:
        floor, drop, alpha, t, c = theta[0], theta[1], sigmoid(theta[2]), theta[3], theta[4]
        eps_inf, span = exp(log_y + floor), exp(log_y + drop)
        log_beta = t - c * log_x + (1 - alpha) * (log_y + drop)
        return {
            "eps_0": eps_inf + span,
            "eps_inf": eps_inf,
            "alpha": float(alpha),
            "beta": exp(log_beta),
            "c": float(c),
        }
