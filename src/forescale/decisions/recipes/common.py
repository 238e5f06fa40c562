"""What two recipes measured at the same x: the part of their curves in which their ratio is known."""

from dataclasses import dataclass

import numpy as np

from ...curves.curve import MIN_CONTEXT, Curve
from ...numerics import Floats

SAME_X = 0.005
"""x within this distance in ln x are one x: 4.5254e10 and 4.5255e10 of two logs."""
DENSE = 1.5
"""Between neighbours this near in x a curve may be read on its log-log chord, so that logs of other steps compare."""


@dataclass(frozen=True)
class Common:
    """Two curves at common x, rising: ln x and the two ln y, each (n,)."""

    log_x: Floats
    log_a: Floats
    log_b: Floats

    @property
    def gap(self) -> Floats:
        """ln y_A - ln y_B, (n,): below zero where A reads lower."""
        return self.log_a - self.log_b


def common_part(a: Curve, b: Curve) -> Common | None:
    """Both at their common x, seeds averaged in ln y; None below 3 of them.

    The x themselves where at least half of the shorter curve's are common; else, inside the overlap, the x of the
    sparser curve with the other read between neighbours less than `DENSE` apart.
    """
    return common_of(distinct(a), distinct(b))


def common_of(a: tuple[Floats, Floats], b: tuple[Floats, Floats]) -> Common | None:
    """`common_part` of two that went through `distinct`."""
    u, v = a[0], b[0]
    right = np.clip(np.searchsorted(v, u), 1, max(len(v) - 1, 1)) if len(v) > 1 else np.zeros(len(u), int)
    near = np.where(np.abs(v[right - 1] - u) <= np.abs(v[right] - u), right - 1, right) if len(v) > 1 else right
    same = np.abs(v[near] - u) < SAME_X
    if same.sum() >= max(MIN_CONTEXT, 0.5 * min(len(u), len(v))):
        return Common(u[same], a[1][same], b[1][near[same]])
    low, high = max(u[0], v[0]) - 1e-9, min(u[-1], v[-1]) + 1e-9
    inside = [(w >= low) & (w <= high) for w in (u, v)]
    if min(m.sum() for m in inside) < MIN_CONTEXT:
        return None
    if inside[0].sum() <= inside[1].sum():
        at = u[inside[0]]
        keep = _spacing(v, at) <= np.log(DENSE)
        return _enough(at[keep], a[1][inside[0]][keep], np.interp(at[keep], v, b[1]))
    at = v[inside[1]]
    keep = _spacing(u, at) <= np.log(DENSE)
    return _enough(at[keep], np.interp(at[keep], u, a[1]), b[1][inside[1]][keep])


def distinct(curve: Curve) -> tuple[Floats, Floats]:
    """ln of the distinct x, rising, and the mean of ln y at each."""
    x, which, n = np.unique(curve.x, return_inverse=True, return_counts=True)
    return np.log(x), np.bincount(which, np.log(curve.y)) / n


def _spacing(u: Floats, at: Floats) -> Floats:
    """ln of the ratio of the two neighbours in u around each `at`; 0 where it meets one of them."""
    i = np.clip(np.searchsorted(u, at), 1, len(u) - 1)
    met = np.minimum(np.abs(u[i] - at), np.abs(u[i - 1] - at)) < SAME_X
    return np.where(met, 0.0, u[i] - u[i - 1])


def _enough(log_x: Floats, log_a: Floats, log_b: Floats) -> Common | None:
    return Common(log_x, log_a, log_b) if len(log_x) >= MIN_CONTEXT else None
