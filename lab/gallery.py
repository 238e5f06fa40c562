"""The pictures of docs/how-it-works.md: forecasts that are right, forecasts that are wrong, and calibration.

Which curves are shown is a rule, not a choice. Right: in each of six suites, among the curves with at least 80 % of
their hidden points in the 90 % band, the one of median RMSLE. Wrong: the three curves of lowest LL of ln y, one of
each series (curves of one series fail together).
"""

import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from benchmark.markdown import markdown
from benchmark.methods import ask_with, key_of, network, title
from benchmark.problem import Problem
from benchmark.score import score_suite
from benchmark.scores import coverage_from, read_counts
from benchmark.suites.papers import GROUPS, HEADLINE, SUITES, TITLES, load_suite

import forescale as fs
from benchmark import look

from .calibration import prior_of, sample
from .experiment import FIGURES, Experiment, Found, Task

RIGHT_SUITES = ("ic", "nmt", "lm", "bb", "dd", "colpret")
BAND, COVERED, DPI = 0.9, 0.8, 85
Scored = tuple[Problem, dict[str, Any]]


def series(problem: Problem) -> str:
    """Suite and the letters of the name before its first number: 'colpret pythia-'."""
    return f"{problem.suite} {re.split(r'[0-9]', problem.name)[0]}"


