"""Plans of several runs: choose one, imagine how it turns out, choose the next."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..curves.curve import Curve
from ..curves.measure import Measure
from ..forecasts.forecast import Forecast, quantiles_of
from ..numerics import Floats
from .acquire import Acquisition, Ask, InformationGain, Situation, extended, imagined, midpoints, named

N_FIRST, N_LATER = 100, 32
"""Candidates that are scored for the first run, and again for each after it; the rest are read between them."""
N_WORLDS = 4
"""Ways in which the runs planned already may have turned out."""
HELPS = 0.01
"""A run that is expected to narrow the interval by less than this share does not help."""


@dataclass(frozen=True)
class Run:
    """One run of a plan.

    Attributes:
        x, cost: what to measure, and what it costs.
        outcome: 90 % interval of what it will read.
        gain: expected information about the curve at the targets, in nats, mean over them (`InformationGain`).
        median, interval: of the curve at each target once this run and those before it are done, (T,) and two (T,):
            geometric means over the outcomes imagined. All in the unit of y.
    """

    x: float
    cost: float
    outcome: tuple[float, float]
    gain: float
    median: Floats
    interval: tuple[Floats, Floats]

    @property
    def narrows(self) -> float:
        """The share by which information narrows an interval: 1 - exp(-gain)."""
        return 1.0 - float(np.exp(-self.gain))


@dataclass(frozen=True)
class Problem:
    """What stays the same while plans are made.

    Attributes:
        curve: the measurements, as what y misses to its best value.
        measure: turns that back into y.
        targets: (T,), where the curve should become known.
        candidates, costs: (C,), each within the budget.
        budget, n: limits of the whole plan.
        ask, rule, n_nodes: as in `Situation`.
        level: of the intervals reported.
        tried: x -> what `_try` said of it as the first run; plans often begin with the same one.
    """

    curve: Curve
    measure: Measure
    targets: Floats
    candidates: Floats
    costs: Floats
    budget: float
    n: int
    ask: Ask
    rule: Acquisition
    level: float
    n_nodes: int
    seed: int
    tried: dict[float, tuple[Run, tuple[Curve, ...]]] = field(default_factory=dict)

    def situation(self, worlds: tuple[Curve, ...], x: Floats, costs: Floats, rng: np.random.Generator) -> Situation:
        return Situation(worlds, x, costs, self.targets, self.ask, rng, self.n_nodes)


def make_plan(problem: Problem, first: Floats, exponent: float) -> tuple[Run, ...]:
    """Runs chosen one after the other by score / cost**exponent."""
    rng = np.random.default_rng(problem.seed)
    worlds: tuple[Curve, ...] = (problem.curve,)
    x, costs, scores, left = problem.candidates, problem.costs, first, problem.budget
    runs: list[Run] = []
    while True:
        power = exponent if problem.rule.per_cost else 0.0
        best = int(np.argmax(scores / costs**power if power else scores))
        if problem.rule.per_cost and scores[best] < HELPS:
            best = int(np.argmax(scores))  # nothing for the money; is there anything at all?
        chosen = float(x[best]), float(costs[best])
        run, worlds = _try(problem, worlds, *chosen, rng) if runs else _try_first(problem, *chosen)
        if problem.rule.per_cost and run.gain < HELPS:
            return tuple(runs)
        runs.append(run)
        left -= run.cost
        keep = np.flatnonzero((costs <= left) & (x != run.x))
        if len(runs) == problem.n or not len(keep):
            return tuple(runs)
        x, costs = x[keep], costs[keep]
        scores = problem.rule.score_all(problem.situation(worlds, x, costs, rng), N_LATER)


def largest_alone(problem: Problem) -> Run:
    """The largest candidate that can be afforded, on its own: what one does without a plan."""
    i = int(np.argmax(problem.candidates))
    return _try_first(problem, float(problem.candidates[i]), float(problem.costs[i]))[0]


def _try_first(problem: Problem, x: float, cost: float) -> tuple[Run, tuple[Curve, ...]]:
    """`_try` of a first run, which draws nothing and is the same in every plan."""
    if x not in problem.tried:
        rng = np.random.default_rng(problem.seed)
        problem.tried[x] = _try(problem, (problem.curve,), x, cost, rng)
    return problem.tried[x]


def _try(
    problem: Problem, worlds: tuple[Curve, ...], x: float, cost: float, rng: np.random.Generator
) -> tuple[Run, tuple[Curve, ...]]:
    """The run at x with what it is expected to bring, and the worlds after it."""
    now = problem.situation(worlds, np.array([x]), np.array([cost]), rng)
    answers = list(problem.ask(named(worlds), now.candidates, "run").values())
    then = imagined(now)
    value, level = problem.measure.value, problem.level
    *ends, median = value(_geometric_mean(quantiles_of(then, ((1 - level) / 2, (1 + level) / 2, 0.5))))
    reads = sorted(value(_geometric_mean([f.interval(0.9)[end] for f in answers])).item() for end in (0, 1))
    run = Run(
        x=x,
        cost=cost,
        outcome=(reads[0], reads[1]),
        gain=float(InformationGain().of(now, then)[0]),
        median=median,
        interval=(np.minimum(*ends), np.maximum(*ends)),
    )
    return run, _next_worlds(worlds, answers, x, rng)


def _next_worlds(
    worlds: tuple[Curve, ...], answers: Sequence[Forecast], x: float, rng: np.random.Generator
) -> tuple[Curve, ...]:
    """N_WORLDS worlds in which the run at x came out at equally likely levels, shuffled over the worlds before."""
    levels = midpoints(N_WORLDS)
    if len(worlds) == 1:
        return tuple(extended(worlds[0], x, float(answers[0].quantile(p)[0])) for p in levels)
    drawn = rng.permutation(levels)
    return tuple(extended(w, x, float(f.quantile(p)[0])) for w, f, p in zip(worlds, answers, drawn, strict=True))


def _geometric_mean(values: Sequence[Floats]) -> Floats:
    return np.asarray(np.exp(np.mean(np.log(values), axis=0)))
