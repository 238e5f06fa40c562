"""The one noun of trackers: a run with its metrics; and many of them as one table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ....numerics import Floats


@dataclass
class Run:
    """What one run logged.

    Attributes:
        name: as the tracker shows it, or the folder it lies in.
        metrics: name -> (steps, values), in the order in which they were logged.
        config: settings that were logged once.
        state: "finished", "running", ... where the store says so.
        truncated: the log ends in the middle of a record; what stands before it was read.
    """

    name: str
    metrics: dict[str, tuple[list[float], list[float]]] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    state: str = ""
    truncated: bool = False

    def add(self, metric: str, step: float, value: float) -> None:
        steps, values = self.metrics.setdefault(metric, ([], []))
        steps.append(step)
        values.append(value)

    def forget_from(self, step: float) -> None:
        """Drops what was logged at this step and later: the run began there again."""
        for name, (steps, values) in self.metrics.items():
            kept = [i for i, s in enumerate(steps) if s < step]
            self.metrics[name] = [steps[i] for i in kept], [values[i] for i in kept]


def distinct(runs: Iterable[Run]) -> list[Run]:
    """The runs that logged anything, with names that differ: the second 'a' is called 'a (2)'."""
    out: list[Run] = []
    seen: dict[str, int] = {}
    for run in runs:
        if any(steps for steps, _ in run.metrics.values()):
            seen[run.name] = seen.get(run.name, 0) + 1
            if seen[run.name] > 1:
                run.name = f"{run.name} ({seen[run.name]})"
            out.append(run)
    return out


def as_table(runs: Sequence[Run]) -> dict[str, Any]:
    """A long table: `run`, `step` and a column a metric, NaN where a run did not log it at that step.

    Readings of one metric at one step stay apart, each on a row of its own.
    """
    names = list(dict.fromkeys(name for run in runs for name in run.metrics))
    parts = [_rows(run) for run in runs]
    table: dict[str, Any] = {
        "run": [run.name for run, (steps, _) in zip(runs, parts, strict=True) for _ in range(len(steps))],
        "step": np.concatenate([steps for steps, _ in parts]) if parts else np.zeros(0),
    }
    for name in names:
        cells = [columns.get(name, np.full(len(steps), np.nan)) for steps, columns in parts]
        table[name] = np.concatenate(cells)
    return table


def _rows(run: Run) -> tuple[Floats, dict[str, Floats]]:
    """Steps of one run's rows, and its columns over them: the k-th reading at a step stands in the step's k-th row."""
    keys = [_numbered(np.asarray(steps, float)) for steps, _ in run.metrics.values()]
    rows, place = np.unique(np.concatenate(keys), axis=0, return_inverse=True)
    places = np.split(place.ravel(), np.cumsum([len(key) for key in keys])[:-1])
    columns = {}
    for (name, (_, values)), mine in zip(run.metrics.items(), places, strict=True):
        columns[name] = np.full(len(rows), np.nan)
        columns[name][mine] = values
    return rows[:, 0], columns


def _numbered(steps: Floats) -> Floats:
    """(step, how many readings at that step came before), (n, 2)."""
    order = np.argsort(steps, kind="stable")
    ranked = steps[order]
    first = np.searchsorted(ranked, ranked, side="left")
    before = np.empty(len(steps))
    before[order] = np.arange(len(steps)) - first
    return np.stack([steps, before], 1)
