"""`forescale forecast` and `forescale methods`."""

from collections.abc import Mapping, Sequence

from ..forecasts.forecast import Forecast
from . import app, options


@app.command()
def forecast(
    source: options.Source,
    at: options.At,
    x: options.XColumn = None,
    y: options.YColumn = None,
    group: options.Group = None,
    method: options.MethodName = "pfn",
    kind: options.KindName = "run",
    level: options.Level = "50,90",
    plot: options.Plot = None,
    as_json: options.AsJson = False,
    as_csv: options.AsCsv = False,
    seed: options.Seed = 0,
    drop_bad: options.DropBad = False,
) -> None:
    """Forecast the loss at scales not measured yet, with intervals."""
    from ..curves.columns import read_curves
    from ..method.registry import forecast_many

    options.one_format(as_json, as_csv)
    wanted, shares = options.numbers(at, "--at"), options.levels(level)
    curves = read_curves(source, x, y, group, drop_bad=drop_bad)
    answers = forecast_many(curves, wanted, method=method, kind=kind, seed=seed)  # type: ignore[arg-type]
    if plot is not None:
        from ..report.figures import plot_forecasts

        plot_forecasts(list(answers.values()), plot)
    show(answers, shares, seed, as_json, as_csv)


@app.command("methods")
def list_methods() -> None:
    """What --method takes, a line each with its source."""
    from ..method.registry import methods

    table = methods()
    width = max(len(name) for name in table)
    for name, summary in table.items():
        print(f"{name:<{width}}  {summary}")


def show(answers: Mapping[str, Forecast], levels: Sequence[float], seed: int, as_json: bool, as_csv: bool) -> None:
    """Print forecasts the way that was asked, and their warnings on standard error."""
    from ..pages.data import print_warnings
    from ..report import forecasts

    if as_json:
        print(forecasts.to_json(answers, levels, seed))
    elif as_csv:
        print(forecasts.to_csv(list(answers.values()), levels), end="")
    else:
        forecasts.print_forecasts(answers, levels)
    print_warnings((w, f.context.name) for f in answers.values() for w in f.warnings)
