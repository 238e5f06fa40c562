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

from .base import FloatArray, Law, Parameter, as_floats, log_of


class M1(Law):
    """y = beta x^c."""

    name = "m1"
    formula = "y = beta x^c"
    source = "Hestness et al. 2017, arXiv 1712.00409"
    parameters = (
        Parameter("beta", "y at x = 1", "unit of y"),
        Parameter("c", "exponent, negative where y falls", "1"),
    )

    def log_y(self, log_x: ArrayLike, *, beta: ArrayLike, c: ArrayLike) -> FloatArray:  # type: ignore[override]
        return log_of(beta) + as_floats(c) * as_floats(log_x)

    def inverse(self, y: ArrayLike, *, beta: ArrayLike, c: ArrayLike) -> FloatArray:  # type: ignore[override]
        return np.exp((log_of(y) - log_of(beta)) / as_floats(c))
