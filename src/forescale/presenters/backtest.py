"""The page of a backtest: the ranking of the methods, their scores on each curve, and what was hidden."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial

from ..decisions.backtest import Backtest
from ..pages.page import LEVELS, Column, Page, Section, Table, digits, number, text
from ..pages.panel import Mark, Panel, Points
from .parts import measured, trend

DRAWN = 4
"""Methods in the figure: more would hide one another."""


def page(result: Backtest, levels: Sequence[float] = LEVELS, seed: int | None = None) -> Page:
    """The answer of `backtest`: best method first, the verdict below."""
    by = "log density" if result.rank_by == "ll" else "RMSLE"
    facts = {
        "hold_out": result.hold_out,
        "rank_by": result.rank_by,
        "seed": seed,
        "keep": result.keep,
        "verdict": result.verdict,
    }
    named = len({s.group for s in result.scores}) > 1
    drawn = (group for group, answers in result.forecasts.items() if answers)
    return Page(
        f"hidden: the largest {100 * result.hold_out:g} % of the distinct x; ranked by {by}",
        tuple(Section(group, panels=(partial(panel, result, group),)) for group in drawn),
        (_scores(result), _ranking(result, named)),
        sentences=(*result.failures, result.verdict),
        caveats=result.warnings,
        facts=facts,
    )


def panel(result: Backtest, group: str) -> Panel:
    """The hidden points against the forecasts of the best `DRAWN` methods."""
    answers = result.forecasts[group]
    context = next(iter(answers.values())).context
    marks: list[Mark] = []
    order = list(dict.fromkeys(s.method for s in result.scores))  # as asked, so that colours are those of `compare`
    for rank in result.ranking[:DRAWN]:
        if rank.method in answers:
            label = f"{rank.method}, 90 % (run)"
            marks += trend(answers[rank.method], label, order.index(rank.method), [0.9], named=False)
    marks += [measured(context), Points(*result.hidden[group], "hidden from the forecast", hidden=True)]
    return Panel(context.x_name, context.y_name, marks, title=context.name or "")


def _ranking(result: Backtest, named: bool) -> Table:
    columns = [
        Column("method", "method", text), Column("rmsle", "RMSLE", digits(4)), Column("ll", "LL (nats)", digits(3)),
        Column("coverage", "coverage 90", lambda v: f"{100 * v:.0f} %"), Column("msce", "MSCE", digits(3)),
        Column("gap", "behind first", lambda v: f"{v:.3g}"), Column("gap_se", "±", lambda v: f"{v:.2g}"),
        Column("told_apart"), Column("noise", "told apart", text, ""),
        Column("answered", "curves", text, "") if named else Column("answered", media=""),
        Column("n_curves"), Column("n_failed"), Column("seconds", "s/curve", lambda v: f"{v:.2g}"),
    ]  # fmt: skip
    rows = []
    for i, r in enumerate(result.ranking):
        answered = f"{r.n_curves}/{r.n_curves + r.n_failed}"
        row = {**asdict(r), "answered": answered, "noise": "" if r.told_apart or i == 0 else "within noise"}
        rows.append(row | ({"gap": None, "gap_se": None} if i == 0 else {}))
    return Table("ranking", tuple(columns), rows)


def _scores(result: Backtest) -> Table:
    names = ("group", "method", "n_context", "n_targets", "rmsle", "ll", "coverage", "msce", "seconds", "failed")
    return Table("scores", tuple(Column(name, form=number) for name in names), [asdict(s) for s in result.scores])
