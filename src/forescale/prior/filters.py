"""Contexts that show only the best so far: many raw readings are taken, few are reported.

Targets stay raw readings, so a network learns that the next reading is worse than a context of records.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..laws import FloatArray
from .draws import bernoulli, log_uniform

MAX_RAW = 450


def draw_n_raw(rng: np.random.Generator, n_context: int, most: float) -> int:
    """Raw points behind a filtered context: n LU(2, most), at most 450 (but 2 n); one number per batch."""
    n_raw = round(n_context * float(log_uniform(rng, 2.0, most, ())))
    return max(2 * n_context, min(n_raw, MAX_RAW))


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
    point. They are thinned evenly in rank or, with `p_log_thinned`, evenly in ln x: then each late point is the best
    of many readings and each early one of few. First and last are kept. Where that shows fewer than 3 levels (a curve
    that hardly improves) nobody would report it: those contexts keep their raw readings.
    """
    B, M = U_BM.shape
    best_BM = np.minimum.accumulate(log_y_BM, axis=1)
    is_record = np.ones((B, M), dtype=bool)
    is_record[:, 1:] = log_y_BM[:, 1:] < best_BM[:, :-1]
    only_records = bernoulli(rng, p_records, (B, 1)) & (is_record.sum(axis=1)[:, None] >= n_context)
    shown = is_record | ~only_records
    shown_first = np.argsort(~shown, axis=1, kind="stable")
    last_B1 = shown.sum(axis=1)[:, None] - 1
    rank = np.round(np.arange(n_context) * last_B1 / (n_context - 1)).astype(np.int64)
    k = np.flatnonzero(bernoulli(rng, p_log_thinned, B))
    if k.size:
        rank[k] = _even_in_log(np.take_along_axis(U_BM[k], shown_first[k], axis=1), last_B1[k], n_context)
    index = np.take_along_axis(shown_first, rank, axis=1)
    shown_BM = np.take_along_axis(best_BM, index, axis=1)
    k = np.flatnonzero((np.diff(shown_BM, axis=1) < 0.0).sum(axis=1) < 2)
    shown_BM[k] = np.take_along_axis(log_y_BM[k], index[k], axis=1)
    return np.take_along_axis(U_BM, index, axis=1), shown_BM


def _even_in_log(U_BM: FloatArray, last_B1: NDArray[np.intp], n_context: int) -> FloatArray:
    """Ranks (B, n_context), strictly rising from 0 to `last_B1`, of points about evenly spaced in U."""
    first, last = U_BM[:, :1], np.take_along_axis(U_BM, last_B1, axis=1)
    wanted = first + (last - first) * np.linspace(0.0, 1.0, n_context)
    candidates = np.where(np.arange(U_BM.shape[1]) <= last_B1, U_BM, np.inf)
    rank = (candidates[:, None, :] <= wanted[:, :, None] + 1e-12).sum(axis=2) - 1
    i = np.arange(n_context)
    rank = np.maximum.accumulate(rank - i, axis=1) + i  # no point twice, from the left
    return np.minimum(rank, last_B1 - (n_context - 1 - i))  # and none beyond the last
