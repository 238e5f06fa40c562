"""Which width is best at each compute, measured: iso-compute curves of simulated students and their optima.

At each C the loss at width n is read at T = C/(n d), between the T of the grid along straight lines in ln T – ln loss;
the optimum is the vertex of a parabola in ln n through the widths near the smallest loss. Errors are a bootstrap over
teachers, the independent units of the grid. Measured, no theorem: docs/theory-proofs.md, §8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike

from ..errors import CurveError
from ..numerics import Floats
from ..pages.answer import Answer
from . import arguments

if TYPE_CHECKING:
    import pandas as pd

WINDOW = np.log(4.0) + 1e-9
"""Half width, in ln n, of the parabola's data around the smallest loss."""


class Estimate(NamedTuple):
    """A number, its bootstrap standard error and its central 90 % interval."""

    value: float
    error: float
    low: float
    high: float


@dataclass(frozen=True, repr=False)
class IsoCompute(Answer):
    """Iso-compute curves over G compute levels and W widths, and the measured optima.

    Attributes:
        C: (G,) parameter-sample products.
        n: (W,) widths; d: input dimension.
        kl_GW: mean over teachers of the excess loss at width n and T = C/(nd); nan outside the grid's T.
        p, T, loss: (G,) at the vertex.
        p_low, p_high: (G,) central 90 % bootstrap interval of p.
        p_per_C, p_per_T, T_per_C, loss_per_C: slopes of straight lines through the optima, in logarithms.
    """

    C: Floats
    n: Floats
    d: int
    kl_GW: Floats
    p: Floats
    T: Floats
    loss: Floats
    p_low: Floats
    p_high: Floats
    p_per_C: Estimate
    T_per_C: Estimate
    p_per_T: Estimate
    loss_per_C: Estimate


def isocompute(
    table: pd.DataFrame, compute: ArrayLike | None = None, *, n_bootstrap: int = 1000, seed: int = 0
) -> IsoCompute:
    """Measured optima of a student table, with slopes and bootstrap errors.

    Args:
        table: rows of `simulate`: teacher, n, T, p, kl.
        compute: (G,) levels of C; default powers of two with two thirds of the widths (3 at least) in the grid.
        n_bootstrap: resamplings of the teachers.

    Raises:
        CurveError: fewer than 2 compute levels or 2 teachers, or a level with fewer than 3 widths.
    """
    d = int(table["p"].iloc[0] // table["n"].iloc[0])
    kl_BTW = _cube(table)
    T, n = np.sort(table["T"].unique()).astype(float), np.sort(table["n"].unique()).astype(float)
    C = _levels(T, n, d) if compute is None else np.atleast_1d(np.asarray(compute, float))
    arguments.above(0, C=C)
    if len(C) < 2 or len(kl_BTW) < 2:
        raise CurveError(
            f"expected at least 2 compute levels and 2 teachers, got {len(C)} and {len(kl_BTW)}. "
            "Simulate a larger grid."
        )
    rng = np.random.default_rng(seed)
    picks = [np.arange(len(kl_BTW)), *(rng.integers(0, len(kl_BTW), len(kl_BTW)) for _ in range(n_bootstrap))]
    curves = [_curves(kl_BTW[pick].mean(axis=0), T, n, d, C) for pick in picks]
    log_p_RG, log_loss_RG = (np.array(v) for v in zip(*(_vertices(k, n, d, C) for k in curves), strict=True))
    log_c = np.log(C)
    slope = {
        "p_per_C": _slopes(log_c, log_p_RG),
        "T_per_C": _slopes(log_c, log_c - log_p_RG),
        "p_per_T": np.array([np.polyfit(log_c - v, v, 1)[0] for v in log_p_RG]),
        "loss_per_C": _slopes(log_c, log_loss_RG),
    }
    low, high = np.quantile(np.exp(log_p_RG[1:]), [0.05, 0.95], axis=0) if n_bootstrap else np.exp(log_p_RG[[0, 0]])
    p = np.exp(log_p_RG[0])
    return IsoCompute(C, n, d, curves[0], p, C / p, np.exp(log_loss_RG[0]), low, high,
                      **{k: _estimate(v) for k, v in slope.items()})  # fmt: skip


def _cube(table: pd.DataFrame) -> Floats:
    cells = table.pivot_table(index="teacher", columns=["T", "n"], values="kl", dropna=False)
    if cells.isna().any().any():
        raise CurveError("expected every teacher at every (n, T), got gaps. Complete the grid with simulate first.")
    return cells.to_numpy().reshape(len(cells), table["T"].nunique(), table["n"].nunique())


def _levels(T: Floats, n: Floats, d: int) -> Floats:
    """Powers of two at which two thirds of the widths lie inside the grid: an optimum needs both of its sides."""
    power = np.arange(np.ceil(np.log2(d * n[0] * T[0])), np.log2(d * n[-1] * T[-1]) + 1e-9)
    asked = 2.0 ** power[:, None] / (d * n)
    return cast(
        "Floats", 2.0 ** power[((asked >= T[0]) & (asked <= T[-1])).sum(axis=1) >= max(3, np.ceil(2 * len(n) / 3))]
    )


def _curves(kl_TW: Floats, T: Floats, n: Floats, d: int, C: Floats) -> Floats:
    """(G, W): loss of each width at T = C/(nd), nan outside the grid."""
    asked = np.log(C[:, None] / (d * n))
    inside = (asked >= np.log(T[0]) - 1e-9) & (asked <= np.log(T[-1]) + 1e-9)
    read = [np.interp(asked[:, w], np.log(T), np.log(kl_TW[:, w])) for w in range(len(n))]
    return np.where(inside, np.exp(np.stack(read, axis=1)), np.nan)


def _vertices(kl_GW: Floats, n: Floats, d: int, C: Floats) -> tuple[Floats, Floats]:
    """ln p and ln loss of the vertex at each C."""
    out = [_vertex(np.log(n), np.log(k), c) for k, c in zip(kl_GW, C, strict=True)]
    log_n, log_loss = np.array(out).T
    return log_n + np.log(d), log_loss


def _vertex(log_n: Floats, log_kl: Floats, c: float) -> tuple[float, float]:
    seen = np.isfinite(log_kl)
    if seen.sum() < 3:
        raise CurveError(f"expected at least 3 widths inside the grid at C = {c:g}, got {seen.sum()}. Change compute.")
    x, y = log_n[seen], log_kl[seen]
    near = np.abs(x - x[np.argmin(y)]) <= WINDOW
    if near.sum() < 3:
        near = np.argsort(np.abs(x - x[np.argmin(y)]))[:3]
    a, b, c0 = np.polyfit(x[near], y[near], 2)
    best = x[np.argmin(y)] if a <= 0 else float(np.clip(-b / (2 * a), x[near].min(), x[near].max()))
    return best, float(np.polyval([a, b, c0], best))


def _slopes(x: Floats, y_RG: Floats) -> Floats:
    return cast("Floats", np.polyfit(x, y_RG.T, 1)[0])


def _estimate(value_R: Floats) -> Estimate:
    """The first entry is the estimate itself, the rest its bootstrap."""
    drawn = value_R[1:] if len(value_R) > 2 else np.full(2, value_R[0])
    low, high = np.quantile(drawn, [0.05, 0.95])
    return Estimate(float(value_R[0]), float(drawn.std(ddof=1)), float(low), float(high))
