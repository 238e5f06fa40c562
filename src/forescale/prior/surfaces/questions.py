"""What is asked of a table: a loss at (N, D), mostly dearer than its runs, and the optimum at a budget."""

from __future__ import annotations

from typing import cast

import numpy as np

from ...laws import FloatArray
from ..random import Bools, category, uniform
from .config import SurfaceConfig
from .surface import Surface

COARSE = np.linspace(-9.0, 9.0, 25)
FINE = np.linspace(-0.75, 0.75, 11)


def draw_horizons(rng: np.random.Generator, shape: tuple[int, int], config: SurfaceConfig) -> FloatArray:
    """ln C beyond the dearest run; nan where a question lies inside the range."""
    near, middle, far = (uniform(rng, low, high, shape) for low, high in ((0.0, 1.6), (0.7, 3.6), (2.0, 7.0)))
    inside = max(0.0, 1.0 - config.p_near - config.p_middle - config.p_far)
    kind = category(rng, (config.p_near, config.p_middle, config.p_far, inside), shape)
    return np.choose(kind, (near, middle, far, np.full(shape, np.nan)))


def draw_places(
    rng: np.random.Generator, u: FloatArray, v: FloatArray, T: int, config: SurfaceConfig
) -> tuple[FloatArray, FloatArray]:
    """T places (B, T) beyond a context (B, n): along a row's ratio, size or tokens, off the design, or a row again."""
    shape = (len(u), T)
    c = budgets(rng, u, v, T, config)
    row = rng.integers(0, u.shape[1], shape)
    at_u, at_v = np.take_along_axis(u, row, 1), np.take_along_axis(v, row, 1)
    q = v - u
    mean, spread = q.mean(1, keepdims=True), q.std(1, keepdims=True)
    free = mean + (1.5 * spread + 0.5) * rng.standard_normal(shape)
    ratio = at_v - at_u
    kind = category(rng, (0.42, 0.25, 0.10, 0.15, 0.08), shape)
    ask_u = np.choose(kind, ((c - ratio) / 2, at_u, c - at_v, (c - free) / 2, at_u))
    ask_v = np.choose(kind, ((c + ratio) / 2, c - at_u, at_v, (c + free) / 2, at_v))
    return ask_u, ask_v


def budgets(rng: np.random.Generator, u: FloatArray, v: FloatArray, T: int, config: SurfaceConfig) -> FloatArray:
    """ln C of T questions, (B, T)."""
    c = u + v
    top, bottom = c.max(1, keepdims=True), c.min(1, keepdims=True)
    ahead = draw_horizons(rng, (len(u), T), config)
    inside = top - rng.random(ahead.shape) * (top - bottom)
    return cast("FloatArray", np.where(np.isnan(ahead), inside, top + np.nan_to_num(ahead)))


def optimum(surface: Surface, c_BO: FloatArray) -> tuple[FloatArray, FloatArray, Bools]:
    """ln N* (B, O), the mean slope d ln N*/d ln C from the centre of the table to the budget, and where both exist.

    The argmin of the surface without its field: a wave of .4 % would move it by a factor of two, and no table could
    tell. A local slope would be noise for the same reason.
    """
    start = c_BO - np.maximum(np.abs(c_BO), 2.0)
    at, inside = _argmin(surface, np.concatenate([c_BO, start], 1))
    n = c_BO.shape[1]
    slope = (at[:, :n] - at[:, n:]) / (c_BO - start)
    return at[:, :n], slope, inside[:, :n] & inside[:, n:]


def _argmin(surface: Surface, c: FloatArray) -> tuple[FloatArray, Bools]:
    centre = c / 2
    nodes = centre[..., None] + COARSE
    loss = _along(surface, c, nodes)
    best = loss.argmin(-1)
    inside = (best > 0) & (best < len(COARSE) - 1)
    centre = centre + COARSE[best]
    nodes = centre[..., None] + FINE
    loss = _along(surface, c, nodes)
    best = np.clip(loss.argmin(-1), 1, len(FINE) - 2)
    low, mid, high = (np.take_along_axis(loss, (best + k)[..., None], -1)[..., 0] for k in (-1, 0, 1))
    bend = low - 2 * mid + high
    move = np.clip(0.5 * (low - high) / np.where(bend > 1e-14, bend, 1.0), -1.0, 1.0)
    return centre + FINE[best] + np.where(bend > 1e-14, move, 0.0) * (FINE[1] - FINE[0]), inside


def _along(surface: Surface, c: FloatArray, nodes: FloatArray) -> FloatArray:
    B, Q, K = nodes.shape
    u = nodes.reshape(B, Q * K)
    return surface.log_loss(u, np.repeat(c, K, axis=1) - u).reshape(B, Q, K)
