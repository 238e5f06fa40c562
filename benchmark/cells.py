"""Stored rows -> cells of a table: mean over curves, standard error, how many curves stand behind it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .markdown import mean_and_error
from .scores import read_counts, with_calibration
from .store import Job, read_rows
from .suites.papers import COUNTS, GROUPS

Row = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """One score of one method on one group of suites.

    Attributes:
        mean, error, median: over the curves that were answered.
        n: curves answered; failed: curves that gave an error; expected: curves in the group.
    """

    mean: float
    error: float
    median: float
    n: int
    failed: int
    expected: int

    @property
    def complete(self) -> bool:
        return self.n + self.failed == self.expected


@cache
def rows(root: Path, method: str, suite: str, cut: float) -> tuple[Row, ...]:
    """Rows of one file, with MSCE and coverage; empty where nothing is stored."""
    stored = read_rows(Job(method, suite, cut).path(root))
    return tuple(with_calibration(row) for row in stored.values())


def group_rows(root: Path, method: str, group: str, cut: float = 1.0) -> list[Row]:
    return [row for suite in GROUPS[group] for row in rows(root, method, suite, cut)]


def cell(root: Path, method: str, group: str, key: str, cut: float = 1.0) -> Cell | None:
    """None where no curve of the group was answered."""
    found = group_rows(root, method, group, cut)
    values = [row[key] for row in found if not row["error"]]
    if not values:
        return None
    mean, error = mean_and_error(values)
    expected = sum(COUNTS[suite] for suite in GROUPS[group])
    return Cell(mean, error, float(np.median(values)), len(values), len(found) - len(values), expected)


def oracle(root: Path, methods: Iterable[str], group: str, key: str, best: Callable[..., Any]) -> Cell | None:
    """The best of several methods, chosen for every curve after its targets are seen: an aim, not a method.

    None unless all of them answered every curve.
    """
    tables = [{(r["n_target"], r["curve"]): r for r in group_rows(root, m, group)} for m in methods]
    expected = sum(COUNTS[suite] for suite in GROUPS[group])
    if any(len(t) != expected or any(r["error"] for r in t.values()) for t in tables):
        return None
    values = [best(t[curve][key] for t in tables) for curve in tables[0]]
    return Cell(*mean_and_error(values), float(np.median(values)), expected, 0, expected)


def histogram(root: Path, method: str, group: str, cut: float = 1.0) -> NDArray[np.float64] | None:
    """Share of PIT values in each bin of PIT_EDGES, every curve with the same weight."""
    counts = [read_counts(row["pit"]) for row in group_rows(root, method, group, cut) if not row["error"]]
    return np.mean([c / c.sum() for c in counts], axis=0) if counts else None


def both(root: Path, one: str, other: str, key: str, groups: Iterable[str]) -> tuple[float, float, int]:
    """Means of a score over the curves that both methods answered at full context, and their number."""
    pairs = []
    for group in groups:
        right = {row["curve"]: row[key] for row in group_rows(root, other, group) if not row["error"]}
        left = (row for row in group_rows(root, one, group) if not row["error"])
        pairs += [(row[key], right[row["curve"]]) for row in left if row["curve"] in right]
    if not pairs:
        return float("nan"), float("nan"), 0
    a, b = np.mean(pairs, axis=0)
    return float(a), float(b), len(pairs)


def has_any(root: Path, method: str) -> bool:
    return any((root / method).glob("*.csv")) or any((root / method).glob("*.part"))
