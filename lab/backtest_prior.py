"""Where the backtest of one curve names another method than pfn: is that method the better one on what follows?

The curves of world.csv, at most eight of a suite, those with six distinct x or more: a backtest of the context names a
method, and both forecast the hidden points from the whole context.
"""

from functools import partial

import numpy as np
from benchmark.markdown import markdown
from benchmark.methods import key_of
from benchmark.problem import Problem
from benchmark.suites.world import world

import forescale as fs

from .experiment import Experiment, Found, Task

METHODS = ("pfn", "gp", "m2", "m4", "bnsl1", "line", "collapsed-m2")
N_CURVES, MIN_X = 8, 6


def tasks(suites: str = "") -> dict[str, Task]:
    """One task a suite.

    Args:
        suites: such as gemstones_tokens,lcdb; all where left out.
    """
    chosen: dict[str, list[Problem]] = {}
    for problem in world():
        if (not suites or problem.suite in suites.split(",")) and len(np.unique(problem.context.x)) >= MIN_X:
            chosen.setdefault(problem.suite, []).append(problem)
    return {suite: Task(partial(asked, spread(problems)), key_of("pfn")) for suite, problems in chosen.items()}


def spread(problems: list[Problem]) -> list[Problem]:
    """At most N_CURVES of them, evenly."""
    return [problems[i] for i in np.unique(np.linspace(0, len(problems) - 1, N_CURVES).round().astype(int))]


def asked(problems: list[Problem]) -> list[list[object]]:
    """Of each curve [the method named, how much its log density beats pfn's on what follows, ln of the RMSLE ratio]."""
    out: list[list[object]] = []
    for p in problems:
        named = fs.backtest(p.context, methods=list(METHODS)).ranking[0].method
        c = fs.compare(p.context, p.x, methods=["pfn", named])
        if named != "pfn" and named in c.forecasts and len(p.x):
            scores = [(fs.metrics.log_likelihood(f, p.y), fs.metrics.rmsle(f, p.y)) for f in c.forecasts.values()]
            out.append(
                [named, round(scores[1][0] - scores[0][0], 3), round(float(np.log(scores[1][1] / scores[0][1])), 3)]
            )
        else:
            out.append([named, 0.0, 0.0])
    return out


def page(found: Found) -> str:
    """How often each method is named, and how often pfn was the better one after all."""
    rows = [row for suite in found.values() for row in suite]
    other = [row for row in rows if row[0] != "pfn"]
    table = [["named by one curve", "curves", "pfn better in log density", "pfn better in RMSLE"]]
    for name in (*sorted({str(row[0]) for row in other}), "any other than pfn"):
        mine = [row for row in other if name in (row[0], "any other than pfn")]
        worse = [f"{np.mean([row[1] < 0 for row in mine]):.2f}", f"{np.mean([row[2] > 0 for row in mine]):.2f}"]
        table.append([name, str(len(mine)), *worse])
    return f"{markdown(table)}\n\npfn itself was named by {len(rows) - len(other)} of {len(rows)} curves."


EXPERIMENT = Experiment(
    "backtest-prior",
    "Where one curve's backtest names another method than pfn, that one is the better on the scales that follow.",
    tasks, page, docs="decisions.md",
)  # fmt: skip
