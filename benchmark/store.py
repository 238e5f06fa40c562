"""Results on disk, resumable: nothing that stands under the same key is computed again.

    results/<method>/<suite>-<cut in %>.csv     rows of one method on one suite; the first line is the key, as JSON
    results/<suite>/<method>.csv                what takes no time to repeat: a table in one piece, first line alike
    *.part, results/<experiment>.jsonl          one JSON line a finished task, appended: {"task", "key", "facts"}

A row counts only under the key that made it (version of forescale, checksum of the weights, what else matters). A kill
at any moment loses at most the task in hand: a last line cut short is left out.
"""

import csv
import hashlib
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from .methods import is_network
from .scores import COLUMNS

RESULTS = Path(__file__).parent / "results"
Key = Mapping[str, Any]
WHOLE, REAL = ("n_context", "n_target"), {"rmsle": 4, "ll": 5, "ll_ln": 5, "seconds": 3, "seconds_batch": 3}
"""Columns of whole numbers, and of real ones with their significant digits: more than any table shows."""


@dataclass(frozen=True)
class Job:
    """One method on one suite at one cut; `weights` is a file of one's own behind that name."""

    method: str
    suite: str
    cut: float
    weights: str = ""

    @property
    def label(self) -> str:
        return f"{self.method} {self.suite} {100 * self.cut:.0f} %"

    @property
    def is_network(self) -> bool:
        return is_network(self.method, self.weights)

    def path(self, root: Path) -> Path:
        return root / self.method / f"{self.suite}-{100 * self.cut:.0f}.csv"


def digest(*files: Path) -> str:
    """Twelve hex digits of the text of files, for what depends on them."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


class Ledger:
    """Tasks that are done, one JSON line each, in the order in which they were done; the last word on a task counts."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def facts(self, key_of: Callable[[str], Key | None] = lambda task: None) -> dict[str, Any]:
        """Task -> its facts, where they stand under the key that `key_of` names for it; None stands for any key."""
        done = {line["task"]: line for line in self._lines()}
        return {task: line["facts"] for task, line in done.items() if key_of(task) in (None, line["key"])}

    def add(self, task: str, key: Key, facts: Any) -> None:
        """Keep one finished task."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            file.write(json.dumps({"task": task, "key": dict(key), "facts": facts}, separators=(",", ":")) + "\n")

    def tidy(self) -> None:
        """One line a task, without those that a later one replaced."""
        lines = {line["task"]: line for line in self._lines()}
        write(self.path, "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines.values()))

    def _lines(self) -> Iterator[dict[str, Any]]:
        if self.path.exists():
            for line in self.path.read_text().splitlines():
                try:
                    yield json.loads(line)
                except json.JSONDecodeError:
                    return


def write(path: Path, text: str) -> None:
    """Write a file in one move."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".tmp")
    scratch.write_text(text)
    os.replace(scratch, path)


def key_in(path: Path) -> dict[str, str]:
    """The key that made a stored CSV: its first line."""
    with path.open() as file:
        key: dict[str, str] = json.loads(file.readline()[2:])
    return key


def _body(path: Path, key: Key | None) -> str | None:
    """The CSV below the key; None where there is no file, or it was made under another key."""
    if not path.exists() or key not in (None, key_in(path)):
        return None
    return path.read_text().partition("\n")[2]


def read_rows(path: Path, key: Key | None = None) -> dict[str, dict[str, Any]]:
    """Curve -> row, complete or not; nothing where the file was made under another key."""
    stored = csv.DictReader(io.StringIO(_body(path, key) or ""))
    return {row["curve"]: _typed(row) for row in stored} | Ledger(path.with_suffix(".part")).facts(lambda _: key)


def append_row(path: Path, key: Key, row: Mapping[str, Any]) -> None:
    """Keep one finished curve."""
    Ledger(path.with_suffix(".part")).add(row["curve"], key, dict(row))


def finish(path: Path, key: Key, order: list[str]) -> None:
    """Write the CSV, curves in the order of the suite, and drop the `.part`."""
    rows, text = read_rows(path, key), io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(_short(rows[name]) for name in order if name in rows)
    write(path, _head(key) + text.getvalue())
    path.with_suffix(".part").unlink(missing_ok=True)


def kept(path: Path, key: Key, make: Callable[[], pd.DataFrame], *, redo: bool = False) -> pd.DataFrame:
    """The table that is stored under this key, or else made now and stored, numbers with four digits."""
    body = None if redo else _body(path, key)
    if body is None:
        body = make().to_csv(index=False, float_format="%.4g", lineterminator="\n")
        write(path, _head(key) + body)
    return pd.read_csv(io.StringIO(body))


def read_table(path: Path) -> pd.DataFrame | None:
    """What `kept` stored, under whatever key; None where there is nothing."""
    body = _body(path, None)
    return None if body is None else pd.read_csv(io.StringIO(body))


def _head(key: Key) -> str:
    return f"# {json.dumps(dict(key))}\n"


def _short(row: Mapping[str, Any]) -> dict[str, Any]:
    return {k: f"{v:.{REAL[k]}g}" if k in REAL else v for k, v in row.items()}


def _typed(row: Mapping[str, str]) -> dict[str, Any]:
    return {k: int(v) if k in WHOLE else float(v or "nan") if k in REAL else v for k, v in row.items()}
