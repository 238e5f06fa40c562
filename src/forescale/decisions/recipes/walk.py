"""The gap of two recipes as a random walk in ln x, its step learned from the gaps of the whole group.

    gap(x) = ln y_A(x) - ln y_B(x) ~ Normal(gap at the nearest common x, s² · |distance in ln x|)

Nothing is forecast: it says how often an order that is measured keeps, given how the gaps of these recipes have moved
so far. Recipes alike keep their order over decades; unlike ones do not, and their gaps say so.
"""

from collections.abc import Sequence
from typing import cast

import numpy as np

from ...numerics import Floats
from .common import Common


def steps(parts: Sequence[Common]) -> Floats:
    """s² of each pair, per unit of ln x: half its own mean squared move, half that of the group."""
    own = np.array([_moves(part) for part in parts])
    return cast("Floats", 0.5 * (own + own.mean()))


def _moves(part: Common) -> float:
    """Mean of (gap at the last x - gap before)² over the distance in ln x."""
    gap, u = part.gap, part.log_x
    return float(np.mean((gap[-1] - gap[:-1]) ** 2 / (u[-1] - u[:-1])))


def prob_lower(part: Common, step: float, log_x: Floats) -> Floats:
    """P(A reads lower than B) at each ln x, (T,); the nearest reading counts as one spacing away, as it has noise."""
    from scipy.special import ndtr

    u = part.log_x
    i = np.clip(np.searchsorted(u, log_x), 1, len(u) - 1)
    near = np.where(np.abs(log_x - u[i - 1]) < np.abs(log_x - u[i]), i - 1, i)
    away = np.maximum(np.abs(log_x - u[near]), np.median(np.diff(u)))
    return np.asarray(ndtr(-part.gap[near] / np.sqrt(step * away + 1e-12)))
