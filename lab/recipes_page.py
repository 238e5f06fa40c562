"""The page of `recipes_reliability`: log loss and accuracy by source, reliability, and what chose the one constant."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from benchmark.markdown import markdown
from benchmark.problem import Floats
from benchmark.suites.world import LIKE

from forescale.decisions.recipes import CALLED, order

EDGES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.97, 1.0)
FLIPS = (0.5, 0.55, CALLED, 0.8, 1.0)
"""Bins of the probability of the side that is called, of all pairs and of changes of order."""
Pairs = Mapping[str, Floats]
"""Source -> (pairs, 5): P(A better), the same if independent, A was better, order now (1, 0, -1), the group."""


def page(found: Mapping[str, Any]) -> str:
    """Log loss and accuracy by source; how often what is said is right, of all pairs and of changes of order."""
    sources = pairs_of(found)
    whole = np.concatenate(list(sources.values()))
    flips = whole[flipped(whole)]
    return "\n\n".join(
        [
            markdown(scores(sources)), markdown(reliability(whole, EDGES)), markdown(reliability(flips, FLIPS)),
            left_out(found),
        ]
    )  # fmt: skip


def pairs_of(found: Mapping[str, Any], sharper: float = order.SHARPER) -> Pairs:
    """What `recipes` says of each pair, from the readings that are kept."""
    return {source: pooled(rows, sharper) for source, rows in kept_rows(found).items()}


def kept_rows(found: Mapping[str, Any]) -> Pairs:
    """Source -> (pairs, 7): the facts of each pair, its gap unread where it has no common x, and its group's number."""
    out: dict[str, list[list[float]]] = {}
    for group, (label, rows) in enumerate(found.items()):
        padded = [[*row, *[np.nan] * (6 - len(row)), float(group)] for row in rows]
        out.setdefault(label.split(" ")[0], []).extend(padded)
    return {source: np.array(rows) for source, rows in out.items() if rows}


def pooled(rows: Floats, sharper: float) -> Floats:
    """The columns of `Pairs`."""
    alone, won, now, own, ratio, walk, group = rows.T
    p = np.where(np.isnan(ratio), own, order.pooled(own, ratio, walk, sharper=sharper))
    return np.stack([p, alone, won, now, group], axis=1)


def scores(sources: Pairs) -> list[list[str]]:
    """A row a source. What is called is compared with the order at the largest common x; the error is of groups."""
    table = [
        ["source", "pairs", "log loss", "independent", "right", "independent", "order at the largest common x",
         "called, less that order"]
    ]  # fmt: skip
    for source, rows in sources.items():
        losses, rights = ([f(rows[:, k], rows[:, 2]) for k in (0, 1)] for f in (log_loss, right))
        hit = kept(rows)
        gain = np.where(called(rows) == rows[:, 2], 1.0, 0.0) - hit
        told = f"{gain.mean():+.3f} ± {error(gain, rows[:, 4]):.3f}"
        table.append([source, str(len(rows)), *(f"{v:.3f}" for v in (*losses, *rights, hit.mean())), told])
    like = [sources[s] for s in LIKE if s in sources]
    if like:
        means = [np.mean([f(r[:, k], r[:, 2]) for r in like]) for f in (log_loss, right) for k in (0, 1)]
        table.append(["mean of like models", "", *(f"{v:.3f}" for v in means), "", ""])
    return table


def kept(rows: Floats) -> Floats:
    """1 where the order at the largest common x is that at the target, one half where there was none."""
    return np.where(rows[:, 3] == 0, 0.5, (rows[:, 3] > 0) == rows[:, 2])


def flipped(rows: Floats) -> Floats:
    """Whether the better one at the target reads worse at the largest common x."""
    return (rows[:, 3] != 0) & ((rows[:, 0] > 0.5) != (rows[:, 3] > 0))


def called(rows: Floats) -> Floats:
    """Whether A is called better: a change of order that is not called leaves the order as it is."""
    open_ = flipped(rows) & (np.maximum(rows[:, 0], 1 - rows[:, 0]) < CALLED)
    return np.where(open_, rows[:, 3] > 0, rows[:, 0] > 0.5)


def error(values: Floats, groups: Floats) -> float:
    """Standard error of a mean; pairs of one group are not independent, where there are several groups."""
    if len(np.unique(groups)) < 2:
        return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
    sums = np.array([np.sum(values[groups == g] - values.mean()) for g in np.unique(groups)])
    return float(np.sqrt(np.sum(sums**2) * len(sums) / (len(sums) - 1)) / len(values))


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


def left_out(found: Mapping[str, Any]) -> str:
    """The factor that each source would get from all others (their mean log loss), and how it does on that source."""
    rows = kept_rows(found)
    grid = np.round(np.arange(1.0, 2.01, 0.05), 2).tolist()
    by = {s: [log_loss(q[:, 0], q[:, 2]) for q in (pooled(rows[s], f) for f in grid)] for s in rows}
    best = {s: grid[int(np.argmin(np.sum([v for t, v in by.items() if t != s], axis=0)))] for s in by}
    outside = {s: by[s][grid.index(best[s])] for s in by}
    like = np.mean([outside[s] for s in LIKE if s in outside])
    bins = reliability(np.concatenate([pooled(rows[s], best[s]) for s in rows]), EDGES)[1:]
    off = max((abs(float(said) - float(hit)) for _, n, said, hit in bins if int(n) >= 200), default=0.0)
    unlike = "".join(f", {s} {outside[s]:.3f}" for s in outside if s not in LIKE)
    return (
        f"The factor of {order.SHARPER:g} stands since before the ratio and the walk were counted together. Chosen for "
        f"each source on all others (mean of their log losses) it is {min(best.values()):g} to {max(best.values()):g}; "
        f"so chosen, log loss is {like:.3f} on like models{unlike}, and no bin of 200 pairs is off by over {off:.3f}."
    )
