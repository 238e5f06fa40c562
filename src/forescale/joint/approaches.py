"""Chinchilla's three roads from runs to an allocation, side by side.

    envelope    the best run of each compute level; a line through ln N against ln C
    parabola    a parabola of loss in ln N at each compute level; a line through the vertices against ln C
    parametric  the joint law

The parabola is biased: loss at a compute level is a sum of two exponentials in ln N and not symmetric about its
minimum, so the vertex moves with the range of N that was sampled. The bias is measured here rather than assumed: each
road is walked a second time on the noise-free losses of the parametric fit at the same runs, whose optimum is known.

Source: Hoffmann et al. 2022 (arXiv 2203.15556), section 3; its envelope reads training curves, ours finished runs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..forecasts.quantity import Quantity
from ..laws.chinchilla import FLOPS_PER_PARAMETER_AND_TOKEN, Chinchilla
from ..numerics import Floats

LEVEL_GAP = 0.25
"""Runs whose ln FLOPs differ by less than this from their neighbour's share a compute level."""
LEVEL_WIDTH = 0.8
"""A level wider than this in ln FLOPs is no level; such runs are read in bins of this width instead."""
MIN_RUNS, MIN_LEVELS = 4, 3
N_DRAWS = 4000


@dataclass(frozen=True, eq=False)
class Approach:
    """One road's answer.

    Attributes:
        name: envelope, parabola or parametric.
        a: exponent of N* in compute; params: N* at the budget. None where the runs do not allow this road.
        log_c, log_n: the points its line goes through, ln FLOPs and ln N, (levels,).
        bias_a: a of the same road on noise-free losses of the parametric fit, minus the a of that fit.
        bias_params: the same for N* at the budget, as a ratio; 1 is unbiased.
        note: what to know, or why there is no answer.
    """

    name: str
    a: Quantity | None
    params: Quantity | None
    log_c: Floats
    log_n: Floats
    bias_a: float = 0.0
    bias_params: float = 1.0
    note: str = ""


Optima = Callable[[Floats, Floats, Floats], tuple[Floats, Floats]]


def by_line(
    name: str,
    optima: Optima,
    runs: Mapping[str, Floats],
    constants: Mapping[str, float],
    flops: float,
    rng: np.random.Generator,
) -> Approach:
    """A road that ends in a line through ln N against ln C, with its bias under the parametric fit."""
    n, d = runs["params"], runs["tokens"]
    log_c = np.log(FLOPS_PER_PARAMETER_AND_TOKEN * n * d)
    at, best = optima(log_c, np.log(n), runs["loss"])
    if len(at) < MIN_LEVELS:
        why = f"needs {MIN_LEVELS} compute levels with an optimum inside the range of N, found {len(at)}"
        return Approach(name, None, None, at, best, note=why)
    slope, ahead = _line_draws(at, best, np.log(flops), rng)
    law = Chinchilla()
    exact = law.optimum(flops, **constants)
    clean_at, clean_best = optima(log_c, np.log(n), law.loss(n, d, **constants))
    bias_a, bias_n = np.nan, np.nan
    if len(clean_at) >= MIN_LEVELS:
        a, c = np.polyfit(clean_at, clean_best, 1)
        bias_a = float(a - constants["beta"] / (constants["alpha"] + constants["beta"]))
        bias_n = float(np.exp(a * np.log(flops) + c) / exact.n_params)
    with np.errstate(over="ignore"):  # few levels leave a line that may point anywhere
        params = Quantity(np.exp(ahead), "parameters")
    return Approach(
        name, Quantity(slope), params, at, best, bias_a, bias_n,
        f"{len(at)} compute levels",
    )  # fmt: skip


def envelope_optima(log_c: Floats, log_n: Floats, loss: Floats) -> tuple[Floats, Floats]:
    """ln C and ln N of the best run of each level, where it is neither the smallest nor the largest model there."""
    found = []
    for rows in compute_levels(log_c):
        best = rows[np.argmin(loss[rows])]
        if log_n[rows].min() < log_n[best] < log_n[rows].max():
            found.append((log_c[best], log_n[best]))
    return _columns(found)


def parabola_optima(log_c: Floats, log_n: Floats, loss: Floats) -> tuple[Floats, Floats]:
    """ln C and the vertex in ln N of each level's parabola, where it opens upwards inside the range of N."""
    found = []
    for rows in compute_levels(log_c):
        if len(np.unique(np.round(log_n[rows], 6))) < 3:  # one or two sizes have no parabola
            continue
        centre = log_n[rows].mean()
        bend, tilt, _ = np.polyfit(log_n[rows] - centre, np.log(loss[rows]), 2)
        vertex = centre - tilt / (2 * bend) if bend > 0 else np.inf
        if log_n[rows].min() < vertex < log_n[rows].max():
            found.append((log_c[rows].mean(), vertex))
    return _columns(found)


def compute_levels(log_c: Floats) -> list[NDArray[np.int64]]:
    """Rows of each compute level with at least MIN_RUNS runs, from the smallest."""
    order = np.argsort(log_c, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(log_c[order]) > LEVEL_GAP) + 1)
    if any(np.ptp(log_c[g]) > LEVEL_WIDTH for g in groups):
        bins = np.floor((log_c[order] - log_c.min()) / LEVEL_WIDTH)
        groups = np.split(order, np.flatnonzero(np.diff(bins) > 0) + 1)
    return [g for g in groups if len(g) >= MIN_RUNS]


def _line_draws(x: Floats, y: Floats, at: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draws of the slope and of the line at `at`: Student-t around least squares."""
    (slope, height), dof = np.polyfit(x - x.mean(), y, 1), max(len(x) - 2, 1)
    miss = y - height - slope * (x - x.mean())
    noise = np.sqrt((miss**2).sum() / dof)
    t = rng.standard_t(dof, size=(N_DRAWS, 2))
    slopes = slope + t[:, 0] * noise / np.sqrt(((x - x.mean()) ** 2).sum())
    return slopes, height + t[:, 1] * noise / np.sqrt(len(x)) + slopes * (at - x.mean())


def _columns(pairs: list[tuple[float, float]]) -> tuple[Floats, Floats]:
    table = np.array(pairs, float).reshape(-1, 2)
    return table[:, 0], table[:, 1]
