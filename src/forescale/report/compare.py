"""Several methods side by side, as a table, a figure, JSON and CSV."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..decisions.compare import Comparison
from ..pages import picture as figures
from ..pages.data import caveat_objects, gathered, json_text
from .figures import MAX_PANELS
from .forecasts import percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def print_comparisons(comparisons: Mapping[str, Comparison], levels: Sequence[float]) -> None:
    """One row for each curve, x and method; a method that failed says why."""
    from rich.console import Console
    from rich.table import Table

    first = next(iter(comparisons.values()))
    grouped = first.context.name is not None
    table = Table(title=_title(first), title_justify="left", box=None, pad_edge=False)
    if grouped:
        table.add_column("group")
    table.add_column(first.context.x_name, justify="right")
    table.add_column("method")
    table.add_column(f"{first.context.y_name} (median)", justify="right", style="bold")
    for level in levels:
        table.add_column(f"{percent(level)} % interval", justify="center")
    table.add_column("kind of distribution")
    for c in comparisons.values():
        head = [str(c.context.name)] if grouped else []
        medians = {name: f.median for name, f in c.forecasts.items()}
        bounds = {name: [f.interval(level) for level in levels] for name, f in c.forecasts.items()}
        for i, x in enumerate(c.x):
            for name, f in c.forecasts.items():
                cells = [f"{low[i]:.4g} to {high[i]:.4g}" for low, high in bounds[name]]
                table.add_row(*head, f"{x:.4g}", name, f"{medians[name][i]:.4g}", *cells, f.note or "posterior")
        for name in c.failures:
            table.add_row(*head, "", name, "failed", *[""] * len(levels), "")
    console = Console(width=None)
    console.print(table)
    failures = (
        (f"{name} failed: {why}", c.context.name) for c in comparisons.values() for name, why in c.failures.items()
    )
    for line in gathered(failures):
        console.print(line, markup=False, highlight=False)


def disagreement_lines(comparisons: Mapping[str, Comparison]) -> list[str]:
    """Each pair of methods that disagrees once: its first sentence, and the other groups where it does."""
    first: dict[str, str] = {}
    groups: dict[str, list[str]] = {}
    for c in comparisons.values():
        for caveat in c.warnings:
            pair = caveat.message.partition(" lie outside")[0]
            first.setdefault(pair, str(caveat))
            groups.setdefault(pair, []).append(c.context.name or "")
    return gathered((f"warning: {first[pair]}", name) for pair, names in groups.items() for name in names)


def comparisons_json(comparisons: Mapping[str, Comparison], levels: Sequence[float], seed: int) -> str:
    """{"forescale", "kind", "seed", "curves": [{"group", "methods": [...], "failures": {...}, "warnings"}]}."""
    first = next(iter(comparisons.values()))
    kinds = {f.kind for f in first.forecasts.values()}
    return json_text(
        {
            "kind": next(iter(kinds), None),
            "seed": seed,
            "level": first.level,
            "curves": [_object(c, levels) for c in comparisons.values()],
        }
    )


def plot_comparisons(comparisons: Sequence[Comparison], path: str | Path | None = None) -> "Figure":
    """A panel for each curve, every method in its colour; saved where a path is given."""
    shown = comparisons[:MAX_PANELS]
    columns = min(3, len(shown))
    scale = 1.1 if columns == 1 else 0.75
    figure, axes = figures.new_figure(-(-len(shown) // columns), columns, width=6.4 * scale, height=4.3 * scale)
    for ax, c in zip(axes.flat, shown, strict=False):
        c.draw(ax)
        if c.context.name is not None:
            ax.set_title(c.context.name, fontsize=10, loc="left")
    for ax in axes.flat[len(shown) :]:
        ax.set_visible(False)
    figures.legend_outside(figure, axes.flat[0])
    figure.suptitle(f"medians and {percent(comparisons[0].level)} % intervals", fontsize=10)
    if path is not None:
        figures.save(figure, path)
    return figure


def _title(c: Comparison) -> str:
    kind = next((f.kind for f in c.forecasts.values()), "run")
    what = "one new measurement" if kind == "run" else "noise-free trend"
    return f"{what} ({kind}); medians that lie outside one another's {percent(c.level)} % interval disagree"


def _object(c: Comparison, levels: Sequence[float]) -> dict[str, Any]:
    answers = []
    for name, f in c.forecasts.items():
        median, bounds = f.median, {percent(level): f.interval(level) for level in levels}
        answers.append(
            {
                "method": name,
                "note": f.note,
                "forecasts": [
                    {
                        "x": float(x),
                        "median": float(median[i]),
                        "intervals": {p: [float(low[i]), float(high[i])] for p, (low, high) in bounds.items()},
                        "extrapolation_ratio": float(f.extrapolation_ratio[i]),
                    }
                    for i, x in enumerate(f.x)
                ],
                "warnings": caveat_objects(f.warnings),
            }
        )
    return {
        "group": c.context.name,
        "n_context": c.context.n,
        "methods": answers,
        "failures": dict(c.failures),
        "warnings": caveat_objects(c.warnings),
    }
