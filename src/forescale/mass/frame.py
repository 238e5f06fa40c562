"""Frame in, frame out: the unit of work of every engine. A row a group and target; a bad group is a row with its error.

Curves are asked in batches, and the quantiles of a batch are solved together: the same digits, many times cheaper.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..curves.columns import Columns, read_each
from ..curves.curve import Curve
from ..curves.grouping import Curves
from ..errors import CurveError, ForescaleError
from ..forecasts.forecast import DEFAULT_LEVELS, Forecast, Kind, check_kind, check_targets, quantiles_of, read_targets
from ..method.base import Method
from ..method.registry import find_method
from ..numerics import Floats
from ..pages.data import quantile_name
from ..spelling import checked_keywords, option

if TYPE_CHECKING:
    import pandas as pd

Targets = Mapping[str, Floats]
TEXTS = ("group", "warnings", "error")
"""Columns of the answer that hold text; the others are float64."""
BATCH = 1_000
"""Curves that are asked at once: enough for fast matrix products, few enough for little memory."""


@checked_keywords
def forecast_frame(
    frame: Any,
    *,
    at: Any = None,
    ratio: ArrayLike | None = None,
    levels: Sequence[float] = DEFAULT_LEVELS,
    method: str = "pfn",
    kind: Kind = "run",
    seed: int = 0,
    **columns: Unpack[Columns],
) -> "pd.DataFrame":
    """Forecast every group of a table.

    Args:
        frame: whatever `read_curves` takes; groups need not be contiguous.
        at: x to forecast, the same for all groups; "10x" is ten times the largest of each.
        ratio: the same as multiples of each group's largest x; give one of the two.
        levels: of the central intervals.
        method, kind, seed: as in `forecast`.
        columns: keywords of `read_curves`: x, y, group, ...

    Returns:
        pandas DataFrame with the columns group, x, median, q05, q25, q75, q95 (by `levels`), extrapolation_ratio,
        warnings (codes, separated by ";") and error; a group that cannot be forecast is one row, empty but for its
        error. Groups in the order of the table.

    Raises:
        CurveError: no such column, or not one of `at` and `ratio`.
    """
    import pandas as pd

    question = asked(at, ratio)
    curves = read_each(frame, **columns)
    names, errors = _sorted_out(curves, bool(columns.get("drop_bad")))
    usable = {name: curves[name] for name in names if name not in errors}
    wanted, beyond = _targets(usable, question)
    table, failed = _filled(usable, wanted, levels, find_method(method), check_kind(kind), seed)
    answer = pd.DataFrame(table.columns(names, errors | beyond | failed))
    return answer.astype(dict.fromkeys(TEXTS, pd.Series([""]).dtype))  # also where there is no row


def asked(at: Any, ratio: ArrayLike | None) -> Callable[[Curve], Any]:
    """The targets of a curve, not checked against it yet: the same x for all, or multiples of its own largest.

    Raises:
        CurveError: both or none of the two, or what is positive and finite for no curve.
    """
    if (at is None) == (ratio is None):
        both, got = f"{option('at')} and {option('ratio')}", "none" if at is None else "both"
        raise CurveError(f"expected one of {both}, got {got}. A ratio of 10 asks at 10 times each group's largest x.")
    if ratio is None:
        read_targets(at, 1.0, "the question")
        return lambda curve: at
    values = np.atleast_1d(np.asarray(ratio, float))
    if values.ndim != 1 or not len(values) or not np.all(np.isfinite(values) & (values > 0)):
        raise CurveError(f"expected positive, finite numbers for {option('ratio')}, got {ratio!r}. Try 10.")
    return lambda curve: values * curve.x_max


def _sorted_out(curves: Curves, drop_bad: bool) -> tuple[list[str], dict[str, str]]:
    """Every group in order, and the reasons of those that cannot be asked."""
    errors = dict(curves.left_out)
    if not drop_bad:
        errors |= {name: f"{why}. Remove these rows." for name, why in curves.unusable.items() if name in curves}
    for name, curve in curves.items():
        try:
            if name not in errors:
                curve.as_context()
        except CurveError as error:
            errors[name] = str(error)
    return [*curves, *(name for name in curves.left_out if name not in curves)], errors


def _ask(
    method: Method, part: dict[str, Curve], at: Mapping[str, Floats], kind: Kind, seed: int
) -> Mapping[str, Forecast | str]:
    """A Forecast, or the sentence of its error, for each curve; all at once where they let it."""
    try:
        return method.ask_many(part, at, kind, seed)
    except ForescaleError as error:
        if len(part) == 1:
            return dict.fromkeys(part, str(error))
    return {name: _ask(method, {name: part[name]}, at, kind, seed)[name] for name in part}  # one spoils the batch


def _targets(curves: Mapping[str, Curve], targets: Callable[[Curve], Any]) -> tuple[Targets, dict[str, str]]:
    """The x asked of each curve, and the sentences of those for which they cannot be asked."""
    at: dict[str, Floats] = {}
    errors: dict[str, str] = {}
    for name, curve in curves.items():
        try:
            at[name] = check_targets(targets(curve), curve)
        except CurveError as error:
            errors[name] = str(error)
    return at, errors


def _filled(
    curves: Mapping[str, Curve],
    at: Mapping[str, Floats],
    levels: Sequence[float],
    method: Method,
    kind: Kind,
    seed: int,
) -> "tuple[_Table, dict[str, str]]":
    """The answers of all curves, batch by batch, and the sentences of those that failed."""
    table, names = _Table(levels), list(at)
    errors: dict[str, str] = {}
    size = BATCH if method.batched else 1
    for start in range(0, len(names), size):
        answers = _ask(method, {name: curves[name] for name in names[start : start + size]}, at, kind, seed)
        errors |= {name: answer for name, answer in answers.items() if isinstance(answer, str)}
        table.add({name: answer for name, answer in answers.items() if isinstance(answer, Forecast)})
    return table, errors


def _repeated(values: Sequence[str], n_rows: Sequence[int]) -> "NDArray[np.object_]":
    return np.repeat(np.array(values, object), np.array(n_rows, int))


class _Table:
    """Columns of the answer, filled batch by batch."""

    def __init__(self, levels: Sequence[float]) -> None:
        self.ends = sorted({end for level in levels for end in ((1 - level) / 2, (1 + level) / 2)})
        self.names = ["x", "median", *map(quantile_name, self.ends), "extrapolation_ratio"]
        self.answers: dict[str, tuple[Floats, str]] = {}

    def add(self, forecasts: Mapping[str, Forecast]) -> None:
        """Numbers (T, columns) and warnings of each forecast, their quantiles solved together."""
        each = quantiles_of(list(forecasts.values()), [0.5, *self.ends])
        for (name, f), values_QT in zip(forecasts.items(), each, strict=True):
            numbers = np.column_stack([f.x, values_QT.T, f.extrapolation_ratio])
            self.answers[name] = numbers, ";".join(w.code for w in f.warnings)

    def columns(self, names: Sequence[str], errors: Mapping[str, str]) -> dict[str, Any]:
        """Group by group in the order of `names`."""
        none = np.full((1, len(self.names)), np.nan)
        parts = [self.answers.get(name, (none, "")) for name in names]
        n_rows = [len(numbers) for numbers, _ in parts]
        every = np.concatenate([numbers for numbers, _ in parts]) if parts else none[:0]
        return (
            {"group": _repeated(names, n_rows)}
            | {name: every[:, i] for i, name in enumerate(self.names)}
            | {"warnings": _repeated([codes for _, codes in parts], n_rows)}
            | {"error": _repeated([errors.get(name, "") for name in names], n_rows)}
        )
