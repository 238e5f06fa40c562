"""Curve: what was measured. Checked at the door, sorted, and cut into context (seen) and target (held out)."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import Caveat, CurveError

Floats = NDArray[np.float64]
MIN_CONTEXT = 3


@dataclass(frozen=True, eq=False, init=False)
class Curve:
    """Measurements of a loss or error y (lower is better) against a resource x.

    Rows are kept sorted by (x, y), so that their order cannot matter. A repeated x is a repeated measurement.

    Args:
        x, y: 1-D, same length, finite and positive, in any unit; numbers may be written "7B", "250k", "3e20".
        x_name, y_name: what the axes are called in tables and figures.
        name: of the curve itself, such as the recipe; None where there is only one.
        caveats: what happened to the data on the way in.

    Raises:
        CurveError: not 1-D, of different length, or a value that is not positive and finite.
    """

    x: Floats
    y: Floats
    x_name: str = "x"
    y_name: str = "y"
    name: str | None = None
    caveats: tuple[Caveat, ...] = field(default=())

    def __init__(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        x_name: str = "x",
        y_name: str = "y",
        name: str | None = None,
        caveats: tuple[Caveat, ...] = (),
    ):
        where = f"curve '{name}'" if name is not None else "the curve"
        x_n, y_n = positive_numbers(x, x_name, where), positive_numbers(y, y_name, where)
        if len(x_n) != len(y_n):
            raise CurveError(
                f"expected as many {x_name} as {y_name} values, got {len(x_n)} and {len(y_n)} ({where}). "
                "Give one y for every x."
            )
        if len(x_n) == 0:
            raise CurveError(f"expected at least one measurement, got none ({where}). Check the file or the group.")
        order = np.lexsort((y_n, x_n))
        x_n, y_n = x_n[order], y_n[order]
        repeats = int(np.sum((np.diff(x_n) == 0) & (np.diff(y_n) == 0)))
        if repeats and not any(c.code == "repeated_rows" for c in caveats):
            caveats = (*caveats, _repeated(repeats, x_name, y_name))
        for key, value in (("x", x_n), ("y", y_n)):
            value.setflags(write=False)
            object.__setattr__(self, key, value)
        for key, text in (("x_name", x_name), ("y_name", y_name), ("name", name), ("caveats", caveats)):
            object.__setattr__(self, key, text)

    @property
    def n(self) -> int:
        """Number of measurements, repeats included."""
        return len(self.x)

    @property
    def x_max(self) -> float:
        return float(self.x[-1])

    @property
    def label(self) -> str:
        """How errors and legends call the curve."""
        return f"curve '{self.name}'" if self.name is not None else "the curve"

    def take(self, index: NDArray) -> "Curve":
        """The same curve with some of its rows."""
        kept = tuple(c for c in self.caveats if c.code != "repeated_rows")
        return Curve(self.x[index], self.y[index], x_name=self.x_name, y_name=self.y_name, name=self.name, caveats=kept)

    def cut(self, cutoff: float) -> tuple["Curve", Floats, Floats]:
        """Context with x ≤ cutoff, and the x (T,) and y (T,) of the rows beyond it.

        Raises:
            CurveError: nothing on one of the two sides.
        """
        seen = self.x <= cutoff
        if not seen.any() or seen.all():
            raise CurveError(
                f"expected a cutoff between {self.x[0]:.4g} and {self.x_max:.4g} {self.x_name}, got {cutoff:.4g} "
                f"({self.label}). Choose one that leaves points on both sides."
            )
        return self.take(seen), self.x[~seen], self.y[~seen]

    def hold_out(self, fraction: float = 0.3) -> tuple["Curve", Floats, Floats]:
        """Hide the largest `fraction` of the distinct x, at least one of them; as `cut`."""
        if not 0 < fraction < 1:
            raise CurveError(f"expected a hold-out fraction in (0, 1), got {fraction}. Try 0.3.")
        distinct = np.unique(self.x)
        n_hidden = max(1, round(fraction * len(distinct)))
        if n_hidden >= len(distinct):
            raise CurveError(
                f"expected at least 2 distinct {self.x_name}, got {len(distinct)} ({self.label}). Add measurements."
            )
        return self.cut(float(distinct[-n_hidden - 1]))

    def as_context(self) -> "Curve":
        """The curve itself, once it is fit to forecast from.

        Raises:
            CurveError: fewer than 3 points, or all at one x.
        """
        if self.n < MIN_CONTEXT:
            raise CurveError(
                f"expected at least {MIN_CONTEXT} context points, got {self.n} ({self.label}). Add a measurement."
            )
        if self.x[0] == self.x_max:
            raise CurveError(
                f"expected at least 2 distinct {self.x_name}, got only {self.x_max:.6g} ({self.label}). "
                "A trend needs measurements at different scales."
            )
        return self

    def __repr__(self) -> str:
        name = "" if self.name is None else f"{self.name!r}, "
        ranges = (
            f"{axis} {v.min():.4g} to {v.max():.4g}" for axis, v in ((self.x_name, self.x), (self.y_name, self.y))
        )
        return f"Curve({name}{count(self.n, 'point')}, {', '.join(ranges)})"


_SUFFIXES = {"k": 1e3, "m": 1e6, "b": 1e9, "g": 1e9, "t": 1e12, "p": 1e15}


def parse_number(text: object) -> float:
    """A number as people write it: 7B, 1.4T, 250k, 3e20, 1_000; ValueError where it is none."""
    if isinstance(text, int | float | np.number):
        return float(text)
    plain = str(text).strip().replace("_", "")
    scale = 1.0
    if len(plain) > 1 and plain[-1].lower() in _SUFFIXES and plain[-2] in "0123456789.":
        scale, plain = _SUFFIXES[plain[-1].lower()], plain[:-1]
    return float(plain) * scale


def count(n: int, noun: str) -> str:
    """'1 row', '3 rows'."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def some(rows: NDArray, limit: int = 5) -> str:
    """Row numbers, counted from 1, for an error message: 'row 3', 'rows 3, 7, 12 and 40 more'."""
    rows = np.asarray(rows) + 1
    head = ", ".join(str(i) for i in rows[:limit])
    more = f" and {len(rows) - limit} more" if len(rows) > limit else ""
    return f"row{'s' if len(rows) > 1 else ''} {head}{more}"


