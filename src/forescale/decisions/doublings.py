"""What the next doubling of x buys: the noise-free curve at 2, 4, 8 ... times the largest x, and the gain of each step.

Gains are differences of drawn curves. A posterior of a law draws whole curves; a network's row keeps one quantile level
at every x (a coupling, not a joint posterior), which takes the errors at neighbouring x as one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Unpack

import numpy as np

from ..curves.columns import Columns
from ..curves.curve import Curve
from ..curves.sources import as_curve
from ..errors import Caveat, CurveError
from ..forecasts.forecast import Forecast
from ..forecasts.quantity import Quantity
from ..method.registry import forecast_many
from ..pages.answer import Answer
from ..spelling import checked_keywords, option

N_DRAWS = 4000
MOST = 20
"""More doublings than this (a million times the largest x) are no question of one's next runs."""


@dataclass(frozen=True, repr=False)
class Doublings(Answer):
    """The next doublings of one curve.

    Attributes:
        forecast: noise-free, at the largest x measured and at each doubling of it, (n + 1,).
        gains: of each doubling over the step before it, in the unit of y, positive where y gets better; n of them.
        threshold: the gain that is asked for.
    """

    forecast: Forecast
    gains: tuple[Quantity, ...]
    threshold: float

    @property
    def prob_gain(self) -> tuple[float, ...]:
        """P(gain of a doubling > threshold), n of them."""
        return tuple(float(np.mean(gain.draws > self.threshold)) for gain in self.gains)

    @property
    def warnings(self) -> tuple[Caveat, ...]:
        return self.forecast.warnings


@checked_keywords
def doublings(
    source: Any,
    n: int = 3,
    *,
    threshold: float = 0.0,
    method: str = "pfn",
    seed: int = 0,
    **columns: Unpack[Columns],
) -> Doublings:
    """What do the next doublings of x buy?

    Args:
        source: a Curve, a pair (x, y), or a table that holds one curve.
        n: how many doublings.
        threshold: a gain in the unit of y, for P(gain > threshold).
        method, seed: of the forecast, of the noise-free trend.

    Raises:
        CurveError: an unusable curve, or a number of doublings that is none.
    """
    curve = as_curve(source, **columns)
    return doublings_many({"curve": curve}, n, threshold=threshold, method=method, seed=seed)["curve"]


def doublings_many(
    curves: Mapping[str, Curve], n: int = 3, *, threshold: float = 0.0, method: str = "pfn", seed: int = 0
) -> dict[str, Doublings]:
    """`doublings` for many curves, one batch."""
    if not 1 <= n <= MOST:
        raise CurveError(f"expected 1 to {MOST} doublings, got {n}. Try {option('n', 3, shell='double')}.")
    if not np.isfinite(threshold):
        raise CurveError(f"expected a finite {option('threshold')}, got {threshold}. Give a gain in the unit of y.")
    at = {name: curve.x_max * 2.0 ** np.arange(n + 1) for name, curve in curves.items()}
    answers = forecast_many(curves, at, method=method, kind="curve", seed=seed)
    return {name: _of(f, threshold, seed) for name, f in answers.items()}


def _of(f: Forecast, threshold: float, seed: int) -> Doublings:
    """Gains from drawn curves; what is said of the first x, which is measured, is left out."""
    steps = np.diff(f.sample(N_DRAWS, seed=seed), axis=1)
    better = steps if f.context.better == "higher" else -steps
    told = tuple(w for w in f.warnings if w.code != "interpolation")
    return Doublings(replace(f, warnings=told), tuple(Quantity(gain) for gain in better.T), threshold)
