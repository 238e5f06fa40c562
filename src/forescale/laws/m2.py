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

from .base import FloatArray, Law, Parameter, as_floats, log_of


class M2(Law):
    """y = beta x^c + eps_inf."""

    name = "m2"
    formula = "y = beta x^c + eps_inf"
    source = "Alabdulmohsin et al. 2022, arXiv 2209.06640"
    parameters = (
        Parameter("beta", "reducible part of y at x = 1", "unit of y"),
        Parameter("c", "exponent, negative where y falls", "1"),
        Parameter("eps_inf", "floor of y for x without end", "unit of y"),
    )

    def log_y(  # type: ignore[override]
        self, log_x: ArrayLike, *, beta: ArrayLike, c: ArrayLike, eps_inf: ArrayLike
    ) -> FloatArray:
        return np.logaddexp(log_of(beta) + as_floats(c) * as_floats(log_x), log_of(eps_inf))

    def inverse(  # type: ignore[override]
        self, y: ArrayLike, *, beta: ArrayLike, c: ArrayLike, eps_inf: ArrayLike
    ) -> FloatArray:
        return np.exp((log_of(as_floats(y) - as_floats(eps_inf)) - log_of(beta)) / as_floats(c))
