"""`forescale recipes`."""

from typing import Annotated

from ..errors import CurveError
from ..pages.page import Page
from . import options
from .command import command
from .read import Read

Where = Annotated[float, Read("--at", options.number, "The scale at which to compare, such as 1e22.")]
Between = Annotated[tuple[float, float] | None, Read("--cross", options.ends, "Where to look for crossings.")]


@command()
def recipes(
    table: options.Table, at: Where, out: options.Out, method: options.MethodName = "pfn", cross: Between = None
) -> Page:
    """Which recipe is better at a scale: P(A beats B), effective compute, where they cross."""
    from ..decisions.recipes import recipes as compare_recipes
    from ..presenters.recipes import page

    curves = table.curves()
    if len(curves) == 1 and table.short:
        raise CurveError(
            f"expected at least two recipes, got 1 that is long enough. Left out: {next(iter(table.short.values()))}"
        )
    answer = compare_recipes(curves, at, method=method, cross_range=cross, seed=out.seed)
    return page(answer, out.levels, out.seed)
