"""JSON: lines, lists of records, columns, and the one list of records inside a document."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...errors import Caveat, CurveError
from .base import Column, Reader, Source, Table, distinct, listed
from .ending import left_out

_SEVERAL = "run"
"""Name of the column that says under which key a list of records stood, where there are several."""


class Json(Reader):
    """JSON in the shapes that tools write."""

    name = "JSON, JSON lines"

    def can_read(self, source: Source) -> bool:
        if source.suffix in {".json", ".jsonl", ".ndjson"}:
            return True
        start = source.lines[0].lstrip() if source.lines else ""
        inside = start[1:].lstrip()[:1]
        if start[:1] == "{":
            return inside in ('"', "}", "")  # a dict that Python printed, {'loss': ...}, is a log
        return start[:1] == "[" and inside in ("{", "[", '"', "]", "")  # and so is [2025-01-01 10:00] iter 1 ...

    def read(self, source: Source) -> Table:
        assert source.text is not None
        notes: list[Caveat] = []
        table = table_of(_document(source.text, source.origin, notes), source.origin)
        return replace(table, notes=(*table.notes, *notes))


def table_of(document: Any, origin: str) -> Table:
    """The table in a parsed JSON document.

    Raises:
        CurveError: there is none, or there are several.
    """
    whole = _as_table(document, origin)
    if whole is not None:
        return whole
    found = list(_tables_inside(document, "", origin))
    if len(found) > 1 and (joined := _joined(found, origin)) is not None:
        return joined
    if len(found) > 1:  # a trainer's state beside a short list of settings: the table is the one that is much longer
        longest = sorted(found, key=lambda pair: -pair[1].n)
        found = longest[:1] if longest[0][1].n >= 10 * longest[1][1].n else found
    if len(found) > 1:
        raise CurveError(
            f"expected one list of records in the document, got {len(found)}: {listed(path for path, _ in found)} "
            f"({origin}). Save the one you mean as a file of its own."
        )
    record = _flat([document], origin) if not found and isinstance(document, dict) else None
    if record is not None and sum(c.is_numeric for c in record.columns.values()) > 1:
        return replace(record, one_point=True)
    if not found:
        raise CurveError(
            f'expected records such as [{{"step": 1, "loss": 2.5}}, ...] or columns of numbers, got {_shape(document)} '
            f"({origin}). Check the export."
        )
    path, table = found[0]
    note = Caveat("read_from", f"read the records under '{path}' of the document.")
    return Table(table.columns, origin, notes=(note,))


def _document(text: str, origin: str, notes: list[Caveat]) -> Any:
    """The document, or the list of its lines' documents; a last line that breaks off is left out with a note."""
    try:
        return _parsed(text, origin)
    except CurveError:
        raise
    except ValueError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) > 1 and lines[0].lstrip()[:1] in "{[" and lines[0].rstrip()[-1:] in "}]":
            if len(lines) > 3 and not text.endswith("\n") and lines[-1].rstrip()[-1:] not in "}]":
                notes.append(left_out(lines.pop()))
            return [_line(line, i, origin) for i, line in enumerate(lines)]
        raise CurveError(
            f"expected one JSON object a line, or one document, got one that does not parse: {error} ({origin}). "
            "Check the export."
        ) from None


def _line(line: str, i: int, origin: str) -> Any:
    try:
        return _parsed(line, f"{origin}, row {i + 1}")
    except CurveError:
        raise
    except ValueError as error:
        raise CurveError(
            f"expected one JSON object a line, got '{line[:40]}': {error} ({origin}, row {i + 1}). Check the export."
        ) from None


def _parsed(text: str, origin: str) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        record = dict(pairs)
        if len(record) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise CurveError(f"expected each key once in a JSON object, got '{twice}' twice ({origin}). Rename one.")
        return record

    try:
        return json.loads(text, object_pairs_hook=once)
    except RecursionError:
        raise CurveError(
            f"expected a table, got JSON nested beyond all measure ({origin}). Check the export."
        ) from None


