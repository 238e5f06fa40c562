"""The goals of a release in one table: world.csv against the best classical method of each suite in hindsight, few
points, clean ladders, straight lines, long noisy logs, rounded laws (goal_curves.py), units, kinds and the suites of
the paper (goal_checks.py), and curves that bands have to know of (hard_curves.py). Speed: `python -m tools speed`.

    python -m lab goals                                      the released network
    python -m lab goals --weights a.safetensors,b.safetensors    means of two seeds
    python -m lab goals --draw 1                             what is drawn, drawn anew
"""

from functools import partial
from typing import Any

import numpy as np
from benchmark.markdown import markdown, rounded
from benchmark.methods import key_of, network
from benchmark.problem import Floats, Problem
from benchmark.suites.world import FEW

import forescale as fs

from .experiment import Experiment, Found, Task
from .goal_checks import CHECKS, told
from .goal_curves import ROWS, THINNED, groups, is_drawn

CLASSICAL = ("line", "m2", "m4", "bnsl1", "gp", "collapsed-m2", "last")
FEW_POINTS = ("m2", "collapsed-m2", "line", "last")
REFERENCES = {"ladders": ("collapsed-m2",), "straight": ("line",), "rounded": (), "world": CLASSICAL}
HARD = ("steep", "constant", "annealed", "plateau", "upturn")
REFERENCES |= dict.fromkeys(HARD, ("m2",))
REFERENCES |= {f"thin {n}": FEW_POINTS for n in THINNED} | {f"log {n}": ("m2",) for n in ROWS}
CLIP = (-5.0, 6.0)
AGAIN = ", draw "
"""Between a group and the number of the draw, from the second on."""


def tasks(weights: str = "", groups_asked: str = "", data: str = "", draw: int = 0) -> dict[str, Task]:
    """One method or network on one group of curves, or one check of a network.

    Args:
        weights: files of weights, comma-separated; the released network where none are named.
        groups_asked: comma-separated; all where none are named.
        data: folder of the data files.
        draw: which of the independent draws of what is drawn; the goals are stated on the first, 0.
    """
    out: dict[str, Task] = {}
    for group, problems in groups(data, draw).items():
        if (groups_asked and group not in groups_asked.split(",")) or (draw and not is_drawn(group)):
            continue
        name = f"{group}{AGAIN}{draw}" if draw else group
        for method in REFERENCES[group]:
            out[f"{name} | {method}"] = Task(partial(scored, problems, method), key_of(method))
        for path in weights.split(","):
            out[f"{name} | {path or 'pfn'}"] = Task(partial(scored, problems, "pfn", path), key_of("pfn", path))
    for check, rows in CHECKS.items():
        if not draw and (not groups_asked or check in groups_asked.split(",")):
            for path in weights.split(","):
                out[f"{check} | {path or 'pfn'}"] = Task(partial(rows, path, data), key_of("pfn", path))
    return out


def scored(problems: Any, method: str, weights: str = "") -> list[list[Any]]:
    """Of each curve: suite, RMSLE, LL of ln y within CLIP, share in the 90 % interval, ln of that interval's width in
    ln y, squared error of the trend in ln y where the truth is known."""
    own = network("pfn", weights) if method == "pfn" else None
    return [row for p in problems() if (row := _row(p, method, own)) is not None]


def _row(p: Problem, method: str, own: fs.Forecaster | None) -> list[Any] | None:
    def ask(kind: str) -> fs.Forecast:
        return own.forecast(p.context, p.x, kind=kind) if own else fs.forecast(p.context, p.x, method=method, kind=kind)

    try:
        run = ask("run")
    except fs.ForescaleError:
        return None
    low, high = run.interval(0.9)
    density = np.clip(run.log_prob(p.y) + np.log(p.y), *CLIP).mean()
    held, width = np.mean((p.y >= low) & (p.y <= high)), np.log(np.maximum(np.log(high / low), 1e-12)).mean()
    trend = np.nan if p.truth is None else np.mean(np.log(_trend(ask, run) / p.truth) ** 2)
    values = fs.metrics.rmsle(run, p.y), density, held, width, trend
    return [p.suite, *(rounded(float(v), 5) for v in values)]


def _trend(ask: Any, run: fs.Forecast) -> Floats:
    try:
        return np.asarray(ask("curve").median)
    except fs.ForescaleError:  # a method without a noise-free answer
        return run.median


