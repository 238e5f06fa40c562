"""An allocation as a table, JSON and a figure of isoFLOP and isoloss lines."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..forecasts.quantity import Quantity
from ..joint.allocation import Allocation, loss_at
from ..joint.approaches import Approach, compute_levels
from ..joint.model import Joint
from ..laws.chinchilla import FLOPS_PER_PARAMETER_AND_TOKEN, Chinchilla
from ..pages import picture as figures
from ..pages.data import caveat_objects, json_text
from .forecasts import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
_LABELS = {
    "params": "N*, parameters",
    "tokens": "D*, training tokens",
    "loss": "L*, noise-free loss",
    "tokens_per_param": "D*/N*",
    "near_optimal_params_min": "within 0.5 %: N from",
    "near_optimal_params_max": "within 0.5 %: N to",
    "a": "a, N* ∝ C^a",
    "b": "b, D* ∝ C^b",
    "extra_loss": "extra loss, N = median",
}


def print_allocation(joint: Joint, answer: Allocation, roads: dict[str, Approach], levels: Sequence[float]) -> None:
    """The optimum, the law behind it, and Chinchilla's three roads."""
    from rich.console import Console

    console = Console(width=None)
    head = f"{answer.flops:.4g} FLOPs, {answer.rule}, from {len(joint.table['loss'])} runs"
    console.print(_table(head, {_LABELS[k]: q for k, q in answer.quantities.items()}, levels))
    console.print()
    console.print(_table("L = E + A/N^alpha + B/D^beta (posterior)", joint.parameters, levels))
    fit = joint.fit
    console.print(
        f"point fit: gradient norm {fit.gradient_norm:.1e}, {fit.n_agreeing} of {fit.n_starts} starts agree\n",
        highlight=False,
    )
    for lines in _road_lines(roads):
        console.print(lines, highlight=False, markup=False)


def allocation_json(
    joint: Joint, answer: Allocation, roads: dict[str, Approach], levels: Sequence[float], seed: int
) -> str:
    """{"forescale", "flops", "rule", "seed", quantities, "parameters", "fit", "approaches", "warnings"}."""
    shares = tuple(levels)
    fit = joint.fit
    content: dict[str, Any] = {"flops": answer.flops, "rule": str(answer.rule), "seed": seed, "n_runs": joint.runs.n}
    content |= {name: q.to_dict(shares) for name, q in answer.quantities.items()}
    content["parameters"] = {name: q.to_dict(shares) for name, q in joint.parameters.items()}
    content["fit"] = fit.constants | {
        "params": float(answer.point.n_params), "tokens": float(answer.point.n_tokens),
        "loss": float(answer.point.loss),
        "huber_delta": fit.delta, "gradient_norm": fit.gradient_norm, "n_starts": fit.n_starts,
        "n_agreeing": fit.n_agreeing,
    }  # fmt: skip
    content["approaches"] = {
        name: {
            "a": None if r.a is None else r.a.to_dict(shares),
            "params": None if r.params is None else r.params.to_dict(shares),
            "bias_a": r.bias_a, "bias_params": r.bias_params, "note": r.note,
        }
        for name, r in roads.items()
    }  # fmt: skip
    content["warnings"] = caveat_objects(answer.warnings)
    return json_text(content)


def plot_allocation(joint: Joint, answer: Allocation, path: str | Path | None = None) -> "Figure":
    """Left, loss against N at each compute and at the budget; right, isoloss lines over (N, D) and the frontier."""
    figure, axes = figures.new_figure(1, 2, width=6.0, height=4.6)
    _draw_isoflops(axes[0, 0], joint, answer)
    _draw_isoloss(axes[0, 1], joint, answer)
    figures.legend_outside(figure, axes[0, 0])
    if path is not None:
        figures.save(figure, path)
    return figure


def _draw_isoflops(ax: "Axes", joint: Joint, answer: Allocation) -> None:
    from matplotlib import colormaps

    n, d, loss = (joint.table[k] for k in ("params", "tokens", "loss"))
    log_c = np.log(FLOPS_PER_PARAMETER_AND_TOKEN * n * d)
    levels = compute_levels(log_c) or [np.arange(len(n))]
    shades = colormaps["viridis"](np.linspace(0.05, 0.9, len(levels)))
    law, constants = Chinchilla(), joint.fit.constants
    for rows, shade in zip(levels, shades, strict=True):
        grid = np.geomspace(n[rows].min() / 1.5, n[rows].max() * 1.5, 80)
        mean_c = np.exp(log_c[rows].mean())
        line = law.loss(grid, mean_c / FLOPS_PER_PARAMETER_AND_TOKEN / grid, **constants)
        ax.plot(n[rows], loss[rows], "o", ms=3, color=shade, mec="white", mew=0.3, zorder=4)
        ax.plot(grid, line, color=shade, lw=1.0)
        ax.text(float(grid[-1]), float(line[-1]), f" {mean_c:.1e}", fontsize=6.5, color=shade, va="center")
    ax.plot([], [], "o", ms=3, color=shades[0], label="runs, by compute level (FLOPs)")
    ax.plot([], [], color=shades[0], lw=1.0, label="point fit at that compute")
    low, high = (np.log(q.median) for q in answer.near_optimal)
    span = max(high - low, 1.0)
    grid = np.linspace(low - span, high + span, 60)
    bands = _budget_loss(joint, answer, grid)
    figures.draw_bands(ax, np.exp(grid), bands[2], {0.5: (bands[1], bands[3]), 0.9: (bands[0], bands[4])},
                       f"posterior at {answer.flops:.3g} FLOPs", figures.COLOURS[1])  # fmt: skip
    ax.errorbar(answer.params.median, answer.loss.median, xerr=_arms(answer.params), label="N*, 90 % interval", **_MARK)
    ax.axvspan(np.exp(low), np.exp(high), color=figures.INK, alpha=0.06, lw=0, label="N within 0.5 % of L* (median)")
    figures.choose_axes(ax, np.append(n, np.exp(grid)), np.append(loss, bands[2]), "N, parameters", "loss")
    ax.set_ylim(bands[0].min() * 0.97, loss.max() * 1.03)


