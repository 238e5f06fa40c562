"""`forescale demo`: bundled real runs of our own, numbers in about a second. It proves the install."""

from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer

from ..pages.page import Page
from . import options
from .command import command

HELD_OUT = 0.2
"""Share of the training-set sizes that is hidden: the larger fifth, three of fourteen."""


@command()
def demo(
    out: options.Shown,
    method: options.MethodName = "pfn",
    save: Annotated[Path | None, typer.Option("--save", help="Write the demo's table of runs here, as CSV.")] = None,
) -> Page:
    """Forecast networks that we trained ourselves, and set what they then measured beside it."""
    from ..curves.columns import read_curves
    from ..method.registry import forecast_many
    from ..presenters.demo import page

    table = files("forescale") / "data" / "demo.csv"
    if save is not None:
        save.write_bytes(table.read_bytes())
    with as_file(table) as path:
        curves = read_curves(path, x="examples", y="loss", group="recipe")
    split = {name: curve.hold_out(HELD_OUT) for name, curve in curves.items()}
    contexts = {name: context for name, (context, _, _) in split.items()}
    answers = forecast_many(contexts, {name: x for name, (_, x, _) in split.items()}, method=method)
    return page(answers, {name: y for name, (_, _, y) in split.items()})
