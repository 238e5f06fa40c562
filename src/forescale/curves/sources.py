"""One Curve, or several by name, from whatever a user holds: a Curve, a pair, a table, or a dict of any of these."""

from collections.abc import Mapping
from typing import Any, Unpack

import numpy as np

from ..errors import CurveError
from ..spelling import option
from .columns import Columns, read_curves
from .curve import Curve


def as_curve(source: Any, **columns: Unpack[Columns]) -> Curve:
    """One Curve from a Curve, a pair (x, y), or a table that holds one (path, data frame, Series, dict of columns).

    Raises:
        CurveError: the table holds more than one curve, or a keyword of tables beside something else.
    """
    if isinstance(source, Curve):
        _refuse_unread(columns, "a Curve")
        return source
    if _is_pair(source):
        _refuse_unread(columns, "a pair (x, y)")
        return Curve(*source)
    curves = read_curves(source, **columns)
    if len(curves) > 1:
        raise CurveError(
            f"expected one curve, got {len(curves)} groups ({', '.join(list(curves)[:3])}, …). "
            "Choose one of `read_curves`, or ask `forecast_many` of all."
        )
    return next(iter(curves.values()))


def as_curves(source: Any, **columns: Unpack[Columns]) -> dict[str, Curve]:
    """Curves by name: of a table with a column of groups, of a dict name -> any source, or of one source alone.

    Raises:
        CurveError: as `as_curve`.
    """
    if isinstance(source, Mapping) and not _is_table(source):
        _refuse_unread(columns, "a dict of curves")
        return {str(name): as_curve(one) for name, one in source.items()}
    if isinstance(source, Curve) or _is_pair(source):
        return {"curve": as_curve(source, **columns)}
    return read_curves(source, **columns)


def _is_pair(source: Any) -> bool:
    return isinstance(source, tuple) and len(source) == 2 and not any(np.isscalar(axis) for axis in source)


def _is_table(source: Mapping[str, Any]) -> bool:
    """Whether a dict holds columns rather than curves: lists, arrays or Series of cells."""
    return (
        bool(source)
        and all(
            isinstance(column, list) or (isinstance(column, tuple) and not _is_pair(column)) or np.ndim(column) == 1
            for column in source.values()
            if not isinstance(column, Curve | str)
        )
        and not any(isinstance(column, Curve | str) for column in source.values())
    )


def _refuse_unread(columns: Mapping[str, object], what: str) -> None:
    for name, value in columns.items():
        if value not in (None, False):
            raise CurveError(
                f"expected {option(name)} beside a table only, got it beside {what}. Leave it out, or pass the table."
            )
