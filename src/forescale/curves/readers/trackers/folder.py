"""A folder as trackers left it: which stores lie in it, and the runs in them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ....errors import CurveError
from . import comet, dvclive, journal, mlflow, sqlite, tensorboard, wandb
from .run import Run, distinct


@dataclass(frozen=True)
class Store:
    """One kind of store: what it is called, which files are its own, and who reads them."""

    what: str
    patterns: tuple[str, ...]
    read: Callable[[Path, list[Path]], list[Run]]


STORES = (
    Store(tensorboard.WHAT, (tensorboard.PATTERN,), tensorboard.read),
    Store(wandb.WHAT, (wandb.PATTERN,), wandb.read),
    Store(mlflow.WHAT, (mlflow.PATTERN,), mlflow.read),
    Store(dvclive.WHAT, (dvclive.PATTERN,), dvclive.read),
    Store(sqlite.WHAT, sqlite.PATTERNS, sqlite.read),
    Store(journal.WHAT, (journal.PATTERN,), journal.read),
    Store(comet.WHAT, (comet.PATTERN,), comet.read),
)
"""In the order in which a folder is searched. A new store is a file beside this one and a line here."""


def find_runs(source: Path) -> tuple[list[Run], list[str]]:
    """All runs below a folder (or in one file of a store), and what was found there, in words."""
    runs: list[Run] = []
    found: list[str] = []
    for store in STORES:
        files = _files(source, store.patterns)
        read = [run for run in store.read(source if source.is_dir() else source.parent, files) if run.metrics]
        if read:
            runs += read
            found.append(f"{store.what} ({len(read)} run{'s' * (len(read) > 1)})")
    return distinct(runs), found


def runs_in(source: Path) -> tuple[list[Run], list[str]]:
    """`find_runs`, where there must be some.

    Raises:
        CurveError: nothing that any store has written, naming what was looked for.
    """
    if not source.exists():
        raise CurveError(f"expected a folder, got no such path '{source}'. Check the path.")
    runs, found = find_runs(source)
    if not runs:
        looked = ", ".join(store.what for store in STORES)
        raise CurveError(f"expected runs in '{source}', got none. Looked for {looked}. Check the folder.")
    return runs, found


def _files(source: Path, patterns: tuple[str, ...]) -> list[Path]:
    if source.is_file():
        return [source] if any(source.match(pattern) for pattern in patterns) else []
    return [path for pattern in patterns for path in source.rglob(pattern) if path.is_file()]
