"""Error against the size of the context by the paper's protocol: everything later is a target.

The paper cuts a context to a share of its points and asks for all that comes after the cut, the points that it took
away included; docs/results.md keeps the targets where they are, so that its curves compare like with like. With few
points the paper's questions are nearer, and easier. At least 3 points are shown (the paper: 2; of DD 3).
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from benchmark.markdown import Table, markdown, mean_and_error, rounded
from benchmark.methods import ask_with, key_of, reads_raw
from benchmark.problem import Problem
from benchmark.score import score_suite
from benchmark.suites.papers import CUTS, GROUPS, TITLES, first_points, load_suite

from benchmark import look

from .experiment import FIGURES, Experiment, Task

METHODS = ("pfn", "nsl-pfn", "lc-pfn", "m4", "collapsed-m2", "gp", "last")
SHOWN = ("ic", "nlp+nano", "dd")


def tasks(methods: str = ",".join(METHODS), groups: str = ",".join(SHOWN), data: str = "") -> dict[str, Task]:
    """One method on one suite at one cut.

    Args:
        methods: comma-separated.
        groups: comma-separated.
        data: folder of the CSV files.
    """
    return {
        f"{method}, {suite}, {100 * cut:.0f}": Task(partial(scored, method, suite, cut, data), key_of(method))
        for method in methods.split(",")
        for group in groups.split(",")
        for suite in GROUPS[group]
        for cut in CUTS
    }


def scored(method: str, suite: str, cut: float, data: str) -> dict[str, list[float]]:
    """RMSLE and LL of ln y of each curve."""
    problems = [all_later(p, cut) for p in load_suite(suite, 1.0, data)]
    if reads_raw(method):
        problems = [p.in_units() for p in problems]
    rows = score_suite(problems, ask_with(method))
    return {key: [rounded(row[key]) for row in rows] for key in ("rmsle", "ll_ln")}


def all_later(problem: Problem, cut: float) -> Problem:
    """The first `cut` of the context, and every later point as a target."""
    shown = first_points(problem.context, cut)
    x, y = (np.concatenate([whole[shown.n :], targets]) for whole, targets in
            ((problem.context.x, problem.x), (problem.context.y, problem.y)))  # fmt: skip
    return replace(problem, context=shown, x=x, y=y)


def page(found: Mapping[str, Any]) -> str:
    if not found:
        return "Not stored yet: `python -m lab context-size`.\n"
    text = [__doc__.partition("\n\n")[2].strip() + " (`python -m lab context-size`.)\n"]
    text += ["![Error against context size, every later point a target](figures/context-size.png)\n"]
    for group in SHOWN:
        text += [f"### {TITLES[group]}, RMSLE\n", markdown(table(found, group, "rmsle")), ""]
    return "\n".join(text).rstrip() + "\n"


def table(found: Mapping[str, Any], group: str, key: str) -> Table:
    lines = [["method", *(f"{100 * cut:.0f} %" for cut in CUTS)]]
    for method in METHODS:
        cells = [mean_and_error(values) for cut in CUTS if (values := of(found, method, group, cut, key))]
        if len(cells) == len(CUTS):
            lines.append([f"`{method}`", *(f"{mean:.4f} ± {error:.4f}" for mean, error in cells)])
    return lines


def of(found: Mapping[str, Any], method: str, group: str, cut: float, key: str) -> list[float]:
    """One value a curve; nothing unless every suite of the group is stored."""
    those = [found.get(f"{method}, {suite}, {100 * cut:.0f}") for suite in GROUPS[group]]
    return [] if None in those else [value for facts in those for value in facts[key]]


def draw(found: Mapping[str, Any]) -> None:
    """RMSLE and LL against the share of the context, a column a group."""
    figure, axes = look.new_figure(2, len(SHOWN), width=4.4, height=3.2)
    for column, group in enumerate(SHOWN):
        for row, (key, label) in enumerate((("rmsle", "RMSLE"), ("ll_ln", "LL of ln y (nats)"))):
            ax = axes[row, column]
            for colour, method in zip(look.COLOURS, METHODS, strict=False):
                cells = [mean_and_error(values) for cut in CUTS if (values := of(found, method, group, cut, key))]
                if len(cells) == len(CUTS):
                    mean, error = np.array(cells).T
                    style = {"color": colour, "lw": 1.5, "marker": "o", "ms": 3.5}
                    ax.errorbar(100 * np.array(CUTS), mean, yerr=error, label=method, **style)
            ax.set(xlabel="% of the context's points", ylabel=label)
            if key == "rmsle":
                ax.set_yscale("log")
        axes[0, column].set_title(f"{TITLES[group]}, all later points asked", fontsize=10, loc="left")
    look.legend_outside(figure, axes[0, 0])
    look.save(figure, FIGURES / "context-size.png", dpi=150)


EXPERIMENT = Experiment(
    "context-size",
    "By the paper's protocol too, networks lead most where few points are seen.",
    tasks,
    page,
    docs="paper.md",
    draw=draw,
)
