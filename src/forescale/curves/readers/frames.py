"""Tables in memory: data frames (pandas, polars, Arrow), a Series over its index, dicts of columns, records."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...errors import CurveError
from .base import Column, Reader, Source, Table, distinct
from .records import table_of


class Frame(Reader):
    """A table in memory."""

    name = "data frames (pandas, polars, Arrow), dicts of columns, lists of records"

    def can_read(self, source: Source) -> bool:
        return source.path is None and not source.blob

    def read(self, source: Source) -> Table:
        given = source.given
        if isinstance(given, Mapping):
            return _of_mapping(given)
        if isinstance(given, list) and given and all(isinstance(row, Mapping) for row in given):
            return table_of([dict(row) for row in given], "the table")
        return of_frame(given, "the data frame")


def of_frame(frame: Any, origin: str) -> Table:
    """A data frame of any kind that narwhals reads; an index with a name is a column.

    Raises:
        CurveError: it is none, or two of its columns have one name.
    """
    if hasattr(frame, "index") and hasattr(frame, "to_frame") and getattr(frame, "ndim", 0) == 1:  # a Series
        frame = frame.rename(frame.name or "y").rename_axis(frame.index.name or "x").reset_index()
    if hasattr(frame, "set_axis"):  # pandas: names may be numbers, or repeat
        named = [name for name in frame.index.names if name is not None and name not in frame.columns]
        frame = frame.reset_index(level=named) if named else frame
        names = [" ".join(map(str, n)).strip() if isinstance(n, tuple) else str(n) for n in frame.columns]
        frame = frame.set_axis(distinct(names, origin), axis=1)
    import narwhals as nw

    try:
        table = nw.from_native(frame, eager_only=True)
    except TypeError:
        raise CurveError(
            "expected a path or a data frame (pandas, polars, Arrow; a Series or a dict of columns will do), "
            f"got {type(frame).__name__}. Pass one of these."
        ) from None
    columns = {name: Column(_cells(table.get_column(name))) for name in table.columns}
    return Table(columns, origin)


def _cells(series: Any) -> Any:
    """Numbers as an array, other cells as a list; where a library tells a missing cell from NaN, they stay apart."""
    if not series.dtype.is_numeric():
        return series.to_list()
    values = series.to_numpy()
    if values.dtype.kind not in "fiu" or (np.isnan(values).any() and series.is_null().any() and _both(series)):
        return series.to_list()
    return values


def _both(series: Any) -> bool:
    cells = series.to_list()
    return any(c is None for c in cells) and any(isinstance(c, float) and c != c for c in cells)


def _of_mapping(given: Mapping[Any, Any]) -> Table:
    origin = "the table"
    distinct([str(name) for name in given], origin)
    cells = {str(name): _column(str(name), values) for name, values in given.items()}
    lengths = {name: len(values) for name, values in cells.items()}
    if len(set(lengths.values())) != 1:
        got = ", ".join(f"{n} in '{name}'" for name, n in lengths.items()) or "no column at all"
        raise CurveError(f"expected columns of one length, got {got}. Give every column a cell for every row.")
    return Table({name: Column(values) for name, values in cells.items()}, origin)


def _column(name: str, cells: Any) -> Any:
    if isinstance(cells, str | bytes) or not (isinstance(cells, Sequence) or np.ndim(cells) == 1):
        raise CurveError(f"expected a list of cells in column '{name}', got {type(cells).__name__}. Pass a list.")
    if isinstance(cells, np.ma.MaskedArray):
        return cells.tolist()  # a masked cell is an empty one
    values = np.asarray(cells) if not isinstance(cells, Sequence) else None
    return values if values is not None and values.dtype.kind in "fiu" else list(cells)
