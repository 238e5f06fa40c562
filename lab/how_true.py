"""How true it is, drawn: what forecasts and decisions said on real curves against what then happened.

Reads what `world`, `reach-reliability` and `recipes-reliability` stored; asks nothing anew. A point is a bin of
answers: what they said to the right, how often it came true upwards. On the diagonal what is said is what happens.
"""

from itertools import pairwise

import numpy as np
from benchmark.markdown import markdown
from benchmark.problem import Floats
from benchmark.scores import coverage_from
from benchmark.store import digest

from benchmark import look

from . import reach_reliability, recipes_reliability, world
from .experiment import FIGURES, Experiment, Found, Task

CENTRAL = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
"""Levels of central intervals whose ends are edges of the stored histograms."""
TENTHS = tuple(np.linspace(0, 1, 11).round(1))


def tasks() -> dict[str, Task]:
    """The three pictures' points, from what is stored."""
    made = {
        "intervals": (intervals, world),
        "reached": (reached, reach_reliability),
        "better": (better, recipes_reliability),
    }
    return {name: Task(make, {"from": fingerprint(source.EXPERIMENT)}) for name, (make, source) in made.items()}


def fingerprint(source: Experiment) -> str:
    """Of what an experiment stored: where it changes, the points are made again."""
    path = source.store().path
    return digest(path) if path.exists() else "nothing"


def intervals() -> list[list[float]]:
    """[level, share of hidden readings inside, suites]: the mean over suites of `pfn`."""
    suites = world.by_method(world.EXPERIMENT.store().facts()).get(world.OURS, {})
    every = [world.shares(rows) for rows in suites.values()]
    return [[level, float(np.mean([coverage_from(s, level) for s in every])), len(every)] for level in CENTRAL if every]


def reached() -> list[list[float]]:
    """[mean P(reached by x), share reached, questions] in bins of the probability."""
    rows = np.array([row for rows in reach_reliability.EXPERIMENT.store().facts().values() for row in rows])
    if not len(rows):
        return []
    said, came = np.concatenate([rows[:, 0], rows[:, 2]]), np.concatenate([rows[:, 1], rows[:, 3]])
    return binned(said, came, TENTHS)


def better() -> list[list[float]]:
    """[mean probability of the recipe that is called, share right, pairs] in bins of it."""
    rows = np.array([r for rows in recipes_reliability.EXPERIMENT.store().facts().values() for r in rows])
    if not len(rows):
        return []
    return binned(np.maximum(rows[:, 0], 1 - rows[:, 0]), (rows[:, 0] > 0.5) == rows[:, 2], TENTHS[5:])


def binned(said: Floats, came: Floats, edges: tuple[float, ...]) -> list[list[float]]:
    """[mean said, share come true, number] of each bin that is not empty."""
    rows = []
    for low, high in pairwise(edges):
        inside = (said >= low) & ((said < high) | (high == 1.0))
        if inside.any():
            rows.append([round(float(said[inside].mean()), 4), round(float(came[inside].mean()), 4), int(inside.sum())])
    return rows


TITLES = {
    "intervals": ("forecast: readings inside the interval", "level of the central interval"),
    "reached": ("reach: the target is reached by x", "P(reached by x)"),
    "better": ("recipes: the one called is the better", "P(it is better)"),
}


def page(found: Found) -> str:
    table = [["answer", "said", "came true", "of"]]
    for name, rows in found.items():
        unit = "suites" if name == "intervals" else "questions"
        table += [[TITLES[name][0], f"{said:.2f}", f"{came:.2f}", f"{n:.0f} {unit}"] for said, came, n in rows]
    return markdown(table)


def draw(found: Found) -> None:
    """A panel for each answer; the area of a point goes with the number behind it."""
    drawn = [name for name in TITLES if found.get(name)]
    figure, axes = look.new_figure(1, len(drawn), width=3.5, height=3.5)
    for i, (ax, name) in enumerate(zip(axes.flat, drawn, strict=True)):
        (title, label), (said, came, n) = TITLES[name], np.array(found[name], float).T
        ax.plot([0, 1], [0, 1], color="#999999", lw=1, ls=":")
        ax.plot(said, came, color=look.COLOURS[i], lw=1.2)
        ax.scatter(said, came, s=20 + 100 * n / n.max(), color=look.COLOURS[i], alpha=0.7, lw=0)
        ax.set(xlabel=label, ylabel="came true", xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
        ax.set_title(title, fontsize=9, loc="left")
        ax.set_aspect("equal")
    look.save(figure, FIGURES / "how-true.png", dpi=100)


EXPERIMENT = Experiment(
    "how-true",
    "What forecasts and decisions say on real curves happens as often as they say.",
    tasks,
    page,
    docs="how-true.md",
    draw=draw,
)
