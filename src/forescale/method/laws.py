"""Least squares of a law, with its plug-in distribution: one method for each law of the house."""

from typing import final

from ..curves.curve import Curve
from ..forecasts.forecast import Forecast, Kind
from ..laws import LAWS
from ..numerics import Floats
from .base import Method


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

        return forecast_law(curve, at, kind, seed, law=self.law)
