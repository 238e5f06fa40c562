"""Closed-form fits to B contexts at once, in U = ln(x / x_max) and V = ln y up to a constant.

They are what a careful person would try first, so the network reads them and is anchored on them:

    line_fit         V = a + m U, weighted least squares
    power_floor_fit  e^V = A + B e^{-b U}, A, B ≥ 0, in relative error: A and B are integrated at each exponent,
                     exponents on a grid that is centred on the best one (variable projection)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LOW, _HIGH = np.log(0.02), np.log(4.0)
_COARSE = np.linspace(_LOW, _HIGH, 14)
_NODES = np.array([-4.0, -2.6, -1.7, -1.0, -0.45, 0.0, 0.45, 1.0, 1.7, 2.6, 4.0])


@dataclass(frozen=True)
class Fit:
    """One fit of B contexts: what it says of the context and of the targets, all in V.

    fitted (B, M); predicted (B, T); rms (B, 1): weighted residual; slope (B, 1): of the line, or the exponent -b.
    """

    fitted: Floats
    predicted: Floats
    rms: Floats
    slope: Floats


@dataclass(frozen=True)
class LawFit(Fit):
    """With spread (B, T), the standard deviation of the prediction from parameter uncertainty."""

    spread: Floats


AnyFit = TypeVar("AnyFit", bound=Fit)


def fit_weighted(
    fit: Callable[[Floats, Floats, Floats, Floats], AnyFit], U: Floats, V: Floats, weights: Sequence[Floats], Ut: Floats
) -> list[AnyFit]:
    """One fit for each of the weights (B, M): all of them in one call, which is what costs a short curve."""
    n, size = len(weights), len(U)
    stacked = fit(np.tile(U, (n, 1)), np.tile(V, (n, 1)), np.concatenate(weights), np.tile(Ut, (n, 1)))
    rows = [slice(i * size, (i + 1) * size) for i in range(n)]
    return [type(stacked)(**{name: part[k] for name, part in vars(stacked).items()}) for k in rows]


def line_fit(U: Floats, V: Floats, w: Floats, Ut: Floats) -> Fit:
    """Weighted straight line through (U, V), read at Ut. Weights w (B, M) > 0."""
    w = w / w.sum(1, keepdims=True)
    u0, v0 = (w * U).sum(1, keepdims=True), (w * V).sum(1, keepdims=True)
    du = U - u0
    var = np.maximum((w * du * du).sum(1, keepdims=True), 1e-12)
    slope = (w * du * (V - v0)).sum(1, keepdims=True) / var
    fitted = v0 + slope * du
    rms = np.sqrt((w * (V - fitted) ** 2).sum(1, keepdims=True))
    return Fit(fitted, v0 + slope * (Ut - u0), rms, slope)


def power_floor_fit(U: Floats, V: Floats, w: Floats, Ut: Floats) -> LawFit:
    """Power law plus floor with its exponent integrated over ln b ~ uniform on [ln 0.02, ln 4]; weights w (B, M)."""
    w = w / w.sum(1, keepdims=True)
    n_eff = 1.0 / (w * w).sum(1, keepdims=True)
    problem = Projection(np.exp(V), w)

    def rss_of(log_b: Floats) -> Floats:
        return problem.solve(_power(U, log_b)).rss

    coarse = np.broadcast_to(_COARSE, (len(U), len(_COARSE)))
    best, floor, curvature = _refine(rss_of, coarse, _COARSE[1] - _COARSE[0])
    sd = np.sqrt(np.clip(2 * (floor + 1e-14) / (n_eff * np.maximum(curvature, 1e-300)), 1e-8, 1.0))
    # Nodes that leave the range fold onto its ends, where they have no width and hence no weight.
    log_b = np.clip(best + sd * _NODES, _LOW - 0.7, _HIGH + 0.4)
    width = np.gradient(log_b, axis=1)

    E = _power(U, log_b)
    A, B, rss = problem.solve(E)
    log_weight = -0.5 * n_eff * np.log((rss + 1e-14) / (floor + 1e-14)) + np.log(np.maximum(width, 1e-300))
    weight = np.exp(log_weight - log_weight.max(1, keepdims=True))
    weight /= weight.sum(1, keepdims=True)

    Et = _power(Ut, log_b)
    level = np.maximum(A[..., None] + B[..., None] * Et, 1e-300)
    predicted_BGT = np.log(level)
    predicted = (weight[..., None] * predicted_BGT).sum(1)
    noise = np.maximum(rss * n_eff / np.maximum(n_eff - 3, 0.5), 0.0)
    linear = noise[..., None] * problem.linear_variance(E, Et) / level**2
    spread = np.sqrt((weight[..., None] * ((predicted_BGT - predicted[:, None]) ** 2 + np.minimum(linear, 4.0))).sum(1))

    centre = len(_NODES) // 2
    fitted = np.log(np.maximum(A[:, centre, None] + B[:, centre, None] * E[:, centre], 1e-300))
    rms = np.sqrt((weight * rss).sum(1, keepdims=True))
    return LawFit(fitted, predicted, rms, -np.exp(best), spread)


def _power(U: Floats, log_b: Floats) -> Floats:
    """e^{-b U}, (B, G, M)."""
    return np.exp(np.clip(-np.exp(log_b)[:, :, None] * U[:, None, :], -700, 300))


class Solution(NamedTuple):
    """A, B ≥ 0 and the weighted mean squared relative residual, each (B, G)."""

    A: Floats
    B: Floats
    rss: Floats


class Projection:
    """Least squares of Y = A + B H in relative error, for G shapes H of each curve at once.

    Args:
        Y: (B, M), positive.
        w: (B, M), positive weights that sum to one.
    """

    def __init__(self, Y: Floats, w: Floats):
        relative = w / Y**2
        self.Y = Y
        self.total = relative.sum(1, keepdims=True)
        self.p = relative / self.total
        self.y0 = (self.p * Y).sum(1, keepdims=True)

    def solve(self, H: Floats) -> Solution:
        """The best A, B ≥ 0 for each shape H (B, G, M)."""
        h0, dH, var = self._centred(H)
        B = np.maximum(_mean(dH, self.p * (self.Y - self.y0)) / var, 0.0)
        A = self.y0 - B * h0
        through_zero = _mean(H, self.p * self.Y) / np.maximum(_mean(H * H, self.p), 1e-300)
        B, A = np.where(A < 0, through_zero, B), np.maximum(A, 0.0)
        residual = self.Y[:, None, :] - A[..., None] - B[..., None] * H
        return Solution(A, B, self.total * _mean(residual * residual, self.p))

    def linear_variance(self, H: Floats, Ht: Floats) -> Floats:
        """Variance of A + B H_t per unit of noise variance, (B, G, T)."""
        h0, _, var = self._centred(H)
        n_eff = 1.0 / (self.p**2).sum(1)[:, None, None]
        return (1 + (Ht - h0[..., None]) ** 2 / var[..., None]) / n_eff / self.total[..., None]

    def _centred(self, H: Floats) -> tuple[Floats, Floats, Floats]:
        """Weighted mean (B, G), distance from it (B, G, M) and variance (B, G) of the shapes."""
        h0 = _mean(H, self.p)
        dH = H - h0[..., None]
        return h0, dH, np.maximum(_mean(dH * dH, self.p), 1e-300)


def _mean(H: Floats, w: Floats) -> Floats:
    """Weighted sum over the points, (B, G), of H (B, G, M) with w (B, M); a product of matrices, no temporary array."""
    return np.matmul(H, w[:, :, None])[..., 0]


def _refine(rss_of: Callable[[Floats], Floats], log_b: Floats, step: float) -> tuple[Floats, Floats, Floats]:
    """The best ln b (B, 1) of a grid, polished by parabolas through three points, with RSS and d²RSS/d(ln b)² there."""
    at_nodes = rss_of(log_b)
    lowest = at_nodes.argmin(1)[:, None]
    best, rss = np.take_along_axis(log_b, lowest, 1), np.take_along_axis(at_nodes, lowest, 1)
    curvature = np.full_like(best, 1e-300)
    for shrink in (1.0, 0.4, 0.16, 0.06, 0.015):
        h = step * shrink
        beside = rss_of(best + h * np.array([-1.0, 1.0]))
        second = beside[:, :1] - 2 * rss + beside[:, 1:]
        move = np.where(second > 0, 0.5 * (beside[:, :1] - beside[:, 1:]) / np.maximum(second, 1e-300), 0.0)
        moved = np.clip(best + h * np.clip(move, -1.0, 1.0), _LOW - 0.7, _HIGH + 0.4)
        # RSS is skewed where the floor reaches zero: there the parabola's minimum may lie above where it started.
        moved_rss = rss_of(moved)
        better = moved_rss < rss
        best, rss = np.where(better, moved, best), np.where(better, moved_rss, rss)
        if shrink >= 0.06:
            curvature = np.maximum(second / h**2, 1e-300)
    return best, rss, curvature
