"""Who is first, by how much, whether that is beyond noise, and which method to keep."""

from collections.abc import Mapping, Sequence

import numpy as np

from ...curves.curve import Curve
from ...forecasts import metrics
from ...forecasts.forecast import Forecast
from ...numerics import Floats
from .answer import ENOUGH_CURVES, ENOUGH_TARGETS, PRIOR, SURE, Measure, Rank, Score


def rank(
    methods: Sequence[str],
    scores: Sequence[Score],
    forecasts: Mapping[str, Mapping[str, Forecast]],
    hidden: Mapping[str, tuple[Floats, Floats]],
    rank_by: Measure,
) -> tuple[Rank, ...]:
    answered = {m: [s for s in scores if s.method == m and not s.failed] for m in methods}
    present = [m for m in methods if answered[m]]
    sign = 1.0 if rank_by == "rmsle" else -1.0

    def badness(m: str) -> tuple[int, float]:
        return -len(answered[m]), sign * float(np.mean([getattr(s, rank_by) for s in answered[m]]))

    present.sort(key=badness)
    out = []
    for m in present:
        gap, gap_se, told_apart = _gap(m, present[0], forecasts, hidden, rank_by)
        out.append(
            Rank(
                method=m,
                n_curves=len(answered[m]),
                n_failed=sum(s.method == m and bool(s.failed) for s in scores),
                **{k: float(np.mean([getattr(s, k) for s in answered[m]])) for k in _MEANS},
                gap=gap,
                gap_se=gap_se,
                told_apart=told_apart,
            )
        )
    return tuple(out)


_MEANS = ("rmsle", "ll", "coverage", "msce", "seconds")


def _gap(
    method: str,
    first: str,
    forecasts: Mapping[str, Mapping[str, Forecast]],
    hidden: Mapping[str, tuple[Floats, Floats]],
    rank_by: Measure,
) -> tuple[float, float, bool]:
    """Mean paired loss of `method` against the first, its standard error, and whether that is beyond noise."""
    from scipy.special import stdtr

    per_curve, points = [], np.zeros(0)
    for group, answers in forecasts.items():
        if method in answers and first in answers:
            x, y = hidden[group]
            (theirs, short), (best, _) = (over_shortfall(answers[m], x, y) for m in (method, first))
            points = _badness(theirs, x, short, rank_by) - _badness(best, x, short, rank_by)
            if rank_by == "rmsle":
                per_curve.append(metrics.rmsle(theirs, short) - metrics.rmsle(best, short))
            else:
                per_curve.append(metrics.log_likelihood(best, short) - metrics.log_likelihood(theirs, short))
    values = np.array(per_curve) if len(per_curve) > 1 else points
    gap = float(np.mean(per_curve)) if per_curve else np.nan
    if len(values) < 2:
        return gap, np.nan, False
    spread = float(values.std(ddof=1) / np.sqrt(len(values)))
    sure = gap > 0 if spread == 0 else float(stdtr(len(values) - 1, gap / spread)) > SURE
    enough = len(per_curve) > 1 and n_hidden(hidden) >= ENOUGH_TARGETS
    return gap, spread, bool(sure and enough)


def over_shortfall(f: Forecast, x: Floats, y: Floats) -> tuple[Forecast, Floats]:
    """Forecast and readings of what y misses to its best value, which is what is scored; y itself for a loss."""
    return f.as_shortfall(), Curve(x, y, measure=f.context.measure).shortfall


def n_hidden(hidden: Mapping[str, tuple[Floats, Floats]]) -> int:
    """Distinct hidden x, summed over curves."""
    return sum(len(np.unique(x)) for x, _ in hidden.values())


def keep(
    ranking: Sequence[Rank],
    forecasts: Mapping[str, Mapping[str, Forecast]],
    hidden: Mapping[str, tuple[Floats, Floats]],
    rank_by: Measure,
) -> str:
    """`PRIOR` where it was scored, until `ENOUGH_CURVES` curves put another before it, beyond noise."""
    first, prior = ranking[0].method, next((r for r in ranking if r.method == PRIOR), None)
    if prior is None or prior is ranking[0]:
        return first
    both = sum(first in answers and PRIOR in answers for answers in forecasts.values())
    return first if both >= ENOUGH_CURVES and prior.told_apart else PRIOR


def _badness(f: Forecast, x: Floats, y: Floats, rank_by: Measure) -> Floats:
    """Loss at each distinct hidden x: absolute log error of the median, or minus the log density."""
    each = np.abs(np.log(f.median / y)) if rank_by == "rmsle" else -f.log_prob(y)
    _, place, n = np.unique(x, return_inverse=True, return_counts=True)
    return np.asarray(np.bincount(place, each) / n)
