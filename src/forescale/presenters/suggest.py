"""The page of a plan of runs: what each is expected to bring, and the gain of every candidate."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from ..decisions.suggest import Suggestion
from ..pages.page import LEVELS, Column, Interval, Page, Row, Section, Table, percent
from ..pages.panel import Line, Mark, Note, Panel, Points, Rule, Whiskers
from .parts import measured, several, targets, trend


def page(
    answers: Suggestion | Mapping[str, Suggestion], levels: Sequence[float] = LEVELS, seed: int | None = None
) -> Page:
    """The answer of `suggest`, a plan for each curve; its intervals have the plan's own level."""
    plans = several(answers)
    first = plans[0]
    title = f"{first.now.method}: runs that narrow the {percent(first.level)} % interval of the curve most"
    facts = {
        "method": first.now.method, "kind": "curve", "acquisition": first.acquisition, "level": first.level,
        "seed": seed,
    }  # fmt: skip
    return Page(title, tuple(map(_section, plans)), facts=facts, key="suggestions")


def runs_panel(s: Suggestion) -> Panel:
    """The forecast as it is now, the runs with what they will read, and the intervals after them."""
    f, context = s.now, s.now.context
    marks: list[Mark] = [*trend(f, f"{f.method} median ({f.kind})"), measured(context), *targets(f)]
    for i, run in enumerate(s.runs):
        x, ends = np.array([run.x, run.x]), np.array(run.outcome)
        marks.append(Line(x, ends, "suggested run (90 %)" if i == 0 else "", 1, ""))
        marks.append(Note(run.x, run.outcome[1], str(i + 1), 1, "above"))
    if s.runs:
        after = s.runs[-1]
        label = f"{percent(s.level)} % after them"
        marks.append(Whiskers(f.x, after.median, *after.interval, label, 2, aside=6.0))
    return Panel(context.x_name, context.y_name, marks, context.name or "", x_log=True, height=0.85)


def scores_panel(s: Suggestion) -> Panel:
    """The score of every candidate as the first run."""
    marks: list[Mark] = [Line(s.candidates, s.scores, "", 0)]
    if len(s.candidates) <= 60:
        marks.append(Points(s.candidates, s.scores, "", 0))
    marks += [Rule("x", run.x, "", 1, "") for run in s.runs]
    y_name = "gain (nats), first run" if s.acquisition == "information" else f"{s.acquisition} score"
    return Panel(s.now.context.x_name, y_name, marks, x_log=True, y_log=False, height=0.7)


def _section(s: Suggestion) -> Section:
    context = s.now.context
    columns = (
        Column("step", "run", lambda v: {0: "now", "largest": "largest alone"}.get(v, str(v))),
        Column("x", context.x_name), Column("cost", "cost"), Column("gain_nats"),
        Column("narrows", "narrows by", lambda v: f"{100 * v:.1f} %"),
        Column("outcome_intervals", "will read ({} %)"), Column("at", f"at {context.x_name}"),
        Column("median", f"{context.y_name}, expected"), Column("intervals", "{} % interval"),
    )  # fmt: skip
    rows: list[Row] = list(_rows({"step": 0, "cost": 0.0, "gain_nats": 0.0}, s, s.now.median, s.now.interval(s.level)))
    for i, run in enumerate(s.runs, start=1):
        head = {"step": i, "x": run.x, "cost": run.cost, "gain_nats": run.gain, "narrows": run.narrows}
        rows += _rows(head | {"outcome_intervals": {0.9: run.outcome}}, s, run.median, run.interval)
    whole: Row = {"step": "largest", "x": s.largest.x, "cost": s.largest.cost, "gain_nats": s.largest.gain}
    whole = {**whole, "narrows": s.largest.narrows, "outcome_intervals": {0.9: s.largest.outcome}}
    rows += _rows(whole, s, s.largest.median, s.largest.interval)
    names = ("x", "cost", "score")
    every = zip(s.candidates.tolist(), s.costs.tolist(), s.scores.tolist(), strict=True)
    scored = Table("candidates", tuple(map(Column, names)), [dict(zip(names, c, strict=True)) for c in every])
    facts = {"answer": s.answer, "budget": s.budget, "spent": s.spent, "gain_nats": s.gain}
    panels = (partial(runs_panel, s), partial(scores_panel, s))
    return Section(context.name, (Table("steps", columns, rows), scored), panels, (s.answer,), s.warnings, facts)


def _rows(head: Row, s: Suggestion, median: np.ndarray, ends: tuple[np.ndarray, np.ndarray]) -> list[Row]:
    """A row for each target."""
    told: list[Row] = []
    for x, y, low, high in zip(s.now.x, median, *ends, strict=True):
        interval: dict[float, Interval] = {s.level: (float(low), float(high))}
        told.append({**head, "at": float(x), "median": float(y), "intervals": interval})
    return told
