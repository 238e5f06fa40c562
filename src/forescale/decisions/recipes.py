"""Which recipe is better at a scale nobody has run: probabilities, effective compute, crossings, and a baseline.

    P(A better than B)   = ∫ F_A(q_B(p)) dp at the target, of the noise-free curves, by quantile levels and not by draws
    multiplier           x_B / at, where recipe B needs x_B to match A at the target: g_B(x_B) = g_A(at)
    crossing             the first x in a range at which the order of two curves changes

Recipes are independent of one another given their own runs. Along one recipe, posteriors of laws give whole curves; a
network's sampled curve keeps one quantile level at every x (comonotone), a coupling and not a posterior, on which
multiplier and crossing rest and P(A better than B) does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from ..curves.columns import Columns
from ..curves.curve import Curve
from ..curves.sources import as_curves
from ..errors import Caveat, CurveError
from ..forecasts.distributions import Mixture
from ..forecasts.forecast import Forecast, check_targets, standard_caveats
from ..forecasts.quantity import Quantity
from ..method.registry import forecast_many
from ..spelling import checked_keywords, option

Floats = NDArray[np.float64]
BEYOND = 1000.0
"""Multipliers are looked for up to this multiple of the target x."""
N_GRID, N_CURVES = 100, 1000
N_LEVELS, N_LEVELS_GRID = 1000, 60
SAME_SCALE = 1.2
"""Largest runs within this ratio of x count as being at one scale."""


@dataclass(frozen=True, eq=False)
class Duel:
    """Two recipes, A against B.

    Attributes:
        a, b: their names.
        prob_better: P(A better than B) at the target.
        prob_along: the same at each x of the grid, (G,).
        multiplier: x that B needs to match A at the target, over the target; inf beyond the range looked at.
        prob_out_of_reach: share of draws in which B does not match A within that range.
        prob_cross: probability that the curves cross inside `cross_range`.
        crossing: where, given that they do; None where they practically never do.
    """

    a: str
    b: str
    prob_better: float
    prob_along: Floats
    multiplier: Quantity
    prob_out_of_reach: float
    prob_cross: float
    crossing: Quantity | None


@dataclass(frozen=True, eq=False)
class LargestRun:
    """The baseline's view of a recipe: its mean y over the runs at its largest x."""

    name: str
    x: float
    y: float
    n_runs: int


@dataclass(frozen=True, eq=False)
class Recipes:
    """The answer for two or more recipes, in the order of `names`.

    Attributes:
        at: the target x.
        forecasts: name -> noise-free forecast, on the grid x and, last, at the target.
        beats: (R, R), P(row better than column) at the target; ½ on the diagonal.
        rank_probs: (R, R), P(recipe has rank k), ranks from the best.
        duels: every pair, the first named as A.
        baseline: the recipes ranked by their largest run so far, best first.
        cross_range: where crossings were looked for.
        note: what the numbers assume.
    """

    at: float
    names: tuple[str, ...]
    curves: dict[str, Curve]
    forecasts: dict[str, Forecast]
    beats: Floats
    rank_probs: Floats
    duels: tuple[Duel, ...]
    baseline: tuple[LargestRun, ...]
    cross_range: tuple[float, float]
    note: str
    warnings: tuple[Caveat, ...] = ()

    @property
    def x(self) -> Floats:
        """The grid, (G,)."""
        return self.forecasts[self.names[0]].x[:-1]

    @property
    def ranking(self) -> tuple[str, ...]:
        """Names by probability of being the best."""
        return tuple(self.names[i] for i in np.argsort(-self.rank_probs[:, 0], kind="stable"))

    def prob_better(self, a: str, b: str) -> float:
        """P(a better than b) at the target."""
        return float(self.beats[self._index(a), self._index(b)])

    def duel(self, a: str, b: str) -> Duel:
        """The pair as it was computed, whichever of the two is named first there."""
        self._index(a), self._index(b)
        return next(d for d in self.duels if {d.a, d.b} == {a, b})

    def _index(self, name: str) -> int:
        if name not in self.names:
            raise CurveError(f"expected a recipe among {', '.join(self.names)}, got '{name}'.")
        return self.names.index(name)


