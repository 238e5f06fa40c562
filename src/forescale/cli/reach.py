"""`forescale reach`."""

from typing import Annotated

import typer

from ..errors import CurveError
from . import app, options

Target = Annotated[str, typer.Option("--target", help="The loss to reach, in the unit of y.", show_default=False)]
Range = Annotated[
    str | None,
    typer.Option("--range", help="Where to look: 1e9,1e13 (default: to 1000 times the largest x measured)."),
]
Budget = Annotated[str | None, typer.Option("--budget", help="An x: P(reached by it), and the loss there.")]


@app.command()
def reach(
    source: options.Source,
    target: Target,
    budget: Budget = None,
    x_range: Range = None,
    x: options.XColumn = None,
    y: options.YColumn = None,
    group: options.Group = None,
    method: options.MethodName = "pfn",
    kind: options.KindName = "curve",
    level: options.Level = "50,90",
    plot: options.Plot = None,
    as_json: options.AsJson = False,
    as_csv: options.AsCsv = False,
    seed: options.Seed = 0,
    drop_bad: options.DropBad = False,
) -> None:
    """The scale at which the curve first reaches a loss, with intervals, or "not within"."""
    from ..curves.columns import read_curves
    from ..decisions.reach import reach_many
    from ..pages.data import csv_text, print_warnings
    from ..report import reach as report

    options.one_format(as_json, as_csv)
    loss, shares = options.one_number(target, "--target"), options.levels(level)
    wanted = None if budget is None else options.one_number(budget, "--budget")
    curves = read_curves(source, x, y, group, drop_bad=drop_bad)
    ends = _ends(x_range)
    answers = reach_many(curves, loss, x_range=ends, method=method, kind=kind, seed=seed)  # type: ignore[arg-type]
    if plot is not None:
        report.plot_reach(list(answers.values()), plot)
    if as_json:
        print(report.reach_json(answers, shares, wanted, seed))
    elif as_csv:
        print(csv_text(report.reach_rows(answers, shares, wanted)), end="")
    else:
        report.print_reach(answers, shares, wanted)
    several = len(answers) > 1
    print_warnings((c, name if several else None) for name, answer in answers.items() for c in answer.warnings)


def _ends(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    ends = options.numbers(text, "--range")
    if len(ends) != 2:
        raise CurveError(f"expected two numbers for --range, got '{text}'. Try 1e9,1e13.")
    return ends[0], ends[1]
