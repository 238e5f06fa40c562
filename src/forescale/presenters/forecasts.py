"""The page of forecasts: a row for each curve and x, a panel for each curve."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ..forecasts.forecast import Forecast
from ..numerics import Floats
from ..pages.page import INTERVALS, LEVELS, Column, Page, Section, Table, text, times
from ..pages.panel import Mark, Panel, Points
from .parts import intervals, measured, several, span, targets, trend, what


def page(answers: Forecast | Mapping[str, Forecast], levels: Sequence[float] = LEVELS, seed: int | None = None) -> Page:
    """The answer of `forecast`; all forecasts share one method and kind."""
    forecasts = several(answers)
    first = forecasts[0]
    facts = {
        "method": first.method, "kind": first.kind, "note": first.note,
        "weights": (first.details or {}).get("weights"), "seed": seed,
    }  # fmt: skip
    return Page(f"{first.method}: {what(first.kind)}", tuple(_section(f, levels) for f in forecasts), facts=facts)


def _direction(f: Forecast) -> dict[str, Any]:
    """Which way y is better and its bounds, where that is not what a loss has."""
    context = f.context
    if f.scaling.measure.plain:
        return {}
    return {"better": context.better, "best": context.best, "chance": context.chance}


def panel(f: Forecast, hidden: tuple[Floats, Floats] | None = None) -> Panel:
    """Context, trend with bands, and the targets, or what was hidden from the forecast."""
    marks: list[Mark] = [*trend(f, f"{f.method} median ({f.kind})"), measured(f.context)]
    marks += targets(f) if hidden is None else [Points(*hidden, "hidden from the forecast", hidden=True)]
    return Panel(f.context.x_name, f.context.y_name, marks, title=f.context.name or "")


def _section(f: Forecast, levels: Sequence[float]) -> Section:
    context = f.context
    columns = (
        Column("x", context.x_name), Column("method", form=text, media="c"), Column("kind", form=text, media="c"),
        Column("median", f"{context.y_name} (median)"), INTERVALS,
        Column("extrapolation_ratio", "x / largest seen", times),
    )  # fmt: skip
    numbers = zip(f.x, f.median, intervals(f, levels), f.extrapolation_ratio, strict=True)
    rows = [
        {"x": float(x), "method": f.method, "kind": f.kind, "median": float(median), "intervals": ends,
         "extrapolation_ratio": float(ratio)}
        for x, median, ends, ratio in numbers
    ]  # fmt: skip
    facts = {
        "n_context": context.n,
        "x": {"name": context.x_name, **span(context.x)},
        "y": {"name": context.y_name, **span(context.y), **_direction(f)},
    }
    table = Table("forecasts", columns, rows)
    return Section(context.name, (table,), (partial(panel, f),), caveats=f.warnings, facts=facts)
