"""Forecasts as a table, as JSON and as CSV: the three ways `forescale forecast` prints."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..forecasts.forecast import Forecast
from ..pages.data import caveat_objects, csv_text, json_text
from ..pages.text import new_table, print_table


def percent(level: float) -> str:
    """0.9 as "90"."""
    return f"{100 * level:g}"


def to_json(forecasts: Mapping[str, Forecast], levels: Sequence[float], seed: int) -> str:
    """The object of `forecast --json`; all forecasts share one method and kind."""
    first = next(iter(forecasts.values()))
    return json_text(
        {
            "method": first.method,
            "kind": first.kind,
            "note": first.note,
            "weights": (first.details or {}).get("weights"),
            "seed": seed,
            "curves": [_curve_object(f, levels) for f in forecasts.values()],
        }
    )


def to_csv(forecasts: Sequence[Forecast], levels: Sequence[float]) -> str:
    """The rows of `forecast --csv`, with a header."""
    return csv_text([row for f in forecasts for row in f.rows(levels)])


def print_forecasts(forecasts: Mapping[str, Forecast], levels: Sequence[float]) -> None:
    """A human table on standard output, one row for each curve and x."""
    first = next(iter(forecasts.values()))
    grouped = first.context.name is not None
    what = "one new measurement" if first.kind == "run" else "noise-free trend"
    table = new_table(f"{first.method}: {what} ({first.kind})")
    if grouped:
        table.add_column("group")
    table.add_column(first.context.x_name, justify="right")
    table.add_column(f"{first.context.y_name} (median)", justify="right", style="bold")
    for level in levels:
        table.add_column(f"{percent(level)} % interval", justify="center")
    table.add_column("x / largest seen", justify="right")
    for f in forecasts.values():
        intervals = [f.interval(level) for level in levels]
        for i, x in enumerate(f.x):
            cells = [str(f.context.name)] if grouped else []
            cells += [f"{x:.4g}", f"{f.median[i]:.4g}"]
            cells += [f"{low[i]:.4g} to {high[i]:.4g}" for low, high in intervals]
            table.add_row(*cells, f"{f.extrapolation_ratio[i]:.3g}×")
    print_table(table)


def _curve_object(f: Forecast, levels: Sequence[float]) -> dict[str, Any]:
    context, median, ratio = f.context, f.median, f.extrapolation_ratio
    intervals = {percent(level): f.interval(level) for level in levels}
    return {
        "group": context.name,
        "n_context": context.n,
        "x": {"name": context.x_name, "min": float(context.x[0]), "max": context.x_max},
        "y": {"name": context.y_name, "min": float(context.y.min()), "max": float(context.y.max())},
        "forecasts": [
            {
                "x": float(x),
                "median": float(median[i]),
                "intervals": {name: [float(low[i]), float(high[i])] for name, (low, high) in intervals.items()},
                "extrapolation_ratio": float(ratio[i]),
            }
            for i, x in enumerate(f.x)
        ],
        "warnings": caveat_objects(f.warnings),
    }
