"""`forescale forecast` and `forescale methods`."""

from ..pages.page import Page
from . import options
from .command import command
from .show import write


@command()
def forecast(table: options.Table, at: options.At, ask: options.Ask, out: options.Out) -> Page:
    """Forecast the loss at scales not measured yet, with intervals."""
    from ..method.registry import forecast_many
    from ..presenters.forecasts import page

    answers = forecast_many(table.curves(), at, method=ask.method, kind=ask.kind, seed=out.seed)
    return page(answers, out.levels, out.seed)


@command("methods")
def list_methods() -> None:
    """What --method takes, a line each with its source."""
    from ..method.registry import methods

    table = methods()
    width = max(len(name) for name in table)
    write("".join(f"{name:<{width}}  {summary}\n" for name, summary in table.items()))
