"""The same question to several methods, side by side; a method that fails is a row with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..curves.columns import Columns
from ..curves.curve import Curve
from ..curves.sources import as_curve
from ..errors import Caveat, ForescaleError
from ..forecasts.forecast import Forecast, Kind, check_kind, check_seed, check_targets
from ..method.registry import METHODS, find_method, forecast_many
from ..numerics import Floats
from ..pages.answer import Answer
from ..spelling import checked_keywords

DEFAULT_METHODS = ("pfn", "m4", "bnsl1", "line")
"""One network, two laws and a straight line: all answer in about a second."""
BASELINES = ("line", "last")
"""Methods that stand for no belief about the curve; that others leave them is no disagreement."""


@dataclass(frozen=True, repr=False)
class Comparison(Answer):
    """What several methods say of one curve.

    Attributes:
        context: the curve they read.
        x: where they were asked, (T,).
        forecasts: name -> Forecast over the same T points, in the order asked.
        failures: name -> the reason a method gave no answer.
        warnings: Caveats; `methods_disagree` where medians lie outside one another's intervals.
        level: of the intervals that decide on disagreement.
    """

    context: Curve
    x: Floats
    forecasts: Mapping[str, Forecast]
    failures: Mapping[str, str]
    warnings: tuple[Caveat, ...]
    level: float


@checked_keywords
def compare(
    source: Any,
    at: ArrayLike,
    *,
    methods: Sequence[str] | None = None,
    kind: Kind = "run",
    level: float = 0.9,
    seed: int = 0,
    **columns: Unpack[Columns],
) -> Comparison:
    """Put the same question to several methods.

    Args:
        source: a Curve, a pair (x, y), a path or a data frame that holds one curve.
        at: shape (T,), in the unit of x.
        methods: names in `forescale.methods()`; `DEFAULT_METHODS` where left out.
        kind: "run", what one new measurement would read; "curve", the noise-free trend.
        level: of the intervals that decide on disagreement.

    Returns:
        Comparison. A method that fails is in `failures` with its reason and stops no other.

    Raises:
        CurveError: an unusable curve or target, or an unknown method.
    """
    curve = as_curve(source, **columns).as_context()
    x = check_targets(at, curve)
    forecasts, failures = ask_each(curve, x, methods or default_methods(), kind, seed)
    return Comparison(curve, x, forecasts, failures, disagreements(forecasts, level), level)


def default_methods() -> tuple[str, ...]:
    """`DEFAULT_METHODS`, as far as they are installed."""
    return tuple(name for name in DEFAULT_METHODS if name in METHODS and not METHODS[name].missing)


def ask_each(
    curve: Curve, x: Floats, methods: Sequence[str], kind: Kind, seed: int
) -> tuple[dict[str, Forecast], dict[str, str]]:
    """Forecasts of the methods that answer, and the reasons of those that do not.

    Raises:
        CurveError: a name that is no method: a slip of the user, not a failure of the method.
    """
    check_kind(kind)
    check_seed(seed)
    for name in methods:
        find_method(name)
    forecasts: dict[str, Forecast] = {}
    failures: dict[str, str] = {}
    for name in dict.fromkeys(methods):
        try:
            forecasts[name] = forecast_many({"curve": curve}, x, method=name, kind=kind, seed=seed)["curve"]
        except ForescaleError as error:
            failures[name] = str(error)
        except Exception as error:  # a fault of one method is no reason to lose the others' answers
            failures[name] = f"it failed ({type(error).__name__}: {error}). Another method may do."
    for name, f in list(forecasts.items()):
        if not _sound(f):
            del forecasts[name]
            failures[name] = "its arithmetic left the range of numbers. Another unit of x or y, or another method."
    return forecasts, failures


def _sound(f: Forecast) -> bool:
    """Whether medians and 90 % intervals are numbers."""
    return bool(np.isfinite(f.quantile([0.05, 0.5, 0.95])).all())


def disagreements(forecasts: Mapping[str, Forecast], level: float) -> tuple[Caveat, ...]:
    """What is said where medians of two methods lie outside one another's intervals at some x.

    Both must be surprised: a wide interval that holds the other's median is doubt, not disagreement. `BASELINES` are
    left out: that a straight line or the last value is elsewhere is what they are for. Where one method is apart from
    all others and these are not from one another, it is named alone; otherwise each pair is.
    """
    judged = {name: f for name, f in forecasts.items() if name not in BASELINES}
    medians = {name: f.median for name, f in judged.items()}
    bounds = {name: f.interval(level) for name, f in judged.items()}
    apart: dict[tuple[str, str], NDArray[np.bool_]] = {}
    for a, b in combinations(judged, 2):
        where = _outside(medians[a], bounds[b]) & _outside(medians[b], bounds[a])
        if where.any():
            apart[a, b] = where
    alone = [name for name in judged if all(name in pair for pair in apart) and len(apart) == len(judged) - 1 > 1]
    if alone:
        return (_told(alone[0], [name for name in judged if name != alone[0]], apart, medians, judged, level),)
    return tuple(_told(a, [b], {(a, b): where}, medians, judged, level) for (a, b), where in apart.items())


def _told(
    outside: str,
    others: Sequence[str],
    apart: Mapping[tuple[str, str], NDArray[np.bool_]],
    medians: Mapping[str, Floats],
    forecasts: Mapping[str, Forecast],
    level: float,
) -> Caveat:
    """Who is outside whose intervals, where most, and what that does not say."""
    anywhere = np.any(list(apart.values()), axis=0)
    other = others[0]
    worst = int(np.argmax(anywhere * np.abs(medians[outside] - medians[other])))
    who = (
        f"{outside} and {other}" if len(others) == 1 else f"{outside} on one side and {', '.join(others)} on the other"
    )
    return Caveat(
        "methods_disagree",
        f"{who} lie outside one another's {100 * level:g} % intervals at {int(anywhere.sum())} of {len(anywhere)} x: "
        f"{medians[outside][worst]:.4g} ({outside}) against {medians[other][worst]:.4g} ({other}) "
        f"at {forecasts[outside].x[worst]:.4g}. That tells who differs, not who is right: hide your largest scales "
        "(`backtest`) to see.",
    )


def _outside(y: Floats, bounds: tuple[Floats, Floats]) -> NDArray[np.bool_]:
    return (y < bounds[0]) | (y > bounds[1])