def _as_table(value: Any, origin: str) -> Table | None:
    """A list of records, or columns, at this very place of a document."""
    if isinstance(value, list):
        if not value:
            raise CurveError(f"expected rows, got an empty list ({origin}). Check the export.")
        if all(isinstance(row, dict) for row in value):
            return _flat(value, origin)
        if len(value) > 1 and all(isinstance(row, list) and len(row) == len(value[0]) > 1 for row in value):
            return _of_rows(value, origin)
        return None
    if not isinstance(value, dict) or not value:
        return None
    if {"columns", "data"} <= value.keys() and isinstance(value["columns"], list) and isinstance(value["data"], list):
        return _of_rows([value["columns"], *value["data"]], origin)  # pandas, orient="split"
    lists = {name: cells for name, cells in value.items() if _is_cells(cells)}
    if lists and len({len(c) for c in lists.values()}) == 1 and (len(lists) > 1 or len(lists) == len(value)):
        return _of_columns(lists, origin)
    if all(isinstance(c, dict) for c in value.values()):  # pandas, orient="columns"
        keys = [list(c) for c in value.values()]
        alike = bool(keys[0]) and all(k == keys[0] for k in keys)
        if alike and len(keys[0]) > 1 and all(k.isdigit() for k in keys[0]):
            counted = keys[0] == [str(i) for i in range(len(keys[0]))] or "index" in value
            index = {} if counted else {"index": list(map(float, keys[0]))}  # metric -> step -> value
            return _of_columns(index | {name: list(c.values()) for name, c in value.items()}, origin)
        if (
            len(value) > 1
            and alike
            and not any(isinstance(cell, dict | list) for c in value.values() for cell in c.values())
        ):
            return _flat([{"name": name, **c} for name, c in value.items()], origin)  # pandas, orient="index"
    return None


def _flat(rows: Sequence[Mapping[str, Any]], origin: str) -> Table | None:
    """Records as a table; what lies inside a record is named by its path, lists inside are left aside."""
    records = [dict(_leaves(row, "")) for row in rows]
    if not any(records):
        return None
    return Table.of_records(records, origin)


def _leaves(record: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{path}{name}.")
        elif not isinstance(value, list):
            yield f"{path}{name}", value


def _of_rows(rows: Sequence[Sequence[Any]], origin: str) -> Table:
    """Lists as rows: with a header of names, as pairs of x and y, or as TensorBoard's JSON (wall time, step, value)."""
    header, body = rows[0], rows[1:]
    if not all(isinstance(name, str) for name in header):
        if len(header) not in (2, 3):
            raise CurveError(
                f"expected a first row with column names, got {str(header)[:60]} ({origin}). Add a header."
            )
        header, body = (["x", "y"] if len(header) == 2 else ["Wall time", "Step", "Value"]), rows
    names = distinct([str(name) for name in header], origin)
    return Table({name: Column([row[i] for row in body]) for i, name in enumerate(names)}, origin)


def _is_cells(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 0 and not any(isinstance(cell, dict) for cell in value)


def _of_columns(lists: Mapping[str, list[Any]], origin: str) -> Table | None:
    """Columns of numbers; a column of lists (folds) repeats the others for each of its values."""
    folds = {len(cell) for cells in lists.values() for cell in cells if isinstance(cell, list)}
    if not folds:
        return Table({name: Column(cells) for name, cells in lists.items()}, origin)
    if len(folds) > 1 or 0 in folds:
        return None
    (k,) = folds
    spread = {
        name: [c for cell in cells for c in (cell if isinstance(cell, list) else [cell] * k)]
        for name, cells in lists.items()
    }
    if len({len(cells) for cells in spread.values()}) != 1 or any(
        isinstance(c, list) for v in spread.values() for c in v
    ):
        return None
    return Table({name: Column(cells) for name, cells in spread.items()}, origin)


def _tables_inside(value: Any, path: str, origin: str, depth: int = 0) -> Iterator[tuple[str, Table]]:
    """Every table inside a document with the path to it, not looking into tables."""
    if depth > 12:
        return
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        here = f"{path}.{key}" if path else str(key)
        if not isinstance(part, dict | list) or not part:
            continue
        table = _as_table(part, origin) if _may_be_table(part) else None
        if table is not None and table.n > 1 and sum(c.is_numeric for c in table.columns.values()) > 1:
            yield here, table
        elif table is None:
            yield from _tables_inside(part, here, origin, depth + 1)


def _may_be_table(part: Any) -> bool:
    if isinstance(part, dict):
        return True
    return all(isinstance(row, dict) for row in part) or all(
        isinstance(row, list) and row and all(isinstance(c, str) for c in part[0]) for row in part
    )


def _joined(found: list[tuple[str, Table]], origin: str) -> Table | None:
    """Lists of records under sister keys with the same columns, one below the other with a column of the keys."""
    names = list(found[0][1].columns)
    if any(list(table.columns) != names for _, table in found) or _SEVERAL in names:
        return None
    keys = [
        path.rpartition(".")[2] if len({p.rpartition(".")[0] for p, _ in found}) == 1 else path for path, _ in found
    ]
    columns = {name: Column([c for _, t in found for c in t.columns[name].head(t.n)]) for name in names}
    runs = Column([key for key, (_, t) in zip(keys, found, strict=True) for _ in range(t.n)])
    return Table({_SEVERAL: runs, **columns}, origin, group=_SEVERAL)


def _shape(value: Any) -> str:
    if isinstance(value, dict):
        return f"an object with {listed(value, 5)}" if value else "an empty object"
    return f"a list of {type(value[0]).__name__}" if isinstance(value, list) else f"'{str(value)[:40]}'"
