"""One look for the pictures of the benchmark and the lab: seen points in ink, hidden ones open, ours in front."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .problem import Floats

COLOURS = ("#2166ac", "#b2182b", "#1b7837", "#762a83", "#e08214", "#01665e", "#c51b7d", "#8c510a")
INK = "#222222"
MANY_POINTS = 60
"""More than these are drawn small and translucent, below the bands."""


def new_figure(n_rows: int = 1, n_columns: int = 1, *, width: float = 6.4, height: float = 4.2) -> tuple[Any, Any]:
    """A figure and its grid of axes (n_rows, n_columns), drawn without a display; inches a panel."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width * n_columns, height * n_rows), layout="constrained", dpi=150)
    FigureCanvasAgg(figure)
    axes = figure.subplots(n_rows, n_columns, squeeze=False)
    for ax in axes.flat:
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(labelsize=9)
    return figure, axes


def draw_points(ax: Any, x: Floats, y: Floats, label: str, *, hidden: bool = False) -> None:
    """Filled where a forecaster saw them, open where they were hidden from it."""
    many = len(x) > MANY_POINTS
    style: dict[str, Any] = {"marker": "o", "mfc": INK, "mec": "white", "mew": 0.0 if many else 0.6}
    if hidden:
        style = {"marker": "D", "mfc": "none" if many else "white", "mec": INK, "mew": 0.6}
    size, alpha = (2.5, 0.5) if many else (5.0, 1.0)
    ax.plot(x, y, ls="", ms=size, alpha=alpha, label=label, zorder=2 if many else 4, **style)


def draw_bands(
    ax: Any, x: Floats, median: Floats, bands: Mapping[float, tuple[Floats, Floats]], label: str, colour: str
) -> None:
    """Median line and nested central intervals, widest first; bands: level -> (lower, upper)."""
    for i, (level, (low, high)) in enumerate(sorted(bands.items(), reverse=True)):
        ax.fill_between(
            x, low, high, color=colour, alpha=0.16 * (i + 1), lw=0, label=f"{100 * level:g} % interval", zorder=1
        )
    ax.plot(x, median, color=colour, lw=1.8, label=label, zorder=3)


def choose_axes(ax: Any, x: Floats, y: Floats, x_name: str = "x", y_name: str = "y") -> None:
    """Logarithmic where the data span enough for it (8 times in x, 2 times in y), linear elsewhere."""
    if x.max() / x.min() > 8:
        ax.set_xscale("log")
        ax.xaxis.set_minor_formatter(lambda *_: "")
    if (spread := y.max() / y.min()) > 2:
        ax.set_yscale("log")
        if spread < 30:
            plain_log(ax.yaxis, (1.0, 1.5, 2.0, 3.0, 4.0, 6.0) if spread < 6 else (1.0, 2.0, 5.0))
    ax.set(xlabel=x_name, ylabel=y_name)


def plain_log(axis: Any, steps: tuple[float, ...] = (1.0, 2.0, 5.0)) -> None:
    """Log ticks at these steps in plain digits, and no others."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(subs=steps))
    axis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    axis.set_minor_formatter(NullFormatter())


def frame(ax: Any, x: Floats, y: Floats, x_hidden: Floats, y_hidden: Floats) -> None:
    """Both parts in view, without the steep beginning of the context, which would flatten the rest."""
    late = (x >= np.quantile(x, 0.3)) if len(x) > 8 else np.ones(len(x), bool)
    seen_x, seen_y = np.concatenate([x[late], x_hidden]), np.concatenate([y[late], y_hidden])
    choose_axes(ax, seen_x, seen_y)
    spread = max(float(seen_y.max() / seen_y.min()), 1.02)
    ax.set_ylim(seen_y.min() / spread**0.45, seen_y.max() * spread**0.15)
    ax.set_xlim(seen_x.min() * 0.97, seen_x.max() * 1.05)


def legend_outside(figure: Any, ax: Any) -> None:
    """One legend below the axes, each label once."""
    handles, labels = ax.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    figure.legend(
        unique.values(),
        unique.keys(),
        loc="outside lower center",
        ncols=min(3, len(unique)),
        fontsize=8.5,
        frameon=False,
    )


def save(figure: Any, path: Path, dpi: int = 110) -> None:
    """PNG with a palette of 256 colours, a third of the bytes: pictures stay in history for ever."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=dpi)
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
