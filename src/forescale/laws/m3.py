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

from .base import FloatArray, Law, Parameter, as_floats, log_of


class M3(Law):
    """y = beta (1/x + gamma)^c."""

    name = "m3"
    formula = "y = beta (1/x + gamma)^c"
    source = "Alabdulmohsin et al. 2022, arXiv 2209.06640"
    parameters = (
        Parameter("beta", "scale", "unit of y (unit of x)^c"),
        Parameter("gamma", "inverse of the x of saturation", "1 / unit of x"),
        Parameter("c", "exponent, positive where y falls", "1"),
    )

    def log_y(  # type: ignore[override]
        self, log_x: ArrayLike, *, beta: ArrayLike, gamma: ArrayLike, c: ArrayLike
    ) -> FloatArray:
        return log_of(beta) + as_floats(c) * np.logaddexp(-as_floats(log_x), log_of(gamma))

    def inverse(  # type: ignore[override]
        self, y: ArrayLike, *, beta: ArrayLike, gamma: ArrayLike, c: ArrayLike
    ) -> FloatArray:
        shifted = np.exp((log_of(y) - log_of(beta)) / as_floats(c)) - as_floats(gamma)
        return np.exp(-log_of(shifted))
