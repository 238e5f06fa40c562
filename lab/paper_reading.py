"""Why the paper's network misses where it does: what it was never shown, and whether reading otherwise mends it.

First its own prior: curves of several sizes as they are drawn (it was trained on 50 to 501 points), and the same curves
with the best reading so far in place of each context reading, which is how the contexts of IC, BB and NMT look.
Then the suites read in other ways, none of which touches prior or weights:

divided by the largest    y over its largest context value on every suite, not on Nano, DD and ColPret alone
not thinned               all rows of contexts beyond 128
plateaus once             of a context that never rises, a row for each new best
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from benchmark.markdown import Table, markdown, rounded, shown
from benchmark.methods import key_of, network
from benchmark.problem import Problem
from benchmark.score import score_suite
from benchmark.suites.papers import GROUPS, SUITES, TITLES, load_suite

import forescale as fs
from forescale.curves.thinning import Reading
from forescale.network.encodings.linear import RAW_TOP
from forescale.prior import make_prior

from .experiment import Experiment, Task

METHOD = "nsl-pfn"
SIZES = ((50, 50), (19, 24), (10, 1), (6, 1))
"""Context and target points: as trained, as BB, NMT and Nano."""
SHOWN = ("ic", "bb", "nlp+nano", "dd", "colpret")
KEPT = {"rmsle": 4, "ll": 3, "coverage90": 3}
Scores = dict[str, list[float]]


def tasks(curves: int = 400, data: str = "") -> dict[str, Task]:
    """The prior at each size, and the suites in each reading.

    Args:
        curves: drawn from the prior at each size.
        data: folder of the CSV files.
    """
    key = key_of(METHOD)
    found = {f"prior, {n} + {m} points": Task(partial(on_prior, n, m, curves), key | {"n": curves}) for n, m in SIZES}
    return found | {f"suites, {name}": Task(partial(on_suites, name, data), key) for name in READINGS}


def on_prior(n: int, m: int, curves: int) -> dict[str, Scores]:
    """Scores on curves of the paper's prior, their contexts as drawn and best so far."""
    drawn = make_prior({"name": "paper"}).sample(np.random.default_rng([26, n, m]), curves, n, m)
    best = np.minimum.accumulate(drawn.y_BM, axis=1)
    return {"as drawn": on_curves(drawn, drawn.y_BM), "best so far": on_curves(drawn, best)}


def on_curves(drawn: Any, context_BM: np.ndarray) -> Scores:
    problems = [
        Problem("prior", str(i), fs.Curve(drawn.x_BM[i], y), drawn.x_BT[i], drawn.y_BT[i], 1.0)
        for i, y in enumerate(context_BM)
        if drawn.y_BM[i].max() <= RAW_TOP  # beyond, y would be divided
    ]
    return kept(score_suite(problems, network(METHOD).forecast_many))


def on_suites(reading: str, data: str) -> dict[str, Scores]:
    """Suite -> scores of its curves in one of READINGS."""
    prepared, ask = READINGS[reading]
    loaded = {suite: [prepared(p.in_units()) for p in load_suite(suite, 1.0, data)] for suite in SUITES}
    return {suite: kept(score_suite(problems, ask().forecast_many)) for suite, problems in loaded.items()}


def kept(rows: list[dict[str, Any]]) -> Scores:
    return {key: [rounded(row[key]) for row in rows] for key in KEPT}


def divided(problem: Problem) -> Problem:
    top, context = float(problem.context.y.max()), problem.context
    return replace(problem, context=fs.Curve(context.x, context.y / top), y=problem.y / top, unit=problem.unit / top)


def plateaus_once(problem: Problem) -> Problem:
    y = problem.context.y
    new = np.concatenate([[True], np.diff(y) < 0])
    never_rises = not np.any(np.diff(y) > 0)
    return (
        replace(problem, context=problem.context.take(np.flatnonzero(new)))
        if never_rises and new.sum() > 2
        else problem
    )


class Whole(fs.Forecaster):
    """A network that reads every row."""

    def _read(self, curve: fs.Curve) -> Reading:
        return Reading.of_rows(curve.x, curve.y)


def as_it_is(problem: Problem) -> Problem:
    return problem


READINGS: dict[str, tuple[Callable[[Problem], Problem], Callable[[], fs.Forecaster]]] = {
    "as released": (as_it_is, partial(network, METHOD)),
    "divided by the largest": (divided, partial(network, METHOD)),
    "not thinned": (as_it_is, partial(Whole.load, METHOD)),
    "plateaus once": (plateaus_once, partial(network, METHOD)),
}


def page(found: Mapping[str, Any]) -> str:
    """What the prior's own curves say, then the suites in each reading."""
    if not found:
        return "Not stored yet: `python -m lab paper-reading`.\n"
    parts = {
        part: {k.partition(", ")[2]: v for k, v in found.items() if k.startswith(part)} for part in ("prior", "suites")
    }
    said = (
        f"`{METHOD}` on curves of its own prior, and on the suites read in other ways (`python -m lab paper-reading`):"
    )
    return "\n".join([said, "", markdown(prior_table(parts["prior"])), "", markdown(suite_table(parts["suites"]))])


def prior_table(found: Mapping[str, Any]) -> Table:
    heads = [f"{what}, {how}" for how in ("as drawn", "best so far") for what in ("coverage 90", "RMSLE")]
    return [["context + targets", "curves", *heads]] + [
        [label, str(len(facts["as drawn"]["rmsle"])),
         *(shown(facts[how][key], KEPT[key]) for how in facts for key in ("coverage90", "rmsle"))]
        for label, facts in found.items()
    ]  # fmt: skip


def suite_table(found: Mapping[str, Any]) -> Table:
    heads = {"rmsle": "RMSLE", "ll": "LL", "coverage90": "coverage 90"}
    lines = [["suite", "score", *found]]
    for group in SHOWN:
        for key, head in heads.items():
            cells = [[v for suite in GROUPS[group] for v in facts[suite][key]] for facts in found.values()]
            lines.append([TITLES[group], head, *(shown(values, KEPT[key]) for values in cells)])
    return lines


EXPERIMENT = Experiment(
    "paper-reading",
    "What the paper's network misses can be mended by how contexts are read.",
    tasks,
    page,
    docs="paper.md",
)
