"""The page of the demo: each recipe's forecast beside what its hidden runs measured."""

from collections.abc import Mapping
from functools import partial

from ..forecasts.forecast import Forecast
from ..forecasts.metrics import coverage
from ..numerics import Floats
from ..pages.page import INTERVALS, Column, Page, Section, Table, digits, text
from .forecasts import panel

LEVEL = 0.9


def page(forecasts: Mapping[str, Forecast], hidden: Mapping[str, Floats]) -> Page:
    """A row for each recipe, at the largest x; below, the share of all hidden readings inside their interval.

    Args:
        forecasts: of each recipe, at the x of its hidden runs (T,).
        hidden: what these runs measured, (T,).
    """
    first = next(iter(forecasts.values()))
    x_name, y_name, farthest = first.context.x_name, first.context.y_name, first.x.max()
    inside = {name: round(coverage(f, hidden[name], LEVEL) * len(hidden[name])) for name, f in forecasts.items()}
    n = sum(map(len, hidden.values()))
    half = sum(coverage(f, hidden[name], 0.5) * len(hidden[name]) for name, f in forecasts.items())
    rows = []
    for name, f in forecasts.items():
        at, y = f.x == farthest, hidden[name]
        low, high = (float(end[at][0]) for end in f.interval(LEVEL))
        measured = f"{y[at].mean():.3f} ({y[at].min():.3f} to {y[at].max():.3f})"
        row = {"recipe": name, "median": float(f.median[at][0]), "intervals": {LEVEL: (low, high)}}
        rows.append(row | {"measured": measured, "inside": f"{inside[name]} of {len(y)}"})
    columns = (
        Column("recipe", "recipe", text), Column("median", "median", digits(3)),
        Column("intervals", INTERVALS.head, digits(3)), Column("measured", "hidden runs: mean (range)", text),
        Column("inside", "inside, all hidden x", text),
    )  # fmt: skip
    panels = (Section(name, panels=(partial(panel, f, (f.x, hidden[name])),)) for name, f in forecasts.items())
    return Page(
        f"Real runs: the test {y_name} of small networks on scikit-learn's digits, {len(forecasts)} recipes",
        tuple(panels),
        (Table("recipes", columns, rows, f"{first.method}: {y_name} of one new run at {farthest:g} {x_name}"),),
        sentences=(
            f"Seen: {first.context.n} runs of each, up to {first.context.x_max:g} {x_name}. "
            f"Hidden: {len(first.x)} runs of each, up to {farthest:g}.",
            f"{sum(inside.values())} of {n} hidden readings ({sum(inside.values()) / n:.0%}) lie inside their 90 % "
            f"interval, {half / n:.0%} inside the 50 % interval. Readings of one recipe share their error: as evidence "
            f"these are {len(forecasts)} curves, not {n} readings.",
        ),
        facts={"method": first.method},
    )