@checked_keywords
def recipes(
    source: Any,
    at: float,
    *,
    method: str = "pfn",
    cross_range: tuple[float, float] | None = None,
    seed: int = 0,
    **columns: Unpack[Columns],
) -> Recipes:
    """Compare recipes at a target scale, by their noise-free curves.

    Args:
        source: name -> Curve, (x, y), path or frame; or one table, with `group` its column of recipes. Several seeds
            of a recipe are repeated x.
        at: the target x.
        cross_range: where to look for crossings; by default from where all are measured to the larger of the target and
            the largest x.
        method, seed: of the forecasts.

    Raises:
        CurveError: fewer than two recipes, unusable values, or a method without a noise-free curve.
    """
    curves = as_curves(source, **columns)
    if len(curves) < 2:
        raise CurveError(f"expected at least two recipes, got {len(curves)}. Name their column with {option('group')}.")
    named = {str(name): curve.as_context() for name, curve in curves.items()}
    first = next(iter(named.values()))
    target = check_targets(at, first)
    if len(target) != 1:
        raise CurveError(f"expected one target x, got {len(target)}. Ask for one scale at a time.")
    grid = np.geomspace(min(c.x[0] for c in named.values()), BEYOND * max(target[0], first.x_max), N_GRID)
    forecasts = forecast_many(named, np.append(grid, target), method=method, kind="curve", seed=seed)
    ends = cross_range or (max(c.x[0] for c in named.values()), max(target[0], *(c.x_max for c in named.values())))
    if not 0 < ends[0] < ends[1]:
        raise CurveError(f"expected a rising range for crossings, got {ends[0]:.4g} to {ends[1]:.4g}. Try cross_range.")
    curves_drawn = {name: _draw(f, name, seed) for name, f in forecasts.items()}
    tables = {name: _Levels(f) for name, f in forecasts.items()}
    duels = tuple(_duel(a, b, tables, curves_drawn, np.append(grid, target), ends) for a, b in combinations(named, 2))
    beats = np.full((len(named), len(named)), 0.5)
    for (i, j), duel in zip(combinations(range(len(named)), 2), duels, strict=True):
        beats[i, j], beats[j, i] = duel.prob_better, 1 - duel.prob_better
    return Recipes(
        float(target[0]), tuple(named), named, forecasts, beats, _rank_probs(tables, beats, seed), duels,
        _largest_runs(named), ends, _note(forecasts), _warnings(named, forecasts, float(target[0])),
    )  # fmt: skip


class _Levels:
    """Quantiles of a forecast: many levels at the target, fewer along the grid."""

    def __init__(self, f: Forecast):
        self.levels = (np.arange(N_LEVELS) + 0.5) / N_LEVELS
        self.at_target = _last(f).quantile(self.levels)[:, 0]
        self.along = f.quantile((np.arange(N_LEVELS_GRID) + 0.5) / N_LEVELS_GRID)[:, :-1]


def _last(f: Forecast) -> Forecast:
    """The forecast at the target alone, without asking the method again where its distribution can be cut."""
    m = f.marginals
    if isinstance(m, Mixture):
        own = (m.log_weight_TK[-1:], m.loc_TK[-1:], m.scale_TK[-1:])
        only = replace(m, log_weight_TK=own[0], loc_TK=own[1], scale_TK=own[2])
        return replace(f, x=f.x[-1:], marginals=only)
    assert f.ask is not None, "forecast_many gives every forecast its question"
    return f.ask(f.x[-1:])


def _share_below(a: Floats, b: Floats) -> Floats:
    """P(a < b) of two independent quantile tables (Q, T), ties halved, (T,)."""
    out = [
        (np.searchsorted(column, against, "left") + np.searchsorted(column, against, "right")).mean()
        / (2 * len(column))
        for column, against in zip(a.T, b.T, strict=True)
    ]
    return np.asarray(out)


def _draw(f: Forecast, name: str, seed: int) -> Floats:
    """ln of N_CURVES sampled curves on grid and target, (S, G + 1), seeded by name, so that order is no matter."""
    own = int(np.random.SeedSequence([seed, *name.encode()]).generate_state(1)[0])
    return np.log(np.maximum(f.sample(N_CURVES, seed=own), 1e-300))


def _duel(
    a: str, b: str, tables: dict[str, _Levels], drawn: dict[str, Floats], x: Floats, ends: tuple[float, float]
) -> Duel:
    along = _share_below(tables[a].along, tables[b].along)
    prob = float(_share_below(tables[a].at_target[:, None], tables[b].at_target[:, None])[0])
    log_x, at = np.log(x[:-1]), float(np.log(x[-1]))
    reached = first_below(drawn[b][:, :-1], drawn[a][:, -1], log_x)
    gap = drawn[a][:, :-1] - drawn[b][:, :-1]
    where = first_sign_change(gap, log_x, np.log(ends[0]), np.log(ends[1]))
    crossed = np.isfinite(where)
    share = float(crossed.mean())
    return Duel(
        a, b, prob, along, Quantity(np.exp(reached - at)), float(np.isinf(reached).mean()), share,
        Quantity(np.exp(where[crossed])) if crossed.sum() >= 20 else None,
    )  # fmt: skip


