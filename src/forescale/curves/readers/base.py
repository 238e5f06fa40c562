"""What every reader shares: a Source to look at, Columns of cells, and the Table that comes out.

A reader says `can_read(source)` from a name and the first bytes, then gives `read(source)`. Another package brings one
by the entry-point group `forescale.readers`: an object with these two methods.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import Caveat, CurveError
from ...numerics import Floats
from ...spelling import nearest
from ..numbers import is_blank, parse_number, reads_as_number

_GROUPS = re.compile(r"[-+]?\d{1,3}(?:\.\d{3})+")
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_GAP = "\x00"
"""Stands between the cells of a packed column; no text table may hold it."""


class Column:
    """n cells as they stand, read as numbers or as text when asked; cells keep their rows, so that an error names one.

    Args:
        cells: numbers as an array (NaN is blank where `nan_is_blank`), or cells of any kind, None where empty.
        decimal_comma: the decimals of this file have commas: `1,234` is 1.234, and dots stand between thousands.
    """

    def __init__(self, cells: "Sequence[object] | NDArray[Any] | Packed", *, decimal_comma: bool = False):
        self.cells = cells
        self.decimal_comma = decimal_comma

    def __len__(self) -> int:
        return len(self.cells)

    @cached_property
    def numbers(self) -> Floats:
        """(n,) float64: NaN where a cell is blank, or no number."""
        return self._read[0]

    @cached_property
    def blank(self) -> NDArray[np.bool_]:
        """(n,): cells that hold nothing."""
        return self._read[1]

    @property
    def unread(self) -> list[int]:
        """Rows whose cell is neither blank nor a number."""
        return self._read[2]

    @cached_property
    def _read(self) -> tuple[Floats, NDArray[np.bool_], list[int]]:
        if isinstance(self.cells, np.ndarray):
            values = self.cells.astype(np.float64)
            return values, np.isnan(values), []
        parts = self.cells.chunks() if isinstance(self.cells, Packed) else iter([self.cells])
        comma = _decimal_comma(self.head(1000), self.decimal_comma)
        dots = self.decimal_comma and _dots_group(self.head(1000))
        read: list[Floats] = [np.zeros(0)]
        blanks: list[NDArray[np.bool_]] = [np.zeros(0, bool)]
        unread: list[int] = []
        start = 0
        for part in parts:
            value, blank, wrong = _numbers([str(c).replace(".", "") for c in part] if dots else part, comma)
            read.append(value)
            blanks.append(blank)
            unread += [start + i for i in wrong]
            start += len(part)
        return np.concatenate(read), np.concatenate(blanks), unread

    @cached_property
    def is_numeric(self) -> bool:
        """Whether most filled cells among the first hundred are numbers."""
        if isinstance(self.cells, np.ndarray):
            return True
        filled = [c for c in self.head(100) if not is_blank(c)]
        return 2 * sum(map(reads_as_number, filled)) > len(filled)

    @property
    def is_percent(self) -> bool:
        """Whether most filled cells among the first hundred carry a per cent sign."""
        filled = [c for c in self.head(100) if not is_blank(c)]
        return bool(filled) and 2 * sum(str(c).rstrip().endswith("%") for c in filled) > len(filled)

    def head(self, n: int) -> list[object]:
        """The first n cells."""
        return list(self.cells.head(n) if isinstance(self.cells, Packed) else self.cells[:n])

    def texts(self) -> list[str]:
        """Cells as text, one line each and trimmed, empty where blank: what names curves and what `where` compares."""
        if isinstance(self.cells, np.ndarray):
            return [_written(v) for v in self.cells.tolist()]
        parts = self.cells.chunks() if isinstance(self.cells, Packed) else iter([self.cells])
        return [" ".join(c.split()) if isinstance(c, str) else _written(c) for part in parts for c in part]

    def cell(self, row: int) -> object:
        """One cell as it stands."""
        return self.cells[row]


class Packed:
    """Text cells of a long column in a few strings: ten bytes a cell where a list of them takes sixty."""

    def __init__(self) -> None:
        self._chunks: list[str] = []
        self._sizes: list[int] = []

    def append(self, cells: Sequence[str]) -> None:
        self._chunks.append(_GAP.join(cells))
        self._sizes.append(len(cells))

    def chunks(self) -> Iterator[Any]:
        return (chunk.split(_GAP) for chunk in self._chunks)

    def head(self, n: int) -> list[str]:
        """The first n cells, or those of the first chunk."""
        return list(next(self.chunks(), [])[:n])

    def __len__(self) -> int:
        return sum(self._sizes)

    def __getitem__(self, row: int) -> str:
        for chunk, size in zip(self._chunks, self._sizes, strict=True):
            if row < size:
                return chunk.split(_GAP)[row]
            row -= size
        raise IndexError(row)


@dataclass(frozen=True)
class Table:
    """Columns of equal length, and what their format says of them.

    Attributes:
        columns: name -> Column.
        origin: how errors call the source, such as "'runs.csv'".
        x, y, group: the columns that the format itself gives these roles; None where that is the user's to say.
        y_name: what the measure is called where the column's name does not say it (a TensorBoard `Value`).
        lenient: rows without a usable x and y belong to the format and are left out, with a note.
        notes: what happened on the way in.
        one_point: a file of this format is one point of a curve, so that several files make it.
    """

    columns: dict[str, Column]
    origin: str
    x: str | None = None
    y: str | None = None
    group: str | None = None
    y_name: str | None = None
    lenient: bool = False
    notes: tuple[Caveat, ...] = ()
    one_point: bool = False

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def named(self, name: str) -> str:
        """The column that a user calls `name`: exactly, or but for case and spaces where one is so.

        Raises:
            CurveError: none is, or several are.
        """
        if name in self.columns:
            return name
        alike = [c for c in self.columns if "".join(c.split()).casefold() == "".join(name.split()).casefold()]
        if len(alike) == 1:
            return alike[0]
        lower = {c.lower(): c for c in self.columns}
        right = nearest(name, lower)
        cure = "Name one of these columns." if right is None else f"Did you mean '{lower[right]}'?"
        raise CurveError(f"expected a column '{name}' in {self.origin}, got {listed(self.columns)}. {cure}")

    @classmethod
    def joined(cls, tables: Mapping[str, "Table"], origin: str) -> "Table":
        """Several tables below one another, with a column `file` of their names; what one lacks is blank."""
        first = next(iter(tables.values()))
        names = list(dict.fromkeys(name for table in tables.values() for name in table.columns))
        cells: dict[str, list[object]] = {"file": [name for name, table in tables.items() for _ in range(table.n)]}
        for name in names:
            parts = (t.columns[name].head(t.n) if name in t.columns else [None] * t.n for t in tables.values())
            cells[name] = [cell for part in parts for cell in part]
        return replace(first, columns={name: Column(c) for name, c in cells.items()}, origin=origin)

    @classmethod
    def of_records(cls, records: Sequence[Mapping[str, object]], origin: str, **facts: Any) -> "Table":
        """A table from a list of records; what a record lacks is blank."""
        names = list(dict.fromkeys(name for record in records for name in record))
        return cls({name: Column([record.get(name) for record in records]) for name in names}, origin, **facts)


@dataclass(frozen=True)
class Source:
    """Where a table comes from: a path, bytes (standard input), or an object in memory.

    Attributes:
        given: what the user passed.
        path: the file or folder; None for bytes and objects.
        origin: how errors call it.
        blob: all bytes, unpacked where the file was compressed; empty for folders and objects.
        suffix: ending of the name in lower case, without that of the compression: ".csv".
    """

    given: Any
    origin: str
    path: Path | None = None
    blob: bytes = b""
    suffix: str = ""

    @property
    def head(self) -> bytes:
        """The first bytes, for a look."""
        return self.blob[:4096]

    @cached_property
    def text(self) -> str | None:
        """The bytes as text without colours of a terminal, or None where they are none."""
        from .decoding import decode

        text = decode(self.blob)
        return _ANSI.sub("", text) if text is not None and "\x1b" in text else text

    @cached_property
    def lines(self) -> list[str]:
        """The first forty lines that are not empty, for a look; none of what is no text."""
        found = [line for line in (self.text or "")[:40_000].splitlines() if line.strip()]
        return found[:40]


class Reader(ABC):
    """One format."""

    name: str
    """What it is called in docs and notes."""

    @abstractmethod
    def can_read(self, source: Source) -> bool:
        """Whether the source is of this format, from its name and its first bytes; never raises."""

    @abstractmethod
    def read(self, source: Source) -> Table:
        """The table.

        Raises:
            CurveError: the source is of this format, but cannot be read.
        """


def distinct(names: Sequence[str], origin: str) -> list[str]:
    """The column names, refused where one comes twice."""
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
    repeated = sorted(name for name, n in seen.items() if n > 1)
    if repeated:
        raise CurveError(f"expected distinct column names, got {listed(repeated)} repeated ({origin}). Rename one.")
    return list(names)


def listed(names: Iterable[str], limit: int = 20) -> str:
    """Names for an error message: 'tokens', 'loss'; the rest counted beyond the limit."""
    names = list(names)
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(f"'{name}'" for name in names[:limit]) + more


def _numbers(cells: Sequence[Any], decimal_comma: bool) -> tuple[Floats, NDArray[np.bool_], list[int]]:
    n = len(cells)
    try:
        if not decimal_comma and set(map(type, cells)) == {str}:
            return np.array([float(c) if c else np.nan for c in cells]), np.array([not c for c in cells], bool), []
    except (TypeError, ValueError):
        pass  # not all of them are plain: one by one
    values, blank, wrong = np.full(n, np.nan), np.zeros(n, bool), []
    for i, cell in enumerate(cells):
        if is_blank(cell):
            blank[i] = True
            continue
        try:
            values[i] = parse_number(cell, decimal_comma=decimal_comma)
        except (TypeError, ValueError):
            wrong.append(i)
    return values, blank, wrong


def _decimal_comma(cells: Iterable[object], default: bool) -> bool:
    """Whether a comma in this column is a decimal one: what its clearest cell says, or what the file says."""
    texts = [c for c in cells if isinstance(c, str) and "," in c]
    if any(c.count(",") > 1 or c.rfind(".") > c.rfind(",") for c in texts):
        return False
    return default or any(len(c.rsplit(",", 1)[1].strip(" %")) != 3 for c in texts)


def _dots_group(cells: Iterable[object]) -> bool:
    """Whether the dots of a column stand between thousands, in a file whose decimals have commas: 100.000 is 1e5."""
    dotted = [c.strip() for c in cells if isinstance(c, str) and "." in c and "," not in c]
    return bool(dotted) and all(_GROUPS.fullmatch(c) for c in dotted)


def _written(value: object) -> str:
    if value is None or value != value or str(value) in ("<NA>", "NaT"):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return " ".join(str(value).split())
