"""`forescale recipes`."""

from typing import Annotated

import typer

from ..errors import CurveError
from . import app, options

Where = Annotated[str, typer.Option("--at", help="The scale at which to compare, such as 1e22.", show_default=False)]
Recipe = Annotated[str, typer.Option("--group", help="Column that names the recipe.", show_default=False)]
Between = Annotated[str | None, typer.Option("--cross", help="Where to look for crossings: 1e18,1e23.")]


@app.command()
def recipes(
    source: options.Source,
    at: Where,
    group: Recipe,
    x: options.XColumn = None,
    y: options.YColumn = None,
    method: options.MethodName = "pfn",
    cross: Between = None,
    level: options.Level = "50,90",
    plot: options.Plot = None,
    as_json: options.AsJson = False,
    seed: options.Seed = 0,
    drop_bad: options.DropBad = False,
) -> None:
    """Which recipe is better at a scale: P(A beats B), effective compute, where they cross."""
    from ..curves.columns import read_curves
    from ..decisions.recipes import recipes as compare_recipes
    from ..pages.data import print_warnings
    from ..report import recipes as report

    target, shares = options.one_number(at, "--at"), options.levels(level)
    ends = None if cross is None else options.numbers(cross, "--cross")
    if ends is not None and len(ends) != 2:
        raise CurveError(f"expected two numbers for --cross, got '{cross}'. Try 1e18,1e23.")
    curves = read_curves(source, x, y, group, drop_bad=drop_bad)
    between = None if ends is None else (ends[0], ends[1])
    answer = compare_recipes(curves, target, method=method, cross_range=between, seed=seed)
    if plot is not None:
        report.plot_recipes(answer, plot)
    if as_json:
        print(report.recipes_json(answer, shares, seed))
    else:
        report.print_recipes(answer, shares)
    print_warnings((caveat, None) for caveat in answer.warnings)
