"""`forescale suggest`."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from ..errors import CurveError
from ..pages.page import Page
from ..progress import counted
from . import options
from .command import command
from .read import Read

CostText = Annotated[str, typer.Option("--cost", help="Cost of a run: arithmetic over x, such as '6 * x * 1e9'.")]
Budget = Annotated[float | None, Read("--budget", options.number, "What all runs together may cost.")]
Number = Annotated[int, typer.Option("-n", "--runs", help="How many runs at most.")]
Listed = Annotated[list[float] | None, Read("--candidates", options.numbers, "The x that can be measured: 1e19,3e19.")]
Range = Annotated[
    tuple[float, float] | None, Read("--range", options.ends, "Candidates as a range: 1e18,3e20 (default: to --at).")
]
Rule = Annotated[
    str, typer.Option("--acquisition", help="information, max-variance, random, cheapest, even or largest.")
]
Strategy = Annotated[str, typer.Option("--strategy", help="look-ahead, or greedy: the best gain per cost each time.")]


@dataclass(frozen=True)
class OutOneLevel(options.Out):
    """A plan has one level, the widest that was asked."""

    levels: options.Levels = (0.9,)


@command()
def suggest(
    table: options.Table,
    at: options.At,
    out: OutOneLevel,
    cost: CostText = "x",
    budget: Budget = None,
    n: Number = 1,
    candidates: Listed = None,
    candidate_range: Range = None,
    method: options.MethodName = "pfn",
    acquisition: Rule = "information",
    strategy: Strategy = "look-ahead",
) -> Page:
    """Which runs to do next: those expected to narrow the forecast most within a budget (one plan a group)."""
    from ..decisions.suggest import suggest as ask
    from ..presenters.suggest import page

    if candidates is not None and candidate_range is not None:
        raise CurveError("expected one of --candidates and --range, got both. Choose one.")
    chosen: dict[str, Any] = {
        "candidates": candidates or candidate_range, "cost": cost, "budget": budget, "n": n, "method": method,
        "acquisition": acquisition, "strategy": strategy, "level": out.levels[-1], "seed": out.seed,
    }  # fmt: skip
    curves = table.curves()
    plans = {name: ask(curve, at, **chosen) for name, curve in counted(curves.items(), len(curves), "curve")}
    return page(plans, seed=out.seed)
