"""The page of several methods side by side: a row for each curve, x and method."""

from collections.abc import Mapping, Sequence
from functools import partial

from ..decisions.compare import Comparison
from ..errors import Caveat
from ..pages.page import INTERVALS, LEVELS, Column, Page, Row, Section, Table, percent, text
from ..pages.panel import Mark, Panel
from .parts import intervals, measured, several, targets, trend, what


def page(
    answers: Comparison | Mapping[str, Comparison], levels: Sequence[float] = LEVELS, seed: int | None = None
) -> Page:
    """The answer of `compare`; a method that failed is a row that says so, and why stands below."""
    comparisons = several(answers)
    first = comparisons[0]
    kind = next((f.kind for c in comparisons for f in c.forecasts.values()), "run")
    title = f"{what(kind)}; medians that lie outside one another's {percent(first.level)} % interval disagree"
    facts = {"kind": kind, "seed": seed, "level": first.level}
    return Page(title, tuple(_section(c, levels) for c in comparisons), facts=facts)


def panel(c: Comparison) -> Panel:
    """Every method with its colour and dash; whiskers stand a little aside, so that they do not hide one another."""
    marks: list[Mark] = []
    for i, (name, f) in enumerate(c.forecasts.items()):
        marks += trend(f, f"{name}, {percent(c.level)} % ({f.kind})", i, [c.level], named=False)
        marks += targets(f, c.level, "", i, aside=6.0 * (i - (len(c.forecasts) - 1) / 2))
    marks.append(measured(c.context))
    return Panel(c.context.x_name, c.context.y_name, marks, title=c.context.name or "")


def _section(c: Comparison, levels: Sequence[float]) -> Section:
    columns = (
        Column("x", c.context.x_name), Column("method", "method", text), Column("kind", form=text, media="c"),
        Column("median", f"{c.context.y_name} (median)"), INTERVALS,
        Column("extrapolation_ratio"), Column("note", "kind of distribution", text), Column("failed", form=text),
    )  # fmt: skip
    rows: list[Row] = []
    cells = {name: intervals(f, levels) for name, f in c.forecasts.items()}
    medians = {name: f.median for name, f in c.forecasts.items()}
    for i, x in enumerate(c.x):
        for name, f in c.forecasts.items():
            numbers = {"median": float(medians[name][i]), "intervals": cells[name][i]}
            numbers["extrapolation_ratio"] = float(f.extrapolation_ratio[i])
            told = {"note": f.note or "posterior", "failed": ""}
            rows.append({"x": float(x), "method": name, "kind": f.kind, **numbers, **told})
    rows += [{"method": name, "median": "failed", "failed": why} for name, why in c.failures.items()]
    said: dict[Caveat, None] = dict.fromkeys(w for f in c.forecasts.values() for w in f.warnings)
    return Section(
        c.context.name,
        (Table("forecasts", columns, rows),),
        (partial(panel, c),) if c.forecasts else (),
        tuple(f"{name} failed: {why}" for name, why in c.failures.items()),
        (*said, *c.warnings),
        {"n_context": c.context.n},
    )
