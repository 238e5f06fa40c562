"""`backtest_joint`: hide the dearest runs by compute, and score every joint method on them, paired."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import Caveat, CurveError, ForescaleError
from ..forecasts.forecast import Forecast
from ..numerics import Floats
from ..pages.answer import Answer
from ..spelling import checked_keywords
from .design import FEWEST
from .fit import read_runs
from .model import METHODS, JointMethod, fit_joint


@dataclass(frozen=True)
class JointScore:
    """One method on the hidden runs.

    Attributes:
        rmsle: root mean squared error of ln L; ll: mean log density of ln L, nats.
        coverage50, coverage90: share of runs inside these intervals; width90: mean width of the 90 % interval in ln L.
        gap, gap_se: how far its ll is behind the first, and the standard error of that over the hidden runs.
        bias: mean of ln median - ln L; above 0 where predictions are too high.
        seconds: CPU time of fit and prediction.
    """

    method: str
    rmsle: float
    ll: float
    coverage50: float
    coverage90: float
    width90: float
    bias: float
    gap: float
    gap_se: float
    seconds: float


@dataclass(frozen=True, eq=False, repr=False)
class JointBacktest(Answer):
    """Methods, the best log density first; what was hidden; the verdict in one sentence."""

    hold_out: float
    scores: tuple[JointScore, ...]
    forecasts: dict[str, Forecast]
    hidden: dict[str, Floats]
    n_context: int
    failures: tuple[str, ...] = ()
    warnings: tuple[Caveat, ...] = ()

    @property
    def verdict(self) -> str:
        """What the scores allow to say, and no more."""
        if not self.scores:
            return "no method answered."
        first, *others = self.scores
        n = len(self.hidden["loss"])
        told = [s.method for s in others if s.gap > 2 * s.gap_se]
        near = [s.method for s in others if s.gap <= 2 * s.gap_se]
        head = f"{first.method} has the best log density on {n} hidden runs"
        if near:
            head += f"; {' and '.join(near)} cannot be told apart from it"
        if told:
            head += f"; it is ahead of {' and '.join(told)} by more than two standard errors"
        if n < 10:
            head += f"; {n} runs prove little"
        return head + "."


@checked_keywords
def backtest_joint(
    params: ArrayLike,
    tokens: ArrayLike,
    loss: ArrayLike,
    *,
    hold_out: float = 0.3,
    methods: Sequence[JointMethod] | None = None,
    seed: int = 0,
) -> JointBacktest:
    """Hide the dearest runs and score joint methods on them.

    Args:
        params, tokens, loss: (n,), positive.
        hold_out: share of the runs that are hidden, those with the most 6 N D; at least one.
        methods: names of joint methods; all by default.
        seed: of the posteriors.

    Raises:
        CurveError: unusable values, or too few runs to hide any.
    """
    runs = read_runs(params, tokens, loss)
    if not 0 < hold_out < 1:
        raise CurveError(f"expected hold_out inside (0, 1), got {hold_out}. Try 0.3.")
    if unknown := [name for name in methods or () if name not in METHODS]:
        raise CurveError(f"expected joint methods {', '.join(METHODS)}, got {', '.join(unknown)}. Choose among them.")
    N, D, L = runs.params, runs.tokens, runs.loss
    order = np.argsort(N * D, kind="stable")
    n_hidden = max(1, round(hold_out * len(L)))
    if len(L) - n_hidden < FEWEST:
        raise CurveError(
            f"expected at least {FEWEST} runs beside the {n_hidden} hidden ones, got {len(L)} in all. Add runs."
        )
    seen, hidden = order[:-n_hidden], order[-n_hidden:]
    found, failures = _answers((N[seen], D[seen], L[seen]), (N[hidden], D[hidden]), methods or METHODS, seed)
    table = {"params": N[hidden], "tokens": D[hidden], "loss": L[hidden]}
    caveats = next((f.warnings for f, _ in found.values()), ())
    forecasts = {name: f for name, (f, _) in found.items()}
    return JointBacktest(hold_out, _scores(found, table), forecasts, table, len(seen), failures, caveats)


def _answers(
    seen: tuple[Floats, Floats, Floats], asked: tuple[Floats, Floats], methods: Sequence[JointMethod], seed: int
) -> tuple[dict[str, tuple[Forecast, float]], tuple[str, ...]]:
    found: dict[str, tuple[Forecast, float]] = {}
    failures = []
    for name in methods:
        began = time.process_time()
        try:
            answer = fit_joint(*seen, method=name, seed=seed).predict(*asked)
        except ForescaleError as error:
            failures.append(f"{name}: {error}")
            continue
        found[name] = answer, time.process_time() - began
    return found, tuple(failures)


def _scores(found: dict[str, tuple[Forecast, float]], table: dict[str, Floats]) -> tuple[JointScore, ...]:
    log_y = np.log(table["loss"])
    densities = {name: f.log_prob(table["loss"]) + log_y for name, (f, _) in found.items()}
    ranked = sorted(found, key=lambda name: -float(densities[name].mean()))
    out = []
    for name in ranked:
        answer, seconds = found[name]
        miss = np.log(answer.median) - log_y
        behind = densities[ranked[0]] - densities[name]
        se = float(behind.std(ddof=1) / np.sqrt(len(behind))) if len(behind) > 1 else float("inf")
        inside = {level: _share_inside(answer, table["loss"], level) for level in (0.5, 0.9)}
        low, high = answer.interval(0.9)
        out.append(
            JointScore(
                name, float(np.sqrt(np.mean(miss**2))), float(densities[name].mean()), inside[0.5], inside[0.9],
                float(np.mean(np.log(high / low))), float(miss.mean()), float(behind.mean()), se, seconds,
            )
        )  # fmt: skip
    return tuple(out)


def _share_inside(answer: Forecast, y: Floats, level: float) -> float:
    low, high = answer.interval(level)
    return float(np.mean((low <= y) & (y <= high)))
