"""The prior of tables of runs: surfaces, designs, readings and questions put together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...laws import FloatArray
from ..random import Bools, bernoulli, log_normal
from .config import SurfaceConfig
from .designs import NAMES, Design, draw_design
from .fields import draw_waves
from .questions import budgets, draw_places, optimum
from .readings import draw_readings
from .surface import Surface, draw_surface

FLATTEST, WILDEST = 0.006, 12.0
"""Tables whose ln L has less spread or lies farther from its centre are drawn anew."""
_OFFSETS = 20.0, 22.0
"""ln N and ln D at the centre, anywhere: the encoding reads neither."""


@dataclass(frozen=True)
class Tables:
    """B tables of M runs with T questions of a loss and O of an optimum; float64, natural logarithms."""

    u_BM: FloatArray  # ln N of the runs
    v_BM: FloatArray  # ln D
    y_BM: FloatArray  # ln L as read
    u_BT: FloatArray  # ln N of the questions
    v_BT: FloatArray
    run_BT: FloatArray  # ln L that one new run would read
    curve_BT: FloatArray  # ln L of the curve
    c_BO: FloatArray  # ln N + ln D of the budgets
    best_u_BO: FloatArray  # ln N*
    best_y_BO: FloatArray  # ln L*
    slope_BO: FloatArray  # d ln N* / d ln C, from the centre of the table to the budget
    inside_BO: Bools  # whether an optimum exists


@dataclass(frozen=True)
class SurfacePrior:
    """Tables of runs, a batch at a time."""

    config: SurfaceConfig

    @property
    def name(self) -> str:
        return self.config.name

    def sample(self, rng: np.random.Generator, n_tables: int, n_runs: int, n_targets: int, n_budgets: int) -> Tables:
        """Draw tables; the same generator state gives the same batch."""
        found: list[Tables] = []
        missing = n_tables
        while missing > 0:
            drawn, good = _draw(rng, missing + missing // 8 + 2, n_runs, n_targets, n_budgets, self.config)
            found.append(_take(drawn, np.flatnonzero(good)[:missing]))
            missing -= len(found[-1].u_BM)
        if len(found) == 1:
            return found[0]
        names = Tables.__dataclass_fields__
        return Tables(**{name: np.concatenate([getattr(t, name) for t in found]) for name in names})


def _take(tables: Tables, rows: np.ndarray) -> Tables:
    return Tables(**{name: getattr(tables, name)[rows] for name in Tables.__dataclass_fields__})


def _draw(rng: np.random.Generator, B: int, n: int, T: int, Q: int, config: SurfaceConfig) -> tuple[Tables, np.ndarray]:
    design = draw_design(rng, B, n, config)
    u, v, done, ahead_u, ahead_v, ahead = _shown(rng, design, n, config)
    surface = draw_surface(rng, B, config)
    clean = surface.log_loss(u, v)
    spread = np.maximum(clean.std(1, keepdims=True), 1e-6)
    wave = np.minimum(log_normal(rng, config.field_size, 0.9, (B, 1)), 0.3) * spread
    wavy = bernoulli(rng, config.p_field, (B, 1)) & ~surface.exact
    field = draw_waves(rng, np.where(wavy, wave, 0.0), (1.5, 8.0))
    readings = draw_readings(rng, spread, surface.exact, surface.noise_of_rest, config)

    curve = clean + field(u, v)
    early = _unfinished(rng, surface, design, u, v, done, config)
    y = readings.read(rng, curve + early, u, v, surface.log_loudness(u, v))

    ask_u, ask_v = draw_places(rng, u, v, T, config)
    pick = rng.integers(0, ahead_u.shape[1], (B, T))
    dear = np.take_along_axis(ahead, pick, 1) & bernoulli(rng, 0.5, (B, T))
    ask_u = np.where(dear, np.take_along_axis(ahead_u, pick, 1), ask_u)
    ask_v = np.where(dear, np.take_along_axis(ahead_v, pick, 1), ask_v)
    asked = surface.log_loss(ask_u, ask_v) + field(ask_u, ask_v)
    run = readings.read(rng, asked, ask_u, ask_v, surface.log_loudness(ask_u, ask_v))

    c = budgets(rng, u, v, Q, config)
    best, slope, inside = optimum(surface, c)
    best_y = surface.log_loss(best, c - best) + field(best, c - best)
    good = (y.std(1) > FLATTEST) & (np.abs(y).max(1) < WILDEST) & (np.abs(run).max(1) < WILDEST)
    a, b = _OFFSETS
    tables = Tables(
        u + a, v + b, y, ask_u + a, ask_v + b, run, asked, c + a + b, best + a, best_y, slope,
        inside & (np.abs(best_y) < WILDEST),
    )  # fmt: skip
    return tables, good & np.isfinite(asked).all(1)


def _shown(rng: np.random.Generator, design: Design, n: int, config: SurfaceConfig) -> tuple[np.ndarray, ...]:
    """The n rows of each context, centred: the cheapest where a table is cut, else any. Then the P rows, and which of
    them are hidden and dearer."""
    B, P = design.u.shape
    line = (design.kind == NAMES.index("line"))[:, None]
    cut = bernoulli(rng, config.p_cut, (B, 1)) & ~line
    key = np.where(cut, design.u + design.v + 1e-6 * rng.random((B, P)), rng.random((B, P)))
    order = np.argsort(np.where(design.counts, key, np.inf), axis=1)
    shown = order[:, :n]
    u, v, done = (np.take_along_axis(x, shown, 1) for x in (design.u, design.v, design.done))
    mean_u, mean_v = u.mean(1, keepdims=True), v.mean(1, keepdims=True)
    hidden = design.counts.copy()
    np.put_along_axis(hidden, shown, False, axis=1)
    return u - mean_u, v - mean_v, done, design.u - mean_u, design.v - mean_v, hidden & cut


def _unfinished(
    rng: np.random.Generator, surface: Surface, design: Design, u: FloatArray, v: FloatArray, done: FloatArray,
    config: SurfaceConfig,
) -> FloatArray:  # fmt: skip
    """What rows read before the end of their schedule still have to lose, (B, n): ln red + size (1 - done)^power."""
    B = len(u)
    on = (design.kind == NAMES.index("checkpoints"))[:, None] & bernoulli(rng, config.p_unfinished, (B, 1))
    on &= ~surface.exact
    size = np.where(on, 0.02 + 0.28 * rng.random((B, 1)), 0.0)
    power = 0.5 + 1.5 * rng.random((B, 1))
    more = size * np.maximum(1.0 - done, 0.0) ** power
    share = np.exp(np.clip(surface.log_reducible(u, v) + surface.penalty(u, v) - surface.log_loss(u, v), -50.0, 0.0))
    return np.asarray(np.log1p(share * np.expm1(more)))
