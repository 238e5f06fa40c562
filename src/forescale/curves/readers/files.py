"""Sources of tables: CSV, TSV, JSON lines, Parquet, standard input and data frames, each as a dict of columns.

A column is a list of cells as they stand (text, or None where empty) or a numeric array; nobody reads them as numbers
here. Cells keep their rows, so that an error can name one.
"""

import csv
import io
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ...errors import CurveError, MissingExtraError
from ..curve import parse_number
from . import frames

Table = dict[str, Any]


def load(source: Any) -> tuple[Table, str]:
    """The columns of a source and how to call it in errors."""
    if not isinstance(source, str | Path):
        return frames.load(source), "the table" if isinstance(source, Mapping) else "the data frame"
    path, origin = Path(source), f"'{source}'"
    if path.suffix.lower() in {".parquet", ".pq"}:
        return _read_parquet(path, origin), origin
    try:
        if str(source) == "-":
            origin = "standard input"
            return _parse(sys.stdin.buffer.read(), "", origin), origin
        return _parse(path.read_bytes(), path.suffix.lower(), origin), origin
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CurveError(f"expected a readable file, got '{reason}' for {origin}. Check the path.") from None


def _parse(blob: bytes, suffix: str, origin: str) -> Table:
    try:
        text = blob.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\x00"
    if "\x00" in text:
        raise CurveError(
            f"expected a text table (CSV, TSV, JSON lines) or Parquet, got binary data in {origin}. Export it as CSV."
        )
    if not text.strip():
        raise CurveError(f"expected a table with a header, got an empty file ({origin}). Check the export.")
    if suffix in {".jsonl", ".ndjson", ".json"} or text.lstrip()[0] in "{[":
        return _parse_json(text, origin)
    return _parse_csv(text, "\t" if suffix == ".tsv" else None, origin)


def _parse_csv(text: str, delimiter: str | None, origin: str) -> Table:
    header = text.lstrip().splitlines()[0]
    if delimiter is None:
        delimiter = max(",\t;", key=header.count)
    try:
        lines = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter, skipinitialspace=True)
        names, *rows = [row for row in lines if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise CurveError(f"expected a CSV table, got one that does not parse: {error} ({origin}).") from None
    names = _distinct([cell.strip() for cell in names], origin)
    if len(names) == 1:
        raise CurveError(
            f"expected at least 2 columns, got only '{names[0]}' ({origin}). Separate columns with commas or tabs."
        )
    if all(map(reads_as_number, names)):
        raise CurveError(
            f"expected a header line with column names, got the numbers {listed(names)} ({origin}). Add a header."
        )
    for i, row in enumerate(rows):
        if len(row) != len(names):
            raise CurveError(
                f"expected {len(names)} cells in a row, got {len(row)} ({origin}, row {i + 1}). Check the delimiter."
            )
    if not rows:
        raise CurveError(f"expected rows below the header, got none ({origin}). Check the export.")
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def _distinct(names: list[str], origin: str) -> list[str]:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise CurveError(f"expected distinct column names, got {listed(repeated)} repeated ({origin}). Rename one.")
    return names


def _parse_json(text: str, origin: str) -> Table:
    try:
        rows = json.loads(text) if text.lstrip()[0] == "[" else [json.loads(s) for s in text.splitlines() if s.strip()]
        if not rows:
            raise CurveError(f"expected rows, got an empty list ({origin}). Check the export.")
        names = list(dict.fromkeys(key for row in rows for key in row))
        return {name: [row.get(name) for row in rows] for name in names}
    except (json.JSONDecodeError, TypeError, AttributeError):
        raise CurveError(f"expected one JSON object a line, got something else ({origin}). Check the export.") from None


def _read_parquet(path: Path, origin: str) -> Table:
    try:
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError(
            f"expected the extra [parquet] to read {origin}, got no pyarrow. Run: pip install 'forescale[parquet]'."
        ) from None
    try:
        return frames.load(pyarrow.parquet.read_table(path))
    except FileNotFoundError:
        raise CurveError(f"expected a readable file, got no such file {origin}. Check the path.") from None
    except (OSError, pyarrow.ArrowException) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise CurveError(f"expected a Parquet table, got '{reason}' ({origin}). Write it again.") from None


def reads_as_number(cell: object) -> bool:
    """Whether a cell is a number as people write it."""
    try:
        parse_number(cell)
    except ValueError:
        return False
    return True


def listed(names: Iterable[str]) -> str:
    """Names for an error message: 'tokens', 'loss'."""
    return ", ".join(f"'{name}'" for name in names)
