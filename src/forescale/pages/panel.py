"""A panel: what one set of axes shows, as arrays; drawn by `picture` (matplotlib) and by `svg` (our own)."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..numerics import Floats

INK, GREY = -1, -2
"""Colours of a mark that belongs to no series: of measured points, and of what stands behind."""
COLOURS = ("#2166ac", "#b2182b", "#1b7837", "#762a83", "#e08214", "#01665e", "#c51b7d", "#8c510a")
DASHES = ("", "6 2.5", "1.5 2", "7 2 1.5 2", "4 1.5", "9 3", "2.5 1.5 1 1.5", "5 2 1 2 1 2")
"""Series differ by dash as well as by colour; the first is solid."""
MANY_POINTS = 60
"""More points than these are drawn small and translucent, below the lines."""


@dataclass(frozen=True)
class Points:
    """Measurements: filled where a forecaster saw them, open where they were hidden from it; (n,)."""

    x: Floats
    y: Floats
    label: str = ""
    series: int = INK
    hidden: bool = False


@dataclass(frozen=True)
class Line:
    """A line (n,); `dash` in SVG's words, the series' own where None."""

    x: Floats
    y: Floats
    label: str = ""
    series: int = 0
    dash: str | None = None


@dataclass(frozen=True)
class Band:
    """The area between `low` and `high` (n,) along x; with `along="x"` between low and high x at each `x`, then a y."""

    x: Floats
    low: Floats
    high: Floats
    label: str = ""
    series: int = 0
    strength: float = 0.16
    along: str = "y"


@dataclass(frozen=True)
class Whiskers:
    """Medians with an interval, (n,), along y or along x; drawn `aside` px to the right, so that none hides another."""

    x: Floats
    y: Floats
    low: Floats
    high: Floats
    label: str = ""
    series: int = 0
    along: str = "y"
    aside: float = 0.0


@dataclass(frozen=True)
class Rule:
    """A line across the panel at a value of x or of y; a shaded strip where `to` is given."""

    axis: str
    at: float
    label: str = ""
    series: int = INK
    dash: str = "4 3"
    to: float | None = None


@dataclass(frozen=True)
class Note:
    """A short text at a point."""

    x: float
    y: float
    text: str
    series: int = INK
    side: str = "right"


Mark = Points | Line | Band | Whiskers | Rule | Note


@dataclass(frozen=True)
class Panel:
    """One set of axes.

    Attributes:
        marks: drawn in this order.
        x_log, y_log: the scale, chosen by what the data span where None.
        x_range, y_range: fixed limits.
        legend: whether its labels stand in the legend.
        height: relative to other panels.
    """

    x_name: str
    y_name: str
    marks: Sequence[Mark]
    title: str = ""
    x_log: bool | None = None
    y_log: bool | None = None
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    height: float = 1.0
