"""What `recipes` answers: each recipe's forecast and ranks, and the pairs that matter."""

from dataclasses import dataclass

import numpy as np

from ...curves.curve import Curve
from ...errors import Caveat, CurveError
from ...forecasts.forecast import Forecast
from ...forecasts.quantity import Quantity
from ...numerics import Floats
from ...pages.answer import Answer

CALLED = 0.65
"""A change of the measured order is called from this probability on: below it, it has been wrong too often."""


@dataclass(frozen=True, eq=False)
class Duel:
    """Two recipes, the better one first.

    Attributes:
        a, b: their names.
        prob_better: P(A better than B) at the target.
        prob_along: the same at each x of the grid, (G,).
        multiplier: x that B needs to match A at the target, over the target; inf beyond the range looked at.
        multiplier_range: the range looked at, over the target: a draw at its lower end means "less than".
        prob_out_of_reach: share of draws in which B does not match A within that range.
        prob_cross: probability that the curves cross inside `cross_range`.
        crossing: where, given that they do; None where they practically never do.
        leads_now: the one that reads better at the largest common x; None where no x is common.
    """

    a: str
    b: str
    prob_better: float
    prob_along: Floats
    multiplier: Quantity
    multiplier_range: tuple[float, float]
    prob_out_of_reach: float
    prob_cross: float
    crossing: Quantity | None
    leads_now: str | None

    @property
    def flips(self) -> bool:
        """Whether the better one at the target is the worse one at the largest common x."""
        return self.leads_now == self.b

    @property
    def called(self) -> bool:
        """Whether the order at the target is said, or left open: a change of order needs `CALLED`."""
        return self.prob_better >= CALLED if self.flips else self.prob_better > 0.5


@dataclass(frozen=True, eq=False)
class LargestRun:
    """The baseline's view of a recipe: its mean y over the runs at its largest x."""

    name: str
    x: float
    y: float
    n_runs: int


@dataclass(frozen=True, eq=False, repr=False)
class Recipes(Answer):
    """The answer for two or more recipes, in the order of `names`.

    Attributes:
        at: the target x.
        forecasts: name -> noise-free forecast, on the grid x and, last, at the target.
        beats: (R, R), P(row better than column) at the target; ½ on the diagonal.
        rank_probs: (R, R), P(recipe has rank k), ranks from the best.
        duels: every pair of two or three recipes; of more, neighbours in the ranking and the best against the rest.
        baseline: the recipes ranked by their largest run so far, best first.
        cross_range: where crossings were looked for.
        correlation: of the recipes' forecast errors, as learned; None where they are taken as independent.
        note: what the numbers assume.
    """

    at: float
    names: tuple[str, ...]
    curves: dict[str, Curve]
    forecasts: dict[str, Forecast]
    beats: Floats
    rank_probs: Floats
    ranking: tuple[str, ...]
    duels: tuple[Duel, ...]
    baseline: tuple[LargestRun, ...]
    cross_range: tuple[float, float]
    correlation: float | None
    note: str
    warnings: tuple[Caveat, ...] = ()

    @property
    def x(self) -> Floats:
        """The grid, (G,)."""
        return self.forecasts[self.names[0]].x[:-1]

    def prob_better(self, a: str, b: str) -> float:
        """P(a better than b) at the target."""
        return float(self.beats[self._index(a), self._index(b)])

    def duel(self, a: str, b: str) -> Duel:
        """The pair as it was computed, whichever of the two is named first.

        Raises:
            CurveError: no such recipe, or a pair that was not looked into.
        """
        self._index(a), self._index(b)
        for d in self.duels:
            if {d.a, d.b} == {a, b}:
                return d
        raise CurveError(
            f"expected neighbours in the ranking or the best against another, got '{a}' and '{b}'. "
            "Ask for the two alone: recipes({...}) of both."
        )

    def _index(self, name: str) -> int:
        if name not in self.names:
            raise CurveError(f"expected a recipe among {', '.join(self.names)}, got '{name}'.")
        return self.names.index(name)


def ranking(names: tuple[str, ...], beats: Floats, rank_probs: Floats) -> tuple[str, ...]:
    """Names, best first: by the probability of being the best where that is 5 % or more, then by mean rank."""
    best = np.where(rank_probs[:, 0] >= 0.05, rank_probs[:, 0], 0.0)
    return tuple(names[i] for i in np.lexsort((-beats.mean(1), -best)))
