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

import numpy as np
from numpy.typing import ArrayLike

from .base import FloatArray, Law, Parameter, as_floats, log_of


def solve_logit(t: ArrayLike, alpha: ArrayLike, *, tolerance: float = 1e-13) -> FloatArray:
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


def log_sigmoid(s: FloatArray) -> FloatArray:
    """ln of 1/(1 + e^-s), finite for any s."""
    return np.minimum(s, 0.0) - np.log1p(np.exp(-np.abs(s)))


class M4(Law):
    """(y - eps_inf)/(eps_0 - y)^alpha = beta x^c."""

    name = "m4"
    formula = "(y - eps_inf)/(eps_0 - y)^alpha = beta x^c"
    source = "Alabdulmohsin et al. 2022, arXiv 2209.06640"
    parameters = (
        Parameter("eps_0", "plateau for x near 0", "unit of y"),
        Parameter("eps_inf", "floor for x without end", "unit of y"),
        Parameter("alpha", "asymmetry of the upper bend", "1"),
        Parameter("beta", "scale", "(unit of y)^(1-alpha) (unit of x)^-c"),
        Parameter("c", "exponent, negative where y falls", "1"),
    )

    def log_y(  # type: ignore[override]
        self,
        log_x: ArrayLike,
        *,
        eps_0: ArrayLike,
        eps_inf: ArrayLike,
        alpha: ArrayLike,
        beta: ArrayLike,
        c: ArrayLike,
        tolerance: float = 1e-13,
    ) -> FloatArray:
        log_drop = log_of(as_floats(eps_0) - as_floats(eps_inf))
        alpha = as_floats(alpha)
        t = log_of(beta) + as_floats(c) * as_floats(log_x) - (1.0 - alpha) * log_drop
        s = solve_logit(t, alpha, tolerance=tolerance)
        return np.logaddexp(log_of(eps_inf), log_drop + log_sigmoid(s))

    def inverse(  # type: ignore[override]
        self,
        y: ArrayLike,
        *,
        eps_0: ArrayLike,
        eps_inf: ArrayLike,
        alpha: ArrayLike,
        beta: ArrayLike,
        c: ArrayLike,
    ) -> FloatArray:
        above, below = log_of(as_floats(y) - as_floats(eps_inf)), log_of(as_floats(eps_0) - as_floats(y))
        return np.exp((above - as_floats(alpha) * below - log_of(beta)) / as_floats(c))
