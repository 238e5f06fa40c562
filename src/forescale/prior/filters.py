"""Contexts that never rise: many raw readings are taken, few are reported, of the best so far or of a monotone fit.

Targets stay raw readings, so a network learns what noise such a context hides.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from ..laws import FloatArray
from .random import bernoulli, log_uniform

RAW, BEST, MONOTONE, POOLED = SHOWN = ("raw", "best", "monotone", "pooled")  # what a context shows of its readings
MAX_RAW = 450


def draw_n_raw(rng: np.random.Generator, shown: str, n_context: int, most: float) -> int:
    """Raw points behind a context: n if all are shown, or pooled (`pooled.py`), else n LU(2, most) for the best so far
    and n LU(1, most) for a monotone fit, at most 450 (but 2 n and n); one number per batch."""
    if shown in (RAW, POOLED):
        return n_context
    fewest = 2 if shown == BEST else 1
    n_raw = round(n_context * float(log_uniform(rng, float(fewest), most, ())))
    return max(fewest * n_context, min(n_raw, MAX_RAW))


def keep_best(
    rng: np.random.Generator,
    U_BM: FloatArray,
    log_y_BM: FloatArray,
    n_context: int,
    p_records: float,
    p_log_thinned: float,
) -> tuple[FloatArray, FloatArray]:
    """Thin raw readings to n_context points of best-so-far, both arrays (B, n_context).

    With `p_records`, and where there are enough of them: new minima only. Else the running minimum, at any raw
    point. Thinned evenly in ln x, each late point is the best of many readings and each early one of few.
    """
    B, M = U_BM.shape
    best_BM = np.minimum.accumulate(log_y_BM, axis=1)
    is_record = np.ones((B, M), dtype=bool)
    is_record[:, 1:] = log_y_BM[:, 1:] < best_BM[:, :-1]
    only_records = bernoulli(rng, p_records, (B, 1)) & (is_record.sum(axis=1)[:, None] >= n_context)
    index = _thin(rng, U_BM, is_record | ~only_records, n_context, p_log_thinned)
    return np.take_along_axis(U_BM, index, axis=1), _unless_flat(
        np.take_along_axis(best_BM, index, axis=1), np.take_along_axis(log_y_BM, index, axis=1)
    )


def fit_monotone(
    rng: np.random.Generator, U_BM: FloatArray, log_y_BM: FloatArray, n_context: int, p_log_thinned: float
) -> tuple[FloatArray, FloatArray]:
    """Bin the isotonic regression of raw readings in y to n_context points, both arrays (B, n_context).

    Readings that rise are pooled with their neighbours until none does: means, of the more readings the louder the
    noise and the flatter the curve, except for the last level, which is the lowest of all means that end there. A bin
    shows the mean of its levels, half of the curves at its first reading, the others U(0, 1) of the way to its last.
    """
    from scipy.optimize import isotonic_regression

    B, M = U_BM.shape
    y_BM = np.exp(log_y_BM)
    fitted_BM = np.array([isotonic_regression(y, increasing=False).x for y in y_BM])
    last = _thin(rng, U_BM, np.ones((B, M), dtype=bool), n_context, p_log_thinned)
    first = np.concatenate([np.zeros((B, 1), dtype=last.dtype), last[:, :-1] + 1], axis=1)

    def log_mean(of_BM: FloatArray) -> FloatArray:
        total = np.add.reduceat(of_BM.ravel(), (first + M * np.arange(B)[:, None]).ravel()).reshape(B, n_context)
        return cast("FloatArray", np.log(total / (last + 1 - first)))

    place = np.where(bernoulli(rng, 0.5, (B, 1)), 0.0, rng.random((B, 1)))
    U_first, U_last = np.take_along_axis(U_BM, first, axis=1), np.take_along_axis(U_BM, last, axis=1)
    return U_first + place * (U_last - U_first), _unless_flat(log_mean(fitted_BM), log_mean(y_BM))


def _thin(
    rng: np.random.Generator,
    U_BM: FloatArray,
    may_show_BM: NDArray[np.bool_],
    n_context: int,
    p_log_thinned: float,
) -> NDArray[np.intp]:
    """Indices (B, n_context) of points that may be shown, evenly in rank or, with `p_log_thinned`, evenly in ln x;
    first and last are kept.
    """
    shown_first = np.argsort(~may_show_BM, axis=1, kind="stable")
    last_B1 = may_show_BM.sum(axis=1)[:, None] - 1
    rank = np.round(np.arange(n_context) * last_B1 / (n_context - 1)).astype(np.int64)
    k = np.flatnonzero(bernoulli(rng, p_log_thinned, len(U_BM)))
    if k.size:
        rank[k] = _even_in_log(np.take_along_axis(U_BM[k], shown_first[k], axis=1), last_B1[k], n_context)
    return np.take_along_axis(shown_first, rank, axis=1)


def _unless_flat(shown_BM: FloatArray, raw_BM: FloatArray) -> FloatArray:
    """Fewer than 3 levels (a curve that hardly improves) nobody would report: those contexts show what was read."""
    flat_B1 = (np.diff(shown_BM, axis=1) < 0.0).sum(axis=1, keepdims=True) < 2
    return np.where(flat_B1, raw_BM, shown_BM)


def _even_in_log(U_BM: FloatArray, last_B1: NDArray[np.intp], n_context: int) -> FloatArray:
    """Ranks (B, n_context), strictly rising from 0 to `last_B1`, of points about evenly spaced in U."""
    first, last = U_BM[:, :1], np.take_along_axis(U_BM, last_B1, axis=1)
    wanted = first + (last - first) * np.linspace(0.0, 1.0, n_context)
    candidates = np.where(np.arange(U_BM.shape[1]) <= last_B1, U_BM, np.inf)
    rank = (candidates[:, None, :] <= wanted[:, :, None] + 1e-12).sum(axis=2) - 1
    i = np.arange(n_context)
    rank = np.maximum.accumulate(rank - i, axis=1) + i  # no point twice, from the left
    return cast("FloatArray", np.minimum(rank, last_B1 - (n_context - 1 - i)))  # and none beyond the last
