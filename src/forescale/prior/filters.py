"""Contexts that show only the best so far: many raw readings are taken, few are reported.

Targets stay raw readings, so a network learns that the next reading is worse than a context of records.
"""

from __future__ import annotations

import numpy as np

from ..laws import FloatArray
from .draws import bernoulli, log_uniform

MAX_RAW = 450


def draw_n_raw(rng: np.random.Generator, n_context: int) -> int:
    """Raw points behind a filtered context: n LU(2, 30), at most 450 (but 2 n); one number per batch."""
    n_raw = round(n_context * float(log_uniform(rng, 2.0, 30.0, ())))
    return max(2 * n_context, min(n_raw, MAX_RAW))


def keep_best(
    rng: np.random.Generator, U_BM: FloatArray, log_y_BM: FloatArray, n_context: int, p_records: float
) -> tuple[FloatArray, FloatArray]:
    """Thin raw readings to n_context points of best-so-far, both arrays (B, n_context).

    With `p_records`, and where there are enough of them: new minima only, thinned evenly in rank, first
    and last kept. Else the running minimum at evenly spaced raw points. Where that shows fewer than 3
    levels (a curve that hardly improves) nobody would report it: those contexts keep their raw readings.
    """
    B, M = U_BM.shape
    best_BM = np.minimum.accumulate(log_y_BM, axis=1)
    is_record = np.ones((B, M), dtype=bool)
    is_record[:, 1:] = log_y_BM[:, 1:] < best_BM[:, :-1]
    n_records_B1 = is_record.sum(axis=1)[:, None]
    records_first = np.argsort(~is_record, axis=1, kind="stable")
    rank = np.round(np.arange(n_context) * (n_records_B1 - 1) / (n_context - 1)).astype(np.int64)
    by_record = np.take_along_axis(records_first, rank, axis=1)
    by_grid = np.round(np.linspace(0, M - 1, n_context)).astype(np.int64)
    records = bernoulli(rng, p_records, (B, 1)) & (n_records_B1 >= n_context)
    index = np.where(records, by_record, by_grid)
    shown_BM = np.take_along_axis(best_BM, index, axis=1)
    k = np.flatnonzero((np.diff(shown_BM, axis=1) < 0.0).sum(axis=1) < 2)
    shown_BM[k] = np.take_along_axis(log_y_BM[k], index[k], axis=1)
    return np.take_along_axis(U_BM, index, axis=1), shown_BM
