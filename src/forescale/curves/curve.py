"""Curve: what was measured. Checked at the door, sorted, and cut into context (seen) and target (held out)."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import Caveat, CurveError
from ..numerics import Floats
from ..spelling import option
from .measure import Better, Measure, measure_of
from .numbers import check_span, count, positive_numbers, some

MIN_CONTEXT = 3


@dataclass(frozen=True, eq=False, init=False)
class Curve:
    """Measurements of y, a loss or error unless `better` says otherwise, against a resource x.

    Rows are kept sorted by (x, y), so that their order cannot matter. A repeated x is a repeated measurement.
    y keeps the user's unit; what methods read is `as_shortfall()`, and answers come back in the unit of y.

    Args:
        x, y: 1-D, same length, finite and positive, in any unit; numbers may be written "7B", "250k", "3e20".
            With `best`, y may lie at the bound, and with a bound of its own (a negated score) anywhere before it.
        x_name, y_name: what the axes are called in tables and figures.
        name: of the curve itself, such as the recipe; None where there is only one.
        caveats: what happened to the data on the way in.
        better: "lower" (a loss, the default) or "higher" (accuracy, F1, a negated loss).
        best: the value that y can reach and not pass; with better "higher" 1, or 100 where y exceeds 1.
        chance: what pure guessing reaches; answers then stay between chance and best (curves/measure.py).
        measure: direction and bounds as one value, in place of the three.

    Raises:
        CurveError: not 1-D, of different length, a value that is not positive and finite, or beyond `best`.
    """

    x: Floats
    y: Floats
    x_name: str = "x"
    y_name: str = "y"
    name: str | None = None
    caveats: tuple[Caveat, ...] = field(default=())
    measure: Measure = field(default=Measure())

    def __init__(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        x_name: str = "x",
        y_name: str = "y",
        name: str | None = None,
        caveats: tuple[Caveat, ...] = (),
        better: Better | None = None,
        best: float | None = None,
        chance: float | None = None,
        measure: Measure | None = None,
    ):
        where = f"curve '{name}'" if name is not None else "the curve"
        if measure is None and best is None and chance is None and better != "higher":
            measure = _LOSS if better is None else Measure(better, said=True)
        x_n = positive_numbers(x, x_name, where)
        y_n = positive_numbers(y, y_name, where, least=0.0 if measure == _LOSS else None)
        if measure is None:
            measure, _ = measure_of(better, best, chance, y_n)
        if measure != _LOSS:
            _check_bound(y_n, measure, y_name, where)
            caveats = _with_bound(caveats, y_n, measure, y_name)
        if len(x_n) != len(y_n):
            raise CurveError(
                f"expected as many {x_name} as {y_name} values, got {len(x_n)} and {len(y_n)} ({where}). "
                "Give one y for every x."
            )
        if len(x_n) == 0:
            raise CurveError(f"expected at least one measurement, got none ({where}). Check the file or the group.")
        check_span(x_n, x_name, where)
        check_span(y_n, y_name, where)
        order = np.lexsort((y_n, x_n))
        x_n, y_n = x_n[order], y_n[order]
        again = x_n[1:] == x_n[:-1]
        repeats = int(np.sum(again & (y_n[1:] == y_n[:-1]))) if again.any() else 0
        if repeats and not any(c.code == "repeated_rows" for c in caveats):
            caveats = (*caveats, _repeated(repeats, x_name, y_name))
        for key, value in (("x", x_n), ("y", y_n)):
            value.setflags(write=False)
            object.__setattr__(self, key, value)
        for key, text in (("x_name", x_name), ("y_name", y_name), ("name", name), ("caveats", caveats)):
            object.__setattr__(self, key, text)
        object.__setattr__(self, "measure", measure)

    @classmethod
    def from_learning_curve(
        cls,
        sizes: ArrayLike,
        scores: ArrayLike,
        *,
        x_name: str = "examples",
        y_name: str = "score",
        name: str | None = None,
        best: float | None = None,
        chance: float | None = None,
    ) -> Self:
        """What scikit-learn's `learning_curve` gives: each fold's score at a size is a measurement of its own.

        Args:
            sizes: (n,), examples trained on.
            scores: (n, folds), more is better; failed folds (NaN) are left out and said. A scorer that negates a loss
                ("neg_log_loss") gives values below zero: they are read as that loss, and said.
            best, chance: as in `Curve`, for scores that are not negated.

        Raises:
            CurveError: shapes that do not belong together, or no fold that is a number.
        """
        x, y = np.asarray(sizes, float), np.asarray(scores, float)
        y = y[:, None] if y.ndim == 1 else y
        if x.ndim != 1 or y.ndim != 2 or len(x) != len(y):
            raise CurveError(
                f"expected sizes (n,) and scores (n, folds), got shapes {x.shape} and {np.shape(scores)}. "
                "Pass what `sklearn.model_selection.learning_curve` returns."
            )
        x, y = np.repeat(x, y.shape[1]), y.ravel()
        measured = ~np.isnan(y)
        caveats = []
        if not measured.all():
            failed = int((~measured).sum())
            caveats.append(Caveat("dropped_rows", f"{count(failed, 'fold')} without a score left out."))
        negated = bool(measured.any() and np.all(y[measured] < 0))
        if negated:
            y, y_name = -y, y_name.removeprefix("neg_") if y_name != "score" else "loss"
            caveats.append(Caveat("negated", f"scores below zero are read as a loss, '{y_name}': lower is better."))
        better: Better = "lower" if negated else "higher"
        return cls(
            x[measured], y[measured], x_name=x_name, y_name=y_name, name=name, caveats=tuple(caveats), better=better,
            best=None if negated else best, chance=None if negated else chance,
        )  # fmt: skip

    @property
    def n(self) -> int:
        """Number of measurements, repeats included."""
        return len(self.x)

    @property
    def x_max(self) -> float:
        return float(self.x[-1])

    @property
    def better(self) -> Better:
        """Which way y is better: "lower" or "higher"."""
        return self.measure.better

    @property
    def best(self) -> float:
        """The value that y can reach and not pass; 0 for a loss."""
        return self.measure.bound

    @property
    def chance(self) -> float | None:
        """What pure guessing reaches, or None."""
        return self.measure.chance

    @cached_property
    def shortfall(self) -> Floats:
        """What each reading misses to the best value, (n,), positive and better when lower: what methods read.

        A reading at the bound counts as half the smallest shortfall beside it; with `chance`, a reading at chance or
        worse as half the smallest distance from it.

        Raises:
            CurveError: all readings lie at a bound.
        """
        if self.measure.plain and self.y.min() > 0:
            return self.y
        return self.measure.placed(self.y, self.y_name, self.label)

    def as_shortfall(self) -> "Curve":
        """The curve of what is missing to the best value: positive, better when lower; itself where y is that."""
        if self.measure.plain and self.y.min() > 0:
            return self
        caveats = tuple(c for c in self.caveats if c.code != "repeated_rows")
        name = self.measure.name_of(self.y_name)
        return Curve(self.x, self.shortfall, x_name=self.x_name, y_name=name, name=self.name, caveats=caveats)

    @property
    def label(self) -> str:
        """How errors and legends call the curve."""
        return f"curve '{self.name}'" if self.name is not None else "the curve"

    def take(self, index: NDArray[Any]) -> "Curve":
        """The same curve with some of its rows."""
        kept = tuple(c for c in self.caveats if c.code not in ("repeated_rows", "zero_at_bound", "at_chance"))
        return Curve(
            self.x[index],
            self.y[index],
            x_name=self.x_name,
            y_name=self.y_name,
            name=self.name,
            caveats=kept,
            measure=self.measure,
        )

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
            lost = "".join(f"; {c.message.rstrip('.')}" for c in self.caveats if c.code == "dropped_rows")
            raise CurveError(
                f"expected at least {MIN_CONTEXT} context points, got {self.n} ({self.label}{lost}). Add a measurement."
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
        higher = ", better higher" if self.better == "higher" else ""
        return f"Curve({name}{count(self.n, 'point')}, {', '.join(ranges)}{higher})"


_LOSS = Measure()


def _check_bound(y: Floats, measure: Measure, y_name: str, where: str) -> None:
    """Refuse readings beyond the best value; one at the bound is for `shortfall` to place."""
    bad = np.flatnonzero(measure.beyond(y) if measure.best is not None or measure.rises else y <= 0)
    if len(bad):
        side = "at most" if measure.rises else "at least"
        raise CurveError(
            f"expected {y_name} of {side} {measure.bound:g}, the best value, got {y[bad[0]]:g} ({where}, {some(bad)}). "
            f"Give the right one with {option('best', float(y.max() if measure.rises else y.min()))}."
        )


def _with_bound(caveats: tuple[Caveat, ...], y: Floats, measure: Measure, y_name: str) -> tuple[Caveat, ...]:
    """The caveats, and what is done with readings at the best value, or at chance and worse."""
    said = {c.code for c in caveats}
    at_best = int(np.sum(y == measure.bound))
    if at_best and "zero_at_bound" not in said:
        text = (
            f"{count(at_best, 'reading')} of {y_name} {'lies' if at_best == 1 else 'lie'} at the best value "
            f"{measure.bound:g}; read as half the smallest distance from it that was measured."
        )
        caveats = (*caveats, Caveat("zero_at_bound", text))
    if measure.chance is not None and "at_chance" not in said:
        guessed = int(np.sum(y <= measure.chance if measure.rises else y >= measure.chance))
        if guessed:
            text = (
                f"{count(guessed, 'reading')} of {y_name} {'is' if guessed == 1 else 'are'} no better than chance "
                f"({measure.chance:g}); read as half the smallest distance above it that was measured."
            )
            caveats = (*caveats, Caveat("at_chance", text))
    return caveats


def _repeated(n: int, x_name: str, y_name: str) -> Caveat:
    what = "1 row repeats" if n == 1 else f"{n} rows repeat"
    text = (
        f"{what} another row exactly, in {x_name} and in {y_name}; `pfn` reads copies once, fits count each of them. "
        "Remove them if they are no measurements of their own."
    )
    return Caveat("repeated_rows", text)
