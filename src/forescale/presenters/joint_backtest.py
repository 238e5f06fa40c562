"""The page of a backtest of a table of runs: every joint method on the dearest runs, hidden from it."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial

import numpy as np

from ..errors import Caveat
from ..joint.backtest import JointBacktest
from ..pages.page import LEVELS, Column, Page, Table, digits, text
from ..pages.panel import Line, Mark, Panel, Points, Whiskers


def page(
    result: JointBacktest, levels: Sequence[float] = LEVELS, seed: int | None = None, told: tuple[Caveat, ...] = ()
) -> Page:
    """The answer of `backtest_joint`: the best log density first, the verdict below."""
    n = len(result.hidden["loss"])
    return Page(
        f"hidden: the {n} dearest of {n + result.n_context} runs; ranked by log density of ln L",
        tables=(_scores(result),),
        panels=(partial(panel, result),),
        sentences=(*result.failures, result.verdict),
        caveats=(*told, *result.warnings),
        facts={"hold_out": result.hold_out, "n_context": result.n_context, "seed": seed, "verdict": result.verdict},
    )


def panel(result: JointBacktest) -> Panel:
    """What was read against what was predicted, with 90 % intervals."""
    loss = result.hidden["loss"]
    marks: list[Mark] = [Line(np.sort(loss), np.sort(loss), "predicted = read", -2)]
    for i, (name, answer) in enumerate(result.forecasts.items()):
        low, high = answer.interval(0.9)
        marks.append(Whiskers(loss, answer.median, low, high, f"{name}, 90 %", i, aside=4.0 * i))
    marks.append(Points(loss, loss, ""))
    return Panel("loss of the hidden run", "predicted loss", marks)


def _scores(result: JointBacktest) -> Table:
    share = lambda v: f"{100 * v:.0f} %"  # noqa: E731
    columns = (
        Column("method", "method", text), Column("rmsle", "RMSLE", digits(4)), Column("ll", "LL (nats)", digits(3)),
        Column("coverage50", "coverage 50", share), Column("coverage90", "coverage 90", share),
        Column("width90", "width 90, ln L", digits(3)), Column("bias", "bias, ln L", lambda v: f"{v:+.4f}"),
        Column("gap", "behind first", lambda v: f"{v:.3g}"), Column("gap_se", "±", lambda v: f"{v:.2g}"),
        Column("seconds", "s", digits(2)),
    )  # fmt: skip
    rows = [asdict(s) | ({"gap": None, "gap_se": None} if i == 0 else {}) for i, s in enumerate(result.scores)]
    return Table("scores", columns, rows)
