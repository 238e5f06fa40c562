"""How much of the forecast errors of a group's recipes is one common error, learned by hiding their own last scales.

Each recipe is cut at several common x, its later readings are forecast, and each gets the z that the forecast gives
it. Were errors independent and the forecasts as wide as their errors, (z_A - z_B)²/2 would be 1 on average; where
recipes err together, or the forecasts are too wide, it is less. The correlation to use among them is therefore

    rho = 1 - mean (z_A - z_B)² / 2,

shrunk towards `PRIOR`, what groups of like models have.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...curves.curve import MIN_CONTEXT, Curve
from ...forecasts.forecast import Forecast
from ...numerics import Floats, evenly
from .common import SAME_X

PRIOR, PRIOR_COUNT = 0.7, 3.0
"""The correlation before any is learned, and the number of hidden scales that it counts for."""
CEILING = 0.98
N_CUTS, MAX_HIDDEN = 5, 6


@dataclass(frozen=True)
class Hidden:
    """One recipe cut at one x: what is seen, and the hidden x and y (T,)."""

    cut: int
    recipe: str
    seen: Curve
    x: Floats
    y: Floats


def hidden_scales(curves: Mapping[str, Curve]) -> dict[str, Hidden]:
    """Every recipe cut at 1/2, 1/4, ... of the largest x that all reach, where 4 points stay before the cut."""
    top = min(c.x_max for c in curves.values())
    found = {}
    for k in range(1, N_CUTS + 1):
        cut = top / 2**k
        for name, c in curves.items():
            seen, later = c.x <= cut, (c.x > 1.2 * cut) & (c.x <= top * (1 + SAME_X))
            if seen.sum() > MIN_CONTEXT and c.x[0] < c.x[seen][-1] and later.any():
                i = np.flatnonzero(later)
                i = i[np.unique(evenly(MAX_HIDDEN, len(i)))]
                found[f"hidden {k} {name}"] = Hidden(k, name, c.take(np.flatnonzero(seen)), c.x[i], c.y[i])
    return found


def correlation(hidden: Mapping[str, Hidden], forecasts: Mapping[str, Forecast]) -> tuple[float, int]:
    """rho in [0, `CEILING`], and the number of hidden scales that it was learned from; `PRIOR` where there are none."""
    from scipy.special import ndtri

    cells: dict[tuple[int, int], dict[str, float]] = {}
    for key, h in hidden.items():
        z = np.clip(ndtri(np.clip(forecasts[key].cdf(h.y), 1e-9, 1 - 1e-9)), -4.0, 4.0)
        for x, value in zip(h.x, z, strict=True):
            cells.setdefault((h.cut, round(float(np.log(x)) / SAME_X)), {})[h.recipe] = float(value)
    spread = [float(np.var(list(cell.values()), ddof=1)) for cell in cells.values() if len(cell) > 1]
    rho = 1.0 - (PRIOR_COUNT * (1 - PRIOR) + sum(spread)) / (PRIOR_COUNT + len(spread))
    return float(np.clip(rho, 0.0, CEILING)), len(spread)
