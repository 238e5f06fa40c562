"""`forescale compare` and `forescale backtest`."""

from typing import Annotated, Any

import typer

from ..errors import FitError
from ..pages.page import Page
from ..progress import counted
from . import options
from .command import command
from .read import Read

RankBy = Annotated[Any, Read("--rank-by", options.word, "ll: the whole distribution; rmsle: the median alone.")]


@command()
def compare(
    table: options.Table,
    at: options.At,
    out: options.Out,
    methods: options.Methods = None,
    kind: options.KindName = "run",
) -> Page:
    """Put the same question to several methods; disagreement beyond the widest --level is flagged."""
    from ..decisions.compare import compare as ask
    from ..presenters.compare import page

    curves = table.curves()
    answers = {
        name: ask(curve, at, methods=methods, kind=kind, level=out.levels[-1], seed=out.seed)
        for name, curve in counted(curves.items(), len(curves), "curve")
    }
    if not any(c.forecasts for c in answers.values()):
        reasons = next(iter(answers.values())).failures
        raise FitError("expected one method to answer, got none. " + "; ".join(f"{m}: {r}" for m, r in reasons.items()))
    return page(answers, out.levels, out.seed)


@command()
def backtest(
    table: options.Table,
    out: options.Out,
    hold_out: options.HoldOut = 0.3,
    methods: options.Methods = None,
    rank_by: RankBy = "ll",
    params: options.Params = None,
    tokens: options.Tokens = None,
    loss: Annotated[str | None, typer.Option("--loss", help="Column of the final loss, beside --params.")] = None,
) -> Page:
    """Hide the largest scales of your own runs and score every method on them; with --params and --tokens, the dearest
    runs of a table of (N, D)."""
    if params is not None or tokens is not None:
        return _backtest_joint(table, params, tokens, loss, hold_out, methods, out)
    from ..decisions.backtest import backtest as run
    from ..presenters.backtest import page

    return page(run(table.curves(), hold_out, methods=methods, rank_by=rank_by, seed=out.seed), out.levels, out.seed)


def _backtest_joint(
    table: options.Table, params: str | None, tokens: str | None, loss: str | None, hold_out: float,
    methods: Any, out: options.Out,
) -> Page:  # fmt: skip
    from ..joint.backtest import backtest_joint
    from ..joint.table import read_runs_table
    from ..presenters.joint_backtest import page

    runs = read_runs_table(table.place, params=params, tokens=tokens, loss=loss or table.y, where=table.where)
    found = backtest_joint(runs.params, runs.tokens, runs.loss, hold_out=hold_out, methods=methods, seed=out.seed)
    return page(found, out.levels, out.seed, runs.caveats)
