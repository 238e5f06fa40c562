"""Curves whose later scales are hidden: is P(reached by x) what happens, and do the intervals of `reach` hold?

Of each curve of world.csv five targets are asked: what its own forecast at the largest hidden x says with probability
.1, .3, .5, .7, .9, so that no target knows what was measured. It is reached by x where a reading at x or before is at
the target or below; of the stretch between two readings, or beyond the last, an interval holds the share that is its
own.
"""

from functools import partial
from itertools import pairwise

import numpy as np
from benchmark.markdown import markdown
from benchmark.methods import key_of
from benchmark.problem import Problem
from benchmark.suites.world import world

import forescale as fs

from .experiment import Experiment, Found, Task

LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)
EDGES = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)
COVERED = (0.5, 0.9)


def tasks(suites: str = "") -> dict[str, Task]:
    """One task a suite.

    Args:
        suites: such as gemstones_tokens,lcdb; all where left out.
    """
    chosen: dict[str, list[Problem]] = {}
    for problem in world():
        if not suites or problem.suite in suites.split(","):
            chosen.setdefault(problem.suite, []).append(problem)
    return {suite: Task(partial(asked, problems), key_of("pfn")) for suite, problems in chosen.items()}


def asked(problems: list[Problem]) -> list[list[float]]:
    """Of each curve and target [P(by the middle hidden x), reached, P(by the last), reached, held by 50 %, by 90 %]."""
    return [row for p in problems if len(p.x) for row in of_curve(p)]


def of_curve(p: Problem) -> list[list[float]]:
    order = np.argsort(p.x)
    context = fs.Curve(p.context.x, p.context.y, better="lower")  # where an early curve still rises, that is so
    x, y = p.x[order], p.y[order]
    middle, last = float(x[len(x) // 2]), float(x[-1])
    out = []
    for target in fs.forecast(context, [last]).quantile(LEVELS)[:, 0]:
        r = fs.reach(context, float(target))
        if last > r.x_range[1]:
            continue
        every, reads = np.concatenate([context.x, x]), np.concatenate([context.y, y])
        at = float(every[reads <= target].min(initial=np.inf))
        before = float(every[every < at].max(initial=0.0))
        low, high = (
            0.0 if end < r.x_range[0] else float(r.prob_by(end)) if end <= last else 1.0 for end in (before, at)
        )
        row: list[float] = [v for end in (middle, last) for v in (float(r.prob_by(end)), float(at <= end))]
        out.append([round(v, 4) for v in (*row, *(share_inside(low, high, level) for level in COVERED))])
    return out


def share_inside(low: float, high: float, level: float) -> float:
    """The target was reached between x at which P(reached) is `low` and `high`: how much of that is in the interval.

    Where P is right its value at X* is uniform, and the mean of this is `level`.
    """
    start, end = (1 - level) / 2, (1 + level) / 2
    if high <= low:
        return float(start <= low <= end)
    return max(0.0, min(high, end) - max(low, start)) / (high - low)


def page(found: Found) -> str:
    """Reliability of P(reached by x), pooled; coverage of the intervals, mean over suites."""
    every = {suite: np.array(rows) for suite, rows in found.items() if rows}
    whole = np.concatenate(list(every.values()))
    said, came = np.concatenate([whole[:, 0], whole[:, 2]]), np.concatenate([whole[:, 1], whole[:, 3]])
    bins = [["P(reached by x)", "questions", "mean of it", "reached"]]
    for low, high in pairwise(EDGES):
        inside = (said >= low) & ((said < high) | (high == 1.0))
        told = [str(int(inside.sum())), f"{said[inside].mean():.3f}", f"{came[inside].mean():.3f}"]
        bins.append([f"{low:g} to {high:g}", *told])
    means = [float(np.mean([rows[:, 4 + i].mean() for rows in every.values()])) for i in range(2)]
    held = [
        ["interval", "holds, mean over suites"],
        *([f"{c:.0%}", f"{m:.3f}"] for c, m in zip(COVERED, means, strict=True)),
    ]
    return f"{markdown(bins)}\n\n{markdown(held)}"


EXPERIMENT = Experiment(
    "reach-reliability",
    "A target that `reach` says is reached by x with probability p is reached in a share p of the curves.",
    tasks, page, docs="decisions.md",
)  # fmt: skip