def first_below(log_y: Floats, target: Floats, log_x: Floats) -> Floats:
    """ln x at which each curve (S, G) first is at or below its target (S,).

    The grid's start where it is below from the beginning, inf where it never is.
    """
    gap = log_y - target[:, None]
    below = gap <= 0
    i = below.argmax(1)
    rows = np.arange(len(gap))
    before = np.maximum(i - 1, 0)
    high, low = gap[rows, before], gap[rows, i]
    share = np.where(i > 0, high / np.where(high > low, high - low, 1.0), 0.0)
    return np.where(below.any(1), log_x[before] + share * (log_x[i] - log_x[before]), np.inf)


def first_sign_change(gap: Floats, log_x: Floats, low: float, high: float) -> Floats:
    """ln x in [low, high] where each row of gap (S, G) first changes sign, linear between grid points; inf if never."""
    left, right = gap[:, :-1], gap[:, 1:]
    with np.errstate(invalid="ignore", divide="ignore"):
        place = log_x[:-1] + np.where(left != right, left / (left - right), 0.0) * np.diff(log_x)
    changes = (left * right <= 0) & (left != right) & (place >= low) & (place <= high)
    i = changes.argmax(1)
    return np.where(changes.any(1), place[np.arange(len(gap)), i], np.inf)


def _rank_probs(tables: dict[str, _Levels], beats: Floats, seed: int) -> Floats:
    """P(recipe i has rank k), (R, R): exact for two, by 20,000 independent draws for more."""
    if len(tables) == 2:
        return np.array([[beats[0, 1], beats[1, 0]], [beats[1, 0], beats[0, 1]]])
    rng = np.random.default_rng(seed)
    y = np.stack([rng.choice(t.at_target, size=20_000) for t in tables.values()])
    rank = y.argsort(0).argsort(0)
    return np.stack([(rank == k).mean(1) for k in range(len(y))], 1)


def _largest_runs(curves: dict[str, Curve]) -> tuple[LargestRun, ...]:
    runs = []
    for name, c in curves.items():
        there = c.y[c.x == c.x_max]
        runs.append(LargestRun(name, c.x_max, float(there.mean()), len(there)))
    return tuple(sorted(runs, key=lambda r: r.y))


def _note(forecasts: Mapping[str, Forecast]) -> str:
    whole = all(getattr(f.marginals, "joint", False) for f in forecasts.values())
    base = "recipes are taken as independent given their own runs; "
    return base + (
        "multipliers and crossings come from whole posterior curves."
        if whole
        else "multipliers and crossings read each recipe's curve at one quantile level throughout (a coupling)."
    )


def _warnings(curves: dict[str, Curve], forecasts: Mapping[str, Forecast], at: float) -> tuple[Caveat, ...]:
    said: dict[Caveat, list[str]] = {}
    for name, f in forecasts.items():
        # The grid reaches far on purpose: what is said of x is said of the target alone.
        about_x = {w.code for w in standard_caveats(f.context, f.x)}
        told = [w for w in f.warnings if w.code not in about_x]
        for w in dict.fromkeys([*told, *standard_caveats(f.context, np.array([at]))]):
            said.setdefault(w, []).append(name)
    out = [Caveat(w.code, f"{', '.join(who)}: {w.message}") for w, who in said.items()]
    names = list(curves)
    for a, b in combinations(names, 2):
        if curves[a].x[0] > curves[b].x_max or curves[b].x[0] > curves[a].x_max:
            out.append(Caveat("disjoint_ranges", _DISJOINT.format(a=a, b=b)))
    largest = [c.x_max for c in curves.values()]
    if max(largest) / min(largest) > SAME_SCALE:
        out.append(Caveat("unequal_scales", "the largest runs are at different x: ranking by them favours the larger."))
    return tuple(out)


_DISJOINT = (
    "{a} and {b} were never measured at comparable x: their order rests on the forecasts alone, and nothing checks it. "
    "Run one of them inside the other's range."
)
