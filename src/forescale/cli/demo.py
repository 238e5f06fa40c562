"""`forescale demo`: bundled real runs of our own, numbers in about a second. It proves the install."""

from importlib.resources import as_file, files

from ..pages.page import Page
from . import options
from .command import command

CUTOFF = 250
"""Largest number of training images that the demo lets a forecaster see."""


@command()
def demo(out: options.Shown, method: options.MethodName = "pfn") -> Page:
    """Forecast networks that we trained ourselves, and set what they then measured beside it."""
    from ..curves.columns import read_curves
    from ..method.registry import forecast_many
    from ..report.demo import page

    with as_file(files("forescale") / "data" / "demo.csv") as path:
        curves = read_curves(path, x="examples", y="loss", group="recipe")
    split = {name: curve.cut(CUTOFF) for name, curve in curves.items()}
    contexts = {name: context for name, (context, _, _) in split.items()}
    answers = forecast_many(contexts, {name: x for name, (_, x, _) in split.items()}, method=method)
    return page(answers, {name: y for name, (_, _, y) in split.items()})
