"""What the table of goals says of a network besides the curves of goal_curves.py.

units     the same table in other units, as twelve digits print it, over all shapes: the largest change of ln of a
          quantile
nested    answers whose 90 % interval of `curve` is wider than that of `run`, and by how much
paper     the suites of the paper at full context: RMSLE and LL of IC, NLP+Nano, DD, ColPret
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from benchmark.methods import ask_with, network
from benchmark.problem import Floats
from benchmark.score import score_all
from benchmark.suites.papers import GROUPS, HEADLINE
from benchmark.suites.world import world

import forescale as fs

Rows = list[list[Any]]
LEVELS = (0.05, 0.5, 0.95)
SHAPES: dict[str, Callable[[Floats], Floats]] = {
    "falling": lambda x: x**-0.3,
    "with a floor": lambda x: 0.5 + x**-0.4,
    "rising": lambda x: x**0.2,
    "valley": lambda x: np.exp(0.1 * (np.log(x) - 2.5) ** 2),
    "flat": np.ones_like,
}


def units(weights: str, data: str, n: int = 60) -> Rows:
    """[shape, largest change] for each of n tables a shape; 3 to 39 rows, asked inside and up to 100 x_max."""
    own, rng, rows = network("pfn", weights), np.random.default_rng(28), []
    for _ in range(n):
        for shape, law in SHAPES.items():
            x = np.sort(np.exp(rng.uniform(0.0, 5.0, rng.integers(3, 40))))
            y = law(x) * np.exp((rng.random() < 0.8) * 0.01 * rng.standard_normal(len(x)))
            of_x, of_y = np.exp(rng.uniform(-9.0, 9.0, 2))
            before = _quantiles(own, x, y, x[-1])
            after = _quantiles(own, x * of_x, y * of_y, x[-1] * of_x) / of_y
            rows.append([shape, float(f"{np.abs(np.log(after / before)).max():.2g}")])
    return rows


def _quantiles(own: fs.Forecaster, x: Floats, y: Floats, x_max: float) -> Floats:
    answer = own.forecast(fs.Curve(_printed(x), _printed(y)), x_max * np.array([0.5, 1.5, 10.0, 100.0]))
    return np.stack([answer.quantile(level) for level in LEVELS])


def _printed(values: Floats) -> Floats:
    return np.array([float(f"{v:.12g}") for v in values])


def nested(weights: str, data: str) -> Rows:
    """[suite, answers, those whose `curve` is wider, the largest share by which] of every curve of world.csv."""
    own, rows = network("pfn", weights), []
    for p in world(data or None):
        run, curve = (own.forecast(p.context, p.x, kind=kind).interval(0.9) for kind in ("run", "curve"))
        more = np.log(curve[1] / curve[0]) / np.log(run[1] / run[0]) - 1.0
        rows.append([p.suite, len(p.x), int((more > 1e-9).sum()), float(f"{max(more.max(), 0.0):.2g}")])
    return rows


def paper(weights: str, data: str) -> Rows:
    """[suites, RMSLE, LL], means over curves."""
    of = score_all(ask_with("pfn", weights), data=data)
    pooled = {group: [row for suite in GROUPS[group] for row in of[suite]] for group in HEADLINE}
    return [
        [g, *(round(float(np.mean([r[k] for r in rows])), 5) for k in ("rmsle", "ll"))] for g, rows in pooled.items()
    ]


CHECKS: dict[str, Callable[[str, str], Rows]] = {"units": units, "nested": nested, "paper": paper}


def told(check: str, rows: Rows) -> str:
    """What one network's rows of a check come to."""
    if check == "units":
        worst = {shape: max(row[1] for row in rows if row[0] == shape) for shape in SHAPES}
        return ", ".join(f"{shape} {change:.0e}" for shape, change in worst.items())
    if check == "nested":
        wider, answers, most = sum(r[2] for r in rows), sum(r[1] for r in rows), max(r[3] for r in rows)
        return f"{wider} of {answers}, by at most {most:.0e} of its width"
    return "; ".join(f"{group} {ll:.3f} ({rmsle:.4f})" for group, rmsle, ll in rows)
