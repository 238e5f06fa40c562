"""The theory's four figures: bounds against width, the optimal split, iso-compute curves, two frontiers."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..pages import picture as figures
from ..theory import Bound, Frontier, IsoCompute, Optimum, bound_s, bound_t
from ..theory.bounds import TRIVIAL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, RED, GREEN, PURPLE = figures.COLOURS[:4]


def plot_bounds(n: np.ndarray, T: float, d: float, K: float, bounds: dict[str, Bound], path: str | Path) -> "Figure":
    """Each bound with its two terms against n at fixed T, and its minimum."""
    figure, axes = figures.new_figure(1, len(bounds), width=4.6, height=4.0)
    for ax, (name, bound) in zip(axes.flat, bounds.items(), strict=True):
        ax.loglog(n, bound.misspecification, color=RED, lw=1.4, ls="--", label="misspecification: only n lowers it")
        ax.loglog(n, bound.estimation, color=GREEN, lw=1.4, ls=":", label="estimation: T lowers it")
        ax.loglog(n, bound.total, color=BLUE, lw=2.0, label="their sum, the bound")
        best = int(np.argmin(bound.total))
        if 0 < best < len(n) - 1:
            ax.plot(n[best], bound.total[best], "o", color=BLUE, mec="white", ms=7, zorder=5)
            ax.annotate(f"n = {n[best]:.3g}", (n[best], bound.total[best]), xytext=(0, -19), textcoords="offset points",
                        ha="center", fontsize=8.5, bbox={"fc": "white", "ec": "none", "pad": 1})  # fmt: skip
        ax.axhline(TRIVIAL, color=figures.INK, lw=0.8, ls="-.", label="1/16: always ½ does as well")
        ax.set_ylim(float(bound.total.min()) / 30, max(float(bound.total.max()), TRIVIAL) * 1.5)
        ax.set_title(f"bound {name} at T = {T:.3g}, d = {d:g}, K = {K:g}", fontsize=10, loc="left")
        ax.set_xlabel("width n")
    figures.legend_outside(figure, axes[0, 0])
    axes[0, 0].set_ylabel("bound on regret (nats per sample)")
    figures.save(figure, path)
    return figure


def plot_optimum(optima: dict[str, Optimum], path: str | Path) -> "Figure":
    """p* and T* against C, and the local slope of each."""
    figure, axes = figures.new_figure(1, 2, width=4.8, height=4.0)
    left, right = axes[0]
    for colour, (name, o) in zip((BLUE, RED), optima.items(), strict=False):
        left.loglog(o.C, o.T, color=colour, lw=1.8, label=f"T*, bound {name}")
        left.loglog(o.C, o.p, color=colour, lw=1.8, ls="--", label=f"p*, bound {name}")
        right.semilogx(o.C, o.slopes.p, color=colour, lw=1.8, ls="--", label=f"d ln p*/d ln C, bound {name}")
        right.semilogx(o.C, o.slopes.p_per_T, color=colour, lw=1.8, label=f"d ln p*/d ln T*, bound {name}")
    first = next(iter(optima.values()))
    left.set_title(f"best split of C = p·T (d = {float(np.max(first.d)):g}, K = {float(np.max(first.K)):g})",
                   fontsize=10, loc="left")  # fmt: skip
    left.set_ylabel("parameters, samples")
    right.axhline(1.0, color=figures.INK, lw=0.8, ls="-.")
    right.axhline(0.5, color=figures.INK, lw=0.8, ls="-.")
    right.set_ylim(-0.02, 1.06)
    right.set_title("local slopes; limits ½ and 1 for bound S", fontsize=10, loc="left")
    for ax in (left, right):
        ax.set_xlabel("C (parameters × samples)")
    left.legend(fontsize=7.5, frameon=False, loc="upper left")
    right.legend(fontsize=7.5, frameon=False, loc="center right", bbox_to_anchor=(1.0, 0.63))
    figures.save(figure, path)
    return figure


def plot_isocompute(iso: IsoCompute, K: float, path: str | Path) -> "Figure":
    """Measured iso-compute curves with their optima, both bounds at the same C, and the optimal p against C."""
    figure, axes = figures.new_figure(1, 3, width=3.0, height=3.1)
    _draw_curves(axes[0, 0], iso)
    _draw_bounds(axes[0, 1], iso, K)
    _draw_optima(axes[0, 2], iso, K)
    figures.save(figure, path)
    return figure


def _draw_curves(ax: "Axes", iso: IsoCompute) -> None:
    for i, (c, kl) in enumerate(zip(iso.C, iso.kl_GW, strict=True)):
        ax.loglog(iso.n * iso.d, kl, color=_shade(i, len(iso.C)), lw=1.2, marker=".", ms=4, label=f"C = {c:.2g}")
    ax.plot(iso.p, iso.loss, color=RED, marker="o", ms=5, mec="white", lw=1.2, label="optimum", zorder=5)
    ax.set_title("students: exact KL, measured", fontsize=10, loc="left")
    ax.set_xlabel("parameters p = n d")
    ax.set_ylabel("nats per sample")
    ax.legend(fontsize=5.5, frameon=False, loc="lower left")


def _draw_bounds(ax: "Axes", iso: IsoCompute, K: float) -> None:
    """Bounds at the smallest (dotted) and the largest C only: between them nothing new happens."""
    n = np.geomspace(1, 64, 200)
    for i, style in ((0, ":"), (len(iso.C) - 1, "-")):
        T, named = np.maximum(iso.C[i] / (n * iso.d), 1.0), style == "-"
        for name, bound, colour in (("S", bound_s, BLUE), ("T", bound_t, RED)):
            total = bound(n=n, T=T, d=iso.d, K=K).total
            ax.loglog(n * iso.d, total, color=colour, ls=style, lw=1.5, label=f"bound {name}" if named else None)
        label = "measured" if named else None
        ax.loglog(iso.n * iso.d, iso.kl_GW[i], color=figures.INK, ls=style, lw=1.5, label=label)
    ax.axhline(TRIVIAL, color=figures.INK, lw=0.8, ls="-.", label="always ½ (1/16)")
    ax.set_ylim(top=30)
    ax.set_title(f"bounds at C = {iso.C[0]:.2g} (dotted), {iso.C[-1]:.2g}", fontsize=9, loc="left")
    ax.set_xlabel("parameters p = n d")
    ax.legend(fontsize=6.5, frameon=False, loc="upper left", ncols=2)


def _draw_optima(ax: "Axes", iso: IsoCompute, K: float) -> None:
    from ..theory import optimum

    gap = np.stack([iso.p - iso.p_low, iso.p_high - iso.p]).clip(min=0)
    ax.errorbar(iso.C, iso.p, yerr=gap, fmt="o", color=figures.INK, ms=5, capsize=3, lw=1.2,
                label=f"measured, slope {iso.p_per_C.value:.2f} ± {iso.p_per_C.error:.2f}")  # fmt: skip
    for name, colour in (("s", BLUE), ("t", RED)):
        o = optimum(C=iso.C, d=iso.d, K=K, bound=name)  # type: ignore[arg-type]
        slope = np.polyfit(np.log(iso.C), np.log(o.p), 1)[0]
        ax.plot(iso.C, o.p, color=colour, lw=1.5, label=f"bound {name.upper()}, slope {slope:.2f}")
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_title("optimal p (90 % bootstrap)", fontsize=10, loc="left")
    ax.set_xlabel("C (parameters × samples)")
    ax.legend(fontsize=6.5, frameon=False)


def plot_frontier(f: Frontier, path: str | Path) -> "Figure":
    """Parameters against compute, and tokens per parameter, for the fits and the bounds."""
    figure, axes = figures.new_figure(1, 2, width=4.8, height=4.0)
    left, right = axes[0]
    for colour, (name, best) in zip((GREEN, PURPLE, *figures.COLOURS[4:]), f.fits.items(), strict=False):
        left.loglog(f.C, best.n_params, color=colour, lw=1.8, label=f"{name}, slope {f.slopes[name]:.2f}")
        right.loglog(f.C, best.n_tokens / best.n_params, color=colour, lw=1.8)
    for colour, o in ((BLUE, f.bound_s), (RED, f.bound_t)):
        ends = f"{o.slopes.p[0]:.2f} to {o.slopes.p[-1]:.2f}"
        left.loglog(f.C, o.p, color=colour, lw=1.5, ls="--", label=f"bound {o.name.upper()}, slope {ends}")
        right.loglog(f.C, o.T / o.p, color=colour, lw=1.5, ls="--")
    left.set_title("optimal parameters", fontsize=10, loc="left")
    right.set_title("tokens (samples) per parameter", fontsize=10, loc="left")
    for ax in (left, right):
        ax.set_xlabel("C = training FLOPs / 6")
    left.legend(fontsize=7.5, frameon=False)
    right.text(0.03, 0.42, "solid: fits to language models; dashed: bounds for the\ntheory's teacher. Compare slopes, "
               "never levels.", transform=right.transAxes, fontsize=7.5)  # fmt: skip
    figures.save(figure, path)
    return figure


def _shade(i: int, n: int) -> str:
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return to_hex(colormaps["viridis"](0.05 + 0.85 * i / max(n - 1, 1)))
