"""The question and its answer, in order: hide, forecast, score, rank, judge."""

import time
from collections.abc import Iterator, Sequence
from typing import Any, Unpack

import numpy as np

from ...curves.columns import Columns
from ...curves.curve import Curve
from ...curves.sources import as_curves
from ...errors import Caveat, CurveError, FitError
from ...forecasts import metrics
from ...forecasts.forecast import Forecast
from ...method.registry import METHODS
from ...numerics import Floats, evenly
from ...progress import counted
from ...spelling import checked_keywords
from ..compare import ask_each
from .answer import MAX_HIDDEN, Backtest, Measure, Score
from .ranking import keep, over_shortfall, rank
from .verdict import judge, of_the_curves


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
        methods: names in `forescale.methods()`; every installed one that is quick where left out.
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
    thinned: list[str] = []
    for group, curve in counted(curves.items(), len(curves), "curve"):
        try:
            context, x, y = curve.hold_out(hold_out)
            context.as_context()
        except CurveError as error:
            if len(curves) == 1:
                raise
            scores += [Score(group, name, 0, 0, failed=str(error)) for name in names]
            continue
        if len(x) > MAX_HIDDEN:
            few = evenly(MAX_HIDDEN, len(x))
            x, y = x[few], y[few]
            thinned.append(group)
        hidden[group], forecasts[group] = (x, y), {}
        for score, f in _score_each(group, context, x, y, names, seed):
            scores.append(score)
            if f is not None:
                forecasts[group][score.method] = f
    ranking = rank(names, scores, forecasts, hidden, rank_by)
    if not ranking:
        reasons = "; ".join(f"{s.method}: {s.failed}" for s in scores[: len(names)])
        raise FitError(f"expected at least one method to answer, got none. {reasons}")
    kept = keep(ranking, forecasts, hidden, rank_by)
    verdict, warnings = judge(ranking, kept, scores, hidden, rank_by)
    if thinned:
        text = f"of {', '.join(thinned)}, {MAX_HIDDEN} hidden readings are scored, evenly spread."
        warnings = (Caveat("thinned", text), *warnings)
    warnings = (*of_the_curves(curves), *warnings)
    return Backtest(ranking, tuple(scores), kept, verdict, warnings, rank_by, hold_out, forecasts, hidden)


def quick_methods() -> tuple[str, ...]:
    """Every installed method that answers in seconds."""
    return tuple(name for name, method in METHODS.items() if not method.missing and method.cost == "quick")


def _score_each(
    group: str, context: Curve, x: Floats, y: Floats, methods: Sequence[str], seed: int
) -> Iterator[tuple[Score, Forecast | None]]:
    for name in counted(methods, len(methods), "method"):
        start = time.perf_counter()
        answers, failures = ask_each(context, x, [name], "run", seed)
        seconds = time.perf_counter() - start
        n_targets = len(np.unique(x))
        try:
            over, short = over_shortfall(answers[name], x, y) if name in answers else (None, y)
        except CurveError as error:  # every hidden reading lies at the bound: nothing is missing to score
            over, failures[name] = None, str(error)
        if over is None:
            yield Score(group, name, context.n, n_targets, seconds=seconds, failed=failures[name]), None
            continue
        yield (
            Score(
                group=group,
                method=name,
                n_context=context.n,
                n_targets=n_targets,
                rmsle=metrics.rmsle(over, short),
                ll=metrics.log_likelihood(over, short),
                coverage=metrics.coverage(over, short, 0.9),
                msce=metrics.msce(over, short),
                seconds=seconds,
            ),
            answers[name],
        )
