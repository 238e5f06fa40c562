"""One Curve, or several by name, from whatever a user holds: a Curve, a pair, a table, or a dict of any of these."""

from collections.abc import Mapping
from typing import Any, Unpack

import numpy as np

from ..errors import Caveat, CurveError
from ..spelling import option
from .columns import Columns, read_curves
from .curve import Curve
from .grouping import Curves

_OF_Y = ("better", "best", "chance")
"""Keywords that say something of y, and so belong to a pair (x, y) too."""


def as_curve(source: Any, **columns: Unpack[Columns]) -> Curve:
    """One Curve from a Curve, a pair (x, y), or a table that holds one (path, data frame, Series, dict of columns).

    Raises:
        CurveError: the table holds more than one curve, or a keyword of tables beside something else.
    """
    if isinstance(source, Curve):
        _refuse_unread(columns, "a Curve")
        return source
    if _is_pair(source):
        own: dict[str, Any] = {name: columns.get(name) for name in _OF_Y}
        _refuse_unread({name: value for name, value in columns.items() if name not in _OF_Y}, "a pair (x, y)")
        return Curve(*source, **own)
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
        own: dict[str, Any] = {name: columns.get(name) for name in _OF_Y if columns.get(name) is not None}
        _refuse_unread({name: value for name, value in columns.items() if name not in own}, "a dict of curves")
        return {str(name): as_curve(one, **own) for name, one in source.items()}
    if isinstance(source, Curve) or _is_pair(source):
        return {"curve": as_curve(source, **columns)}
    return read_curves(source, **columns)


def long_enough(curves: Mapping[str, Curve]) -> tuple[dict[str, Curve], dict[str, Caveat]]:
    """The curves that a forecast can be made from, and why the others are none: name -> `short_group`.

    Raises:
        CurveError: there is none; the first reason.
    """
    fit: dict[str, Curve] = {}
    short: dict[str, Caveat] = {}
    first: CurveError | None = None
    for name, curve in curves.items():
        try:
            fit[name] = curve.as_context()
        except CurveError as error:
            first = first or error
            short[name] = Caveat("short_group", str(error))
    left_out = curves.left_out if isinstance(curves, Curves) else {}
    short |= {name: Caveat("short_group", why) for name, why in left_out.items()}
    if not fit and first is not None:
        raise first
    return fit, short


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
