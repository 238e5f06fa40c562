"""The page of a tracker's folder: a row for each metric of each run."""

from collections.abc import Sequence
from typing import Any

from ..curves.readers.trackers.run import Run
from ..errors import Caveat
from ..pages.page import Column, Page, Table, text
from ..spelling import option

SHOWN_CONFIG = 4
"""More settings than these are not listed beside a run."""


def page(folder: str, runs: Sequence[Run], found: Sequence[str]) -> Page:
    """What lies in the folder: runs, metrics, points."""
    columns = (
        Column("run", "run", text), Column("state", "state", text), Column("metric", "metric", text),
        Column("points", "points", str), Column("first_step", "first step"), Column("last_step", "last step"),
        Column("last_value", "last value"), Column("config", "settings", text),
    )  # fmt: skip
    rows = [_row(run, metric) for run in runs for metric in run.metrics]
    caveats = [
        Caveat("truncated_log", f"the log of '{run.name}' ends in the middle of a record; what stands before was read.")
        for run in runs
        if run.truncated
    ]
    metric = next(iter(runs[0].metrics))
    return Page(
        f"{folder}: {', '.join(found)}",
        tables=(Table("runs", columns, rows),),
        sentences=(f"Forecast them with: forescale forecast {folder} {option('y', metric)} {option('at', '10x')}",),
        caveats=tuple(caveats),
        facts={"folder": folder, "stores": list(found)},
    )


def _row(run: Run, metric: str) -> dict[str, Any]:
    steps, values = run.metrics[metric]
    settings = ", ".join(f"{key}={value}" for key, value in list(run.config.items())[:SHOWN_CONFIG])
    return {
        "run": run.name, "state": run.state, "metric": metric, "points": len(steps), "first_step": min(steps),
        "last_step": max(steps), "last_value": values[-1], "config": settings,
    }  # fmt: skip
