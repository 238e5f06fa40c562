"""Where a curve is measured and where it is asked.

U = ln(x / x_last) throughout, x_last being the largest context x: contexts have U <= 0 with last value 0,
targets mostly U > 0. R = -U_first is the log-range of a context, E = U of its farthest target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from ..laws import FloatArray
from .random import Bools, bernoulli, category, uniform

if TYPE_CHECKING:
    from .config import OursConfig

MIN_RANGE = 0.02  # floor of R, so that nothing divides by a vanishing log-range


def draw_contexts(
    rng: np.random.Generator, n_curves: int, n_points: int, config: OursConfig, at_steps: bool = False
) -> FloatArray:
    """U of the context points, shape (B, M), rising, last column 0.

    R: 80 % U(ln 4, ln 800), 10 % U(.1, ln 4), 10 % U(ln 800, ln 1e5). Layouts: 25 % geometric grid;
    20 % steps k0, k0+1, ... with k0 in 1..3 (R follows from M); 17 % linear grid; 18 % uniform in ln x;
    20 % x = x0 + (1 - x0) q^p, q uniform, p ~ LU(1, 3). Both ends are exact. With `at_steps`
    all of them have the second one.
    """
    B, M = n_curves, n_points
    bounds = np.log([[4.0, 800.0], [np.exp(0.1), 4.0], [800.0, 1e5]])
    low, high = bounds[category(rng, (0.8, 0.1, 0.1), B)].T
    R_B1 = uniform(rng, low, high, B)[:, None]
    layout_B = category(rng, (0.25, 0.20, 0.17, 0.18, 0.20), B)
    if at_steps:
        layout_B = np.ones(B, dtype=np.int64)
    grid_M = np.linspace(0.0, 1.0, M)
    U_BM = -R_B1 * (1.0 - grid_M)
    k = np.flatnonzero(layout_B == 1)
    if k.size:
        steps = rng.integers(1, 4, (k.size, 1)) + np.arange(M)
        U_BM[k] = np.log(steps / steps[:, -1:])
    k = np.flatnonzero(layout_B == 2)
    if k.size:
        x0 = np.exp(-R_B1[k])
        U_BM[k] = np.log(x0 + (1.0 - x0) * grid_M)
    for code in (3, 4):
        k = np.flatnonzero(layout_B == code)
        if not k.size:
            continue
        q = np.sort(rng.random((k.size, M)), axis=1)
        q[:, 0], q[:, -1] = 0.0, 1.0
        if code == 3:
            U_BM[k] = -R_B1[k] * (1.0 - q)
        else:
            x0, p = np.exp(-R_B1[k]), np.exp(uniform(rng, 0.0, float(np.log(3.0)), (k.size, 1)))
            U_BM[k] = np.log(x0 + (1.0 - x0) * q**p)
    U_BM[:, -1] = 0.0
    return _repeat(rng, U_BM, config.p_repeats)


def _repeat(rng: np.random.Generator, U_BM: FloatArray, p: float) -> FloatArray:
    """In a share p of the curves (M >= 8) measure each x 2 to 8 times: groups share their last x."""
    B, M = U_BM.shape
    if M < 8:
        return U_BM
    k = np.flatnonzero(bernoulli(rng, p, B))
    size = rng.integers(2, min(9, M // 3 + 1), (k.size, 1))
    last = np.minimum((np.arange(M) // size + 1) * size - 1, M - 1)
    U_BM[k] = np.take_along_axis(U_BM[k], last, axis=1)
    return U_BM


def evenly_spaced(U_BM: FloatArray) -> Bools:
    """Which contexts lie at equal steps of x without repeats, as the lines of a training log do, (B,)."""
    steps = np.diff(np.exp(U_BM), axis=1)
    mean = steps.mean(axis=1, keepdims=True)
    return cast("Bools", np.all(np.abs(steps - mean) <= 1e-6 * mean, axis=1))


def draw_horizons(rng: np.random.Generator, R_B1: FloatArray, config: OursConfig) -> FloatArray:
    """E, shape (B, 1): N(ln 2, .25) from .1 up | U(.1, 1.7) | U(.5, 6.9), shares from the config.

    Where R < 1, half of the curves get E = R U(.3, 1.5) instead: short contexts ask near questions too.
    """
    shape = R_B1.shape
    kind = category(rng, (config.p_double, config.p_near, config.p_far), shape)
    double = np.maximum(np.log(2.0) + 0.25 * rng.standard_normal(shape), 0.1)
    E_B1 = np.select([kind == 0, kind == 1], [double, uniform(rng, 0.1, 1.7, shape)], uniform(rng, 0.5, 6.9, shape))
    short = (R_B1 < 1.0) & bernoulli(rng, config.p_short_horizon, shape)
    return np.where(short, R_B1 * uniform(rng, 0.3, 1.5, shape), E_B1)


def draw_targets(
    rng: np.random.Generator, U_BM: FloatArray, E_B1: FloatArray, n_targets: int, config: OursConfig
) -> FloatArray:
    """U of the targets, shape (B, T), in no promised order (beyond, inside and below are mixed).

    Each target on its own lies inside the context (`p_inside`), just below it (`p_below`, U in
    [-1.2 R, -R]) or beyond it. Beyond: in 60 % of the curves uniform in x, else in ln x, over (0, E];
    the last column, where it lies beyond, is E itself.
    """
    B, T = len(U_BM), n_targets
    v_BT = 1.0 - rng.random((B, T))
    v_BT[:, -1] = 1.0
    in_x_B1 = bernoulli(rng, 0.6, (B, 1))
    U_BT = np.where(in_x_B1, np.log1p(v_BT * np.expm1(E_B1)), v_BT * E_B1)
    where_BT = rng.random((B, T))
    inside_BT = where_BT < config.p_inside
    below_BT = (where_BT >= config.p_inside) & (where_BT < config.p_inside + config.p_below)
    U_BT[inside_BT] = _inside(rng, U_BM, inside_BT)
    first_BT = np.broadcast_to(U_BM[:, :1], (B, T))[below_BT]
    U_BT[below_BT] = first_BT * uniform(rng, 1.0, 1.2, first_BT.shape)
    return U_BT


def _inside(rng: np.random.Generator, U_BM: FloatArray, inside_BT: Bools) -> FloatArray:
    """One U in [-R, 0] per marked target: 35 % uniform in ln x, 35 % within a random gap between
    neighbours, 30 % at a context x (a held-out repeat)."""
    rows = np.nonzero(inside_BT)[0]
    i = rng.integers(0, U_BM.shape[1] - 1, rows.size)
    kind = category(rng, (0.35, 0.35, 0.30), rows.size)
    v = rng.random(rows.size)
    v_gap = np.where(kind == 1, v, np.round(v))
    gap = U_BM[rows, i] * (1.0 - v_gap) + U_BM[rows, i + 1] * v_gap
    return np.where(kind == 0, U_BM[rows, 0] * v, gap)
