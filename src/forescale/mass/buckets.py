"""A table of many curves in buckets on disk: each holds whole groups, wherever in the table their rows stood.

Rows are read in pieces and go to the bucket that the hash of their group names (crc32 of its text), so that memory is
bounded by a piece and by a bucket. A bucket file is a sequence of plain NumPy arrays; nothing is ever unpickled.
"""

import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ..curves.choosing import rows_where
from ..curves.columns import read_curves, read_each
from ..curves.measure import Better
from ..curves.readers.base import Column, Table
from ..curves.readers.frames import of_frame
from ..errors import CurveError, MissingExtraError
from ..numerics import Floats
from ..spelling import option

PIECE = 200_000
"""Rows that are read at once."""
IN_A_BUCKET = 40_000
"""Rows that a bucket should hold."""
_OTHERS = {".json", ".jsonl", ".ndjson", ".xlsx", ".xls", ".feather", ".arrow", ".npz", ".db", ".zip"}
"""Endings of tables that are not read in pieces."""


@dataclass(frozen=True)
class Roles:
    """Which columns are read, and what the first piece told of y: the same for every bucket.

    Attributes:
        shifted: x counts from 0 and is read as counting from 1.

    A cell that is no number stands as infinity, which no curve takes: its group says so.
    """

    x: str
    y: str
    group: str
    better: Better
    best: float | None
    chance: float | None
    shifted: bool = False


def scatter(source: Path, folder: Path, n_buckets: int, words: dict[str, Any]) -> tuple[Roles, int]:
    """Write the rows of a table into bucket files; what was read, and how many rows.

    Args:
        source: a Parquet or CSV file.
        folder: where `00000.bucket` and its kin go; it must be empty.
        words: keywords of `read_curves`; `group` among them.

    Raises:
        CurveError: the first piece has no such columns, or no group was named.
    """
    columns: Roles | None = None
    n_rows = 0
    for piece in pieces(source, words):
        table = of_frame(piece, f"'{source}'")
        if columns is None:
            columns = settle(table, words)
        kept = rows_where(table, words["where"]) if words.get("where") else np.ones(table.n, bool)
        x, y = (_numbers(table, name)[kept] for name in (columns.x, columns.y))
        x = x + 1 if columns.shifted else x
        names, codes = _labels(_column(table, columns.group))
        codes = codes[kept]
        place = np.array([zlib.crc32(name) % n_buckets for name in names])[codes]
        order = np.argsort(place, kind="stable")
        ends = np.searchsorted(place[order], np.arange(n_buckets + 1))
        for b in np.flatnonzero(np.diff(ends)):
            rows = order[ends[b] : ends[b + 1]]
            with (folder / f"{b:05d}.bucket").open("ab") as file:
                _write(file, x[rows], y[rows], codes[rows], names)
        n_rows += len(x)
    if columns is None:
        raise CurveError(f"expected rows below the header, got none ('{source}'). Check the export.")
    return columns, n_rows


def read_bucket(path: Path, columns: Roles) -> dict[str, Any]:
    """A bucket as a table for `forecast_frame`: group, x and y under their own names."""
    parts = list(_parts(path))
    return {
        columns.group: [name for names, _, _ in parts for name in names],
        columns.x: np.concatenate([x for _, x, _ in parts]),
        columns.y: np.concatenate([y for _, _, y in parts]),
    }


def settle(first_piece: Table, words: dict[str, Any]) -> Roles:
    """Columns and direction, from the first piece of the table.

    Raises:
        CurveError: see `read_curves`; also where no group is named.
    """
    group = words.get("group")
    if not isinstance(group, str):
        raise CurveError(f"expected the column that names the curves, got none. Name it with {option('group')}.")
    piece, lenient = [(None, first_piece)], {**words, "drop_bad": True}
    first = next(iter((read_each(piece, **lenient) or read_curves(piece, **lenient)).values()))  # the latter says why
    m, shifted = first.measure, any(c.code == "shifted_x" for c in first.caveats)
    return Roles(first.x_name, first.y_name, group, m.better, m.best, m.chance, shifted)


def pieces(source: Path, words: dict[str, Any]) -> Iterator[Any]:
    """The table in data frames of at most PIECE rows; only the columns that are named, where all are.

    Raises:
        CurveError: a file that cannot be read, of another kind, or without the columns.
    """
    named = [words.get(k) for k in ("group", "x", "y")]
    whole = words.get("where") or not all(isinstance(name, str) for name in named)
    wanted = None if whole else [str(name) for name in named]
    if source.suffix.lower() in (".parquet", ".pq"):
        yield from _parquet(source, wanted)
    else:
        yield from _csv(source, wanted)


