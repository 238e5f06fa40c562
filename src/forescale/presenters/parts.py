"""What several presenters share: answers by curve, cells of intervals, the marks of a forecast."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from ..curves.curve import Curve
from ..forecasts.forecast import Forecast
from ..numerics import Floats
from ..pages.page import LEVELS, Interval, percent
from ..pages.panel import Band, Line, Mark, Points, Whiskers

A = TypeVar("A")
MANY_TARGETS = 12
"""Above this many targets a figure shows the band alone, without a whisker at each of them."""


def several(answers: "A | Mapping[str, A]") -> list[A]:
    """One answer, or all of a dict."""
    return list(answers.values()) if isinstance(answers, Mapping) else [answers]


def intervals(f: Forecast, levels: Sequence[float]) -> list[dict[float, Interval]]:
    """{level: (low, high)} at each x of a forecast."""
    ends = {level: f.interval(level) for level in levels}
    return [{level: (float(low[i]), float(high[i])) for level, (low, high) in ends.items()} for i in range(len(f.x))]


def what(kind: str) -> str:
    """A kind in words."""
    return "one new measurement (run)" if kind == "run" else "noise-free trend (curve)"


def measured(curve: Curve, label: str = "context", series: int = -1) -> Points:
    """What the forecaster saw."""
    return Points(curve.x, curve.y, label, series)


def trend(
    f: Forecast, label: str, series: int = 0, levels: Iterable[float] = LEVELS, *, named: bool = True
) -> list[Mark]:
    """Bands, widest first, and the median, from the first measurement to the last target."""
    line = f.on_a_grid()
    order = line.x.argsort()
    marks: list[Mark] = []
    for i, level in enumerate(sorted(levels, reverse=True)):
        low, high = (end[order] for end in line.interval(level))
        said = f"{percent(level)} % interval" if named else ""
        marks.append(Band(line.x[order], low, high, said, series, 0.14 + 0.14 * i if named else 0.1))
    return [*marks, Line(line.x[order], line.median[order], label, series)]


def targets(f: Forecast, level: float = 0.9, label: str = "target", series: int = 0, aside: float = 0.0) -> list[Mark]:
    """The x that were asked, with whiskers."""
    if len(f.x) > MANY_TARGETS:
        return []
    return [Whiskers(f.x, f.median, *f.interval(level), label, series, aside=aside)]


def span(values: Floats) -> dict[str, float]:
    """{"min", "max"} of a column."""
    return {"min": float(values.min()), "max": float(values.max())}
