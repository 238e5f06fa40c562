"""The question and its answer, in order: forecasts, what recipes share, who beats whom, the pairs that matter."""

from collections.abc import Mapping
from itertools import combinations, pairwise
from typing import Any, Unpack

import numpy as np

from ...curves.columns import Columns
from ...curves.curve import Curve
from ...curves.sources import as_curves, long_enough
from ...errors import Caveat, CurveError
from ...forecasts.caveats import refuse_rising, standard_caveats
from ...forecasts.forecast import Forecast, check_targets, in_units_of
from ...spelling import checked_keywords, option
from . import order
from .answer import LargestRun, Recipes, ranking
from .duel import duels
from .shared import Shared, ask, at_target, beats

BEYOND = 1000.0
"""Multipliers are looked for up to this multiple of the target x."""
N_GRID = 100
MAX_RECIPES = 100
SAME_SCALE = 1.2
"""Largest runs within this ratio of x count as being at one scale."""


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
    asked = as_curves(source, **columns)
    fit, short = long_enough(asked) if len(asked) > 2 else (asked, {})
    measured, target = _checked(fit, at)
    named = {name: curve.as_shortfall() for name, curve in measured.items()}
    largest = max(target, *(c.x_max for c in named.values()))
    grid = np.geomspace(min(c.x[0] for c in named.values()), BEYOND * max(target, largest), N_GRID)
    x = np.append(grid, target)
    ends = cross_range or (max(c.x[0] for c in named.values()), largest)
    if not 0 < ends[0] < ends[1]:
        raise CurveError(f"expected a rising range for crossings, got {ends[0]:.4g} to {ends[1]:.4g}. Try cross_range.")
    forecasts, shared = ask(named, x, method, seed)
    tables = {name: at_target(f) for name, f in forecasts.items()}
    better = beats(tables, shared)
    ranks = order.rank_probs(tables, better, shared.rho, bool(shared.parts), seed)
    names = tuple(named)
    ranked = ranking(names, better, ranks)
    pairs = _worth_a_look(ranked)
    probs = {(a, b): better[names.index(a), names.index(b)] for a, b in pairs}
    found = duels(probs, forecasts, shared, x, ends, named, method, seed)
    answers = {name: in_units_of(measured[name], f) for name, f in forecasts.items()}
    return Recipes(
        target, names, measured, answers, better, ranks, ranked, found, _largest_runs(measured), ends,
        shared.rho if shared.parts else None, _note(forecasts, shared),
        (*_warnings(measured, answers, target), *short.values()),
    )  # fmt: skip


def _checked(curves: Mapping[str, Curve], at: float) -> tuple[dict[str, Curve], float]:
    """Curves by name, and the one target."""
    if len(curves) < 2:
        raise CurveError(f"expected at least two recipes, got {len(curves)}. Name their column with {option('group')}.")
    if len(curves) > MAX_RECIPES:
        raise CurveError(
            f"expected at most {MAX_RECIPES} recipes, as every pair is compared, got {len(curves)}. "
            "Leave out those that cannot win."
        )
    named = {str(name): curve.as_context() for name, curve in curves.items()}
    ways = {(c.better, c.best, c.chance) for c in named.values()}
    if len(ways) > 1:
        raise CurveError(
            f"expected recipes measured alike, got {sorted(map(str, ways))[:2]} as (better, best, chance). "
            f"Give all of them one {option('better')}."
        )
    refuse_rising(named)
    target = check_targets(at, next(iter(named.values())))
    if len(target) != 1:
        raise CurveError(f"expected one target x, got {len(target)}. Ask for one scale at a time.")
    return named, float(target[0])


def _worth_a_look(ranked: tuple[str, ...]) -> list[tuple[str, str]]:
    """Pairs, better one first: all of two or three; else neighbours, and the best against the rest."""
    if len(ranked) <= 3:
        return list(combinations(ranked, 2))
    return [*pairwise(ranked), *((ranked[0], other) for other in ranked[2:])]


def _largest_runs(curves: dict[str, Curve]) -> tuple[LargestRun, ...]:
    runs = []
    for name, c in curves.items():
        there = c.y[c.x == c.x_max]
        runs.append(LargestRun(name, c.x_max, float(there.mean()), len(there)))
    higher = next(iter(curves.values())).better == "higher"
    return tuple(sorted(runs, key=lambda r: -r.y if higher else r.y))


def _note(forecasts: Mapping[str, Forecast], shared: Shared) -> str:
    whole = all(f.marginals.joint for f in forecasts.values())
    base = "recipes are taken as independent given their own runs; "
    if shared.parts:
        n, every = len(shared.parts), len(forecasts) * (len(forecasts) - 1) // 2
        who = "pairs share" if n == every else f"{n} of {every} pairs, those with common x, share"
        origin = (
            f"learned from {shared.n_hidden} hidden scales" if shared.n_hidden else "assumed: too few x to learn it"
        )
        base = (
            f"{who} their forecast errors (correlation {shared.rho:.2f}, {origin}) and are also read by the "
            "forecast of their ratio and by how far their gap has moved so far; "
        )
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