def right(scored: list[Scored]) -> list[Scored]:
    """Of each suite the curve of median RMSLE (the lower one of two) among those that their band covers."""
    chosen = []
    for suite in RIGHT_SUITES:
        covered = (s for s in scored if s[0].suite == suite and s[1]["coverage90"] >= COVERED)
        rows = sorted(covered, key=lambda s: float(s[1]["rmsle"]))
        chosen.append(rows[(len(rows) - 1) // 2])
    return chosen


def wrong(scored: list[Scored], n: int = 3) -> list[Scored]:
    """The curves of lowest LL of ln y, at most one of each series."""
    chosen: dict[str, Scored] = {}
    for entry in sorted(scored, key=lambda s: float(s[1]["ll_ln"])):
        chosen.setdefault(series(entry[0]), entry)
    return list(chosen.values())[:n]


def draw(asked: fs.Forecaster, chosen: list[Scored], path: Path) -> None:
    """A panel for each curve: what was seen, what was hidden, the median and bands of `run`, the band of `curve`."""
    figure, axes = look.new_figure(-(-len(chosen) // 3), 3, width=4.3, height=3.4)
    for ax, (problem, row) in zip(axes.flat, chosen, strict=True):
        grid = np.geomspace(problem.context.x_max, problem.x.max(), 60)
        run, curve = (asked.forecast(problem.context, grid, kind=kind) for kind in ("run", "curve"))
        look.draw_points(ax, problem.context.x, problem.context.y, "context")
        look.draw_points(ax, problem.x, problem.y, "hidden", hidden=True)
        bands = {level: run.interval(level) for level in (0.5, BAND)}
        look.draw_bands(ax, grid, run.median, bands, "median of run", look.COLOURS[0])
        for edge in curve.interval(BAND):
            ax.plot(grid, edge, color=look.COLOURS[1], lw=1, ls="--", label=f"{100 * BAND:.0f} % interval of curve")
        look.frame(ax, problem.context.x, problem.context.y, problem.x, problem.y)
        ax.set_title(f"{TITLES[problem.suite]}: {problem.name}", fontsize=9, loc="left")
        note = f"RMSLE {row['rmsle']:.3f}, {100 * row['coverage90']:.0f} % of hidden points in the 90 % band"
        ax.text(0.02, 0.02, note, transform=ax.transAxes, fontsize=7.5, color="#555555")
    look.legend_outside(figure, axes.flat[0])
    look.save(figure, path, DPI)


def draw_calibration(asked: fs.Forecaster, scored: list[Scored], n_curves: int, path: Path) -> dict[str, float]:
    """Coverage of central intervals: of `run` on the suites, and of both answers on curves of the network's own prior.

    Returns coverage over the prior, the mean width of `curve` over that of `run` (geometric), how often it is narrower.
    """
    levels = np.array([*(p for p in np.arange(1, 20) / 20 if round(p * 20) % 2 == 0), 0.95, 0.99])
    draws = sample(asked, prior_of(asked), n_curves)
    figure, axes = look.new_figure(1, 2, width=4.6, height=3.8)
    for ax, head in zip(axes.flat, ("real curves, run", "curves of its own prior"), strict=True):
        ax.plot([0, 1], [0, 1], color="#999999", lw=1, ls=":")
        ax.set(xlabel="level of the central interval", ylabel="share of targets inside", title=head)
    for colour, group in zip(look.COLOURS, HEADLINE, strict=False):
        counts = [read_counts(row["pit"]) for p, row in scored if p.suite in GROUPS[group]]
        shares = np.mean([c / c.sum() for c in counts], axis=0)
        axes[0, 0].plot(levels, [coverage_from(shares, p) for p in levels], color=colour, label=TITLES[group])
    for colour, kind, pit in zip(look.COLOURS, ("run", "curve"), (draws.pit_run, draws.pit_curve), strict=False):
        axes[0, 1].plot(levels, [np.mean(np.abs(pit - 0.5) <= p / 2) for p in levels], color=colour, label=kind)
    for ax in axes.flat:
        ax.legend(fontsize=8.5, frameon=False, loc="upper left")
    look.save(figure, path, DPI)
    covered = {kind: float(np.mean(np.abs(pit - 0.5) <= BAND / 2)) for kind, pit in
               (("coverage90 run", draws.pit_run), ("coverage90 curve", draws.pit_curve))}  # fmt: skip
    narrower = {
        "curve over run": float(np.exp(draws.log_ratio.mean())),
        "narrower": float((draws.log_ratio < 0).mean()),
    }
    return covered | narrower


def made(weights: str, data: str, n_curves: int, folder: Path) -> dict[str, Any]:
    """Draws the three pictures; which curves are in them with their scores, and what the calibration shows."""
    asked, ask = network("pfn", weights), ask_with("pfn", weights)
    scored: list[Scored] = []
    for suite in SUITES:
        problems = load_suite(suite, 1.0, data)
        scored += zip(problems, score_suite(problems, ask), strict=True)
    curves = []
    for name, chosen in (("right", right(scored)), ("wrong", wrong(scored))):
        draw(asked, chosen, folder / f"gallery-{name}.png")
        for problem, row in chosen:
            bias = float(np.mean(np.log(asked.forecast(problem.context, problem.x).median / problem.y)))
            scores = [f"{row['rmsle']:.4f}", f"{row['ll_ln']:.2f}", f"{bias:+.3f}", str(problem.context.n)]
            curves.append([name, f"{problem.suite} {problem.name}", *scores])
    return {
        "curves": curves,
        "calibration": draw_calibration(asked, scored, n_curves, folder / "gallery-calibration.png"),
    }


def tasks(weights: str = "", data: str = "", folder: str = str(FIGURES), curves: int = 1000) -> dict[str, Task]:
    """The pictures of one network.

    Args:
        weights: a .safetensors file; without it, the released network.
        data: folder of the CSV files.
        folder: of the pictures.
        curves: drawn from the prior for the calibration.
    """
    return {title("pfn", weights): Task(partial(made, weights, data, curves, Path(folder)), key_of("pfn", weights))}


def page(found: Found) -> str:
    """The curves in the pictures, and what the calibration shows."""
    text = []
    for facts in found.values():
        heads = ["shown as", "curve", "RMSLE", "LL of ln y", "mean ln(median / y)", "points"]
        text += [markdown([heads, *facts["curves"]])]
        text += [", ".join(f"{name} {value:.3f}" for name, value in facts["calibration"].items())]
    return "\n\n".join(text)


EXPERIMENT = Experiment(
    "gallery",
    "Where forecasts fail, they fail by series, and the pictures of failures are chosen by a rule.",
    tasks,
    page,
)
