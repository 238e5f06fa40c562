"""Figures of whole answers: one panel for each curve."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import CurveError
from ..forecasts.forecast import Forecast
from ..pages import picture as figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
MAX_PANELS = 36


def plot_forecasts(
    forecasts: Sequence[Forecast], path: str | Path | None = None, *, hidden: Sequence[Floats] | None = None
) -> "Figure":
    """A grid with one panel for each forecast, titled by its group.

    Args:
        forecasts: one for each panel.
        path: where to save it, if anywhere; the ending decides the format.
        hidden: what was measured at the targets of each forecast, (T,), where it is known.

    Raises:
        CurveError: more than MAX_PANELS curves, or an unwritable path.
    """
    if len(forecasts) > MAX_PANELS:
        raise CurveError(f"expected at most {MAX_PANELS} curves to plot, got {len(forecasts)}. Plot fewer groups.")
    columns = min(3, len(forecasts))
    rows = -(-len(forecasts) // columns)
    scale = 1.0 if columns == 1 else 0.72
    figure, axes = figures.new_figure(rows, columns, width=6.4 * scale, height=4.4 * scale)
    for i, (ax, f) in enumerate(zip(axes.flat, forecasts, strict=False)):
        f.draw(ax, hidden=None if hidden is None else (f.x, hidden[i]))
        if f.context.name is not None:
            ax.set_title(f.context.name, fontsize=10, loc="left")
    for ax in axes.flat[len(forecasts) :]:
        ax.set_visible(False)
    figures.legend_outside(figure, axes.flat[0])
    if path is not None:
        figures.save(figure, path)
    return figure