def _budget_loss(joint: Joint, answer: Allocation, log_n: Floats) -> Floats:
    """Quantiles 5, 25, 50, 75, 95 % of the noise-free loss at the budget, (5, grid)."""
    kept = {name: values[::8, None] for name, values in joint.draws.items()}
    return np.quantile(loss_at(kept, log_n[None, :], answer.flops, answer.rule), [0.05, 0.25, 0.5, 0.75, 0.95], axis=0)


def _draw_isoloss(ax: "Axes", joint: Joint, answer: Allocation) -> None:
    n, d, loss = (joint.table[k] for k in ("params", "tokens", "loss"))
    law, constants = Chinchilla(), joint.fit.constants
    every_n, every_d = np.append(n, answer.params.interval(0.9)), np.append(d, answer.tokens.interval(0.9))
    grid_n = np.geomspace(every_n.min() / 2, every_n.max() * 2, 90)
    grid_d = np.geomspace(every_d.min() / 2, every_d.max() * 2, 90)
    surface = law.loss(grid_n[None, :], grid_d[:, None], **constants)
    steps = constants["E"] + np.geomspace(np.min(surface) - constants["E"], np.max(surface) - constants["E"], 14)[1:-1]
    lines = ax.contour(grid_n, grid_d, surface, levels=steps, colors="#888888", linewidths=0.8)
    ax.clabel(lines, fmt="%.2f", fontsize=6.5)
    ax.scatter(n, d, s=9, c=loss, cmap="viridis_r", edgecolors="white", linewidths=0.3, zorder=4)
    flops = np.geomspace(FLOPS_PER_PARAMETER_AND_TOKEN * np.min(n * d), answer.flops, 60)
    kept = {name: values[::8, None] for name, values in joint.draws.items()}
    paths = np.quantile(law.optimum(flops[None, :], **kept).n_params, [0.05, 0.5, 0.95], axis=0)
    best_d = flops / FLOPS_PER_PARAMETER_AND_TOKEN / paths[1]
    ax.fill_betweenx(best_d, paths[0], paths[2], color=figures.COLOURS[0], alpha=0.2, lw=0)
    ax.plot(paths[1], best_d, color=figures.COLOURS[0], lw=1.6)
    budget_d = np.exp(answer.rule.log_tokens(np.log(grid_n), answer.flops))
    ax.plot(grid_n, budget_d, color=figures.COLOURS[1], lw=1.2, ls="--")
    ax.errorbar(answer.params.median, answer.tokens.median, xerr=_arms(answer.params), **_MARK)
    ax.set(xscale="log", yscale="log", xlabel="N, parameters", ylabel="D, tokens",
           xlim=(grid_n[0], grid_n[-1]), ylim=(grid_d[0], grid_d[-1]))  # fmt: skip
    ax.set_title("isoloss lines (point fit); blue: best split, 90 % band; dashed: the budget", fontsize=8, loc="left")


_MARK: dict[str, Any] = {
    "fmt": "s", "ms": 5, "color": figures.INK, "mec": "white", "capsize": 3, "lw": 1.2, "zorder": 5,
}  # fmt: skip


def _arms(q: Quantity) -> Floats:
    """Distances from the median to the ends of the 90 % interval, (2, 1), as error bars want them."""
    return np.abs(np.array(q.interval(0.9)) - q.median)[:, None]


def _table(title: str, rows: dict[str, Quantity], levels: Sequence[float]) -> Any:
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    table.add_column("median", justify="right", style="bold")
    for level in levels:
        table.add_column(f"{percent(level)} % interval", justify="center")
    for name, q in rows.items():
        table.add_row(
            name, f"{q.median:.4g}", *(f"{short(low)} to {short(high)}" for low, high in map(q.interval, levels))
        )
    return table


def short(value: float) -> str:
    """Four digits where they fit a column, three where an exponent is needed."""
    return f"{value:.3g}" if value >= 1e4 or 0 < value < 1e-3 else f"{value:.4g}"


def _road_lines(roads: dict[str, Approach]) -> list[str]:
    lines = ["three roads to N* (90 % intervals; bias: on noise-free losses of the fit)"]
    for name, r in roads.items():
        if r.a is None or r.params is None:
            lines.append(f"  {name:<11} no answer: {r.note}")
            continue
        (a0, a1), (n0, n1) = r.a.interval(0.9), r.params.interval(0.9)
        answer = f"a {r.a.median:.3f} ({a0:.3f} to {a1:.3f}), N* {r.params.median:.3g} ({n0:.3g} to {n1:.3g})"
        lines.append(f"  {name:<10} {answer}")
        bias = "" if name == "parametric" else f"; bias {r.bias_a:+.3f} in a, ×{r.bias_params:.3g} in N*"
        lines.append(f"  {'':<10} {r.note}{bias}")
    return lines
