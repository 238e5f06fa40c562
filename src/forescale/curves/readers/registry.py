"""The one list of readers, and the way from whatever a user holds to tables. Adding a reader is a file and a line."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import Caveat, CurveError, ForescaleError
from . import decoding
from .arrays import Arrays
from .arrow import Arrow
from .base import Reader, Source, Table
from .delimited import Delimited
from .excel import Excel
from .frames import Frame
from .latex import Latex
from .lm_eval import LmEval
from .logs import Log
from .markdown import Markdown
from .mlflow_metric import MlflowMetric
from .records import Json
from .tracker import Tracker

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

BINARY: tuple[Reader, ...] = (Frame(), Tracker(), Arrow(), Excel(), Arrays())
TEXT: tuple[Reader, ...] = (LmEval(), Json(), MlflowMetric(), Markdown(), Latex(), Log(), Delimited())
"""Asked in this order; the first that can read does. Readers of other packages (entry-point group `forescale.readers`)
are asked between the two, of files whose ending is not known here."""
GROUP = "forescale.readers"
KNOWN = {".csv", ".tsv", ".txt", ".dat", ".json", ".jsonl", ".ndjson", ".md", ".tex", ".log", ".out", ".parquet", ".pq",
         ".feather", ".arrow", ".xlsx", ".npz"}  # fmt: skip
"""Endings that say what a file is; in a folder only such files are read."""
MOST_FILES = 2000
"""Tables that a folder may hold unasked."""


def load(source: Any) -> list[tuple[str | None, Table]]:
    """The tables of a source: one, or one a file with the name that tells it from the others.

    Args:
        source: a path, several, a folder, a pattern such as `runs/*.csv`, "-" for standard input, or a table in memory.

    Raises:
        CurveError: nothing that can be read.
    """
    if isinstance(source, list | tuple) and source and all(isinstance(s, str | os.PathLike) for s in source):
        return _several([Path(s) for s in source]) if len(source) > 1 else load(source[0])
    if isinstance(source, list) and source and all(isinstance(s, tuple) and isinstance(s[-1], Table) for s in source):
        return source  # read before
    if not isinstance(source, str | os.PathLike):
        return [(None, read_one(Source(source, "the data frame")))]
    if str(source) == "-":
        return [(None, read_one(_standard_input()))]
    path = Path(source)
    if str(source).startswith(("http://", "https://", "s3://", "gs://")):
        raise CurveError(f"expected a file on this machine, got the address '{source}'. Download it first.")
    if any(c in str(source) for c in "*?[") and not _exists(path):
        found = sorted(_glob(path))
        if not found:
            raise CurveError(f"expected files that match '{source}', got none. Check the pattern.")
        return _several(found) if len(found) > 1 else load(found[0])
    if path.is_dir():
        return _folder(path)
    return [(None, read_one(_file(path)))]


def readers() -> Iterator[Reader]:
    """All readers, those of other packages included."""
    yield from BINARY
    yield from _others()
    yield from TEXT


def read_one(source: Source) -> Table:
    """The table of one source, by the first reader that can read it.

    Raises:
        CurveError: none can; what the file is instead is said where it is known.
    """
    for reader in BINARY:
        if reader.can_read(source):
            return reader.read(source)
    if source.suffix not in KNOWN:
        for reader in _others():
            if reader.can_read(source):
                return reader.read(source)
    if not source.blob.strip():
        raise CurveError(f"expected a table with a header, got an empty file ({source.origin}). Check the export.")
    what = decoding.name_of(source.head)
    if what is not None:
        raise CurveError(f"expected a table, got {what[0]} ({source.origin}). {what[1]}.")
    if source.text is None:
        raise CurveError(
            f"expected a text table (CSV, TSV, JSON lines) or Parquet, got binary data in {source.origin}. "
            "Export it as CSV."
        )
    if not source.text.strip():
        raise CurveError(f"expected a table with a header, got an empty file ({source.origin}). Check the export.")
    return next(reader for reader in TEXT if reader.can_read(source)).read(source)


def _others() -> Iterator[Reader]:
    for entry in entry_points(GROUP):
        found = entry.load()
        yield found() if isinstance(found, type) else found


def entry_points(group: str) -> "Iterable[EntryPoint]":
    """The entry points of a group; asked only of what no reader here is sure of, as the look takes its time."""
    from importlib import metadata

    return metadata.entry_points(group=group)


def _standard_input() -> Source:
    origin = "standard input"
    if sys.stdin is None or sys.stdin.closed:
        raise CurveError(f"expected a table on {origin}, got none: it is closed. Pipe one in, or name a file.")
    try:
        blob, suffix = decoding.unpacked(sys.stdin.buffer.read(), Path(""), origin)
    except OSError as error:
        raise CurveError(f"expected a table on {origin}, got '{error.strerror or error}'. Pipe one in.") from None
    return Source("-", origin, None, blob, suffix) if blob else Source("-", origin, Path("-"), blob, suffix)


def _file(path: Path) -> Source:
    origin = f"'{path}'"
    try:
        blob, suffix = decoding.unpacked(path.read_bytes(), path, origin)
    except (OSError, ValueError) as error:
        if isinstance(error, ForescaleError):
            raise
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise CurveError(f"expected a readable file, got '{reason}' for {origin}. Check the path.") from None
    return Source(path, origin, path, blob, suffix)


def _folder(path: Path) -> list[tuple[str | None, Table]]:
    """A tracker's folder as one table; any other as the tables of its files."""
    whole = Source(path, f"'{path}'", path)
    files = [p for p in sorted(path.rglob("*")) if p.is_file() and not any(s.startswith(".") for s in p.parts)]
    known = [p for p in files if _ending(p) in KNOWN]
    if Tracker().can_read(whole):
        try:
            return [(None, Tracker().read(whole))]
        except CurveError:
            if not known:
                raise
    for reader in _others():
        if reader.can_read(whole):
            return [(None, reader.read(whole))]
    if not known:
        raise CurveError(f"expected a folder with tables, got '{path}' with none of {', '.join(sorted(KNOWN))}.")
    if len(known) > MOST_FILES:
        raise CurveError(
            f"expected at most {MOST_FILES} tables in a folder, got {len(known)} files in '{path}'. "
            "Name the ones you mean with a pattern, such as 'runs/*/metrics.csv'."
        )
    return _several(known, skip=True)


