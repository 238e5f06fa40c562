"""Results on disk: one CSV for each method x suite x cut, and beside it what an interrupted run had reached.

    results/<method>/<suite>-<cut in %>.csv     complete rows; the first line says what made them, as JSON
    results/<method>/<suite>-<cut in %>.part    one JSON row a line, appended as curves finish
    results/<what>/<method>.csv                 what takes no time to repeat: a table in one piece, first line alike

A row counts only under the key that made it (version of forescale, checksum of the weights). The first two kinds of
file are written so that a kill at any moment loses at most the curve in hand.
"""

import csv
import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

import forescale as fs

from .scores import COLUMNS

NETWORKS = {"pfn": "base", "nsl-pfn": "paper"}
"""Method -> released weights; these answer many curves in one call."""
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Job:
    """One method on one suite at one cut; `weights` is a file of one's own behind that name."""

    method: str
    suite: str
    cut: float
    weights: str | None = None

    @property
    def label(self) -> str:
        return f"{self.method} {self.suite} {100 * self.cut:.0f} %"

    @property
    def is_network(self) -> bool:
        return self.weights is not None or self.method in NETWORKS

    def path(self, root: Path) -> Path:
        return root / self.method / f"{self.suite}-{100 * self.cut:.0f}.csv"


def key_of(method: str, weights: str | None = None) -> dict[str, str]:
    """What has to agree for a stored row to stand: the method, the version and, for a network, its weights.

    Raises:
        CheckpointError: the weights cannot be read.
    """
    key = {"method": method, "forescale": fs.__version__}
    if weights or method in NETWORKS:
        key["weights"] = fs.Forecaster.load(weights or NETWORKS[method]).weights.sha256[:16]
    return key


def digest(*files: Path) -> str:
    """Twelve hex digits of the text of files, for what depends on them."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def key_in(path: Path) -> dict[str, str]:
    """The key that made a stored CSV: its first line."""
    with path.open() as file:
        key: dict[str, str] = json.loads(file.readline()[2:])
    return key


def _head(key: Mapping[str, str]) -> str:
    return f"# {json.dumps(dict(key))}\n"


def _body(path: Path, key: Mapping[str, str] | None) -> str | None:
    """The CSV below the key; None where there is no file, or it was made under another key."""
    if not path.exists() or key not in (None, key_in(path)):
        return None
    return path.read_text().partition("\n")[2]


def read_rows(path: Path, key: Mapping[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """Curve -> row, complete or not; nothing where the file was made under another key."""
    body = _body(path, key) or ""
    rows: dict[str, dict[str, Any]] = {row["curve"]: _typed(row) for row in csv.DictReader(io.StringIO(body))}
    for line in _lines(path.with_suffix(".part")):
        if key is None or line["key"] == key:
            rows[line["row"]["curve"]] = line["row"]
    return rows


def append_row(path: Path, key: Mapping[str, str], row: Mapping[str, Any]) -> None:
    """Keep one finished curve."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".part").open("a") as file:
        file.write(json.dumps({"key": dict(key), "row": dict(row)}) + "\n")


def finish(path: Path, key: Mapping[str, str], order: list[str]) -> None:
    """Write the CSV in one move, curves in the order of the suite, and drop the `.part`."""
    rows = read_rows(path, key)
    text = io.StringIO()
    text.write(_head(key))
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(_short(rows[name]) for name in order if name in rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".tmp")
    scratch.write_text(text.getvalue())
    os.replace(scratch, path)
    path.with_suffix(".part").unlink(missing_ok=True)


def write_table(path: Path, key: Mapping[str, str], rows: pd.DataFrame) -> None:
    """Keep a whole table under its key, numbers with four digits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_head(key) + rows.to_csv(index=False, float_format="%.4g", lineterminator="\n"))


def read_table(path: Path, key: Mapping[str, str] | None = None) -> pd.DataFrame | None:
    """What `write_table` wrote; None where there is nothing, or it was made under another key."""
    body = _body(path, key)
    return None if body is None else pd.read_csv(io.StringIO(body))


DIGITS = {"rmsle": 4, "ll": 5, "ll_ln": 5, "seconds": 3, "seconds_batch": 3}
"""Significant digits: more than any table shows."""


def _short(row: Mapping[str, Any]) -> dict[str, Any]:
    return {k: f"{v:.{DIGITS[k]}g}" if k in DIGITS else v for k, v in row.items()}


def _typed(row: Mapping[str, str]) -> dict[str, Any]:
    whole, real = ("n_context", "n_target"), ("rmsle", "ll", "ll_ln", "seconds", "seconds_batch")
    return {k: int(v) if k in whole else float(v or "nan") if k in real else v for k, v in row.items()}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a `.part`; a last line cut short by a kill is left out."""
    if path.exists():
        for line in path.read_text().splitlines():
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                return
