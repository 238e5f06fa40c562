"""Which runs to do next under a budget, and how much each is expected to narrow the forecast."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Unpack

import numpy as np
from numpy.typing import ArrayLike

from ..curves.columns import Columns
from ..curves.curve import Curve
from ..curves.sources import as_curve
from ..curves.thinning import thin
from ..errors import Caveat, CurveError
from ..forecasts.forecast import Forecast, check_targets
from ..method.registry import forecast_many
from ..numerics import Floats
from ..pages.answer import Answer
from ..progress import counted
from ..spelling import checked_keywords
from .acquire import Ask, find_acquisition
from .candidates import Cost, affordable
from .plans import HELPS, N_FIRST, Problem, Run, largest_alone, make_plan

Strategy = Literal["look-ahead", "greedy"]
MAX_CONTEXT = 100
"""Longer contexts are thinned first, so that a network that thins cannot drop the imagined run."""
EXPONENTS = (1.0, 0.5, 0.0)
"""Look-ahead compares plans that divide the gain by cost to these powers."""


@dataclass(frozen=True, repr=False)
class Suggestion(Answer):
    """A plan, or a plain answer why there is none.

    Attributes:
        runs: in the order to do them; empty where nothing affordable helps.
        largest: the largest affordable run alone, what one does without a plan.
        answer: one sentence.
        now: Forecast of the curve at the targets before any run.
        candidates, costs, scores: (C,): what could be afforded, and the score of each as the first run.
        budget: inf where none was given.
        level: of the intervals.
    """

    runs: tuple[Run, ...]
    largest: Run
    answer: str
    now: Forecast
    candidates: Floats
    costs: Floats
    scores: Floats
    budget: float
    level: float
    acquisition: str
    warnings: tuple[Caveat, ...] = ()

    @property
    def spent(self) -> float:
        return float(sum(run.cost for run in self.runs))

    @property
    def gain(self) -> float:
        """Expected information of the whole plan, in nats."""
        return float(sum(run.gain for run in self.runs))


@checked_keywords
def suggest(
    source: Any,
    at: ArrayLike,
    *,
    candidates: ArrayLike | tuple[float, float] | None = None,
    cost: Cost = None,
    budget: float | None = None,
    n: int = 1,
    method: str = "pfn",
    acquisition: str = "information",
    strategy: Strategy = "look-ahead",
    level: float = 0.9,
    n_nodes: int = 16,
    seed: int = 0,
    **columns: Unpack[Columns],
) -> Suggestion:
    """Choose the next n runs: those that make the curve at `at` most certain for what they cost.

    Args:
        source: a Curve, a pair (x, y), a path or a data frame that holds one curve.
        at: shape (T,), where the curve should become known.
        candidates: a list of x, or a tuple (low, high) for a grid; from the smallest x measured to the largest
            target where left out. Each is suggested once.
        cost: arithmetic over x (or its column name), such as "6 * x * 1e9"; a function of x; 1 a run where left out.
        budget: what all runs together may cost.
        n: how many runs at most.
        acquisition: a name in `acquire.ACQUISITIONS`.
        strategy: "greedy" takes the best gain per cost, run by run. "look-ahead" makes such a plan, one by gain
            alone and one between, and keeps the plan that is expected to gain most in the end.
        n_nodes: imagined outcomes of a candidate.

    Returns:
        Suggestion. Where no affordable run narrows the interval by `HELPS`, it has no runs and says so.

    Raises:
        CurveError: unusable input, or a budget below every candidate.

    Source: Lindley 1956 for the gain; the comparison of plans follows Leskovec et al. 2007 (KDD, "Cost-effective
    outbreak detection"), who show that the better of gain and gain per cost cannot be far from the best plan.
    """
    curve = as_curve(source, **columns).as_context()
    targets = check_targets(at, curve)
    rule = find_acquisition(acquisition)
    if strategy not in ("look-ahead", "greedy"):
        raise CurveError(f"expected strategy 'look-ahead' or 'greedy', got '{strategy}'. Choose one.")
    if n < 1 or n_nodes < 2:
        raise CurveError(f"expected n of at least 1 and n_nodes of at least 2, got {n} and {n_nodes}. Try 3 runs.")
    limit = _checked_budget(budget)
    x, costs = affordable(curve, targets, candidates, cost, limit)
    ask: Ask = lambda curves, at, kind: forecast_many(curves, at, method=method, kind=kind, seed=seed)  # noqa: E731
    now, short = ask({"now": curve}, targets, "curve")["now"], curve.as_shortfall()
    start = short if curve.n <= MAX_CONTEXT else short.take(thin(curve.x, MAX_CONTEXT))
    problem = Problem(start, curve.measure, targets, x, costs, limit, n, ask, rule, level, n_nodes, seed)
    scores = rule.score_all(problem.situation((start,), x, costs, np.random.default_rng(seed)), N_FIRST)
    exponents = EXPONENTS if strategy == "look-ahead" and rule.per_cost and np.ptp(costs) > 0 else EXPONENTS[:1]
    plans = [make_plan(problem, scores, exponent) for exponent in counted(exponents, len(exponents), "plan")]
    runs = max(plans, key=lambda runs: (round(sum(r.gain for r in runs) / HELPS), -sum(r.cost for r in runs)))
    warnings = [w for w in now.warnings if w.code != "interpolation"]
    if start.n < curve.n:
        warnings.append(Caveat("thinned", f"{curve.n} context points were thinned to {start.n} to imagine outcomes."))
    if runs and not _width(runs[-1].interval, curve) < _width(now.interval(level), curve):
        warnings.append(Caveat("inconsistent", _INCONSISTENT.format(method=method)))
    alone = largest_alone(problem)
    answer = _answer(runs, alone, curve, x, costs, scores)
    return Suggestion(runs, alone, answer, now, x, costs, scores, limit, level, acquisition, tuple(warnings))


_INCONSISTENT = (
    "{method} widens its own interval when it imagines these runs, which an exact posterior would not do on average; "
    "read the gains as a ranking, and the intervals after the runs with doubt."
)


def _width(interval: tuple[Floats, Floats], curve: Curve) -> float:
    """Mean width in ln of what y misses to its best value."""
    low, high = (np.log(np.maximum(curve.measure.shortfall(end), 1e-300)) for end in interval)
    return float(np.mean(np.abs(high - low)))


def _checked_budget(budget: float | None) -> float:
    if budget is None:
        return np.inf
    if not budget > 0:
        raise CurveError(f"expected a positive budget, got {budget}. Give it in the unit of the cost.")
    return float(budget)


def _answer(runs: Sequence[Run], alone: Run, curve: Curve, x: Floats, costs: Floats, scores: Floats) -> str:
    if not runs:
        best = int(np.argmax(scores))
        most = 100 * (1 - np.exp(-scores[best]))
        return (
            "nothing affordable helps: no run within the budget is expected to narrow the interval by "
            f"{100 * HELPS:g} % or more (the best, {curve.x_name} {x[best]:.4g} for {costs[best]:.4g}: {most:.2g} %)."
        )
    total = 1 - np.exp(-sum(run.gain for run in runs))
    spent = sum(run.cost for run in runs)
    where = ", ".join(f"{run.x:.4g}" for run in runs)
    told = f"measure {curve.x_name} {where} for {spent:.4g}: the interval is expected to narrow by {100 * total:.0f} %"
    if [run.x for run in runs] == [alone.x]:
        return f"{told}; it is the largest run that can be afforded."
    return (
        f"{told} (the largest affordable run alone, {alone.x:.4g} for {alone.cost:.4g}: {100 * alone.narrows:.0f} %)."
    )