def n_rows_about(source: Path) -> int:
    """Rows of a file: told by a Parquet file, guessed from the size of a CSV.

    Raises:
        CurveError: no such file.
    """
    if not source.is_file():
        raise CurveError(f"expected a Parquet or CSV file, got none at '{source}'. Check the path.")
    if source.suffix.lower() in _OTHERS:
        raise CurveError(f"expected a Parquet, CSV or TSV file, got '{source}'. Write it as one of these.")
    if source.suffix.lower() in (".parquet", ".pq"):
        return int(_parquet_file(source).metadata.num_rows)
    return source.stat().st_size // 30


def _parquet_file(source: Path) -> Any:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise MissingExtraError(
            f"expected the extra [parquet] to read '{source}', got no pyarrow. Run: pip install 'forescale[parquet]'."
        ) from None
    try:
        return ParquetFile(source, pre_buffer=False)  # which would hold all that was read
    except (OSError, ArrowException) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise CurveError(f"expected a Parquet table, got '{reason}' ('{source}'). Write it again.") from None


def _parquet(source: Path, wanted: list[str] | None) -> Iterator[Any]:
    file = _parquet_file(source)
    _refuse_missing(source, wanted, file.schema_arrow.names)
    for batch in file.iter_batches(PIECE, columns=wanted):
        yield batch.to_pandas()


def _csv(source: Path, wanted: list[str] | None) -> Iterator[Any]:
    import pandas as pd

    try:
        headers = {separator: list(pd.read_csv(source, sep=separator, nrows=0).columns) for separator in ",;\t|"}
        separator = max(headers, key=lambda s: len(headers[s]))
        _refuse_missing(source, wanted, headers[separator])
        with pd.read_csv(source, sep=separator, usecols=wanted, chunksize=PIECE, low_memory=False) as read:
            yield from read
    except (ValueError, OSError) as error:  # pandas' own errors are ValueErrors
        if isinstance(error, CurveError):
            raise
        reason = str(error).splitlines()[0].rstrip(".")
        raise CurveError(f"expected a CSV table, got '{reason}' ('{source}'). Check the export.") from None


def _refuse_missing(source: Path, wanted: list[str] | None, present: list[str]) -> None:
    for name in wanted or []:
        if name not in present:
            listed = ", ".join(f"'{p}'" for p in present)
            raise CurveError(f"expected a column '{name}' in '{source}', got {listed}. Name one of these columns.")


def _numbers(table: Table, name: str) -> Floats:
    """A column as float64: NaN where blank, infinity where a cell is no number."""
    column = _column(table, name)
    if not column.unread:
        return column.numbers
    values = column.numbers.copy()
    values[column.unread] = np.inf
    return values


def _column(table: Table, name: str) -> Column:
    if name not in table.columns:
        listed = ", ".join(f"'{p}'" for p in table.columns)
        raise CurveError(f"expected a column '{name}' in {table.origin}, got {listed}. Name one of these columns.")
    return table.columns[name]


def _labels(column: Column) -> tuple[list[bytes], NDArray[np.intp]]:
    """The distinct cells of a column as UTF-8 text, and the place of each row among them; all cells are of one type."""
    import pandas as pd

    cells = column.cells if isinstance(column.cells, np.ndarray) else np.array(column.cells, object)
    codes, distinct = pd.factorize(cells, use_na_sentinel=False)
    return [text.encode() for text in Column(distinct).texts()], codes


def _write(file: BinaryIO, x: Floats, y: Floats, codes: NDArray[np.intp], names: list[bytes]) -> None:
    present, local = np.unique(codes, return_inverse=True)
    texts = [names[i] for i in present]
    for array in (
        x,
        y,
        local.astype(np.int32),
        np.array([len(t) for t in texts]),
        np.frombuffer(b"".join(texts), "u1"),
    ):
        np.lib.format.write_array(file, array, allow_pickle=False)


def _parts(path: Path) -> Iterator[tuple[list[str], Floats, Floats]]:
    size = path.stat().st_size
    with path.open("rb") as file:
        while file.tell() < size:
            x, y, codes, lengths, text = (np.lib.format.read_array(file, allow_pickle=False) for _ in range(5))
            ends = np.cumsum(lengths)
            names = [bytes(text[end - n : end]).decode() for end, n in zip(ends, lengths, strict=True)]
            yield [names[i] for i in codes], x, y


def write_json(path: Path, value: dict[str, Any]) -> None:
    """In one move: whoever looks sees the old file or the new one."""
    aside = path.with_name(path.name + ".partial")
    aside.write_text(json.dumps(value, indent=1, sort_keys=True))
    os.replace(aside, path)
