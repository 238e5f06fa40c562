"""`forescale compare` and `forescale backtest`."""

from typing import Annotated, Any

from ..errors import FitError
from ..pages.page import Page
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
    from ..report.compare import page

    answers = {
        name: ask(curve, at, methods=methods, kind=kind, level=out.levels[-1], seed=out.seed)
        for name, curve in table.curves().items()
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
) -> Page:
    """Hide the largest scales of your own runs and score every method on them."""
    from ..decisions.backtest import backtest as run
    from ..report.backtest import page

    return page(run(table.curves(), hold_out, methods=methods, rank_by=rank_by, seed=out.seed), out.levels, out.seed)
