"""What is kept of one forecast: scores, a histogram of its PIT values, seconds, and the error where it failed.

Coverage at every MSCE level follows from the histogram, whose edges hold the ends of each central interval; so
nothing is stored twice and calibration can be drawn from stored rows alone.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

import forescale as fs

from .problem import Floats, Problem

PIT_EDGES = np.array([0.0, 0.005, 0.025, *np.arange(1, 20) / 20, 0.975, 0.995, 1.0])
COLUMNS = ("curve", "n_context", "n_target", "rmsle", "ll", "ll_ln", "pit", "seconds", "seconds_batch")
COLUMNS += ("warnings", "error")
DIGITS = {"rmsle": 4, "ll": 3, "ll_ln": 3, "msce": 3, "coverage90": 3}
"""Score -> decimals that a table shows."""
HEADS = {"rmsle": "RMSLE", "ll": "LL", "ll_ln": "LL of ln y", "msce": "MSCE", "coverage90": "coverage 90"}


def score(
    problem: Problem, forecast: fs.Forecast, seconds: float, seconds_batch: float = float("nan")
) -> dict[str, Any]:
    """One row of results: the paper's scores and the unit-free LL of ln y; seconds asked alone, and in a batch."""
    y = problem.y
    return {
        "curve": problem.name,
        "n_context": problem.context.n,
        "n_target": len(y),
        "rmsle": fs.metrics.rmsle(forecast, y),
        "ll": fs.metrics.log_likelihood(forecast, y) + float(np.log(problem.unit)),
        "ll_ln": fs.metrics.log_likelihood_log_y(forecast, y),
        "pit": write_counts(pit_counts(fs.metrics.pit(forecast, y))),
        "seconds": seconds,
        "seconds_batch": seconds_batch,
        "warnings": ";".join(sorted({w.code for w in forecast.warnings})),
        "error": "",
    }


def failed(problem: Problem, error: Exception, seconds: float) -> dict[str, Any]:
    """The row of a curve on which the method gave up: no scores, and why."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return {
        "curve": problem.name,
        "n_context": problem.context.n,
        "n_target": len(problem.y),
        **{key: float("nan") for key in ("rmsle", "ll", "ll_ln")},
        "pit": "",
        "seconds": seconds,
        "seconds_batch": float("nan"),
        "warnings": "",
        "error": text,
    }


def pit_counts(pit: Floats) -> NDArray[np.int64]:
    """Number of PIT values in each bin of PIT_EDGES; a value on an edge belongs to the interval nearer to 1/2."""
    side = np.where(pit < 0.5, np.searchsorted(PIT_EDGES, pit, "right") - 1, np.searchsorted(PIT_EDGES, pit) - 1)
    return np.bincount(np.clip(side, 0, len(PIT_EDGES) - 2), minlength=len(PIT_EDGES) - 1)


def write_counts(counts: NDArray[np.int64]) -> str:
    """Counts as text, bin:count, empty bins left out: '0:3 7:1'."""
    return " ".join(f"{i}:{c}" for i, c in enumerate(counts) if c)


def read_counts(text: str) -> NDArray[np.int64]:
    counts = np.zeros(len(PIT_EDGES) - 1, np.int64)
    for pair in text.split():
        i, _, c = pair.partition(":")
        counts[int(i)] = int(c)
    return counts


def coverage_from(counts: NDArray[np.int64], level: float) -> float:
    """Share of targets inside the central interval of that level, whose ends must be edges of the bins."""
    low, high = np.searchsorted(PIT_EDGES, [(1 - level) / 2 - 1e-9, (1 + level) / 2 - 1e-9])
    return float(counts[low:high].sum() / counts.sum())


def msce_from(counts: NDArray[np.int64]) -> float:
    """Mean over the MSCE levels of (coverage - level)²."""
    return float(np.mean([(coverage_from(counts, p) - p) ** 2 for p in fs.metrics.MSCE_LEVELS]))


def with_calibration(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with `msce` and `coverage90`, read off its histogram."""
    if row["error"]:
        return dict(row) | {"msce": float("nan"), "coverage90": float("nan")}
    counts = read_counts(row["pit"])
    return dict(row) | {"msce": msce_from(counts), "coverage90": coverage_from(counts, 0.9)}
