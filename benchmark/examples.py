"""One curve of every suite with the answers of every method, stored so that the figure needs no forecaster.

The curve is the first of its file: chosen before any forecast was seen.
"""

import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np

import forescale as fs

from .markdown import rounded
from .methods import chosen, key_of
from .problem import Problem
from .store import RESULTS, Ledger
from .suites.papers import SUITES, load_suite

N_GRID, LEVELS = 24, (0.05, 0.5, 0.95)


def examples(methods: str = "", data: str = "", redo: bool = False) -> None:
    """Forecast one curve of every suite with every method, for the figure of docs/results.md.

    Args:
        methods: comma-separated; all that can run where none are named.
        data: folder of the CSV files.
        redo: ask again what is stored.
    """
    warnings.simplefilter("ignore")  # caveats are not drawn
    ledger, keys = (
        Ledger(RESULTS / "examples.jsonl"),
        {method: key_of(method) for method in chosen(methods or ",".join(fs.methods()))},
    )
    done = {} if redo else ledger.facts(lambda task: keys.get(task.partition(" ")[2]))
    for suite in SUITES:
        problem = load_suite(suite, 1.0, data)[0]
        if suite not in done:
            ledger.add(suite, {}, points(problem))
        for method, key in keys.items():
            if f"{suite} {method}" not in done:
                ledger.add(f"{suite} {method}", key, answer(problem, method))
    ledger.tidy()


def points(problem: Problem) -> dict[str, Any]:
    both = {"x": problem.context.x, "y": problem.context.y, "x_hidden": problem.x, "y_hidden": problem.y}
    return {"name": problem.name} | {key: _short(values) for key, values in both.items()}


def answer(problem: Problem, method: str) -> dict[str, Any]:
    """Quantiles on a grid from the last context point to the last target, or why there are none."""
    grid = np.geomspace(problem.context.x_max, problem.x.max(), N_GRID + 1)[1:]
    try:
        low, median, high = fs.forecast(problem.context, grid, method=method).quantile(list(LEVELS))
    except Exception as error:  # one method's failure is drawn as absence, not as a crash
        return {"error": " ".join(str(error).split())}
    return {"x": _short(grid), "low": _short(low), "median": _short(median), "high": _short(high)}


def _short(values: Iterable[float]) -> list[Any]:
    return [rounded(float(v), 5) for v in values]
