"""Drawing: arrays in, matplotlib artists out. It knows no method and does no arithmetic beyond choosing axes.

One look for every figure of the project: measured points in ink, bands in the colour of their method, legend outside.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import CurveError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
COLOURS = ("#2166ac", "#b2182b", "#1b7837", "#762a83", "#e08214", "#01665e", "#c51b7d", "#8c510a")
INK = "#222222"
LOG_X_FROM, LOG_Y_FROM = 8.0, 2.0
MANY_POINTS = 60
"""More than these are drawn small and translucent, below the bands."""


def new_figure(n_rows: int = 1, n_columns: int = 1, *, width: float = 6.4, height: float = 4.2) -> tuple["Figure", Any]:
    """A figure and its grid of axes (n_rows, n_columns), drawn without a display."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width * n_columns, height * n_rows), layout="constrained", dpi=150)
    FigureCanvasAgg(figure)
    axes = figure.subplots(n_rows, n_columns, squeeze=False)
    for ax in axes.flat:
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(labelsize=9)
    return figure, axes


def draw_points(ax: "Axes", x: Floats, y: Floats, label: str, *, hidden: bool = False, colour: str = INK) -> None:
    """Measured points: filled where a forecaster saw them, open where they were hidden from it."""
    many = len(x) > MANY_POINTS
    size, alpha = (2.5, 0.5) if many else (5.0, 1.0)
    if hidden:
        look: dict[str, Any] = {"marker": "D", "mfc": "none" if many else "white", "mec": colour, "mew": 0.6}
    else:
        look = {"marker": "o", "mfc": colour, "mec": "white", "mew": 0.0 if many else 0.6}
    ax.plot(x, y, ls="", ms=size, alpha=alpha, label=label, zorder=2 if many else 4, **look)


def draw_bands(
    ax: "Axes",
    x: Floats,
    median: Floats,
    bands: Mapping[float, tuple[Floats, Floats]],
    label: str,
    colour: str,
) -> None:
    """Median line and nested central intervals, widest first; bands: level -> (lower, upper)."""
    for i, (level, (lower, upper)) in enumerate(sorted(bands.items(), reverse=True)):
        shade = 0.16 + 0.16 * i
        ax.fill_between(x, lower, upper, color=colour, alpha=shade, lw=0, label=f"{100 * level:g} % interval", zorder=1)
    ax.plot(x, median, color=colour, lw=1.8, label=label, zorder=3)


def draw_targets(ax: "Axes", x: Floats, median: Floats, lower: Floats, upper: Floats, colour: str) -> None:
    """The x that were asked: median and interval as a whisker."""
    gap = np.stack([median - lower, upper - median])
    ax.errorbar(x, median, yerr=gap, fmt="s", ms=5, color=colour, mec="white", mew=0.6, capsize=3, lw=1.2,
                label="target", zorder=5)  # fmt: skip


def choose_axes(ax: "Axes", x: Floats, y: Floats, x_name: str, y_name: str) -> None:
    """Logarithmic where the data span enough for it, linear elsewhere."""
    if x.max() / x.min() > LOG_X_FROM:
        ax.set_xscale("log")
    if y.max() / y.min() > LOG_Y_FROM:
        ax.set_yscale("log")
        if y.max() / y.min() < 30:
            from matplotlib.ticker import LogLocator

            ticks = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0) if y.max() / y.min() < 6 else (1.0, 2.0, 5.0)
            ax.yaxis.set_major_locator(LogLocator(subs=ticks))
            ax.yaxis.set_major_formatter(lambda tick, _: f"{tick:g}")
            ax.yaxis.set_minor_formatter(lambda *_: "")
    ax.set_xlabel(x_name)
    ax.set_ylabel(y_name)


def legend_outside(figure: "Figure", ax: "Axes") -> None:
    """One legend below the axes, each label once."""
    handles, labels = ax.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    figure.legend(unique.values(), unique.keys(), loc="outside lower center", ncols=min(3, len(unique)), fontsize=8.5,
                  frameon=False)  # fmt: skip


def save(figure: "Figure", path: str | Path) -> None:
    """Write a figure; the ending decides the format.

    Raises:
        CurveError: the folder is missing, not writable, or the ending is unknown.
    """
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise CurveError(f"expected a writable image path, got '{path}' ({reason}). Try out.png.") from None
