"""The figures of docs/results.md, from stored results only.

examples      one curve of every suite with every method            reliability   coverage against level
context       error against the share of the context that is seen    pit           histograms of PIT values
time          accuracy against CPU seconds                           prior         PIT on curves of the network's prior
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import forescale as fs

from . import look
from .cells import cell, histogram
from .scores import PIT_EDGES, coverage_from
from .store import Ledger
from .suites.papers import CUTS, HEADLINE, SUITES, TITLES

OURS = "pfn"
MARKERS = "osD^vP*XhdpH<>8"
PALETTE = {"m1": "#bfa15a", "m2": "#1b7837", "m3": "#e08214", "m4": "#b2182b", "bnsl1": "#762a83", "bnsl2": "#c51b7d"}
PALETTE |= {"gp": "#01665e", "line": "#777777", "last": "#777777"}


def draw_all(root: Path, folder: Path) -> dict[str, Path]:
    """Draw what the stored results allow; name -> file."""
    draws: dict[str, Callable[[Path], Any]] = {
        "examples": examples,
        "reliability": reliability,
        "context": against_context,
        "time": against_time,
        "pit": pit_histograms,
        "prior": prior_pit,
    }
    done = {}
    for name, draw in draws.items():
        figure = draw(root)
        if figure is not None:
            done[name] = folder / f"results-{name}.png"
            look.save(figure, done[name])
    return done


def style(method: str) -> dict[str, Any]:
    """One look for each method in all figures: colour by law, dashes for its posterior; ours in front and heavier."""
    network = method in ("pfn", "nsl-pfn")
    law = method.removeprefix("mcmc-").removeprefix("collapsed-")
    colour = look.COLOURS[0] if network else PALETTE.get(law, "#777777")
    dashes = {"nsl-pfn": "--", "last": ":"}.get(method, "-" if law == method else "--" if "mcmc" in method else ":")
    heavy = method == OURS
    return {"color": colour, "ls": dashes, "lw": 2.4 if heavy else 1.2, "zorder": 5 if heavy else 3, "label": method}


def complete(root: Path, group: str, cut: float = 1.0) -> list[str]:
    """Methods with a complete cell there, in the order of the list."""
    found = [(name, cell(root, name, group, "rmsle", cut)) for name in fs.methods()]
    return [name for name, c in found if c is not None and c.complete]


def examples(root: Path) -> Any:
    stored = Ledger(root / "examples.jsonl").facts()
    if not stored:
        return None
    figure, axes = look.new_figure(4, 2, width=5.6, height=3.6)
    for ax, suite in zip(axes.flat, SUITES, strict=False):
        p = {k: v if k == "name" else np.array(v) for k, v in stored[suite].items()}
        look.draw_points(ax, p["x"], p["y"], "context")
        look.draw_points(ax, p["x_hidden"], p["y_hidden"], "hidden", hidden=True)
        for method in fs.methods():
            a = stored.get(f"{suite} {method}", {"error": "not asked"})
            if "error" not in a:
                ax.plot(a["x"], a["median"], **style(method))
                if method == OURS:
                    ax.fill_between(a["x"], a["low"], a["high"], color=style(method)["color"], alpha=0.18, lw=0,
                                    label=f"{OURS} 90 % interval")  # fmt: skip
        look.frame(ax, p["x"], p["y"], p["x_hidden"], p["y_hidden"])
        ax.set_title(f"{TITLES[suite]}: {p['name']}", fontsize=10)
    axes.flat[-1].axis("off")
    look.legend_outside(figure, axes.flat[0])
    return figure


def reliability(root: Path) -> Any:
    """Coverage minus level would hide the scale: both axes run from 0 to 1 around the diagonal."""
    figure, axes = look.new_figure(2, 2, width=4.6, height=4.2)
    levels = np.array([p for p in np.arange(1, 20) / 20 if round(p * 20) % 2 == 0] + [0.95, 0.99])
    drawn = 0
    for ax, group in zip(axes.flat, HEADLINE, strict=True):
        ax.plot([0, 1], [0, 1], color="#999999", lw=1, ls=":", label="calibrated")
        for method in complete(root, group):
            shares = histogram(root, method, group)
            assert shares is not None
            ax.plot(levels, [coverage_from(shares, p) for p in levels], **style(method))
            drawn += 1
        ax.set(xlabel="level of the central interval", ylabel="share of targets inside", title=TITLES[group])
        ax.set_aspect("equal")
    look.legend_outside(figure, axes.flat[0])
    return figure if drawn else None


def against_context(root: Path) -> Any:
    figure, axes = look.new_figure(2, 4, width=3.9, height=3.6)
    drawn = 0
    for column, group in enumerate(HEADLINE):
        worst = []
        for method in complete(root, group):
            for row, key in enumerate(("rmsle", "ll_ln")):
                cells = [(cut, cell(root, method, group, key, cut)) for cut in CUTS]
                known = [(100 * cut, c) for cut, c in cells if c is not None and c.complete]
                x, y = [k[0] for k in known], [k[1].mean for k in known]
                axes[row, column].plot(x, y, marker="o", ms=4 if method == OURS else 3, **style(method))
                worst += y if row == 1 else []
                drawn += 1
        axes[0, column].set(title=TITLES[group], ylabel="RMSLE", yscale="log")
        look.plain_log(axes[0, column].yaxis)
        axes[1, column].set(xlabel="share of the context seen, %", ylabel="LL of ln y")
        if worst:
            axes[1, column].set_ylim(max(min(worst), -3), max(worst) + 0.2)
        for ax in axes[:, column]:
            ax.set_xticks([100 * cut for cut in CUTS])
    look.legend_outside(figure, axes[0, 0])
    return figure if drawn else None


def against_time(root: Path) -> Any:
    """A point for each method: seconds a curve to the right, error upwards; lower left is better."""
    figure, axes = look.new_figure(1, 4, width=3.7, height=3.6)
    drawn = 0
    for ax, group in zip(axes.flat, HEADLINE, strict=True):
        for method in complete(root, group):
            seconds, error = cell(root, method, group, "seconds"), cell(root, method, group, "rmsle")
            assert seconds is not None
            assert error is not None
            look_of = style(method) | {"ls": "", "marker": MARKERS[list(fs.methods()).index(method) % len(MARKERS)]}
            ax.errorbar(
                seconds.mean, error.mean, yerr=error.error, ms=9 if method == OURS else 6, elinewidth=0.8, **look_of
            )
            drawn += 1
        ax.set(xscale="log", yscale="log", xlabel="CPU seconds a curve", ylabel="RMSLE", title=TITLES[group])
        look.plain_log(ax.yaxis)
        low, high = ax.get_xlim()
        look.plain_log(ax.xaxis, (1.0,) if high / low > 100 else (1.0, 3.0))
    look.legend_outside(figure, axes.flat[0])
    return figure if drawn else None


def pit_histograms(root: Path) -> Any:
    """Density of PIT values in bins of 10 %; flat is calibrated, a dome too wide, a bowl too narrow."""
    methods = [m for m in ("pfn", "nsl-pfn", "m4", "bnsl1", "mcmc-m4", "gp") if m in complete(root, "ic")]
    if not methods:
        return None
    figure, axes = look.new_figure(len(methods), 4, width=3.0, height=2.0)
    for line, method in zip(axes, methods, strict=True):
        for ax, group in zip(line, HEADLINE, strict=True):
            shares = histogram(root, method, group)
            if shares is not None:
                draw_pit(ax, shares, style(method)["color"])
            ax.set_title(f"{method}, {TITLES[group]}", fontsize=9)
    for ax in axes[-1]:
        ax.set_xlabel("PIT", fontsize=9)
    return figure


def draw_pit(ax: Any, shares: Any, colour: str) -> None:
    edges = np.arange(11) / 10
    cumulative = np.concatenate([[0.0], np.cumsum(shares)])
    heights = np.diff(np.interp(edges, PIT_EDGES, cumulative)) * 10
    ax.bar(edges[:-1], heights, 0.1, align="edge", color=colour, alpha=0.6, ec="white", lw=0.5)
    ax.axhline(1, color="#999999", lw=1, ls=":")
    ax.set_xlim(0, 1)


def prior_pit(root: Path) -> Any:
    """PIT of `run` and `curve` over prior curves, by group of question."""
    facts = Ledger(root / "calibration.jsonl").facts()
    if OURS not in facts:
        return None
    groups = facts[OURS]["groups"]
    figure, axes = look.new_figure(2, len(groups), width=2.5, height=2.2)
    for column, (name, group) in enumerate(groups.items()):
        for row, kind in enumerate(("run", "curve")):
            counts = np.array(group[kind]["pit"])
            draw_pit(axes[row, column], counts / counts.sum(), look.COLOURS[0 if kind == "run" else 2])
            axes[row, column].set_title(f"{kind}: {name}", fontsize=8.5)
            axes[row, column].set_ylim(0, 2)
    return figure
