"""The same question to several methods, side by side; a method that fails is a row with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..curves.columns import Columns
from ..curves.curve import Curve
from ..curves.sources import as_curve
from ..errors import Caveat, ForescaleError
from ..forecasts.forecast import Forecast, Kind, check_kind, check_targets
from ..method.registry import METHODS, find_method, forecast_many
from ..pages.answer import Answer
from ..spelling import checked_keywords

if TYPE_CHECKING:
    pass

Floats = NDArray[np.float64]
DEFAULT_METHODS = ("pfn", "m4", "bnsl1", "line")
"""One network, two laws and a straight line: all answer in about a second."""


@dataclass(frozen=True, repr=False)
class Comparison(Answer):
    """What several methods say of one curve.

    Attributes:
        context: the curve they read.
        x: where they were asked, (T,).
        forecasts: name -> Forecast over the same T points, in the order asked.
        failures: name -> the reason a method gave no answer.
        warnings: Caveats; `methods_disagree` for each pair whose medians lie outside one another's interval.
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
    for name in methods:
        find_method(name)
    forecasts: dict[str, Forecast] = {}
    failures: dict[str, str] = {}
    for name in dict.fromkeys(methods):
        try:
            forecasts[name] = forecast_many({"curve": curve}, x, method=name, kind=kind, seed=seed)["curve"]
        except ForescaleError as error:
            failures[name] = str(error)
    return forecasts, failures


def disagreements(forecasts: Mapping[str, Forecast], level: float) -> tuple[Caveat, ...]:
    """A Caveat for each pair of methods, each of whose medians lies outside the other's interval at some x.

    Both must be surprised: a wide interval that holds the other's median is doubt, not disagreement.
    """
    medians = {name: f.median for name, f in forecasts.items()}
    bounds = {name: f.interval(level) for name, f in forecasts.items()}
    found = []
    for a, b in combinations(forecasts, 2):
        apart = _outside(medians[a], bounds[b]) & _outside(medians[b], bounds[a])
        if apart.any():
            worst = int(np.argmax(apart * np.abs(np.log(medians[a] / medians[b]))))
            text = (
                f"{a} and {b} lie outside one another's {100 * level:g} % intervals at {int(apart.sum())} of "
                f"{len(apart)} x: {medians[a][worst]:.4g} against {medians[b][worst]:.4g} "
                f"at {forecasts[a].x[worst]:.4g}. One of them is too sure."
            )
            found.append(Caveat("methods_disagree", text))
    return tuple(found)


def _outside(y: Floats, bounds: tuple[Floats, Floats]) -> NDArray[np.bool_]:
    return (y < bounds[0]) | (y > bounds[1])
