"""Least squares of a law, with its plug-in distribution: one method for each law of the house."""

from dataclasses import replace
from typing import final

from ..curves.curve import Curve
from ..errors import Caveat
from ..forecasts.forecast import Forecast, Kind
from ..laws import LAWS
from ..numerics import Floats, evenly
from .base import Method

MOST_ROWS = 20_000
"""Of longer contexts these many rows are fitted, evenly spread: a million take minutes and say the same."""


@final
class LeastSquares(Method):
    """Fits ln y by `laws.fit` and draws nothing; called as its law is.

    Args:
        law: a name in `laws.LAWS`.
    """

    plug_in = True
    may_fail = True

    def __init__(self, law: str) -> None:
        self.law = self.name = law
        self.summary = f"least squares of ln y, plug-in: {LAWS[law].title} ({LAWS[law].source})"

    def ask(self, curve: Curve, at: Floats, kind: Kind, seed: int) -> Forecast:
        from ..laws.fit import forecast_law

        if curve.n <= MOST_ROWS:
            return forecast_law(curve, at, kind, seed, law=self.law)
        few = curve.take(evenly(MOST_ROWS, curve.n))
        caveat = Caveat("thinned", f"{self.name} reads {MOST_ROWS:,} of {curve.n:,} context points.")
        return replace(forecast_law(few, at, kind, seed, law=self.law), context=curve).with_warnings(caveat)
