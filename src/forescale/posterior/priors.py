"""Priors of the laws, in the unit-free coordinates of `laws.coordinates`; each stands in the file of its law.

With v = ln y at the end of the context and v_0 its largest value, both about mean ln y, and R the range of ln x:

| coordinate         | prior                                            | in words                                  |
|--------------------|--------------------------------------------------|-------------------------------------------|
| ln floor           | floor / e^v uniform on (0, 1)                    | any share of the last level               |
| ln drop (m2), l    | Normal(v - 0.7, 1.5)                             | reducible part at x_max, a factor 4 around |
| ln drop (m4)       | Normal(v_0 + 0.5, 1)                             | the plateau lies near or above the first   |
| ln b (m2)          | Normal(ln 0.4, 0.7)                              | exponents 0.1 to 1.6                      |
| c (m1, m4)         | Normal(-0.4, 0.4), m4: below 0                   | falling                                   |
| c (m3)             | Normal(0.4, 0.4) above 0                         | falling                                   |
| ln γ (m3)          | Normal(-1, 2)                                    | saturation within e^±2 of e x_max         |
| logit α (m4)       | Normal(-0.5, 1.5)                                | nearly uniform on (0, 1)                  |
| m_i (bnsl)         | Normal(0.4, 0.4)                                 | slopes, rarely rising                     |
| d_i (bnsl)         | Normal(-R/2, R/2), below 0.7                     | a break inside or just beyond the context |
| ln f_i (bnsl)      | Normal(ln 0.3, 0.8)                              | from sharp to a decade wide               |
| k, t               | Normal(v, 3)                                     | the data decide                           |
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..laws.coordinates import Form
from ..numerics import Floats


@dataclass(frozen=True)
class LawPrior:
    """Independent priors of P coordinates: Normal(centre, spread) between bounds; the floor's share is uniform."""

    centre: Floats
    spread: Floats
    lower: Floats
    upper: Floats
    floor: bool

    def log_density(self, theta_SP: Floats) -> Floats:
        """ln density up to a constant, (S,); -inf outside the bounds."""
        z = (theta_SP - self.centre) / self.spread
        terms = -0.5 * z * z
        if self.floor:
            terms[:, 0] = theta_SP[:, 0] - self.upper[0]  # uniform share = exponential in its logarithm
        inside = np.all((theta_SP > self.lower) & (theta_SP < self.upper), axis=-1)
        return np.where(inside, terms.sum(-1), -np.inf)

    def inside(self, theta_SP: Floats) -> Floats:
        """The nearest coordinates that are well inside the bounds and within 3 spreads."""
        low = np.maximum(self.lower + 1e-3, self.centre - 3 * self.spread)
        high = np.minimum(self.upper - 1e-3, self.centre + 3 * self.spread)
        return np.clip(theta_SP, low, high)


def prior_of(form: Form, U: Floats, V: Floats) -> LawPrior:
    """The table above for one context (U, V)."""
    filled = np.array([(*row, -np.inf, np.inf)[:4] for row in form.prior(U, V)])
    centre, spread, lower, upper = filled.T
    return LawPrior(centre, spread, lower, upper, floor=form.names[0] == "ln floor")
