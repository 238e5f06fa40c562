"""Trackers that keep a SQLite file: MLflow, Trackio and Optuna, told apart by their tables. Opened read-only."""

import contextlib
import json
import math
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

from .run import Run

PATTERNS = ("*.db", "*.sqlite", "*.sqlite3")
WHAT = "SQLite stores of MLflow, Trackio and Optuna"
_INF = sys.float_info.max
"""What MLflow stores for infinity."""


def read(folder: Path, files: list[Path]) -> list[Run]:
    """The runs of every store among the files that is one of the three."""
    return [run for path in sorted(files) for run in _read_file(path)]


def kind_of(path: Path) -> str | None:
    """'mlflow', 'trackio', 'optuna', or None for any other file."""
    with path.open("rb") as stream:
        if stream.read(15) != b"SQLite format 3":
            return None
    with _opened(path) as store:
        tables = {name for (name,) in store.execute("select name from sqlite_master where type = 'table'")}
    for kind, needed in (
        ("mlflow", {"runs", "metrics", "experiments"}),
        ("optuna", {"trials", "trial_values", "studies"}),
        ("trackio", {"metrics", "configs"}),
    ):
        if needed <= tables:
            return kind
    return None


def _read_file(path: Path) -> list[Run]:
    """What can be read of a store; where its bytes are damaged, what stands before that."""
    runs: list[Run] = []
    try:
        kind = kind_of(path)
        if kind is not None:
            with _opened(path) as store:
                {"mlflow": _mlflow, "trackio": _trackio, "optuna": _optuna}[kind](store, runs)
    except (sqlite3.DatabaseError, ValueError, TypeError, LookupError, AttributeError):
        for run in runs[-1:]:
            run.truncated = True
    return runs


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Read-only, so that a live store is neither locked nor changed; a folder we may not write to is read as it is."""
    address = path.resolve().as_uri()
    store = sqlite3.connect(f"{address}?mode=ro", uri=True, timeout=2.0)
    store.text_factory = _text
    try:
        store.execute("select 1 from sqlite_master limit 1")
    except sqlite3.OperationalError:
        store.close()
        store = sqlite3.connect(f"{address}?mode=ro&immutable=1", uri=True)
        store.text_factory = _text
    try:
        yield store
    finally:
        store.close()


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _mlflow(store: sqlite3.Connection, runs: list[Run]) -> None:
    """Deleted runs are left out; NaN and infinite readings come back as such."""
    query = "select run_uuid, name, status from runs where lifecycle_stage = 'active' order by start_time"
    for uuid, name, status in store.execute(query).fetchall():
        run = Run(name or uuid, state=(status or "").lower())
        runs.append(run)
        readings = store.execute(
            "select key, step, value, is_nan from metrics where run_uuid = ? order by step, timestamp", (uuid,)
        )
        for key, step, value, is_nan in readings:
            run.add(key, step, math.nan if is_nan else math.copysign(math.inf, value) if abs(value) >= _INF else value)
        run.config = dict(store.execute("select key, value from params where run_uuid = ?", (uuid,)).fetchall())


def _trackio(store: sqlite3.Connection, runs: list[Run]) -> None:
    columns = {row[1] for row in store.execute("pragma table_info(metrics)")}
    key = "run_id" if "run_id" in columns else "run_name"
    run_of: dict[str, Run] = {}
    for identity, name, step, blob in store.execute(f"select {key}, run_name, step, metrics from metrics order by id"):
        if identity not in run_of:
            run_of[identity] = Run(name)
            runs.append(run_of[identity])
        run = run_of[identity]
        for metric, value in json.loads(blob).items():
            if isinstance(value, int | float) and not isinstance(value, bool) and step is not None:
                run.add(metric, step, float(value))


def _optuna(store: sqlite3.Connection, runs: list[Run]) -> None:
    """A trial is a run: its reported values over steps, or its final value where it reported none."""
    names = dict(store.execute("select study_id, study_name from studies").fetchall())
    trials = store.execute("select trial_id, number, study_id, state from trials order by trial_id").fetchall()
    for identity, number, study, state in trials:
        prefix = f"{names[study]}/" if len(names) > 1 else ""
        run = Run(f"{prefix}trial {number}", state=state.lower())
        runs.append(run)
        for step, value in store.execute(
            "select step, intermediate_value from trial_intermediate_values where trial_id = ? order by step",
            (identity,),
        ):
            if value is not None:
                run.add("value", step, value)
        parameters = store.execute("select param_name, param_value from trial_params where trial_id = ?", (identity,))
        run.config = dict(parameters.fetchall())
