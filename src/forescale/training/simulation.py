"""The student grid as one tidy CSV that a later call resumes: a row for each (teacher, n, T).

The first line holds the grid as JSON after a '#', so that a table explains itself and another grid is refused.
"""

from __future__ import annotations

import csv
import json
import os
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import CurveError
from .students import Grid, train_students

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("teacher", "n", "T", "p", "C", "kl", "check_kl", "best_step", "trivial_kl")


def simulate(
    path: str | Path, grid: Grid | None = None, *, threads: int = 1, progress: bool = False
) -> tuple[Grid, pd.DataFrame]:
    """Train what is missing of a grid and return all of its rows. Measured; seeded, the same on the same machine.

    Args:
        path: CSV file; made where it is absent, completed where it is not. Each finished T is on disk.
        grid: what to simulate; None is the grid the file holds, or the default one for a new file.
        threads: of torch; one is often fastest, the matrices are small.
        progress: draw a bar on standard error.

    Returns:
        the grid, and a frame with the columns of COLUMNS: kl in nats, C = n·d·T.

    Raises:
        CurveError: the file holds another grid, or is no such table.
    """
    path = Path(path)
    found = read_grid(path) if path.exists() else None
    if grid is not None and found is not None and grid != found:
        raise CurveError(
            f"expected the grid stored in '{path}', got another one ({_difference(found, grid)}). Choose a new file."
        )
    grid = grid or found or Grid()
    done = set(read_table(path)["T"]) if found is not None else set()
    todo = sorted(set(grid.samples) - done, key=lambda t: -t)
    if todo:
        _set_threads(threads)
        if found is None:
            path.write_text(f"# {json.dumps(asdict(grid))}\n{','.join(COLUMNS)}\n")
        with _bar(grid, todo, progress) as bar:
            for n_samples in todo:
                rows = train_students(grid, n_samples, bar)
                _append(path, rows)
    return grid, read_table(path)


def read_grid(path: str | Path) -> Grid:
    """The grid of a stored table.

    Raises:
        CurveError: no such table.
    """
    try:
        with open(path) as lines:
            stored = json.loads(next(lines).removeprefix("#"))
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in stored.items()}
        return Grid(**values)
    except (OSError, StopIteration, ValueError, TypeError) as error:
        raise CurveError(
            f"expected a table of `forescale theory simulate`, got '{path}' ({type(error).__name__}). "
            "Its first line holds the grid."
        ) from None


def read_table(path: str | Path) -> pd.DataFrame:
    """All rows of a stored table, sorted; a last line torn by a kill, and its T, are left out."""
    import pandas as pd

    grid = read_grid(path)
    table = pd.read_csv(path, comment="#", on_bad_lines="skip").dropna()
    whole = table.groupby("T")["kl"].transform("size") == grid.n_teachers * len(grid.widths)
    table = table[whole].astype(dict.fromkeys(("teacher", "n", "T", "p", "C", "best_step"), int))
    return table.sort_values(["T", "n", "teacher"], ignore_index=True)


def _append(path: Path, rows: list[dict[str, Any]]) -> None:
    """Rewrite whole blocks and the new one beside them, then rename: a kill leaves the old file or the new one."""
    kept = read_table(path)
    temporary = path.with_suffix(path.suffix + ".part")
    with open(path) as lines:
        head = next(lines)
    with open(temporary, "w", newline="") as out:
        out.write(head)
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        records: list[dict[Any, Any]] = [*kept.to_dict("records"), *rows]
        for row in records:
            writer.writerow({k: f"{row[k]:.6g}" if isinstance(row[k], float) else row[k] for k in COLUMNS})
    os.replace(temporary, path)


def _difference(there: Grid, here: Grid) -> str:
    old, new = asdict(there), asdict(here)
    return ", ".join(f"{key}: {old[key]} there, {new[key]} here" for key in old if old[key] != new[key])


def _set_threads(threads: int) -> None:
    try:
        import torch
    except ImportError:
        from ..errors import MissingExtraError

        raise MissingExtraError(
            "expected the extra [train], got no torch. Run: pip install 'forescale[train]'."
        ) from None
    torch.set_num_threads(threads)


class _Bar:
    """Progress over all steps of all T, weighed by their batch."""

    def __init__(self, grid: Grid, todo: list[int]) -> None:
        from rich.console import Console
        from rich.progress import Progress

        self._grid = grid
        self._total = sum(self._cost(t) * grid.steps_for(t) for t in todo)
        self._progress = Progress(console=Console(stderr=True))
        self._task = self._progress.add_task("students", total=self._total)
        self._todo, self._done = list(todo), 0.0

    def _cost(self, n_samples: int) -> float:
        return 0.3 + self._grid.batch_for(n_samples) / 1024

    def __call__(self, step: int, n_steps: int) -> None:
        cost = self._cost(self._todo[0])
        self._progress.update(self._task, completed=self._done + cost * step, description=f"T = {self._todo[0]}")
        if step == n_steps:
            self._done += cost * n_steps
            self._todo.pop(0)

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


def _bar(grid: Grid, todo: list[int], show: bool) -> Any:
    return _Bar(grid, todo) if show else nullcontext()