def positive_numbers(values: ArrayLike, axis: str, where: str) -> Floats:
    """One column as a new float64 array (n,), every value positive and finite.

    Args:
        values: 1-D; numbers, or text such as "7B".
        axis, where: what they are and whose, for the error.

    Raises:
        CurveError: not 1-D, not numbers, or a value that is not positive and finite (naming its row).
    """
    try:
        array = np.asarray(values)
    except ValueError:
        raise CurveError(f"expected 1-D {axis} values, got a ragged list ({where}). Pass one column.") from None
    if array.ndim != 1:
        raise CurveError(f"expected 1-D {axis} values, got shape {array.shape} ({where}). Pass one column.")
    if array.dtype.kind not in "fiu":
        try:
            array = np.array([parse_number(v) for v in array.tolist()])
        except (TypeError, ValueError):
            raise CurveError(
                f"expected numbers in {axis}, got {array.tolist()[:3]} ({where}). Use numbers such as 3e20 or 7B."
            ) from None
    array = array.astype(np.float64)
    bad = np.flatnonzero(~(np.isfinite(array) & (array > 0)))
    if len(bad):
        raise CurveError(
            f"expected positive, finite {axis}, got {array[bad[0]]:g} ({where}, {some(bad)}). Remove such values first."
        )
    return array


def _repeated(n: int, x_name: str, y_name: str) -> Caveat:
    what = "1 row repeats" if n == 1 else f"{n} rows repeat"
    text = (
        f"{what} another row exactly, in {x_name} and in {y_name}; `pfn` reads copies once, fits count each of them. "
        "Remove them if they are no measurements of their own."
    )
    return Caveat("repeated_rows", text)
