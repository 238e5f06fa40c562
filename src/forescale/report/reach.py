"""When a target is reached, as a table, a figure, JSON and CSV."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..decisions.reach import Reach
from ..pages import picture as figures
from ..pages.data import caveat_objects, json_text
from .figures import MAX_PANELS
from .forecasts import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..forecasts.forecast import Forecast


def print_reach(answers: Mapping[str, Reach], levels: Sequence[float], budget: float | None) -> None:
    """One row for each curve; "not within" where an end lies beyond the range."""
    from rich.console import Console
    from rich.table import Table

    first = next(iter(answers.values()))
    context = first.forecast.context
    table = Table(
        title=f"{first.forecast.method}: {context.x_name} at which {context.y_name} first reaches {first.target:g} "
        f"({first.forecast.kind})",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    if context.name is not None:
        table.add_column("group")
    table.add_column(f"{context.x_name} (median)", justify="right", style="bold")
    for level in levels:
        table.add_column(f"{percent(level)} % interval", justify="center")
    table.add_column("looked for in", justify="center")
    table.add_column("P(not within)", justify="right")
    if budget is not None:
        table.add_column(f"P(by {budget:.4g})", justify="right")
        table.add_column(f"{context.y_name} at {budget:.4g}, {percent(levels[-1])} %", justify="center")
    for r in answers.values():
        cells = [str(r.forecast.context.name)] if context.name is not None else []
        cells += [number(r.median), *(f"{number(a)} to {number(b)}" for a, b in map(r.interval, levels))]
        cells += [f"{r.x_range[0]:.4g} to {r.x_range[1]:.4g}", f"{r.prob_never:.3f}"]
        if budget is not None:
            low, high = r.loss_at(budget).interval(levels[-1])
            cells += [f"{r.prob_by(budget):.3f}", f"{low[0]:.4g} to {high[0]:.4g}"]
        table.add_row(*cells)
    Console(width=None).print(table)


def reach_rows(answers: Mapping[str, Reach], levels: Sequence[float], budget: float | None) -> list[dict[str, Any]]:
    """One flat dict for each curve: the columns of `forescale reach --csv`; inf is "not within"."""
    rows = []
    for r in answers.values():
        row: dict[str, Any] = {"group": r.forecast.context.name, "target": r.target, "method": r.forecast.method}
        row |= {"kind": r.forecast.kind, "median": r.median}
        for level in levels:
            row[f"low{percent(level)}"], row[f"high{percent(level)}"] = r.interval(level)
        row |= {"x_from": r.x_range[0], "x_to": r.x_range[1], "prob_never": r.prob_never, "exact": r.exact}
        if budget is not None:
            f: Forecast = r.loss_at(budget)
            row |= {"budget": budget, "prob_by_budget": float(r.prob_by(budget)), "loss_at_budget": float(f.median[0])}
            for level in levels:
                low, high = f.interval(level)
                row[f"loss_low{percent(level)}"], row[f"loss_high{percent(level)}"] = float(low[0]), float(high[0])
        rows.append(row | {"warnings": ";".join(w.code for w in r.warnings)})
    return rows


def reach_json(answers: Mapping[str, Reach], levels: Sequence[float], budget: float | None, seed: int) -> str:
    """{"forescale", "seed", "curves": [rows with warnings in full]}; an end that is not within the range is null."""
    curves = [
        {**row, "warnings": caveat_objects(r.warnings)}
        for row, r in zip(reach_rows(answers, levels, budget), answers.values(), strict=True)
    ]
    return json_text({"seed": seed, "levels": list(levels), "curves": curves})


def plot_reach(answers: Sequence[Reach], path: str | Path | None = None) -> "Figure":
    """For each curve the forecast with its target, and below it P(reached by x)."""
    shown = answers[:MAX_PANELS]
    scale = 1.0 if len(shown) == 1 else 0.75
    figure, axes = figures.new_figure(2, len(shown), width=6.4 * scale, height=3.4 * scale)
    for column, r in enumerate(shown):
        _draw_curve(axes[0, column], r)
        _draw_probability(axes[1, column], r)
        axes[0, column].sharex(axes[1, column])
        if r.forecast.context.name is not None:
            axes[0, column].set_title(r.forecast.context.name, fontsize=10, loc="left")
    figures.legend_outside(figure, axes[0, 0])
    if path is not None:
        figures.save(figure, path)
    return figure


def _draw_curve(ax: "Axes", r: Reach) -> None:
    f, context = r.forecast, r.forecast.context
    figures.draw_points(ax, context.x, context.y, "context")
    bands = {level: f.interval(level) for level in (0.5, 0.9)}
    figures.draw_bands(ax, f.x, f.median, bands, f"{f.method} median ({f.kind})", figures.COLOURS[0])
    ax.axhline(r.target, color=figures.COLOURS[1], lw=1.2, ls="--", label=f"target {r.target:g}")
    figures.choose_axes(ax, f.x, context.y, context.x_name, context.y_name)
    low, high = min(r.target, f.median.min()), max(r.target, context.y.max(), f.median[0])
    ax.set_ylim(low * 0.85, high * 1.1)
    ax.set_xlabel("")


def _draw_probability(ax: "Axes", r: Reach) -> None:
    context = r.forecast.context
    ax.plot(r.x, r.reached, color=figures.COLOURS[0], lw=1.8)
    if not r.exact:
        ax.plot(r.x, r.below, color=figures.COLOURS[0], lw=1.0, ls=":")
        ax.text(0.02, 0.95, "solid: lower bound; dotted: P(below target at x)", transform=ax.transAxes, fontsize=7.5)
    ax.axvline(context.x_max, color=figures.INK, lw=0.8, ls=":")
    ax.set_xscale("log")
    ax.set_ylim(-0.02, 1.04)
    ax.set_xlabel(context.x_name)
    ax.set_ylabel("P(reached by x)")


def number(x: float) -> str:
    return f"{x:.4g}" if x < float("inf") else "not within"
