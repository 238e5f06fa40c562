"""A comparison of recipes as a table, JSON and a figure."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..decisions.recipes import Duel, Recipes
from ..forecasts.quantity import Quantity
from ..pages import picture as figures
from ..pages.data import caveat_objects, json_text
from .forecasts import percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_LINES = 8


def print_recipes(answer: Recipes, levels: Sequence[float]) -> None:
    """Each recipe with its forecast and rank, then every pair, then what is assumed."""
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None)
    first = answer.curves[answer.names[0]]
    table = Table(title=f"noise-free {first.y_name} at {answer.at:.4g} {first.x_name} (curve)", title_justify="left",
                  box=None, pad_edge=False)  # fmt: skip
    for name in ("recipe", "median", f"{percent(levels[-1])} % interval", "P(best)", "largest run so far", "ranks"):
        table.add_column(name, justify="left" if name == "recipe" else "right")
    ranked = [run.name for run in answer.baseline]
    for name in answer.ranking:
        f, run = answer.forecasts[name], answer.baseline[ranked.index(name)]
        low, high = f.interval(levels[-1])
        seeds = f" (mean of {run.n_runs})" if run.n_runs > 1 else ""
        table.add_row(name, f"{f.median[-1]:.4g}", f"{low[-1]:.4g} to {high[-1]:.4g}",
                      f"{answer.rank_probs[answer.names.index(name), 0]:.3f}", f"{run.y:.4g} at {run.x:.3g}{seeds}",
                      f"{ranked.index(name) + 1}")  # fmt: skip
    console.print(table)
    console.print()
    for d in answer.duels:
        for line in duel_lines(d, answer, levels[-1]):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print(f"note: {answer.note}", markup=False, highlight=False, soft_wrap=True)


def duel_lines(d: Duel, answer: Recipes, level: float) -> list[str]:
    """What is known of a pair, in sentences, the better one first."""
    x_name = answer.curves[d.a].x_name
    low, high = (_times(value, d) for value in d.multiplier.interval(level))
    lines = [f"P({d.a} better than {d.b}) = {d.prob_better:.3f}{_against_now(d)}"]
    middle = _times(d.multiplier.median, d)
    spread = f"{low} to {high}" if low != high else f"{low} throughout"
    lines.append(
        f"  to match {d.a} at {answer.at:.3g} {x_name}, {d.b} needs {middle} as much ({percent(level)} %: {spread})"
    )
    where = f"between {answer.cross_range[0]:.3g} and {answer.cross_range[1]:.3g}"
    crossed = f"  they cross {where} with probability {d.prob_cross:.3f}"
    if d.crossing is None:
        return [*lines, crossed]
    left, right = d.crossing.interval(level)
    return [*lines, f"{crossed}; if so, at {d.crossing.median:.3g} ({percent(level)} %: {left:.3g} to {right:.3g})"]


def _against_now(d: Duel) -> str:
    """What the probability means beside the order that is measured."""
    if not d.flips:
        return ""
    if d.called:
        return f", although {d.b} reads better so far"
    return f": too little to call, as {d.b} reads better so far"


def recipes_json(answer: Recipes, levels: Sequence[float], seed: int) -> str:
    """{"forescale", "method", "at", "recipes": [...], "pairs": [...], "baseline": [...], "note", "warnings"}."""
    shares = tuple(levels)
    any_forecast = answer.forecasts[answer.names[0]]
    rows = []
    for i, name in enumerate(answer.names):
        f = answer.forecasts[name]
        ends = {percent(level): [float(end[-1]) for end in f.interval(level)] for level in shares}
        rows.append({
            "recipe": name, "n_context": f.context.n, "median": float(f.median[-1]), "intervals": ends,
            "rank_probs": answer.rank_probs[i].tolist(),
        })  # fmt: skip
    return json_text({
        "method": any_forecast.method, "kind": any_forecast.kind, "seed": seed, "at": answer.at, "recipes": rows,
        "pairs": [_pair(d, shares) for d in answer.duels],
        "cross_range": list(answer.cross_range),
        "baseline": [{"recipe": r.name, "x": r.x, "y": r.y, "n_runs": r.n_runs} for r in answer.baseline],
        "note": answer.note,
        "warnings": caveat_objects(answer.warnings),
    })  # fmt: skip


def plot_recipes(answer: Recipes, path: str | Path | None = None) -> "Figure":
    """Left, every recipe's runs and noise-free band; right, P(better) along x for each pair."""
    figure, axes = figures.new_figure(1, 2, width=5.8, height=4.4)
    left, right = axes[0]
    shown = answer.x <= 3 * max(answer.at, *(c.x_max for c in answer.curves.values()))
    for name, colour in zip(answer.names, figures.COLOURS, strict=False):
        f, c = answer.forecasts[name], answer.curves[name]
        low, high = f.interval(0.9)
        figures.draw_points(left, c.x, c.y, f"{name}: runs", colour=colour)
        x = answer.x[shown]
        left.fill_between(x, low[:-1][shown], high[:-1][shown], color=colour, alpha=0.18, lw=0)
        left.plot(x, f.median[:-1][shown], color=colour, lw=1.6, label=f"{name}: median, 90 % (curve)")
    first = answer.curves[answer.names[0]]
    left.axvline(answer.at, color=figures.INK, lw=0.9, ls="--", label="target")
    left.set(xscale="log", xlabel=first.x_name, ylabel=first.y_name)
    for d, colour in zip(answer.duels[:MAX_LINES], reversed(figures.COLOURS), strict=False):
        label = f"P({d.a} better than {d.b})"
        right.plot(answer.x[shown], d.prob_along[shown], lw=1.6, label=label, color=colour)
        right.plot(answer.at, d.prob_better, "s", ms=5, color=colour, mec="white")
    right.axhline(0.5, color="#999999", lw=0.8, ls=":")
    right.axvline(answer.at, color=figures.INK, lw=0.9, ls="--")
    right.set(xscale="log", xlabel=first.x_name, ylabel="probability, noise-free curves", ylim=(-0.02, 1.02))
    right.legend(fontsize=8, frameon=False)
    figures.legend_outside(figure, left)
    if path is not None:
        figures.save(figure, path)
    return figure


def _pair(d: Duel, shares: tuple[float, ...]) -> dict[str, Any]:
    def told(q: Quantity | None) -> dict[str, object] | None:
        return None if q is None else q.to_dict(shares)

    return {
        "a": d.a, "b": d.b, "prob_a_better": d.prob_better, "multiplier": told(d.multiplier),
        "multiplier_range": list(d.multiplier_range), "prob_out_of_reach": d.prob_out_of_reach,
        "prob_cross": d.prob_cross, "crossing": told(d.crossing), "leads_now": d.leads_now, "called": d.called,
    }  # fmt: skip


def _times(value: float, d: Duel) -> str:
    """A multiplier; at an edge of what was looked at, as a bound."""
    low, high = d.multiplier_range
    if value <= low * (1 + 1e-9):
        return f"less than {low:.2g}×"
    return f"{value:.3g}×" if value < high else f"over {high:.4g}×"
