"""Recipes measured at common x, their last factor of 8 hidden: is P(A better) at 8x what happens?

Each group is cut at 1/8 of the largest x that two recipes reach. Truth is which of two reads lower there (on the
log-log chord where an x is not common). Beside `recipes` stand its own forecasts taken as independent, and the ranking
at the largest common x.
"""

from functools import partial
from typing import Any

import numpy as np
from benchmark.methods import key_of
from benchmark.problem import Floats
from benchmark.suites.world import table

import forescale as fs
from forescale.decisions.recipes import order
from forescale.decisions.recipes.shared import ask, at_target, readings

from .experiment import Experiment, Task
from .recipes_page import page

REACH, SLACK = 8.0, 1.02


def tasks(sources: str = "") -> dict[str, Task]:
    """One task a group of recipes.

    Args:
        sources: such as moe_steps,pythia; all where left out.
    """
    data = table("recipes.csv.gz")
    chosen = sources.split(",") if sources else list(data["source"].unique())
    key = {**key_of("pfn"), "row": "readings"}
    groups = data[data["source"].isin(chosen) & (data["y"] > 0)].groupby(["source", "group"])
    return {f"{source} {group}": Task(partial(pairs, rows), key) for (source, group), rows in groups}


def pairs(rows: Any) -> list[list[float]]:
    """Of each pair [P(A better) if independent, A was better, order at the largest common x (1, 0, -1), readings...].

    One reading where a pair has no common x, else own forecasts, ratio and walk: what becomes of them is the page's.
    """
    measured = {
        str(name): (r["x"].to_numpy(float), r["y"].to_numpy(float))
        for name, r in rows.sort_values("x").groupby("recipe")
    }
    target = sorted(x.max() for x, _ in measured.values())[-2]
    cut = target / REACH * SLACK
    known = {
        n: (x, y) for n, (x, y) in measured.items() if x[-1] >= target / SLACK and len(np.unique(x[x <= cut])) >= 3
    }
    if len(known) < 2:
        return []
    seen = {n: fs.Curve(x[x <= cut], y[x <= cut], better="lower") for n, (x, y) in known.items()}
    forecasts, together = ask(seen, np.array([target]), "pfn", 0)
    truth = {n: chord(x, y, target) for n, (x, y) in known.items()}
    last = min(c.x_max for c in seen.values())
    now = {n: chord(c.x, c.y, last) for n, c in seen.items()}
    tables = {n: at_target(f) for n, f in forecasts.items()}
    out = []
    for (a, b), found in readings(tables, together).items():
        if truth[a] != truth[b]:
            alone = order.share_below(tables[a][:, None], tables[b][:, None])
            facts = alone.item(), truth[a] < truth[b], np.sign(now[b] - now[a]), *(r.item() for r in found)
            out.append([round(float(value), 6) for value in facts])
    return out


def chord(x: Floats, y: Floats, at: float) -> float:
    return float(np.exp(np.interp(np.log(at), np.log(x), np.log(y))))


EXPERIMENT = Experiment(
    "recipes-reliability",
    "What `recipes` calls with probability p at 8x is right in a share p of the pairs, and its log loss is lower than "
    "that of independent forecasts on like models and no higher on unlike ones.",
    tasks, page, docs="decisions.md",
)  # fmt: skip
