"""A plan of runs, as a table, a figure, JSON and CSV."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..decisions.suggest import Suggestion
from ..pages import picture as figures
from ..pages.data import caveat_objects, json_text
from .figures import MAX_PANELS
from .forecasts import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def print_suggestion(s: Suggestion) -> None:
    """The interval now, the runs in order with what each is expected to bring, and the answer in a sentence."""
    from rich.console import Console
    from rich.table import Table

    context = s.now.context
    table = Table(
        title=f"{s.now.method}: runs that narrow the {percent(s.level)} % interval of the {context.y_name} curve most",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    table.add_column("")
    table.add_column(context.x_name, justify="right", style="bold")
    for name in ("cost", "narrows by"):
        table.add_column(name, justify="right")
    table.add_column("will read (90 %)", justify="center")
    for x in s.now.x:
        table.add_column(f"{context.y_name} at {x:.4g}, expected", justify="center")
    low, high = s.now.interval(s.level)
    table.add_row("now", "", "", "", "", *(f"{a:.4g} to {b:.4g}" for a, b in zip(low, high, strict=True)))
    for i, run in enumerate(s.runs, start=1):
        ends = [f"{a:.4g} to {b:.4g}" for a, b in zip(*run.interval, strict=True)]
        reads = f"{run.outcome[0]:.4g} to {run.outcome[1]:.4g}"
        table.add_row(f"run {i}", f"{run.x:.4g}", f"{run.cost:.4g}", f"{100 * run.narrows:.1f} %", reads, *ends)
    console = Console(width=None)
    console.print(table)
    name = f"{context.name}: " if context.name is not None else ""
    console.print(f"{name}{s.answer}", markup=False, highlight=False)


def suggestion_rows(suggestions: Mapping[str, Suggestion]) -> list[dict[str, Any]]:
    """One flat dict for each group, step (0 is now) and target: the columns of `forescale suggest --csv`."""
    rows = []
    for s in suggestions.values():
        low, high = s.now.interval(s.level)
        steps: list[dict[str, Any]] = [{"step": 0, "x": None, "cost": 0.0, "gain_nats": 0.0}]
        ends = [(s.now.median, low, high)]
        for i, run in enumerate(s.runs, start=1):
            steps.append({"step": i, "x": run.x, "cost": run.cost, "gain_nats": run.gain})
            ends.append((run.median, *run.interval))
        for step, (median, lower, upper) in zip(steps, ends, strict=True):
            for t, target in enumerate(s.now.x):
                row = {"group": s.now.context.name, **step, "at": float(target), "median": float(median[t])}
                row |= {"low": float(lower[t]), "high": float(upper[t]), "level": s.level, "kind": "curve"}
                rows.append(row)
    return rows


def suggestions_json(suggestions: Mapping[str, Suggestion], seed: int) -> str:
    """{"forescale", "method", "level", "seed", "suggestions": [{"group", "answer", "now", "runs", ...}]}."""
    first = next(iter(suggestions.values()))
    return json_text(
        {
            "method": first.now.method,
            "kind": "curve",
            "acquisition": first.acquisition,
            "level": first.level,
            "seed": seed,
            "suggestions": [_object(s) for s in suggestions.values()],
        }
    )


def plot_suggestions(suggestions: Sequence[Suggestion], path: str | Path | None = None) -> "Figure":
    """For each group the forecast with the runs marked, and below it the expected gain of every candidate."""
    shown = suggestions[:MAX_PANELS]
    scale = 1.0 if len(shown) == 1 else 0.75
    figure, axes = figures.new_figure(2, len(shown), width=6.4 * scale, height=3.3 * scale)
    for column, s in enumerate(shown):
        _draw_runs(axes[0, column], s)
        _draw_scores(axes[1, column], s)
        axes[0, column].set_xlabel("")
        axes[1, column].sharex(axes[0, column])
        if s.now.context.name is not None:
            axes[0, column].set_title(s.now.context.name, fontsize=10, loc="left")
    figures.legend_outside(figure, axes[0, 0])
    if path is not None:
        figures.save(figure, path)
    return figure


def _draw_runs(ax: "Axes", s: Suggestion) -> None:
    s.now.draw(ax)
    ax.set_xscale("log")
    for i, run in enumerate(s.runs):
        low, high = run.outcome
        ax.plot([run.x, run.x], [low, high], color=figures.COLOURS[1], lw=2.4, zorder=6, solid_capstyle="butt",
                label="suggested run (90 %)" if i == 0 else None)  # fmt: skip
        ax.annotate(str(i + 1), (run.x, high), xytext=(0, 4), textcoords="offset points", ha="center", fontsize=8,
                    color=figures.COLOURS[1])  # fmt: skip
    if s.runs:
        lower, upper = s.runs[-1].interval
        for i, x in enumerate(s.now.x):
            ax.plot([x, x], [lower[i], upper[i]], color=figures.COLOURS[2], lw=5, alpha=0.6, zorder=4,
                    label=f"{percent(s.level)} % after them" if i == 0 else None)  # fmt: skip


def _draw_scores(ax: "Axes", s: Suggestion) -> None:
    ax.plot(s.candidates, s.scores, color=figures.COLOURS[0], lw=1.4, marker=".", ms=4)
    if s.acquisition == "information":
        ax.axhline(0.0, color=figures.INK, lw=0.7, ls=":")
    for run in s.runs:
        ax.axvline(run.x, color=figures.COLOURS[1], lw=1.0)
    ax.set_xscale("log")
    ax.set_xlabel(s.now.context.x_name)
    ax.set_ylabel("expected gain (nats)\nas first run" if s.acquisition == "information" else f"{s.acquisition} score")


def _object(s: Suggestion) -> dict[str, Any]:
    def ends(bounds: Any) -> list[list[float]]:
        return [[float(a), float(b)] for a, b in zip(*bounds, strict=True)]

    return {
        "group": s.now.context.name,
        "answer": s.answer,
        "at": [float(x) for x in s.now.x],
        "budget": s.budget,
        "spent": s.spent,
        "gain_nats": s.gain,
        "now": {"median": [float(y) for y in s.now.median], "interval": ends(s.now.interval(s.level))},
        "runs": [
            {
                "x": run.x,
                "cost": run.cost,
                "gain_nats": run.gain,
                "narrows": run.narrows,
                "outcome_90": list(run.outcome),
                "median": [float(y) for y in run.median],
                "interval": ends(run.interval),
            }
            for run in s.runs
        ],
        "candidates": [
            {"x": float(x), "cost": float(c), "score": float(v)}
            for x, c, v in zip(s.candidates, s.costs, s.scores, strict=True)
        ],
        "warnings": caveat_objects(s.warnings),
    }
