"""What `forescale demo` prints: each recipe's forecast beside what its hidden runs measured."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..forecasts.forecast import Forecast
from ..forecasts.metrics import coverage
from ..pages.text import new_table, print_table
from .figures import plot_forecasts

Floats = NDArray[np.float64]
LEVEL = 0.9


def print_demo(forecasts: Mapping[str, Forecast], hidden: Mapping[str, Floats]) -> None:
    """A row for each recipe, at the largest x; then the share of all hidden readings inside their interval.

    Args:
        forecasts: of each recipe, at the x of its hidden runs (T,).
        hidden: what these runs measured, (T,).
    """
    first = next(iter(forecasts.values()))
    x_name, y_name, farthest = first.context.x_name, first.context.y_name, first.x.max()
    print(
        f"Real runs: the test {y_name} of small networks on scikit-learn's digits, {len(forecasts)} recipes.\n"
        f"Seen: {first.context.n} runs of each, up to {first.context.x_max:g} {x_name}. "
        f"Hidden: {len(first.x)} runs of each, up to {farthest:g}.\n"
    )
    table = new_table(f"{first.method}: {y_name} of one new run at {farthest:g} {x_name}")
    table.add_column("recipe")
    table.add_column("median", justify="right", style="bold")
    table.add_column("90 % interval", justify="center")
    table.add_column("hidden runs: mean (range)", justify="center")
    table.add_column("inside, all hidden x", justify="right")
    n_inside = 0
    for name, f in forecasts.items():
        at, y = f.x == farthest, hidden[name]
        low, high = (end[at][0] for end in f.interval(LEVEL))
        inside = round(coverage(f, y, LEVEL) * len(y))
        n_inside += inside
        measured = f"{y[at].mean():.3f} ({y[at].min():.3f} to {y[at].max():.3f})"
        table.add_row(name, f"{f.median[at][0]:.3f}", f"{low:.3f} to {high:.3f}", measured, f"{inside} of {len(y)}")
    print_table(table)
    n = sum(map(len, hidden.values()))
    print(f"\n{n_inside} of {n} hidden readings ({n_inside / n:.0%}) lie inside their 90 % interval.")


def plot_demo(forecasts: Mapping[str, Forecast], hidden: Mapping[str, Floats], path: str | Path) -> None:
    """A panel for each recipe, the hidden readings drawn open."""
    plot_forecasts(list(forecasts.values()), path, hidden=[hidden[name] for name in forecasts])
