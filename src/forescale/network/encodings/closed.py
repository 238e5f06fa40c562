"""Posteriors in closed form of B contexts at once, in U = ln(x / x_max) and V = ln y up to a constant.

They are what a careful person would try first, so the network reads them and is anchored on them:

    line  V = a + m U                          weighted least squares
    law   e^V = A + B e^{-b U},  A, B >= 0     relative error; ln b on a grid, A and B integrated given b

The law's prior is flat in the level at the end of the context and in the drop over it, and Normal in ln b, so that
curves without any fall (rising, flat, a valley) have one answer and not a tie. Noise is integrated: with n points the
likelihood falls as (residual² + what digits leave open)^-(n - 2)/2, so that three points never make a law certain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ...numerics import Floats

LOG_B, LOG_B_STD = float(np.log(0.35)), 0.9
"""Normal(centre, spread) of ln b."""
_LOW, _HIGH = float(np.log(0.01)), float(np.log(8.0))
_COARSE = np.linspace(np.log(0.02), np.log(6.0), 12)
_RUNGS = 6
"""Nodes on each side of the best exponent, spread geometrically up to the end of its range."""
_SHRINKS, _SMALLEST = (1.0, 0.4, 0.16, 0.05, 0.015), 0.05
"""Half widths of the parabolas in steps of the grid, and the smallest whose curvature is not rounding."""
_TINY = 1e-14
"""Squared relative residual that counts as none."""


@dataclass(frozen=True)
class Fit:
    """One fit of B contexts, in V.

    fitted (B, M); predicted, spread (B, T): mean and standard deviation over the parameters; rms (B, 1): residual.
    slope (B, 1): of the line, or ln b of the law; slope_std (B, 1); floor (B, 1): its share of the level at the end.
    """

    fitted: Floats
    predicted: Floats
    spread: Floats
    rms: Floats
    slope: Floats
    slope_std: Floats
    floor: Floats


_Method = Callable[[Floats, Floats, Floats, Floats, Floats], Fit]


def lines(U: Floats, V: Floats, weights: Sequence[Floats], Ut: Floats, digit: Floats) -> list[Fit]:
    """A straight line for each of the weights (B, M); `digit` (B, 1) is the standard deviation that digits leave."""
    return _each(_line, U, V, weights, Ut, digit)


def laws(U: Floats, V: Floats, weights: Sequence[Floats], Ut: Floats, digit: Floats) -> list[Fit]:
    """A power law with a floor for each of the weights (B, M)."""
    return _each(_law, U, V, weights, Ut, digit)


def _each(method: _Method, U: Floats, V: Floats, weights: Sequence[Floats], Ut: Floats, digit: Floats) -> list[Fit]:
    """All weights in one call, which is what costs a short curve."""
    n, size = len(weights), len(U)
    U, V, Ut, digit = (np.tile(a, (n, 1)) for a in (U, V, Ut, digit))
    stacked = method(U, V, np.concatenate(weights), Ut, digit)
    rows = [slice(i * size, (i + 1) * size) for i in range(n)]
    return [Fit(**{name: part[k] for name, part in vars(stacked).items()}) for k in rows]


def _line(U: Floats, V: Floats, w: Floats, Ut: Floats, digit: Floats) -> Fit:
    w = w / w.sum(1, keepdims=True)
    n_eff = 1.0 / (w * w).sum(1, keepdims=True)
    u0, v0 = (w * U).sum(1, keepdims=True), (w * V).sum(1, keepdims=True)
    du = U - u0
    var = np.maximum((w * du * du).sum(1, keepdims=True), 1e-12)
    slope = (w * du * (V - v0)).sum(1, keepdims=True) / var
    fitted = v0 + slope * du
    square = (w * (V - fitted) ** 2).sum(1, keepdims=True)
    noise = (square + digit**2 + _TINY) / np.maximum(n_eff - 2, 0.5)  # times n_eff / n_eff
    spread = np.sqrt(noise * (1 + (Ut - u0) ** 2 / var))
    return Fit(fitted, v0 + slope * (Ut - u0), spread, np.sqrt(square), slope, np.sqrt(noise / var), np.zeros_like(u0))


def _law(U: Floats, V: Floats, w: Floats, Ut: Floats, digit: Floats) -> Fit:
    w = w / w.sum(1, keepdims=True)
    n_eff = 1.0 / (w * w).sum(1, keepdims=True)
    power = 0.5 * np.maximum(n_eff - 2, 0.5)
    problem = _Projection(np.exp(V), w, _TINY + digit**2)

    def cost_of(log_b: Floats) -> Floats:
        """Posterior of ln b (B, G) to the power -1 / `power`: the squared residual, with the prior as a factor."""
        return np.asarray(
            problem.solve(_rise(U, log_b)).square * np.exp(((log_b - LOG_B) / LOG_B_STD) ** 2 / (2 * power))
        )

    best, curvature = _lowest(cost_of, len(U))
    sd = 1.0 / np.sqrt(np.clip(power * curvature, 1.0 / LOG_B_STD**2, 1e12))
    down, up = _rungs(sd, best - _LOW), _rungs(sd, _HIGH - best)
    log_b = best + np.concatenate([-down[:, ::-1], np.zeros_like(best), up], axis=1)
    G = _rise(U, log_b)
    s = problem.solve(G)
    noise = s.square / (2 * power) / problem.total
    B, B_std, mass = _between(s.B, np.sqrt(noise / s.var), s.top)
    log_weight = -power * np.log(s.square) - 0.5 * ((log_b - LOG_B) / LOG_B_STD) ** 2
    log_weight += np.log(np.maximum(G[:, :, 0], 1e-12) / np.sqrt(s.var) * mass * np.gradient(log_b, axis=1))
    weight = np.exp(log_weight - log_weight.max(1, keepdims=True))
    weight /= weight.sum(1, keepdims=True)

    off = _rise(Ut, log_b) - s.g0[..., None]
    level = np.maximum(problem.y0[..., None] + B[..., None] * off, 1e-100)
    each = np.log(level)
    predicted = np.matmul(weight[:, None], each)[:, 0]
    with np.errstate(over="ignore"):  # beyond float64 is beyond the 4 below
        var = (noise[..., None] + (B_std * B_std)[..., None] * off * off) / (level * level)
    var = (each - predicted[:, None]) ** 2 + np.minimum(var, 4.0)
    spread = np.sqrt(np.matmul(weight[:, None], var)[:, 0])
    fitted = np.log(np.maximum(problem.y0 + B[:, _RUNGS, None] * (G[:, _RUNGS] - s.g0[:, _RUNGS, None]), 1e-300))
    share = B / np.maximum(problem.y0 - B * s.g0, 1e-300)  # of what falls, in the level at the end
    slope = (weight * log_b).sum(1, keepdims=True)
    return Fit(
        fitted,
        predicted,
        spread,
        rms=np.sqrt((weight * np.maximum(s.square - problem.open, 0.0)).sum(1, keepdims=True)),
        slope=slope,
        slope_std=np.sqrt((weight * (log_b - slope) ** 2).sum(1, keepdims=True)),
        floor=(weight * _clip(1.0 - share, 0.0, 1.0)).sum(1, keepdims=True),
    )


def _rise(U: Floats, log_b: Floats) -> Floats:
    """e^{-b U} - 1, (B, G, M): 0 at the end of the context."""
    return np.expm1(_clip(-np.exp(log_b)[:, :, None] * U[:, None, :], -700.0, 300.0))


def _rungs(sd: Floats, reach: Floats) -> Floats:
    """Distances from the best exponent, (B, _RUNGS), from .45 sd to `reach` by equal factors."""
    start = 0.45 * sd
    log_ratio = np.log(np.maximum(np.maximum(reach, 0.1) / start, 1.5)) / (_RUNGS - 1)
    return np.asarray(start * np.exp(log_ratio * np.arange(_RUNGS)))


class _Solution(NamedTuple):
    """Of G shapes, each (B, G): the best B inside its bounds, the squared residual there, B's upper bound, mean and
    variance of the shape."""

    B: Floats
    square: Floats
    top: Floats
    g0: Floats
    var: Floats


class _Projection:
    """Y = y0 + B (G - g0) in relative error, with B >= 0 and a floor, y0 - B (1 + g0), that is not negative."""

    def __init__(self, Y: Floats, w: Floats, open_: Floats):
        relative = w / Y**2
        self.open = open_
        self.total = relative.sum(1, keepdims=True)
        p = relative / self.total
        self.y0 = (p * Y).sum(1, keepdims=True)
        left = Y - self.y0
        self.p, self.left = p, left
        self.square = (p * left * left).sum(1, keepdims=True)
        self.both = np.stack([p, p * left], -1)
        self.n_eff = 1.0 / (p * p).sum(1, keepdims=True)

    def solve(self, G: Floats) -> _Solution:
        moments = np.matmul(G, self.both)  # products of matrices: no temporary arrays
        g0 = moments[..., 0]
        square = np.matmul(G * G, self.p[:, :, None])[..., 0]
        var = np.maximum(square - g0 * g0, 1e-13 * square + 1e-100)
        top = self.y0 / (1.0 + g0)
        B = _clip(moments[..., 1] / var, 0.0, top)
        left = self.square + B * (B * var - 2 * moments[..., 1])
        return _Solution(B, self.total * np.maximum(left, 0.0) + self.open, top, g0, var)


def _between(B: Floats, sd: Floats, top: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean, standard deviation and mass of Normal(B, sd) between 0 and top, for B between them."""
    sd = np.maximum(sd, 1e-12 * top)  # a fit without any residual leaves no spread to divide by
    low, high = -B / sd, (top - B) / sd
    phi_low, phi_high = 0.3989422804 * np.exp(-0.5 * low * low), 0.3989422804 * np.exp(-0.5 * high * high)
    mass = np.maximum(_normal_cdf(high) - _normal_cdf(low), 1e-3)
    shift = (phi_low - phi_high) / mass
    bend = (low * phi_low - high * phi_high) / mass
    return _clip(B + sd * shift, 0.0, top), sd * np.sqrt(np.maximum(1 + bend - shift * shift, 1e-6)), mass


