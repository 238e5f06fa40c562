"""The page of the next doublings: a row for each, from the largest x measured on."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ..decisions.doublings import Doublings
from ..pages.page import INTERVALS, LEVELS, Column, Page, Section, Table, digits, number, times
from .forecasts import panel
from .parts import intervals, several


def page(
    answers: Doublings | Mapping[str, Doublings], levels: Sequence[float] = LEVELS, seed: int | None = None
) -> Page:
    """The answer of `doublings`."""
    found = several(answers)
    first = found[0].forecast
    title = f"{first.method}: what the next doublings of {first.context.x_name} buy (noise-free trend, curve)"
    facts = {"method": first.method, "kind": first.kind, "seed": seed, "threshold": found[0].threshold}
    return Page(title, tuple(_section(d, levels) for d in found), facts=facts)


def _section(d: Doublings, levels: Sequence[float]) -> Section:
    f, context = d.forecast, d.forecast.context
    over = f"P(gain > {number(d.threshold)})"
    columns = (
        Column("x", context.x_name), Column("extrapolation_ratio", "x / largest seen", times),
        Column("median", f"{context.y_name} (median)"), INTERVALS, Column("gain", "gain of this doubling"),
        Column("gain_intervals", "gain, {} % interval"), Column("prob_gain", over, digits(3)),
    )  # fmt: skip
    rows = []
    for i, ends in enumerate(intervals(f, levels)):
        row: dict[str, Any] = {"x": float(f.x[i]), "extrapolation_ratio": float(f.extrapolation_ratio[i])}
        row |= {"median": float(f.median[i]), "intervals": ends}
        if i:
            gain = d.gains[i - 1]
            row |= {"gain": gain.median, "gain_intervals": {level: gain.interval(level) for level in levels}}
            row["prob_gain"] = d.prob_gain[i - 1]
        rows.append(row)
    table = Table("doublings", columns, rows)
    return Section(context.name, (table,), (partial(panel, f),), caveats=d.warnings)
