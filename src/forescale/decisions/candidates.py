"""What could be measured, what it costs, and what of it the budget pays for."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from ..curves.curve import Curve
from ..curves.numbers import positive_numbers
from ..errors import CurveError
from ..numerics import Floats
from .cost import cost_of

Cost = str | Callable[[Floats], ArrayLike] | None
N_CANDIDATES = 100
"""Points of the grid when candidates are a range."""


def affordable(
    curve: Curve, targets: Floats, candidates: ArrayLike | tuple[float, float] | None, cost: Cost, budget: float
) -> tuple[Floats, Floats]:
    """Candidates within the budget, rising, and what each costs.

    Raises:
        CurveError: unusable candidates or cost, or none within the budget.
    """
    if candidates is None or isinstance(candidates, tuple):
        low, high = candidates or (curve.x[0], max(targets.max(), curve.x_max))
        positive_numbers([low, high], "the range of candidates", curve.label)
        if not low < high:
            raise CurveError(f"expected a range of candidates with low < high, got {low:g} to {high:g}.")
        x = np.geomspace(low, high, 2_000)
        x = x[_costs(x, cost, curve) <= budget]
        x = _rounded(np.geomspace(x[0], x[-1], N_CANDIDATES)) if len(x) else np.array([low, high])
    else:
        x = np.unique(positive_numbers(candidates, "candidates", curve.label))
        if not len(x):
            raise CurveError(f"expected at least one candidate, got none ({curve.label}). Give a list or a range.")
    costs = _costs(x, cost, curve)
    within = costs <= budget
    if not within.any():
        raise CurveError(
            f"expected a budget that pays for a candidate, got {budget:.4g}; the cheapest, "
            f"{curve.x_name} {x[costs.argmin()]:.4g}, costs {costs.min():.4g}. Raise it or add smaller candidates."
        )
    return x[within], costs[within]


def _costs(x: Floats, cost: Cost, curve: Curve) -> Floats:
    if isinstance(cost, str):
        return cost_of(cost, {curve.x_name: x, "x": x} if curve.x_name.isidentifier() else {"x": x})
    values = np.ones_like(x) if cost is None else np.broadcast_to(np.asarray(cost(x), float), x.shape)
    if not np.all(np.isfinite(values) & (values > 0)):
        raise CurveError("expected a positive, finite cost for every candidate. Correct the cost function.")
    return values


def _rounded(x: Floats) -> Floats:
    """Three digits are enough to name a run, unless they would leave the range or merge candidates."""
    tidy = np.array([float(f"{value:.2e}") for value in x])
    tidy[0], tidy[-1] = x[0], x[-1]
    return tidy if np.all(np.diff(tidy) > 0) else x
