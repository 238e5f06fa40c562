"""Real curves that no network was trained on: error, density and reliability on world.csv, suite by suite.

Curves of a suite are correlated, so every figure is a mean over curves, then over suites. A density counts at most
6 and at least -5 nats, so that one exact hit or one miss does not speak for a suite.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from benchmark.markdown import Table, markdown, rounded
from benchmark.methods import key_of
from benchmark.problem import Floats, Problem
from benchmark.scores import coverage_from, pit_counts, read_counts, write_counts
from benchmark.suites.world import FEW, world

import forescale as fs

from .experiment import Experiment, Found, Task

METHODS = ("pfn", "gp", "collapsed-m2", "m4", "bnsl1", "m2", "line", "last")
CLIP = (-5.0, 6.0)
OURS = "pfn"


def tasks(methods: str = ",".join(METHODS), suites: str = "", data: str = "") -> dict[str, Task]:
    """One method on one suite.

    Args:
        methods: comma-separated.
        suites: comma-separated; all where none are named.
        data: folder of the data files.
    """
    of: dict[str, list[Problem]] = {}
    for problem in world(data or None):
        if not suites or problem.suite in suites.split(","):
            of.setdefault(problem.suite, []).append(problem)
    return {
        f"{method} {suite}": Task(partial(scored, method, problems), key_of(method))
        for method in methods.split(",")
        for suite, problems in of.items()
    }


def scored(method: str, problems: list[Problem]) -> list[list[Any]]:
    """Of each curve that the method answers: RMSLE, LL of ln y within CLIP, the histogram of PIT values."""
    rows = []
    for p in problems:
        try:
            answer = fs.forecast(p.context, p.x, method=method)
        except fs.ForescaleError:
            continue
        density = np.clip(answer.log_prob(p.y) + np.log(p.y), *CLIP)
        counts = write_counts(pit_counts(fs.metrics.pit(answer, p.y)))
        rows.append([rounded(fs.metrics.rmsle(answer, p.y)), rounded(float(density.mean()), 5), counts])
    return rows


def by_method(found: Found) -> dict[str, dict[str, list[list[Any]]]]:
    """Method -> suite -> rows, where there are any."""
    out: dict[str, dict[str, list[list[Any]]]] = {}
    for label, rows in found.items():
        method, _, suite = label.partition(" ")
        if rows:
            out.setdefault(method, {})[suite] = rows
    return out


def page(found: Found) -> str:
    """Longer suites and suites of few points: ratio of errors, density, coverage; then ours, suite by suite."""
    methods = by_method(found)
    parts = []
    for title, few in (("Suites of longer curves", False), ("Suites of 3 to 6 finished runs", True)):
        suites = [s for s in methods.get(OURS, {}) if (s in FEW) == few]
        if suites:
            parts += [f"{title} ({len(suites)}):", markdown(beside(methods, suites))]
    own = [["suite", "curves", "RMSLE", "LL of ln y", "50 % holds", "90 % holds"]]
    own += [[suite, str(len(rows)), *figures(rows)] for suite, rows in methods.get(OURS, {}).items()]
    return "\n\n".join([*parts, f"`{OURS}`, suite by suite:", markdown(own)])


def beside(methods: Mapping[str, Mapping[str, list[list[Any]]]], suites: list[str]) -> Table:
    """Every method on the same suites: geometric mean of the ratio of errors, density, coverage."""
    ours = {s: np.log(mean(methods[OURS][s], 0)) for s in suites}
    table = [["method", "RMSLE, ours over its", "LL of ln y", "50 % holds", "90 % holds"]]
    for method, of in methods.items():
        if all(s in of for s in suites):
            ratio = np.exp(np.mean([ours[s] - np.log(mean(of[s], 0)) for s in suites]))
            density = np.mean([mean(of[s], 1) for s in suites])
            held = [np.mean([held_by(of[s], level) for s in suites]) for level in (0.5, 0.9)]
            table.append([f"`{method}`", f"{ratio:.2f}", f"{density:.2f}", *(f"{100 * h:.0f} %" for h in held)])
    return table


def figures(rows: list[list[Any]]) -> list[str]:
    held = [f"{100 * held_by(rows, level):.0f} %" for level in (0.5, 0.9)]
    return [f"{mean(rows, 0):.4f}", f"{mean(rows, 1):.2f}", *held]


def mean(rows: list[list[Any]], column: int) -> float:
    return float(np.mean([row[column] for row in rows]))


def shares(rows: list[list[Any]]) -> Floats:
    """Share of PIT values in each bin, every curve with the same weight."""
    counts = [read_counts(row[2]) for row in rows]
    return np.asarray(np.mean([c / c.sum() for c in counts], axis=0))


def held_by(rows: list[list[Any]], level: float) -> float:
    return coverage_from(shares(rows), level)


EXPERIMENT = Experiment(
    "world",
    "On real curves that it was not trained on, intervals of `pfn` hold their level and its error is the least.",
    tasks,
    page,
    docs="how-true.md",
)
