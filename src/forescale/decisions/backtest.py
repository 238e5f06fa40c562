"""Hide the largest scales of the user's own runs, score every method there, and say whether that tells them apart."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Unpack

import numpy as np
from numpy.typing import NDArray

from ..curves.columns import Columns
from ..curves.curve import Curve
from ..curves.sources import as_curves
from ..errors import Caveat, CurveError, FitError
from ..forecasts import metrics
from ..forecasts.forecast import Forecast
from ..method.registry import METHODS
from ..pages.answer import Answer
from ..spelling import checked_keywords
from .compare import ask_each

Floats = NDArray[np.float64]
Measure = Literal["ll", "rmsle"]
ENOUGH_TARGETS = 10
"""Below this many hidden distinct x no method is told apart, and a ranking says that it rests on few."""
PRIOR, ENOUGH_CURVES = "pfn", 10
"""The method that is kept until this many curves put another before it, beyond noise."""
SURE = 0.975
"""A method is told apart from the first when a one-sided paired t-test is this sure of the gap."""


@dataclass(frozen=True)
class Score:
    """One method on one curve; every score is of the hidden points, kind "run".

    Attributes:
        rmsle: of the median; no unit.
        ll: mean log density of the loss, nats per unit of y.
        coverage: share of hidden points inside the 90 % interval.
        msce: mean squared calibration error over `metrics.MSCE_LEVELS`.
        seconds: wall time of the answer.
        failed: why there is no answer; the numbers are then NaN.
    """

    group: str
    method: str
    n_context: int
    n_targets: int
    rmsle: float = np.nan
    ll: float = np.nan
    coverage: float = np.nan
    msce: float = np.nan
    seconds: float = np.nan
    failed: str = ""


@dataclass(frozen=True)
class Rank:
    """One line of the ranking: means over the curves that the method answered.

    Attributes:
        gap, gap_se: how much worse than the first, on the curves both answered, with its standard error: over
            curves, or over the hidden x of a single curve (optimistic: neighbours share their error); NaN for one.
        told_apart: whether the gap is beyond noise at the level `SURE`; never from one curve, nor from fewer than
            `ENOUGH_TARGETS` hidden x; False for the first itself.
    """

    method: str
    n_curves: int
    n_failed: int
    rmsle: float
    ll: float
    coverage: float
    msce: float
    seconds: float
    gap: float
    gap_se: float
    told_apart: bool


@dataclass(frozen=True, repr=False)
class Backtest(Answer):
    """Scores of every method on the hidden scales, ranked.

    Attributes:
        ranking: best first; methods that failed on more curves stand below those that failed on fewer.
        scores: one for each curve and method.
        keep: the method to go on with: `PRIOR`, unless `ENOUGH_CURVES` curves put the first before it, beyond noise.
        verdict: who is first, whether that can be told, and which method to keep.
        warnings: those of the curves, `few_targets`, `one_curve`, `within_noise`, `failed_methods`.
        forecasts: group -> method -> Forecast of the hidden points.
        hidden: group -> x and y of the hidden points.
    """

    ranking: tuple[Rank, ...]
    scores: tuple[Score, ...]
    keep: str
    verdict: str
    warnings: tuple[Caveat, ...]
    rank_by: Measure
    hold_out: float
    forecasts: Mapping[str, Mapping[str, Forecast]]
    hidden: Mapping[str, tuple[Floats, Floats]]

    @property
    def failures(self) -> tuple[str, ...]:
        """Each reason of a failure once, with the methods and curves it is about."""
        about: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
        for s in self.scores:
            if s.failed:
                methods, groups = about.setdefault(s.failed, ({}, {}))
                methods[s.method], groups[s.group] = None, None
        n_methods, n_groups = (len({getattr(s, key) for s in self.scores}) for key in ("method", "group"))
        out = []
        for reason, (methods, groups) in about.items():
            who = "every method" if len(methods) == n_methods > 1 else ", ".join(methods)
            where = "" if len(groups) == n_groups else f" on {', '.join(groups)}"
            out.append(f"{who} failed{where}: {reason}")
        return tuple(out)


@checked_keywords
def backtest(
    source: Any,
    hold_out: float = 0.3,
    *,
    methods: Sequence[str] | None = None,
    rank_by: Measure = "ll",
    seed: int = 0,
    **columns: Unpack[Columns],
) -> Backtest:
    """Hide the largest scales, forecast them from the rest, and score every method.

    Args:
        source: a Curve, a dict name -> Curve, a pair (x, y), or a table of one curve or more (`group`).
        hold_out: share of the distinct x that is hidden, the largest, at least one of each curve.
        methods: names in `forescale.methods()`; every installed one but the MCMC methods where left out.
        rank_by: "ll", mean log density (the whole distribution); "rmsle", the median alone.

    Returns:
        Backtest. A method that fails on a curve is a row with its reason.

    Raises:
        CurveError: an unknown method, no curve at all, or a single curve without 3 points left in its context
            (among several such a curve is a row with its reason).
        FitError: no method answered on any curve.
    """
    curves = as_curves(source, **columns)
    if not curves:
        raise CurveError("expected at least one curve to backtest, got none. Check the file or the group.")
    if rank_by not in ("ll", "rmsle"):
        raise CurveError(f"expected rank_by 'll' or 'rmsle', got '{rank_by}'. 'll' scores the whole distribution.")
    names = list(dict.fromkeys(methods or quick_methods()))
    forecasts: dict[str, dict[str, Forecast]] = {}
    hidden: dict[str, tuple[Floats, Floats]] = {}
    scores: list[Score] = []
    for group, curve in curves.items():
        try:
            context, x, y = curve.hold_out(hold_out)
            context.as_context()
        except CurveError as error:
            if len(curves) == 1:
                raise
            scores += [Score(group, name, 0, 0, failed=str(error)) for name in names]
            continue
        hidden[group], forecasts[group] = (x, y), {}
        for score, f in _score_each(group, context, x, y, names, seed):
            scores.append(score)
            if f is not None:
                forecasts[group][score.method] = f
    ranking = _rank(names, scores, forecasts, hidden, rank_by)
    if not ranking:
        reasons = "; ".join(f"{s.method}: {s.failed}" for s in scores[: len(names)])
        raise FitError(f"expected at least one method to answer, got none. {reasons}")
    keep = _keep(ranking, forecasts, hidden, rank_by)
    verdict, warnings = _judge(ranking, keep, scores, hidden, rank_by)
    warnings = (*_of_the_curves(curves), *warnings)
    return Backtest(ranking, tuple(scores), keep, verdict, warnings, rank_by, hold_out, forecasts, hidden)


def quick_methods() -> tuple[str, ...]:
    """Every installed method that answers in seconds: all but the MCMC ones."""
    return tuple(name for name, method in METHODS.items() if not method.missing and not name.startswith("mcmc-"))


def _score_each(
    group: str, context: Curve, x: Floats, y: Floats, methods: Sequence[str], seed: int
) -> Iterator[tuple[Score, Forecast | None]]:
    for name in methods:
        start = time.perf_counter()
        answers, failures = ask_each(context, x, [name], "run", seed)
        seconds = time.perf_counter() - start
        n_targets = len(np.unique(x))
        if name in failures:
            yield Score(group, name, context.n, n_targets, seconds=seconds, failed=failures[name]), None
            continue
        f = answers[name]
        yield (
            Score(
                group=group,
                method=name,
                n_context=context.n,
                n_targets=n_targets,
                rmsle=metrics.rmsle(f, y),
                ll=metrics.log_likelihood(f, y),
                coverage=metrics.coverage(f, y, 0.9),
                msce=metrics.msce(f, y),
                seconds=seconds,
            ),
            f,
        )


def _rank(
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
            points = _badness(answers[method], x, y, rank_by) - _badness(answers[first], x, y, rank_by)
            if rank_by == "rmsle":
                per_curve.append(metrics.rmsle(answers[method], y) - metrics.rmsle(answers[first], y))
            else:
                per_curve.append(metrics.log_likelihood(answers[first], y) - metrics.log_likelihood(answers[method], y))
    values = np.array(per_curve) if len(per_curve) > 1 else points
    gap = float(np.mean(per_curve)) if per_curve else np.nan
    if len(values) < 2:
        return gap, np.nan, False
    spread = float(values.std(ddof=1) / np.sqrt(len(values)))
    sure = gap > 0 if spread == 0 else float(stdtr(len(values) - 1, gap / spread)) > SURE
    enough = len(per_curve) > 1 and n_hidden(hidden) >= ENOUGH_TARGETS
    return gap, spread, bool(sure and enough)


def n_hidden(hidden: Mapping[str, tuple[Floats, Floats]]) -> int:
    """Distinct hidden x, summed over curves."""
    return sum(len(np.unique(x)) for x, _ in hidden.values())


def _keep(
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


def _of_the_curves(curves: Mapping[str, Curve]) -> tuple[Caveat, ...]:
    """What the reader said of the curves, each sentence once with the names it is about."""
    said: dict[Caveat, list[str]] = {}
    for name, curve in curves.items():
        for caveat in dict.fromkeys(curve.caveats):
            said.setdefault(caveat, []).append(name)
    return tuple(
        c if len(who) == len(curves) else Caveat(c.code, f"{', '.join(who)}: {c.message}") for c, who in said.items()
    )


def _badness(f: Forecast, x: Floats, y: Floats, rank_by: Measure) -> Floats:
    """Loss at each distinct hidden x: absolute log error of the median, or minus the log density."""
    each = np.abs(np.log(f.median / y)) if rank_by == "rmsle" else -f.log_prob(y)
    return np.array([each[x == value].mean() for value in np.unique(x)])


def _judge(
    ranking: Sequence[Rank],
    keep: str,
    scores: Sequence[Score],
    hidden: Mapping[str, tuple[Floats, Floats]],
    rank_by: Measure,
) -> tuple[str, tuple[Caveat, ...]]:
    first, *rest = ranking
    n_targets, n_curves = n_hidden(hidden), len(hidden)
    where = f"{n_targets} hidden scale{'s' * (n_targets != 1)} of {n_curves} curve{'s' * (n_curves != 1)}"
    tied = [r.method for r in rest if not r.told_apart]
    warnings = []
    if n_targets < ENOUGH_TARGETS:
        text = f"the scores rest on {where}; below {ENOUGH_TARGETS}, a ranking and a coverage say little."
        warnings.append(Caveat("few_targets", text))
    if n_curves == 1 and rest:
        warnings.append(Caveat("one_curve", _ONE_CURVE))
    if tied:
        text = f"{', '.join(tied)} cannot be told from {first.method}: the gap is within noise."
        warnings.append(Caveat("within_noise", text))
    failed = sorted({s.method for s in scores if s.failed})
    if failed:
        warnings.append(Caveat("failed_methods", f"{', '.join(failed)} failed on some curves; see the reasons."))
    measure = "log density" if rank_by == "ll" else "RMSLE"
    head = f"{first.method} is first by {measure} on {where}"
    if not rest:
        return f"{first.method} alone was scored, on {where}.", tuple(warnings)
    if not tied and keep == first.method:
        return f"{head}, beyond noise.", tuple(warnings)
    if tied:
        few = n_targets < ENOUGH_TARGETS or n_curves == 1
        why = "too few points to tell" if n_targets < ENOUGH_TARGETS else "too few curves to tell"
        head = f"{head}, but that is {why if few else 'too close to tell'} it from {', '.join(tied)}"
    if keep != first.method:
        return f"{head}. Keep {keep}: {_why_keep(n_curves)}.", tuple(warnings)
    return f"{head}.", tuple(warnings)


def _why_keep(n_curves: int) -> str:
    if n_curves == 1:
        return "where one curve names another method, that one is usually the worse on the scales that follow"
    return f"another takes its place when {ENOUGH_CURVES} curves or more put it first, beyond noise"


_ONE_CURVE = "one curve cannot tell methods apart: its hidden points share one error."
