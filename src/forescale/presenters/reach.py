"""The page of when a target is reached: a row and two panels for each curve."""

from collections.abc import Mapping, Sequence
from functools import partial
from math import isfinite
from typing import Any

from ..decisions.reach import Reach
from ..pages.page import LEVELS, Column, Page, Section, Table, digits, number, text
from ..pages.panel import Line, Mark, Panel, Rule
from .parts import intervals, measured, several, trend


def page(
    answers: Reach | Mapping[str, Reach], levels: Sequence[float] = LEVELS, seed: int | None = None,
    budget: float | None = None,
) -> Page:  # fmt: skip
    """The answer of `reach`; an end beyond the range is "not within", null in JSON, inf in CSV."""
    found = several(answers)
    first = found[0].forecast
    x, y = first.context.x_name, first.context.y_name
    title = f"{first.method}: {x} at which {y} first reaches {found[0].target:g} ({first.kind})"
    return Page(title, tuple(_section(r, levels, budget) for r in found), facts={"seed": seed, "levels": list(levels)})


def curve_panel(r: Reach) -> Panel:
    """The forecast with its target."""
    f, context = r.forecast, r.forecast.context
    marks: list[Mark] = [*trend(f, f"{f.method} median ({f.kind})"), measured(context)]
    marks.append(Rule("y", r.target, f"target {r.target:g}", 1))
    return Panel(context.x_name, context.y_name, marks, context.name or "", x_log=True, height=0.85)


def probability_panel(r: Reach) -> Panel:
    """P(reached by x); where that is a bound, P(below the target at x) beside it."""
    marks: list[Mark] = [Line(r.x, r.reached, "" if r.exact else "P(reached by x), a lower bound", 0, "")]
    if not r.exact:
        marks.append(Line(r.x, r.below, "P(below the target at x)", 2))
    marks.append(Rule("x", r.forecast.context.x_max, "largest x measured", dash="1.5 2"))
    return Panel(
        r.forecast.context.x_name, "P(reached by x)", marks, x_log=True, y_log=False, y_range=(-0.02, 1.04), height=0.7
    )


def within(x: float, first: float = 0.0) -> str:
    """A number, or that it lies beyond the range, or at its first x."""
    if not isfinite(x):
        return "not within"
    return f"{number(x)} or before" if x <= first else number(x)


def _section(r: Reach, levels: Sequence[float], budget: float | None) -> Section:
    f, context = r.forecast, r.forecast.context
    told = partial(within, first=r.x_range[0])
    columns = [
        Column("target"), Column("method", form=text), Column("kind", form=text),
        Column("median", f"{context.x_name} (median)", told), Column("intervals", "{} % interval", told),
        Column("x_from", "looked for from"), Column("x_to", "to"), Column("prob_never", "P(not within)", digits(3)),
        Column("exact"),
    ]  # fmt: skip
    row: dict[str, Any] = {"target": r.target, "method": f.method, "kind": f.kind, "median": r.median}
    row |= {"intervals": {level: r.interval(level) for level in levels}, "x_from": r.x_range[0], "x_to": r.x_range[1]}
    row |= {"prob_never": r.prob_never, "exact": r.exact}
    if r.prob_by_ten is not None and not all(isfinite(r.interval(level)[1]) for level in levels):
        columns.insert(-1, Column("prob_by_ten", "P(by 10× the largest)", digits(3)))
        row["prob_by_ten"] = r.prob_by_ten
    if budget is not None:
        at = number(budget)
        loss = r.loss_at(budget)
        columns += [
            Column("budget"), Column("prob_by_budget", f"P(by {at})", digits(3)), Column("loss_at_budget"),
            Column("loss_intervals", f"{context.y_name} at {at}, {{}} %"),
        ]  # fmt: skip
        row |= {"budget": budget, "prob_by_budget": float(r.prob_by(budget)), "loss_at_budget": float(loss.median[0])}
        row["loss_intervals"] = intervals(loss, levels)[0]
    panels = (partial(curve_panel, r), partial(probability_panel, r))
    return Section(context.name, (Table("", tuple(columns), [row]),), panels, caveats=r.warnings)