def _clip(values: Floats, low: float, high: float | Floats) -> Floats:
    """`np.clip` in a third of its time on short arrays."""
    return np.asarray(np.minimum(np.maximum(values, low), high))


def _normal_cdf(z: Floats) -> Floats:
    """To 2e-4; scipy would cost a cold start."""
    return np.asarray(0.5 * (1 + np.tanh(_clip(0.7978845608 * (z + 0.044715 * z**3), -20.0, 20.0))))


def _lowest(cost_of: Callable[[Floats], Floats], n: int) -> tuple[Floats, Floats]:
    """The best ln b (B, 1), by a grid and parabolas through three points, and d²ln cost / d(ln b)² there."""
    coarse = np.broadcast_to(_COARSE, (n, len(_COARSE)))
    at_nodes = cost_of(coarse)
    lowest = at_nodes.argmin(1)[:, None]
    best, cost = np.take_along_axis(coarse, lowest, 1), np.take_along_axis(at_nodes, lowest, 1)
    step, curvature = _COARSE[1] - _COARSE[0], np.full_like(best, 1e-300)
    for shrink in _SHRINKS:
        h = step * shrink
        beside = cost_of(best + h * np.array([-1.0, 1.0]))
        second = beside[:, :1] - 2 * cost + beside[:, 1:]
        move = np.where(second > 0, 0.5 * (beside[:, :1] - beside[:, 1:]) / np.maximum(second, 1e-300), 0.0)
        # The cost is skewed where the floor reaches zero: there the parabola's minimum may lie above where it started.
        moved = _clip(best + h * _clip(move, -1.0, 1.0), _LOW + 0.1, _HIGH - 0.1)
        moved_cost = cost_of(moved)
        better = moved_cost < cost
        best, cost = np.where(better, moved, best), np.where(better, moved_cost, cost)
        if shrink >= _SMALLEST:
            curvature = np.maximum(second / (h * h * cost), 1e-300)
    return best, curvature
