"""CSV exports of W&B: a chart with a column for each run, or the history of one run.

Both leave cells empty where a run did not log and begin at step 0, so their unusable rows are dropped, with a warning.
"""

from ...errors import CurveError
from ...spelling import option
from .files import Table, listed


def is_chart(table: Table) -> bool:
    """A W&B chart export: one column a run, named 'run - metric', with __MIN and __MAX beside it."""
    return any(name.endswith("__MIN") for name in table) and any(name.endswith("__MAX") for name in table)


def from_chart(table: Table, x: str | None, y: str | None, group: str | None) -> tuple[Table, str, str, str | None]:
    """The export as a long table: x, y and a column 'run' (used as group where there are several runs)."""
    runs = [name for name in table if " - " in name and not name.endswith(("__MIN", "__MAX", " - _step"))]
    if y is not None:
        runs = [name for name in runs if y in (name, *name.rsplit(" - ", 1))]
    metrics = sorted({name.rsplit(" - ", 1)[1] for name in runs})
    if len(metrics) != 1:
        got = listed(metrics) or "none"
        raise CurveError(f"expected one metric in the W&B export, got {got}. Name it with {option('y')}.")
    first = next(iter(table))
    x = first if x is None else x
    if x not in table:
        raise CurveError(f"expected a column '{x}' in the W&B export, got {listed(table)}. Name one of these.")
    long: Table = {x: [], metrics[0]: [], "run": []}
    for name in runs:
        long[x] += list(table[x])
        long[metrics[0]] += list(table[name])
        long["run"] += [name.rsplit(" - ", 1)[0]] * len(table[name])
    return long, x, metrics[0], group or ("run" if len(runs) > 1 else None)


def is_history(table: Table) -> bool:
    """The history of one run, as the W&B client writes it: system columns beside the metrics."""
    return "_step" in table and ("_runtime" in table or "_timestamp" in table)