def page(found: Found) -> str:
    """One line a goal; means over the networks that are stored."""
    rows: dict[str, dict[str, Any]] = {}
    for label, facts in found.items():
        group, _, who = label.partition(" | ")
        rows.setdefault(group, {})[who] = facts
    table = [["goal", "measured"]]
    for group, of in rows.items():
        kind, again, draw = group.partition(AGAIN)
        networks = [who for who in of if who not in REFERENCES.get(kind, ())]
        table += [[goal + again + draw, text] for goal, text in _goals(kind, of, networks)]
    return markdown(table, words=True)


def _goals(group: str, of: dict[str, Any], networks: list[str]) -> list[tuple[str, str]]:
    def over(measure: Any) -> float:
        return float(np.mean([measure(of[who]) for who in networks]))

    if group in CHECKS:
        return [(f"{group}, {who}" if who != "pfn" else group, told(group, of[who])) for who in networks]
    if group in HARD:
        ratio = _error(of["m2"])
        return [
            (f"{group}: trend error over that of `m2`; coverage 90", f"{over(_error) / ratio:.2f}; {over(_of(3)):.3f}")
        ]
    if group == "world" or group.startswith("thin"):
        best = _best(of, REFERENCES[group])
        ratio = over(lambda rows: np.exp(np.mean(_log_ratios(rows, best))))
        error = over(lambda rows: np.std(_log_ratios(rows, best), ddof=1) / np.sqrt(len(best)))
        out = [(f"{group}: ratio to the best in hindsight ({len(best)} suites)", f"{ratio:.3f} ± {ratio * error:.3f}")]
        out += [(f"{group}: log density, coverage 90", f"{over(_of(2)):.3f}, {over(_of(3)):.3f}")]
        if group == "world":
            few = {s: v for s, v in best.items() if s in FEW}
            m2 = {s: v for s, v in _best(of, ("m2",)).items() if s in FEW}
            figures = [over(lambda rows, b=b: np.exp(np.mean(_log_ratios(rows, b)))) for b in (few, m2)]
            held = over(lambda rows: _suites([r for r in rows if r[0] in FEW], 3))
            out += [
                (
                    "3 to 6 finished runs: ratio to the best, to `m2`; coverage",
                    "{:.3f}, {:.3f}; {:.3f}".format(*figures, held),
                )
            ]
        return out
    if group == "ladders":
        exact = of["collapsed-m2"]
        behind = _column(exact, 2).mean() - over(_of(2))
        width = np.exp(over(lambda rows: _column(rows, 4).mean()) - _column(exact, 4).mean())
        return [
            (
                "clean ladders: LL behind `collapsed-m2`; width; coverage",
                f"{behind:.3f}; {width:.2f}; {over(_of(3)):.3f}",
            )
        ]
    if group == "straight":
        return [("straight lines: error over that of `line`", f"{over(_error) / _error(of['line']):.2f}")]
    if group == "rounded":
        return [("rounded laws that fit: coverage 90 of the truth", f"{over(_of(3)):.3f}")]
    ratio = over(_error) / _error(of["m2"])
    return [
        (f"{group} rows: trend error over that of `m2`; coverage of later readings", f"{ratio:.2f}; {over(_of(3)):.3f}")
    ]


def _column(rows: list[list[Any]], i: int) -> Floats:
    return np.array([row[i] for row in rows], float)


def _error(rows: list[list[Any]]) -> float:
    return float(np.sqrt(_column(rows, 5).mean()))


def _by_suite(rows: list[list[Any]], i: int) -> dict[str, float]:
    return {s: float(np.mean([row[i] for row in rows if row[0] == s])) for s in dict.fromkeys(row[0] for row in rows)}


def _suites(rows: list[list[Any]], i: int) -> float:
    """Mean over curves, then over suites."""
    return float(np.mean(list(_by_suite(rows, i).values())))


def _of(i: int) -> Any:
    return lambda rows: _suites(rows, i)


def _best(of: dict[str, Any], methods: tuple[str, ...]) -> dict[str, float]:
    """Suite -> the smallest error of any of the methods there."""
    errors = [_by_suite(of[m], 1) for m in methods if of.get(m)]
    return {s: min(e[s] for e in errors if s in e) for s in errors[0]}


def _log_ratios(rows: list[list[Any]], best: dict[str, float]) -> list[float]:
    ours = _by_suite(rows, 1)
    return [float(np.log(ours[s] / best[s])) for s in best]


EXPERIMENT = Experiment(
    "goals",
    "A release is level with the best classical method of each suite in hindsight, and exact where a law is exact.",
    tasks,
    page,
)