def _several(paths: Sequence[Path], skip: bool = False) -> list[tuple[str | None, Table]]:
    """A table a file; with `skip`, files without a table (a folder's README) are left out with a note."""
    found: list[tuple[Path, list[tuple[str | None, Table]]]] = []
    failed: list[tuple[Path, ForescaleError]] = []
    for path in paths:
        try:
            found.append((path, load(path)))
        except ForescaleError as error:
            if not skip:
                raise
            failed.append((path, error))
    if not found:
        raise failed[0][1]
    names = differing([path for path, _ in found]) if len(found) > 1 else [None]
    tables = [
        ("/".join(part for part in (name, inside) if part is not None) or None, table)
        for name, (_, inner) in zip(names, found, strict=True)
        for inside, table in inner
    ]
    if len(tables) > 1 and all(table.one_point for _, table in tables):
        tables = [(None, Table.joined({str(name): table for name, table in tables}, f"{len(tables)} files"))]
    if failed:
        text = f"left out {', '.join(repr(p.name) for p, _ in failed[:5])}, which hold no table: {failed[0][1]}"
        label, first = tables[0]
        tables[0] = (label, replace(first, notes=(*first.notes, Caveat("skipped_files", text))))
    return tables


def differing(paths: Iterable[Path]) -> list[str]:
    """What tells each path from the others: without the folders and endings that all of them share."""
    paths = list(paths)
    parts = [[*p.parts[:-1], p.name.removesuffix(_endings(p)) or p.name] for p in paths]
    plain = [[*p.parts[:-1], p.name] for p in paths] if len({tuple(p) for p in parts}) < len(parts) else parts
    while min(map(len, plain)) > 1 and len({p[0] for p in plain}) == 1:
        plain = [p[1:] for p in plain]
    while min(map(len, plain)) > 1 and len({p[-1] for p in plain}) == 1:
        plain = [p[:-1] for p in plain]
    return ["/".join(p).lstrip("/") for p in plain]


def _ending(path: Path) -> str:
    """The ending of a name in lower case, without that of a compression."""
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() if suffix in decoding.PACKED else suffix


def _endings(path: Path) -> str:
    packed = path.suffix.lower() in decoding.PACKED
    return Path(path.stem).suffix + path.suffix if packed else path.suffix


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _glob(path: Path) -> Iterable[Path]:
    import glob

    return [Path(p) for p in glob.glob(str(path), recursive=True)]
