"""The axes of a panel: which scale, from where to where, and ticks whose labels never touch. Arithmetic only."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil, floor, log, log10

import numpy as np

from ..numerics import Floats
from .panel import Band, Line, Panel, Points, Rule, Whiskers

LOG_X_FROM, LOG_Y_FROM = 8.0, 2.0
"""An axis is logarithmic where the data span more than this ratio."""
PADDING = 0.04
CALM, MORE = 0.7, 0.12
"""Shares of what is shown already that the interval of the middle series, and a wilder series, may add on a side."""
Pairs = list[tuple[float, float]]
_SUFFIXES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
_MANTISSAS = (
    (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9),
    (1, 1.5, 2, 3, 4, 5, 7),
    (1, 1.5, 2, 3, 5, 7),
    (1, 2, 3, 5),
    (1, 2, 5),
    (1, 3),
    (1,),
)


@dataclass(frozen=True)
class Scale:
    """One axis: logarithmic or linear, from `low` to `high`."""

    log: bool
    low: float
    high: float

    def place(self, value: Floats | float) -> Floats:
        """Values as shares of the axis, 0 at `low` and 1 at `high`; what lies outside is outside."""
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                shares = (np.log(np.asarray(value, float)) - log(self.low)) / (log(self.high) - log(self.low))
            return np.where(np.asarray(value) <= 0, -1e3, shares)
        return (np.asarray(value, float) - self.low) / (self.high - self.low)

    def ticks(self, length: float, label: float, *, upright: bool = False) -> list[tuple[float, str]]:
        """Values and labels of the densest nice ticks whose labels keep apart.

        Args:
            length: of the axis.
            label: width of a character (or, `upright`, height of a line), in the unit of `length`.
        """
        for values in self._candidates():
            ticks = [(v, tick_label(v)) for v in values]
            if len({t for _, t in ticks}) == len(ticks) and self._keep_apart(ticks, length, label, upright):
                return ticks
        return [(v, tick_label(v)) for v in (self.low, self.high)][:1]

    def _candidates(self) -> Iterator[list[float]]:
        low, high = self.low, self.high
        if self.log and low < high / 5:
            decades = range(floor(log10(low)), ceil(log10(high)) + 1)
            for mantissas in _MANTISSAS:
                yield self._inside(m * 10.0**d for d in decades for m in mantissas)
            for every in (2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100, 200):
                yield self._inside(10.0**d for d in decades if d % every == 0)
            return
        exact = 10.0 ** floor(log10(max(high - low, 1e-300)))
        for step in (0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5, 10):
            first = ceil(low / (step * exact) - 1e-9)
            last = floor(high / (step * exact) + 1e-9)
            yield [round(i * step, 9) * exact for i in range(first, last + 1)]

    def _inside(self, values: Iterable[float]) -> list[float]:
        return [v for v in values if self.low * (1 - 1e-9) <= v <= self.high * (1 + 1e-9)]

    def _keep_apart(self, ticks: list[tuple[float, str]], length: float, label: float, upright: bool) -> bool:
        if not 1 <= len(ticks) <= 10:
            return False
        places = [float(self.place(v)) * length for v, _ in ticks]
        halves = [label * (1.0 if upright else len(t)) / 2 for _, t in ticks]
        gap = label * (0.6 if upright else 1.6)
        return all(b - a >= ha + hb + gap for a, b, ha, hb in zip(places, places[1:], halves, halves[1:], strict=False))


def tick_label(value: float) -> str:
    """2e9 as "2B", 1e22 as "1e22", .05 as "0.05"."""
    for size, suffix in _SUFFIXES:
        if size <= abs(value) < 1000 * size and f"{value:.6g}" == f"{float(f'{value / size:.4g}') * size:.6g}":
            return f"{value / size:.4g}{suffix}"
    mantissa, e, exponent = f"{value:.5g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if e else mantissa


def scales(panel: Panel, x_log: bool | None = None, y_log: bool | None = None) -> tuple[Scale, Scale]:
    """Both axes of a panel, chosen or as asked."""
    return _scale(panel, "x", x_log, LOG_X_FROM), _scale(panel, "y", y_log, LOG_Y_FROM)


def _scale(panel: Panel, axis: str, wanted: bool | None, log_from: float) -> Scale:
    fixed = panel.x_range if axis == "x" else panel.y_range
    declared = panel.x_log if axis == "x" else panel.y_log
    core, typical, wide = _extents(panel, axis)
    if axis == "x":
        core = core + typical  # along x nothing is cut
    if fixed is not None:
        core = typical = wide = [fixed]
    everything = [v for pair in (core or typical or wide or [(1.0, 2.0)]) + typical for v in pair]
    if wanted is None:
        ratio = max(everything) / min(everything) if min(everything) > 0 else 0.0
        wanted = declared if declared is not None else ratio > log_from
    is_log = wanted and min(everything) > 0
    low, high = _limits(core, typical, wide, is_log)
    if fixed is None:
        room = PADDING * (high - low)
        low, high = low - room, high + room
    return (
        Scale(is_log, *(float(np.exp(np.clip(v, -700, 700))) for v in (low, high)))
        if is_log
        else Scale(False, low, high)
    )


def _limits(core: Pairs, said: Pairs, areas: Pairs, is_log: bool) -> tuple[float, float]:
    """Limits in the axis's own unit (ln where logarithmic).

    Measured values are shown whole; so is what the middle one of the series says, and its interval as far as CALM.
    What another series adds is cut at MORE: a wild one is seen to leave, and squeezes nobody.
    """
    into = (lambda v: log(max(v, 1e-300))) if is_log else float
    measured, medians, wide = ([(into(a), into(b)) for a, b in group] for group in (core, said, areas))
    first = measured or medians or wide or [(0.0, 1.0)]
    low, high = min(a for a, _ in first), max(b for _, b in first)
    for group, calm in ((medians, np.inf), (wide, CALM)):
        if not group:
            continue
        middle = (len(group) - 1) // 2
        lows, highs = sorted((a for a, _ in group), reverse=True), sorted(b for _, b in group)
        for ends, share in (((lows[middle], highs[middle]), calm), ((lows[-1], highs[-1]), MORE)):
            room = share * ((high - low) or (0.1 if is_log else abs(high) or 1.0))
            low, high = max(low - room, min(low, ends[0])), min(high + room, max(high, ends[1]))
    if high == low:
        half = 0.1 if is_log else 0.1 * abs(high) or 1.0
        low, high = low - half, high + half
    return low, high


def _extents(panel: Panel, axis: str) -> tuple[Pairs, Pairs, Pairs]:
    """(low, high) of each measurement or rule, of the lines of each series, and of the areas and whiskers of each."""
    core: Pairs = []
    lines: dict[int, list[float]] = {}
    areas: dict[int, list[float]] = {}
    for mark in panel.marks:
        values: Floats = getattr(mark, axis, np.zeros(0))
        if isinstance(mark, Rule):
            if mark.axis == axis:
                core.append(_ends(np.array([mark.at, mark.at if mark.to is None else mark.to])))
        elif isinstance(mark, Points):
            core.append(_ends(values))
        elif isinstance(mark, Band | Whiskers) and axis == mark.along:
            areas.setdefault(mark.series, []).extend(_ends(np.concatenate([mark.low, mark.high])))
            if isinstance(mark, Whiskers):
                lines.setdefault(mark.series, []).extend(_ends(values))
        elif isinstance(mark, Line | Band | Whiskers):
            lines.setdefault(mark.series, []).extend(_ends(mark.x if isinstance(mark, Band) else values))
    finite = [pair for pair in core if np.isfinite(pair).all()]
    return finite, _each(lines), _each(areas)


def _each(series: Mapping[int, list[float]]) -> Pairs:
    """The extent of each series that has one."""
    return [_ends(np.array(v)) for v in series.values() if np.isfinite(v).any()]


def _ends(values: Floats) -> tuple[float, float]:
    good = values[np.isfinite(values)]
    return (float(good.min()), float(good.max())) if len(good) else (np.nan, np.nan)
