"""The checks at this room's door: one sentence that names the argument, what it was and what it may be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import CurveError


def at_least(low: float, **values: ArrayLike) -> None:
    """Every value is finite and at least `low`.

    Raises:
        CurveError: one is not; the sentence names it.
    """
    for name, value in values.items():
        bad = _offender(value, lambda v: v >= low)
        if bad is not None:
            raise CurveError(f"expected finite {name} ≥ {low:g}, got {bad:g}. Choose {name} in [{low:g}, ∞).")


def above(low: float, **values: ArrayLike) -> None:
    """Every value is finite and above `low`.

    Raises:
        CurveError: one is not; the sentence names it.
    """
    for name, value in values.items():
        bad = _offender(value, lambda v: v > low)
        if bad is not None:
            raise CurveError(f"expected finite {name} > {low:g}, got {bad:g}. Choose {name} in ({low:g}, ∞).")


def between(low: float, high: float, **values: ArrayLike) -> None:
    """Every value lies in [low, high].

    Raises:
        CurveError: one does not; the sentence names it.
    """
    for name, value in values.items():
        bad = _offender(value, lambda v: (v >= low) & (v <= high))
        if bad is not None:
            raise CurveError(f"expected {name} in [{low:g}, {high:g}], got {bad:g}. Move it into that range.")


def whole(**values: ArrayLike) -> None:
    """Every value is a whole number.

    Raises:
        CurveError: one is not; the sentence names it.
    """
    for name, value in values.items():
        bad = _offender(value, lambda v: v == np.floor(v))
        if bad is not None:
            raise CurveError(f"expected whole {name}, got {bad:g}. Choose {name} among 1, 2, 3, ….")


def distribution(axis: int = -1, **values: ArrayLike) -> None:
    """Each value holds probabilities in [0, 1] that sum to one along `axis`, to 1e-9.

    Raises:
        CurveError: one does not; the sentence names it.
    """
    for name, value in values.items():
        between(0.0, 1.0, **{name: value})
        total = np.asarray(value, float).sum(axis=axis)
        bad = _offender(total, lambda v: np.abs(v - 1.0) <= 1e-9)
        if bad is not None:
            raise CurveError(f"expected {name} to sum to 1, got a sum of {bad:.12g}. Divide {name} by its sum.")


def _offender(value: ArrayLike, fits: Callable[[Any], Any]) -> float | None:
    """The first entry that is not finite or does not fit, if any."""
    try:
        flat = np.ravel(np.asarray(value, dtype=np.float64))
    except (TypeError, ValueError):
        raise CurveError(f"expected a number, got {value!r}. Pass an int, a float or an array of them.") from None
    with np.errstate(invalid="ignore"):
        bad = flat[~(np.isfinite(flat) & fits(flat))]
    return float(bad[0]) if bad.size else None
