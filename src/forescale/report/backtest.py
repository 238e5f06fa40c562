"""A ranking of methods on hidden scales, as a table, a figure, JSON and CSV."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..decisions.backtest import Backtest, Rank
from ..pages import picture as figures
from ..pages.data import caveat_objects, csv_text, gathered, json_text
from .figures import MAX_PANELS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DRAWN = 4
"""Methods in the figure: more would hide one another."""


def print_backtest(result: Backtest) -> None:
    """The ranking, best first, and what it is worth."""
    from rich.console import Console
    from rich.table import Table

    many = len({s.group for s in result.scores}) > 1
    by = "log density" if result.rank_by == "ll" else "RMSLE"
    table = Table(
        title=f"hidden: the largest {100 * result.hold_out:g} % of the distinct x; ranked by {by}",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    table.add_column("method")
    for name in ("RMSLE", "LL (nats)", "coverage 90", "MSCE", "behind first"):
        table.add_column(name, justify="right")
    table.add_column("", justify="left")
    if many:
        table.add_column("curves", justify="right")
    table.add_column("s/curve", justify="right")
    for i, r in enumerate(result.ranking):
        cells = [f"{r.rmsle:.4f}", f"{r.ll:.3f}", f"{100 * r.coverage:.0f} %", f"{r.msce:.3f}"]
        cells += ["", ""] if i == 0 else [_gap(r), "" if r.told_apart else "within noise"]
        cells += [f"{r.n_curves}/{r.n_curves + r.n_failed}"] if many else []
        table.add_row(r.method, *cells, f"{r.seconds:.2g}", style="bold" if i == 0 else None)
    console = Console(width=None)
    console.print(table)
    failures = ((f"{s.method} failed: {s.failed}", s.group if many else None) for s in result.scores if s.failed)
    for line in gathered(failures):
        console.print(line, markup=False, highlight=False)
    console.print(result.verdict, highlight=False, markup=False)


def backtest_json(result: Backtest, seed: int) -> str:
    """{"forescale", "hold_out", "rank_by", "seed", "verdict", "ranking": [...], "scores": [...], "warnings"}."""
    return json_text(
        {
            "hold_out": result.hold_out,
            "rank_by": result.rank_by,
            "seed": seed,
            "verdict": result.verdict,
            "ranking": [asdict(r) for r in result.ranking],
            "scores": [asdict(s) for s in result.scores],
            "warnings": caveat_objects(result.warnings),
        }
    )


def backtest_csv(result: Backtest) -> str:
    """One row for each curve and method."""
    return csv_text([asdict(s) for s in result.scores])


def plot_backtest(result: Backtest, path: str | Path | None = None) -> "Figure":
    """The hidden points against the forecasts of the best `DRAWN` methods, a panel for each curve."""
    groups = [g for g, answers in result.forecasts.items() if answers][:MAX_PANELS]
    columns = min(3, len(groups))
    scale = 1.1 if columns == 1 else 0.75
    figure, axes = figures.new_figure(-(-len(groups) // columns), columns, width=6.4 * scale, height=4.3 * scale)
    names = [r.method for r in result.ranking[:DRAWN]]
    for ax, group in zip(axes.flat, groups, strict=False):
        _draw(ax, result, group, names)
    for ax in axes.flat[len(groups) :]:
        ax.set_visible(False)
    figures.legend_outside(figure, axes.flat[0])
    figure.suptitle("medians and 90 % intervals of one new measurement", fontsize=10)
    if path is not None:
        figures.save(figure, path)
    return figure


def _draw(ax: Any, result: Backtest, group: str, names: list[str]) -> None:
    import numpy as np

    answers: Mapping[str, Any] = result.forecasts[group]
    context = next(iter(answers.values())).context
    figures.draw_points(ax, context.x, context.y, "context")
    figures.draw_points(ax, *result.hidden[group], "hidden from the forecast", hidden=True)
    drawn = [context.y, result.hidden[group][1]]
    for name, colour in zip(names, figures.COLOURS, strict=False):
        if name not in answers:
            continue
        line = answers[name].on_a_grid()
        order = np.argsort(line.x)
        lower, upper = (end[order] for end in line.interval(0.9))
        figures.draw_bands(ax, line.x[order], line.median[order], {}, name, colour)
        ax.fill_between(line.x[order], lower, upper, color=colour, alpha=0.10, lw=0, zorder=1)
    every_x = np.concatenate([context.x, result.hidden[group][0]])
    figures.choose_axes(ax, every_x, np.concatenate(drawn), context.x_name, context.y_name)
    if context.name is not None:
        ax.set_title(context.name, fontsize=10, loc="left")


def _gap(r: Rank) -> str:
    return f"{r.gap:.3g} ± {r.gap_se:.2g}" if r.gap_se == r.gap_se else f"{r.gap:.3g}"
