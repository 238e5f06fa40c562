"""CSV exports of W&B: a chart with a column for each run (or group of runs), or the history of one run.

Both leave cells empty where a run did not log and begin at step 0, so their unusable rows are left out, with a note.
"""

from collections.abc import Sequence
from dataclasses import replace

from ...errors import CurveError
from ...spelling import option
from .base import Column, Table, listed


def reshaped(table: Table, ys: Sequence[str]) -> tuple[Table, list[str]]:
    """An export of W&B as a long table, and the columns of y in it; any other table as it is.

    Args:
        ys: columns, metrics or runs that the user named for y.
    """
    names = table.columns
    if any(n.endswith("__MIN") for n in names) and any(n.endswith("__MAX") for n in names):
        return _long(table, ys)
    if "_step" in names and ("_runtime" in names or "_timestamp" in names):
        return replace(table, lenient=True), list(ys)
    return table, list(ys)


def _long(table: Table, ys: Sequence[str]) -> tuple[Table, list[str]]:
    """A chart, one column a run named 'run - metric', as rows of x, run and one column a metric."""
    x = next(iter(table.columns))
    runs = [n for n in table.columns if " - " in n and not n.endswith(("__MIN", "__MAX", " - _step"))]
    chosen = [n for n in runs if any(y in (n, *n.rsplit(" - ", 1)) for y in ys)]
    if ys and chosen:
        runs = chosen
    metrics = list(dict.fromkeys(n.rsplit(" - ", 1)[1] for n in runs))
    if len(metrics) != 1 and not ys:
        raise CurveError(
            f"expected one metric in the W&B export, got {listed(sorted(metrics)) or 'none'} ({table.origin}). "
            f"Name it with {option('y')}."
        )
    labels = list(dict.fromkeys(n.rsplit(" - ", 1)[0] for n in runs))
    blank = [None] * table.n
    cells: dict[str, list[object]] = {x: [], **{m: [] for m in metrics}, "run": []}
    for label in labels:
        cells[x] += table.columns[x].head(table.n)
        cells["run"] += [label] * table.n
        for metric in metrics:
            name = f"{label} - {metric}"
            cells[metric] += table.columns[name].head(table.n) if name in table.columns else blank
    one = len(metrics) == 1
    long = replace(
        table,
        columns={name: Column(values) for name, values in cells.items()},
        x=x,
        y=metrics[0] if one else None,
        group="run" if len(labels) > 1 else None,
        lenient=True,
    )
    named = [y for y in ys if y in cells]
    return long, named or (metrics if ys and chosen else list(ys))
