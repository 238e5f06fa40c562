"""`forescale reach`."""

from dataclasses import dataclass
from typing import Annotated

from ..pages.page import Page
from . import options
from .command import command
from .read import Read

Target = Annotated[float, Read("--target", options.number, "The loss to reach, in the unit of y.")]
Budget = Annotated[float | None, Read("--budget", options.number, "An x: P(reached by it), and the loss there.")]
Range = Annotated[
    tuple[float, float] | None,
    Read("--range", options.ends, "Where to look: 1e9,1e13 (default: to 1000 times the largest x measured)."),
]


@dataclass(frozen=True)
class AskTrend(options.Ask):
    """The noise-free trend where nothing else is asked."""

    kind: options.KindName = "curve"


@command()
def reach(
    table: options.Table,
    target: Target,
    ask: AskTrend,
    out: options.Out,
    budget: Budget = None,
    x_range: Range = None,
) -> Page:
    """The scale at which the curve first reaches a loss, with intervals, or "not within"."""
    from ..decisions.reach import reach_many
    from ..presenters.reach import page

    curves = table.curves()
    answers = reach_many(curves, target, x_range=x_range, method=ask.method, kind=ask.kind, seed=out.seed)
    return page(answers, out.levels, out.seed, budget)
