"""`forescale compare` and `forescale backtest`."""

import sys
from typing import Annotated

import typer

from ..errors import FitError
from . import app, options

Methods = Annotated[
    str | None, typer.Option("--methods", help="Names in `forescale methods`, separated by commas.", show_default=False)
]
HoldOut = Annotated[float, typer.Option("--hold-out", help="Share of the distinct x to hide, the largest.")]
RankBy = Annotated[str, typer.Option("--rank-by", help="ll: the whole distribution; rmsle: the median alone.")]


@app.command()
def compare(
    source: options.Source,
    at: options.At,
    methods: Methods = None,
    x: options.XColumn = None,
    y: options.YColumn = None,
    group: options.Group = None,
    kind: options.KindName = "run",
    level: options.Level = "50,90",
    plot: options.Plot = None,
    as_json: options.AsJson = False,
    as_csv: options.AsCsv = False,
    seed: options.Seed = 0,
    drop_bad: options.DropBad = False,
) -> None:
    """Put the same question to several methods; disagreement beyond the widest --level is flagged."""
    from ..curves.columns import read_curves
    from ..decisions.compare import compare as ask
    from ..pages.data import csv_text, print_warnings
    from ..report import compare as report

    options.one_format(as_json, as_csv)
    wanted, shares = options.numbers(at, "--at"), options.levels(level)
    curves = read_curves(source, x, y, group, drop_bad=drop_bad)
    names = _names(methods)
    answers = {
        name: ask(curve, wanted, methods=names, kind=kind, level=shares[-1], seed=seed)  # type: ignore[arg-type]
        for name, curve in curves.items()
    }
    if not any(c.forecasts for c in answers.values()):
        reasons = next(iter(answers.values())).failures
        raise FitError("expected one method to answer, got none. " + "; ".join(f"{m}: {r}" for m, r in reasons.items()))
    if plot is not None:
        report.plot_comparisons(list(answers.values()), plot)
    if as_json:
        print(report.comparisons_json(answers, shares, seed))
    elif as_csv:
        print(csv_text([row for c in answers.values() for row in c.rows(shares)]), end="")
    else:
        report.print_comparisons(answers, shares)
    print_warnings((w, f.context.name) for c in answers.values() for f in c.forecasts.values() for w in f.warnings)
    for line in report.disagreement_lines(answers):
        print(line, file=sys.stderr)


@app.command()
def backtest(
    source: options.Source,
    hold_out: HoldOut = 0.3,
    methods: Methods = None,
    x: options.XColumn = None,
    y: options.YColumn = None,
    group: options.Group = None,
    rank_by: RankBy = "ll",
    plot: options.Plot = None,
    as_json: options.AsJson = False,
    as_csv: options.AsCsv = False,
    seed: options.Seed = 0,
    drop_bad: options.DropBad = False,
) -> None:
    """Hide the largest scales of your own runs and score every method on them."""
    from ..curves.columns import read_curves
    from ..decisions.backtest import backtest as run
    from ..pages.data import print_warnings
    from ..report import backtest as report

    options.one_format(as_json, as_csv)
    curves = read_curves(source, x, y, group, drop_bad=drop_bad)
    result = run(curves, hold_out, methods=_names(methods), rank_by=rank_by, seed=seed)  # type: ignore[arg-type]
    if plot is not None:
        report.plot_backtest(result, plot)
    if as_json:
        print(report.backtest_json(result, seed))
    elif as_csv:
        print(report.backtest_csv(result), end="")
    else:
        report.print_backtest(result)
    print_warnings((caveat, None) for caveat in result.warnings)


def _names(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]
