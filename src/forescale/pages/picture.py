"""Drawing with matplotlib: panels in, figures out. It knows no method and does no arithmetic.

One look for every figure: measured points in ink, series told apart by colour and dash, one legend below.
"""

import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import CurveError
from ..numerics import Floats
from .axes import scales
from .page import Page, short, width_of
from .panel import COLOURS, DASHES, INK, MANY_POINTS, Band, Line, Note, Panel, Points, Rule, Whiskers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE, SMALL = (6.4, 4.2), (4.6, 3.2)
"""Inches of a panel that stands alone, and of one of many."""
LEGEND_LINE = 0.19
"""Inches of a line of the legend."""


def draw_page(page: Page, ax: "Axes | str | Path | None" = None) -> "Figure":
    """Every panel of a page as one figure; the first one on `ax` where that is axes; saved where it is a path.

    Raises:
        CurveError: nothing to draw, or an unwritable path.
    """
    places = page.grid()
    if not places:
        raise CurveError("expected an answer with a figure, got one that has none. Print its table instead.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of glyphs that a font lacks
        if ax is not None and not isinstance(ax, str | Path):
            _legend(ax.legend, draw_panel(ax, next(iter(places.values()))()), fontsize=8, frameon=False)
            # an axes of matplotlib always has its figure, a SubFigure where the user made one
            return ax.get_figure()  # type: ignore[return-value]
        figure = _figure({place: draw() for place, draw in places.items()}, page)
        if ax is not None:
            save(figure, ax)
    return figure


def draw_panel(ax: "Axes", panel: Panel, width: float = 4.6) -> dict[str, Any]:
    """One panel on axes of `width` inches; what stands in the legend, label -> artist."""
    x_scale, y_scale = scales(panel)
    labels: dict[str, Any] = {}
    for mark in panel.marks:
        artist = _DRAW[type(mark)](ax, mark)
        if label := getattr(mark, "label", ""):
            labels.setdefault(label, artist)
    for axis, scale, length, letter in ((ax.xaxis, x_scale, 72 * 0.84 * width, 5.4), (ax.yaxis, y_scale, 190.0, 9.0)):
        set_scale = ax.set_xscale if axis is ax.xaxis else ax.set_yscale
        set_scale("log" if scale.log else "linear")
        ticks = scale.ticks(length, letter, upright=axis is ax.yaxis)
        axis.set_ticks([v for v, _ in ticks], [t for _, t in ticks])
        axis.set_ticks([], minor=True)
    ax.set_xlim(x_scale.low, x_scale.high)
    ax.set_ylim(y_scale.low, y_scale.high)
    for artist in (
        ax.set_xlabel(short(panel.x_name)),
        ax.set_ylabel(short(panel.y_name)),
        ax.set_title(short(panel.title, int(9.5 * width)), fontsize=10, loc="left"),
    ):
        artist.set_parse_math(False)
    return labels


def _figure(panels: dict[tuple[int, int], Panel], page: Page) -> "Figure":
    rows, columns = (max(place[i] for place in panels) + 1 for i in (0, 1))
    width, height = WIDE if columns == 1 else SMALL
    heights = [max(p.height for (r, _), p in panels.items() if r == row) for row in range(rows)]
    figure, axes = new_figure(rows, columns, width=width, height=height * sum(heights) / rows, heights=heights)
    labels: dict[str, Any] = {}
    for (row, column), ax in np.ndenumerate(axes):
        panel = panels.get((row, column))
        if panel is None:
            ax.set_visible(False)
            continue
        for label, artist in draw_panel(ax, panel, width).items():
            labels.setdefault(label, artist)
    said = [c.message for c in page.left_out]
    if said:
        figure.suptitle(said[0], fontsize=9, x=0.01, ha="left")
    widest = max((width_of(short(label)) for label in labels), default=0)
    fits = max(1, min(6, len(labels), int(columns * width * 11 / (widest + 7))))
    figure.set_figheight(figure.get_figheight() + LEGEND_LINE * -(-len(labels) // fits))
    _legend(figure.legend, labels, loc="outside lower center", ncols=fits, fontsize=8.5, frameon=False)
    return figure


def _legend(make: Any, labels: dict[str, Any], **look: Any) -> None:
    """The labels as plain text: matplotlib would drop one that begins with _ and set $...$ as formulas."""
    if labels:
        legend = make(list(labels.values()), [str(i) for i in range(len(labels))], **look)
        for entry, label in zip(legend.texts, labels, strict=True):
            entry.set_parse_math(False)
            entry.set_text(short(label))


def colour_of(series: int) -> str:
    """Colour of a series; INK and GREY of what is none."""
    return "#222222" if series == INK else "#8a8a8a" if series < 0 else COLOURS[series % len(COLOURS)]


def dash_of(series: int) -> str:
    """Dash of a series, in SVG's words."""
    return "" if series < 0 else DASHES[(series + series // len(COLOURS)) % len(DASHES)]


def _style(dash: str) -> Any:
    return (0, tuple(float(v) for v in dash.split())) if dash else "-"


def _points(ax: "Axes", m: Points) -> Any:
    return draw_points(ax, m.x, m.y, "", hidden=m.hidden, colour=colour_of(m.series))


def _line(ax: "Axes", m: Line) -> Any:
    dash = dash_of(m.series) if m.dash is None else m.dash
    wide = 1.7 if m.series >= 0 else 1.0
    return ax.plot(m.x, m.y, color=colour_of(m.series), lw=wide, ls=_style(dash), zorder=3)[0]


def _band(ax: "Axes", m: Band) -> Any:
    fill = ax.fill_between if m.along == "y" else ax.fill_betweenx
    return fill(m.x, m.low, m.high, color=colour_of(m.series), alpha=m.strength, lw=0, zorder=1)


def _whiskers(ax: "Axes", m: Whiskers) -> Any:
    from matplotlib.transforms import ScaledTranslation

    middle = m.y if m.along == "y" else m.x
    arms = np.abs(np.stack([middle - m.low, m.high - middle]))
    # likewise
    moved = ax.transData + ScaledTranslation(0.7 * m.aside / 72, 0, ax.get_figure().dpi_scale_trans)  # type: ignore[union-attr]
    x_arms, y_arms = (None, arms) if m.along == "y" else (arms, None)
    return ax.errorbar(m.x, m.y, y_arms, x_arms, fmt="s", ms=4.5, color=colour_of(m.series), mec="white",
                       mew=0.6, capsize=2.5, lw=1.2, zorder=5, transform=moved)  # fmt: skip


def _rule(ax: "Axes", m: Rule) -> Any:
    colour = colour_of(m.series)
    if m.to is not None:
        span = ax.axvspan if m.axis == "x" else ax.axhspan
        return span(m.at, m.to, color=colour, alpha=0.07, lw=0, zorder=0)
    across = ax.axvline if m.axis == "x" else ax.axhline
    return across(m.at, color=colour, lw=1.0, ls=_style(m.dash), zorder=2)


def _note(ax: "Axes", m: Note) -> None:
    shift, ha = {"right": ((4, 0), "left"), "left": ((-4, 0), "right"), "above": ((0, 6), "center")}[m.side]
    note = ax.annotate(short(m.text), (m.x, m.y), xytext=shift, textcoords="offset points", ha=ha, va="center",
                       fontsize=7.5, color=colour_of(m.series), annotation_clip=True)  # fmt: skip
    note.set_parse_math(False)


_DRAW: dict[type, Any] = {Points: _points, Line: _line, Band: _band, Whiskers: _whiskers, Rule: _rule, Note: _note}


def new_figure(
    n_rows: int = 1, n_columns: int = 1, *, width: float = 6.4, height: float = 4.2, heights: list[float] | None = None
) -> tuple["Figure", Any]:
    """A figure and its grid of axes (n_rows, n_columns), drawn without a display; inches are of one panel."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = _shown()(figsize=(width * n_columns, height * n_rows), layout="constrained", dpi=150)
    FigureCanvasAgg(figure)
    axes = figure.subplots(n_rows, n_columns, squeeze=False, height_ratios=heights)
    for ax in axes.flat:
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(labelsize=9)
    return figure, axes


@cache
def _shown() -> type:
    """A Figure that a notebook shows without being told to."""
    import io

    from matplotlib.figure import Figure

    class Picture(Figure):
        def _repr_png_(self) -> bytes:
            out = io.BytesIO()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.savefig(out, format="png", dpi=100)
            return out.getvalue()

    return Picture


def draw_points(ax: "Axes", x: Floats, y: Floats, label: str, *, hidden: bool = False, colour: str = "#222222") -> Any:
    """Measured points: filled where a forecaster saw them, open where they were hidden from it."""
    many = len(x) > MANY_POINTS
    size, alpha = (2.5, 0.5) if many else (5.0, 1.0)
    if hidden:
        look: dict[str, Any] = {"marker": "D", "mfc": "none" if many else "white", "mec": colour, "mew": 0.6}
    else:
        look = {"marker": "o", "mfc": colour, "mec": "white", "mew": 0.0 if many else 0.6}
    return ax.plot(x, y, ls="", ms=size, alpha=alpha, label=label, zorder=2 if many else 4, **look)[0]


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
