"""`forescale forecast` and `forescale methods`."""

from typing import Annotated

import typer

from ..errors import CurveError
from ..pages.page import Page
from . import options
from .command import command
from .read import Read
from .show import write

Double = Annotated[
    int | None, typer.Option("--double", help="In place of --at: what the next doublings of x buy, such as 3 of them.")
]
Threshold = Annotated[float, Read("--threshold", options.number, "With --double: P(gain > this), in the unit of y.")]


@command()
def forecast(
    table: options.Table,
    ask: options.Ask,
    out: options.Out,
    at: options.At = None,
    double: Double = None,
    threshold: Threshold = 0.0,
) -> Page:
    """Forecast the loss at scales not measured yet, with intervals."""
    if (at is None) == (double is None):
        raise CurveError(
            f"expected one of --at and --double, got {'neither' if at is None else 'both'}. Try --at 10x or --double 3."
        )
    if double is not None:
        return _doublings(table, double, threshold, ask, out)
    from ..method.registry import forecast_many
    from ..presenters.forecasts import page

    answers = forecast_many(table.curves(), at, method=ask.method, kind=ask.kind, seed=out.seed)
    return page(answers, out.levels, out.seed)


def _doublings(table: options.Table, n: int, threshold: float, ask: options.Ask, out: options.Out) -> Page:
    from ..decisions.doublings import doublings_many
    from ..presenters.doublings import page

    answers = doublings_many(table.curves(), n, threshold=threshold, method=ask.method, seed=out.seed)
    return page(answers, out.levels, out.seed)


@command("methods")
def list_methods() -> None:
    """What --method takes, a line each with its source."""
    from ..method.registry import methods

    table = methods()
    width = max(len(name) for name in table)
    write("".join(f"{name:<{width}}  {summary}\n" for name, summary in table.items()))
