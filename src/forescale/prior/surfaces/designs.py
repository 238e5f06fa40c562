"""Which runs a table holds: six designs, as people plan them.

isoflop      compute levels, several sizes on each
grid         every size at every number of tokens
ladder       sizes at constant tokens per parameter, one or more ratios
checkpoints  few models, each read along its run
scatter      anywhere in a box
line         one ratio, and a few runs beside it
"""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np

from ...laws import FloatArray
from ..random import Bools, bernoulli, category, uniform
from .config import SurfaceConfig

NAMES = ("isoflop", "grid", "ladder", "checkpoints", "scatter", "line")


class Design(NamedTuple):
    """P rows a table: ln N and ln D (B, P), the share of its schedule each row has done, and whether a row counts."""

    u: FloatArray
    v: FloatArray
    done: FloatArray
    counts: Bools
    kind: FloatArray


def draw_design(rng: np.random.Generator, B: int, n: int, config: SurfaceConfig) -> Design:
    """Between n and 2 n rows a table."""
    P = 2 * n
    weights = [getattr(config, f"weight_{name}") for name in NAMES]
    kind = category(rng, weights, B)
    m = np.minimum(P, np.ceil(n * uniform(rng, 1.0, 2.0, B))).astype(int)
    m = np.where(bernoulli(rng, 0.4, B), n, m)
    u, v, done = np.zeros((B, P)), np.zeros((B, P)), np.ones((B, P))
    for code, draw in enumerate((_isoflop, _grid, _ladder, _checkpoints, _scatter, _line)):
        rows = np.flatnonzero(kind == code)
        if len(rows):
            u[rows], v[rows], done[rows] = draw(rng, m[rows, None], P, config)
    return Design(u, v, done, np.arange(P) < m[:, None], kind.astype(float))


_Rows = tuple[FloatArray, FloatArray, FloatArray]


def _isoflop(rng: np.random.Generator, m: np.ndarray, P: int, config: SurfaceConfig) -> _Rows:
    B = len(m)
    n_levels = np.minimum(rng.integers(2, 10, (B, 1)), np.maximum(2, m // 3))
    level, place = np.arange(P) % n_levels, np.arange(P) // n_levels
    n_places = -(-m // n_levels)
    c = (level - (n_levels - 1) / 2) * uniform(rng, 0.4, 1.5, (B, 1))
    t = _ticks(rng, place, n_places, P, config)
    u = uniform(rng, 0.3, 0.7, (B, 1)) * c + (2 * t - 1) * uniform(rng, 0.4, 2.0, (B, 1))
    u = _snapped(rng, u, bernoulli(rng, 0.6, (B, 1)))
    loose = np.where(bernoulli(rng, 0.3, (B, 1)), uniform(rng, 0.0, 0.1, (B, 1)), 0.0)
    return u, c + loose * rng.standard_normal((B, P)) - u, np.ones((B, P))


def _grid(rng: np.random.Generator, m: np.ndarray, P: int, config: SurfaceConfig) -> _Rows:
    B = len(m)
    n_sizes = _sizes(rng, m, 20, config)
    size, place = np.arange(P) % n_sizes, np.arange(P) // n_sizes
    u = _ticks(rng, size, n_sizes, P, config) * uniform(rng, 0.9, 5.0, (B, 1))
    v = _ticks(rng, place, -(-m // n_sizes), P, config) * uniform(rng, 0.9, 5.5, (B, 1))
    return u, v, np.ones((B, P))


def _ladder(rng: np.random.Generator, m: np.ndarray, P: int, config: SurfaceConfig) -> _Rows:
    B = len(m)
    n_sizes = np.maximum(_sizes(rng, m, 12, config), np.minimum(3, m))
    size, place = np.arange(P) % n_sizes, np.arange(P) // n_sizes
    u = _ticks(rng, size, n_sizes, P, config) * uniform(rng, 1.2, 5.5, (B, 1))
    q = _ticks(rng, place, -(-m // n_sizes), P, config) * uniform(rng, 0.7, 6.0, (B, 1))
    return u, u + q, np.ones((B, P))


def _checkpoints(rng: np.random.Generator, m: np.ndarray, P: int, config: SurfaceConfig) -> _Rows:
    B = len(m)
    n_sizes = _sizes(rng, m, 24, config)
    size, place = np.arange(P) % n_sizes, np.arange(P) // n_sizes
    n_places = -(-m // n_sizes)
    u = _ticks(rng, size, n_sizes, P, config) * uniform(rng, 0.9, 5.0, (B, 1))
    end = uniform(rng, 0.0, 1.2, (B, 1)) * u
    even = (place + 1.0) / n_places
    in_logs = np.exp((even - 1.0) * uniform(rng, 1.0, 5.0, (B, 1)))
    done = np.where(bernoulli(rng, 0.5, (B, 1)), even, in_logs)
    return u, end + np.log(done), done


def _scatter(rng: np.random.Generator, m: np.ndarray, P: int, config: SurfaceConfig) -> _Rows:
    B = len(m)
    one, other = rng.random((2, B, P))
    one = uniform(rng, 0.9, 5.0, (B, 1)) * one
    other = uniform(rng, 0.7, 5.0, (B, 1)) * other
    one = _snapped(rng, one, bernoulli(rng, 0.4, (B, 1)))
    tilted = bernoulli(rng, 0.6, (B, 1))  # the box in (ln N, ln D / N), else in (ln N, ln D)
    return one, other + np.where(tilted, one, 0.0), np.ones((B, P))


def _line(rng: np.random.Generator, m: np.ndarray, P: int, config: SurfaceConfig) -> _Rows:
    B = len(m)
    beside = np.arange(P) >= m - rng.integers(2, 6, (B, 1))
    u = uniform(rng, 1.0, 5.5, (B, 1)) * rng.random((B, P))
    q = 0.05 * rng.standard_normal((B, P)) * bernoulli(rng, 0.5, (B, 1))
    return u, u + np.where(beside, uniform(rng, -2.0, 2.0, (B, P)), q), np.ones((B, P))


def _sizes(rng: np.random.Generator, m: np.ndarray, most: int, config: SurfaceConfig) -> np.ndarray:
    few = bernoulli(rng, config.p_few_sizes, m.shape)
    found = np.where(few, rng.integers(2, 6, m.shape), rng.integers(4, most + 1, m.shape))
    return cast("FloatArray", np.minimum(found, np.maximum(2, m // 2)))


def _ticks(
    rng: np.random.Generator, index: np.ndarray, n_ticks: np.ndarray, P: int, config: SurfaceConfig
) -> FloatArray:
    """Positions in [0, 1] of the ticks that `index` (B, P) names, evenly or unevenly spaced."""
    B = len(index)
    every = (np.arange(P) + 0.5) / n_ticks
    loose = np.where(bernoulli(rng, config.p_uneven, (B, 1)), uniform(rng, 0.0, 0.9, (B, 1)), 0.0)
    every = every + loose * uniform(rng, -0.5, 0.5, (B, P)) / n_ticks
    return np.take_along_axis(every, np.minimum(index, P - 1), axis=1)


def _snapped(rng: np.random.Generator, u: FloatArray, snap_B1: Bools) -> FloatArray:
    """u moved to the nearest rung of a ladder of sizes."""
    step = uniform(rng, 0.12, 0.5, snap_B1.shape)
    offset = uniform(rng, 0.0, 1.0, snap_B1.shape)
    return np.where(snap_B1, (np.round(u / step - offset) + offset) * step, u)
