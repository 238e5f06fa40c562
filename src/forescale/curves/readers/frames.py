"""Tables held in memory: data frames (pandas, polars, Arrow), a Series over its index, a dict of columns."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...errors import CurveError


def load(source: Any) -> dict[str, Any]:
    """The columns of a table in memory, numeric ones as arrays.

    Raises:
        CurveError: nothing of these, columns of different length, or a name twice.
    """
    if isinstance(source, Mapping):
        return _from_dict(source)
    if hasattr(source, "index") and hasattr(source, "to_frame") and getattr(source, "ndim", 0) == 1:
        source = source.rename(source.name or "y").rename_axis(source.index.name or "x").reset_index()  # a Series
    if hasattr(source, "set_axis"):  # pandas: names may be numbers, or repeat
        source = source.set_axis(_distinct([str(name) for name in source.columns]), axis=1)
    import narwhals as nw

    try:
        table = nw.from_native(source, eager_only=True)
    except TypeError:
        raise CurveError(
            "expected a path or a data frame (pandas, polars, Arrow; a Series or a dict of columns will do), "
            f"got {type(source).__name__}. Pass one of these."
        ) from None
    columns = {name: table.get_column(name) for name in table.columns}
    return {name: c.to_numpy() if c.dtype.is_numeric() else c.to_list() for name, c in columns.items()}


def _from_dict(source: Mapping[Any, Any]) -> dict[str, Any]:
    _distinct([str(name) for name in source])
    table = {str(name): _column(str(name), cells) for name, cells in source.items()}
    lengths = {name: len(cells) for name, cells in table.items()}
    if len(set(lengths.values())) != 1:
        got = ", ".join(f"{n} in '{name}'" for name, n in lengths.items()) or "no column at all"
        raise CurveError(f"expected columns of one length, got {got}. Give every column a cell for every row.")
    return table


def _column(name: str, cells: Any) -> Any:
    if isinstance(cells, str | bytes) or not (isinstance(cells, Sequence) or np.ndim(cells) == 1):
        raise CurveError(f"expected a list of cells in column '{name}', got {type(cells).__name__}. Pass a list.")
    if isinstance(cells, np.ma.MaskedArray):
        return cells.tolist()  # a masked cell is an empty one
    values = np.asarray(cells) if not isinstance(cells, Sequence) else None
    if values is not None and values.dtype.kind in "fiu":
        return values
    return list(cells)


def _distinct(names: list[str]) -> list[str]:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        listed = ", ".join(f"'{name}'" for name in repeated)
        raise CurveError(f"expected distinct column names, got {listed} repeated (the data frame). Rename one.")
    return names
