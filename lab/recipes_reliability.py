"""Recipes measured at common x, their last factor of 8 hidden: is P(A better) at 8x what happens?

Each group is cut at 1/8 of the largest x that two recipes reach. Truth is which of two reads lower there (on the
log-log chord where an x is not common). Beside `recipes` stand its own forecasts taken as independent, and the ranking
at the largest common x.
"""

from functools import partial
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from benchmark.markdown import markdown
from benchmark.methods import key_of
from benchmark.problem import Floats
from benchmark.suites.world import LIKE, table

import forescale as fs

from .experiment import Experiment, Found, Task

REACH, SLACK = 8.0, 1.02
EDGES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.97, 1.0)
QUANTILES = (np.arange(400) + 0.5) / 400
CALLED = (0.5, 0.55, 0.65, 0.8, 1.0)
"""Bins of the probability of the side that is called, of all pairs and of changes of order."""


def tasks(sources: str = "") -> dict[str, Task]:
    """One task a group of recipes.

    Args:
        sources: such as moe_steps,pythia; all where left out.
    """
    data = table("recipes.csv.gz")
    chosen = sources.split(",") if sources else list(data["source"].unique())
    groups = data[data["source"].isin(chosen) & (data["y"] > 0)].groupby(["source", "group"])
    return {f"{source} {group}": Task(partial(pairs, rows), key_of("pfn")) for (source, group), rows in groups}


def pairs(rows: Any) -> list[list[float]]:
    """Of each pair [P(A better), the same if independent, A was better, order at the largest common x (1, 0, -1)]."""
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
    answer = fs.recipes(seen, target)
    truth = {n: chord(x, y, target) for n, (x, y) in known.items()}
    last = min(c.x_max for c in seen.values())
    now = {n: chord(c.x, c.y, last) for n, c in seen.items()}
    levels = {n: np.log(f.take(slice(-1, None)).quantile(QUANTILES)[:, 0]) for n, f in answer.forecasts.items()}
    return [
        [
            round(answer.prob_better(a, b), 5), round(below(levels[a], levels[b]), 5), float(truth[a] < truth[b]),
            float(np.sign(now[b] - now[a])),
        ]
        for a, b in combinations(known, 2)
        if truth[a] != truth[b]
    ]  # fmt: skip


def chord(x: Floats, y: Floats, at: float) -> float:
    return float(np.exp(np.interp(np.log(at), np.log(x), np.log(y))))


def below(a: Floats, b: Floats) -> float:
    """P(A < B) of two independent rows of quantiles."""
    return float(np.mean(np.searchsorted(a, b)) / len(a))


def page(found: Found) -> str:
    """Log loss and accuracy by source; then how often what is called is right, of all pairs and of changes of order."""
    every = {source: np.array(rows) for source, rows in by_source(found).items()}
    table_1 = [["source", "pairs", "log loss", "independent", "right", "independent", "order at the largest common x"]]
    for source, rows in every.items():
        losses, rights = ([f(rows[:, k], rows[:, 2]) for k in (0, 1)] for f in (log_loss, right))
        now = float(np.mean(np.where(rows[:, 3] == 0, 0.5, (rows[:, 3] > 0) == rows[:, 2])))
        table_1.append([source, str(len(rows)), *(f"{v:.3f}" for v in (*losses, *rights, now))])
    like = [every[s] for s in LIKE if s in every]
    if like:
        means = [np.mean([f(r[:, k], r[:, 2]) for r in like]) for f in (log_loss, right) for k in (0, 1)]
        table_1.append(["mean of like models", "", *(f"{v:.3f}" for v in means), ""])
    whole = np.concatenate(list(every.values()))
    flips = whole[(whole[:, 3] != 0) & ((whole[:, 0] > 0.5) != (whole[:, 3] > 0))]
    return "\n\n".join([markdown(table_1), markdown(reliability(whole, EDGES)), markdown(reliability(flips, CALLED))])


def by_source(found: Found) -> dict[str, list[list[float]]]:
    out: dict[str, list[list[float]]] = {}
    for label, rows in found.items():
        if rows:
            out.setdefault(label.split(" ")[0], []).extend(rows)
    return out


def log_loss(p: Floats, won: Floats) -> float:
    return float(-np.mean(np.log(np.clip(np.where(won == 1, p, 1 - p), 1e-6, 1))))


def right(p: Floats, won: Floats) -> float:
    return float(np.mean((p > 0.5) == won))


def reliability(rows: Floats, edges: tuple[float, ...]) -> list[list[str]]:
    """Bins of the probability of the side that is called: how many, what was said, how often it was right."""
    said = np.maximum(rows[:, 0], 1 - rows[:, 0])
    hit = (rows[:, 0] > 0.5) == rows[:, 2]
    out = [["probability of the one called", "pairs", "mean of it", "right"]]
    for low, high in pairwise(edges):
        inside = (said >= low) & ((said < high) | (high == 1.0))
        if inside.any():
            told = [str(int(inside.sum())), f"{said[inside].mean():.3f}", f"{hit[inside].mean():.3f}"]
            out.append([f"{low:g} to {high:g}", *told])
    return out


EXPERIMENT = Experiment(
    "recipes-reliability",
    "What `recipes` calls with probability p at 8x is right in a share p of the pairs, and its log loss is lower than "
    "that of independent forecasts on like models and no higher on unlike ones.",
    tasks, page, docs="decisions.md",
)  # fmt: skip
