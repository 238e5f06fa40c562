"""The x at which the noise-free curve first reaches a target loss, as a distribution.

P(X* ≤ x) = max over x' ≤ x of P(g(x') ≤ target). A forecast gives one distribution at each x, not a joint law of the
whole curve, and this is the largest lower bound that those allow; where g falls it is exact, because having reached
the target by x' then means lying below it at x'.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, Unpack, cast

import numpy as np
from numpy.typing import ArrayLike

from ..curves.columns import Columns
from ..curves.curve import Curve
from ..curves.sources import as_curve
from ..errors import Caveat, CurveError
from ..forecasts.caveats import refuse_rising
from ..forecasts.forecast import Forecast, Kind
from ..method.registry import forecast_many
from ..numerics import Floats
from ..pages.answer import Answer
from ..spelling import checked_keywords, option

BEYOND = 1000.0
"""The default range ends at this multiple of the largest x measured."""
N_GRID = 200
"""Grid points over the whole range, and as many again where the probability rises."""
AT_ONCE = 32
"""Curves whose grids are forecast together; more take memory and no less time."""
SLACK = 0.01
"""A fall of P(g(x) ≤ target) by more than this means that the curve may rise again."""


@dataclass(frozen=True, repr=False)
class Reach(Answer):
    """The distribution of X*, the x at which the curve first reaches the target.

    Attributes:
        target: the loss asked for, unit of y.
        x_range: where it was looked for; X* outside is "not within".
        x: grid, (G,), rising from end to end of `x_range`.
        below: P(g(x) ≤ target) at each x on its own, (G,).
        forecast: the Forecast on the grid that all of this is read from.
        warnings: those of the forecast, and `already_reached`, `lower_bound`, `not_within`.
    """

    target: float
    x_range: tuple[float, float]
    forecast: Forecast
    warnings: tuple[Caveat, ...]

    @property
    def x(self) -> Floats:
        return self.forecast.x

    @cached_property
    def below(self) -> Floats:
        return self.forecast.prob_better(self.target)

    @cached_property
    def reached(self) -> Floats:
        """P(X* ≤ x) on the grid, (G,): rises, and need not end at 1."""
        return np.maximum.accumulate(self.below)

    @property
    def prob_never(self) -> float:
        """Probability that the target is not reached within `x_range` (where a bound: at most this)."""
        return max(0.0, float(1.0 - self.reached[-1]))

    @property
    def exact(self) -> bool:
        """Whether P(g(x) ≤ target) rises over the whole range, so that P(X* ≤ x) is no mere lower bound."""
        return bool(np.max(self.reached - self.below) <= SLACK)

    @property
    def median(self) -> float:
        """The x by which the target is reached with probability one half; inf where that is not within `x_range`."""
        return float(self.quantile(0.5))

    @property
    def prob_by_ten(self) -> float | None:
        """P(X* ≤ 10 times the largest x measured), for where an end is "not within"; None outside the range."""
        x = 10.0 * self.forecast.context.x_max
        return float(self.prob_by(x)) if self.x_range[0] <= x <= self.x_range[1] else None

    def prob_by(self, x: ArrayLike) -> Floats:
        """P(X* ≤ x), the shape of x; linear in ln x between grid points.

        Raises:
            CurveError: x outside `x_range`.
        """
        asked = np.asarray(x, float)
        low, high = self.x_range
        if not np.all((asked >= low * (1 - 1e-9)) & (asked <= high * (1 + 1e-9))):
            raise CurveError(
                f"expected x within {low:.4g} to {high:.4g}, got {x!r}. Widen {option('x_range', shell='range')}."
            )
        return cast("Floats", np.interp(np.log(asked), np.log(self.x), self.reached))

    def quantile(self, p: ArrayLike) -> Floats:
        """The x with P(X* ≤ x) = p, the shape of p; inf where the target is not reached with that probability.

        A level that the first x of the range already exceeds gives that x: read it as "by then, or before".

        Raises:
            CurveError: a level outside (0, 1).
        """
        levels = np.asarray(p, float)
        if not np.all((levels > 0) & (levels < 1)):
            raise CurveError(f"expected levels inside (0, 1), got {p!r}. Try 0.05.")
        right = np.searchsorted(self.reached, levels)  # the first grid point with reached >= p
        inside = np.clip(right, 1, len(self.x) - 1)
        p0, p1 = self.reached[inside - 1], self.reached[inside]
        share = np.clip((levels - p0) / np.maximum(p1 - p0, 1e-300), 0.0, 1.0)
        u = np.log(self.x)
        x = np.exp(u[inside - 1] + share * (u[inside] - u[inside - 1]))
        x = np.where(right == 0, self.x[0], x)
        return np.where(right == len(self.x), np.inf, x)

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """Central interval of X*; an end is inf where it is not within `x_range`."""
        if not 0 < level < 1:
            raise CurveError(f"expected an interval level inside (0, 1), got {level}. Try 0.9.")
        lower, upper = self.quantile([(1 - level) / 2, (1 + level) / 2])
        return float(lower), float(upper)

    def loss_at(self, x: ArrayLike) -> Forecast:
        """The same read the other way: the Forecast of the loss at a budget x."""
        assert self.forecast.ask is not None  # forecast_many always sets it
        return self.forecast.ask(np.atleast_1d(np.asarray(x, float)))


@checked_keywords
def reach(
    source: Any,
    target: float,
    *,
    x_range: tuple[float, float] | None = None,
    method: str = "pfn",
    kind: Kind = "curve",
    seed: int = 0,
    **columns: Unpack[Columns],
) -> Reach:
    """When does the curve first reach a target loss?

    Args:
        source: a Curve, a pair (x, y), a path or a data frame that holds one curve.
        target: a loss, in the unit of y.
        x_range: where to look; from the smallest x measured to `BEYOND` times the largest where left out.
        method: a name in `forescale.methods()`.
        kind: "curve", the noise-free trend; "run": when one new measurement at x would read the target or less.

    Returns:
        Reach: quantiles, intervals, the probability of not reaching it within the range.

    Raises:
        CurveError: an unusable curve, target or range.
    """
    curve = as_curve(source, **columns)
    return reach_many({"curve": curve}, target, x_range=x_range, method=method, kind=kind, seed=seed)["curve"]


def reach_many(
    curves: Mapping[str, Curve],
    target: float,
    *,
    x_range: tuple[float, float] | None = None,
    method: str = "pfn",
    kind: Kind = "curve",
    seed: int = 0,
) -> dict[str, Reach]:
    """`reach` for many curves, `AT_ONCE` of them in a batch."""
    for curve in curves.values():
        _check_target(curve, target)
    refuse_rising({name: curve.as_context() for name, curve in curves.items()})
    ranges = {name: _range(curve, x_range) for name, curve in curves.items()}
    found: dict[str, Reach] = {}
    for start in range(0, len(curves), AT_ONCE):
        some = dict(islice(curves.items(), start, start + AT_ONCE))
        grids = {name: np.geomspace(*ranges[name], N_GRID) for name in some}
        first = forecast_many(some, grids, method=method, kind=kind, seed=seed)
        grids = {name: _refined(f.x, f.prob_better(target)) for name, f in first.items()}
        forecasts = forecast_many(some, grids, method=method, kind=kind, seed=seed)
        found |= {n: Reach(target, ranges[n], f, _caveats(f, target, ranges[n])) for n, f in forecasts.items()}
    return found


def _check_target(curve: Curve, target: float) -> None:
    """Refuse a target that y cannot reach."""
    low, high = curve.measure.domain
    hundred = {100.0: 100.0, 1.0: 0.01}.get(curve.best)
    odd = not low < target < high or (curve.best == 100 and target <= 1 < curve.y.min())
    if odd and curve.better == "higher" and hundred and curve.y.min() < hundred * target < high:
        raise CurveError(
            f"expected a target in the unit of {curve.y_name}, {curve.y.min():.4g} to {curve.y.max():.4g} so far, "
            f"got {target:g} ({curve.label}). Did you mean {hundred * target:g}?"
        )
    if np.isfinite(target) and low < target < high:
        return
    if curve.measure.plain:
        raise CurveError(f"expected a positive, finite target loss, got {target:g}. Give it in the unit of y.")
    raise CurveError(
        f"expected a target between {max(low, float(curve.y.min())):.4g} and {high:.4g}, the bounds of {curve.y_name}, "
        f"got {target:g} ({curve.label}). Give it in the unit of y."
    )


def _range(curve: Curve, x_range: tuple[float, float] | None) -> tuple[float, float]:
    low, high = (float(curve.x[0]), BEYOND * curve.x_max) if x_range is None else map(float, x_range)
    if not (np.isfinite([low, high]).all() and 0 < low < high):
        raise CurveError(
            f"expected a range with 0 < low < high, got {low:g} to {high:g} ({curve.label}). Try (1e9, 1e13)."
        )
    return low, high


def _refined(x: Floats, below: Floats) -> Floats:
    """The grid with as many points again where P(X* ≤ x) goes from 0.001 to 0.999."""
    reached = np.maximum.accumulate(below)
    first = max(int(np.searchsorted(reached, 0.001)) - 1, 0)
    last = min(int(np.searchsorted(reached, min(0.999, reached[-1]))) + 1, len(x) - 1)
    return np.unique(np.concatenate([x, np.geomspace(x[min(first, last - 1)], x[max(last, 1)], len(x))]))


def _caveats(f: Forecast, target: float, x_range: tuple[float, float]) -> tuple[Caveat, ...]:
    curve = f.context
    out = [
        w for w in f.warnings if w.code not in ("far_extrapolation", "interpolation", "unit_doubtful", "below_range")
    ]
    answer = Reach(target, x_range, f, ())
    higher = curve.better == "higher"
    seen = np.flatnonzero(curve.y >= target if higher else curve.y <= target)
    by_now = float(answer.prob_by(curve.x_max)) if x_range[0] <= curve.x_max <= x_range[1] else 0.0
    if len(seen) or by_now > 0.5:
        text = f"the target is already reached within the measured {curve.x_name} with probability {by_now:.2g}"
        if len(seen):
            way = "more" if higher else "less"
            text += f"; {len(seen)} of {curve.n} measurements read {target:g} or {way}, first at {curve.x[seen[0]]:.4g}"
        out.append(Caveat("already_reached", text + "."))
    if not answer.exact:
        text = (
            "the probability of having reached the target falls again with x, so the method allows for a curve that "
            "turns back; every P(X* ≤ x) is then a lower bound, and every quantile of X* an upper one."
        )
        out.append(Caveat("lower_bound", text))
    if answer.prob_never > 0.05:
        text = (
            f"not reached within {x_range[0]:.4g} to {x_range[1]:.4g} {curve.x_name} "
            f"with probability {answer.prob_never:.2g}."
        )
        out.append(Caveat("not_within", text))
    upper = answer.quantile(0.95)
    finite = float(upper) if np.isfinite(upper) else x_range[1]
    if finite > 100 * curve.x_max:
        text = f"the answer reaches to {finite / curve.x_max:.3g} times the largest {curve.x_name} measured."
        out.append(Caveat("far_extrapolation", text))
    return tuple(out)
