"""What is known of pairs of recipes beyond their own forecasts, and P(A better than B) with all of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ...curves.curve import Curve
from ...forecasts.forecast import Forecast
from ...method.registry import find_method, forecast_many
from ...numerics import Floats
from . import order, walk
from .common import Common, common_of, distinct
from .correlation import correlation, hidden_scales

Pair = tuple[str, str]
N_LEVELS, STRIDE = 1000, 5
"""Quantile levels at the target; pairs that share their errors are integrated over every fifth."""


@dataclass(frozen=True)
class Shared:
    """What a group's recipes share; without pairs where they are taken as independent.

    Attributes:
        rho: correlation of their forecast errors.
        n_hidden: hidden scales that it was learned from.
        parts: pair -> what both measured, the first named first; only pairs with common x.
        steps: pair -> s² of the walk of its gap.
        ratios: pair -> Forecasts of y_A / y_B and of y_B / y_A.
    """

    rho: float
    n_hidden: int
    parts: dict[Pair, Common]
    steps: dict[Pair, float]
    ratios: dict[Pair, tuple[Forecast, Forecast]]

    def prob_lower(self, pair: Pair, own: Floats) -> Floats:
        """P(A reads lower than B) at each x of the ratio forecasts, (T,), given that of their own forecasts."""
        return order.pooled(*self.readings(pair, own))

    def readings(self, pair: Pair, own: Floats) -> tuple[Floats, Floats, Floats]:
        """The three that `prob_lower` is made of: own forecasts, ratio, walk; (T,) each."""
        up, down = self.ratios[pair]
        ratio = 0.5 * (up.prob_below(1.0) + 1.0 - down.prob_below(1.0))
        return own, ratio, walk.prob_lower(self.parts[pair], self.steps[pair], np.log(up.x))

    def along(self, pairs: Iterable[Pair], x: Floats, method: str, seed: int) -> "Shared":
        """The same for some pairs, their ratios forecast at x (T,), one batch."""
        parts = {pair: self.parts[pair] for pair in pairs if pair in self.parts}
        curves = _ratio_curves(parts)
        answers = forecast_many(curves, x, method=method, kind="curve", seed=seed) if curves else {}
        return Shared(self.rho, self.n_hidden, parts, self.steps, _by_pair(parts, answers))


def ask(named: dict[str, Curve], x: Floats, method: str, seed: int) -> tuple[dict[str, Forecast], Shared]:
    """Own forecasts at x (T,); and, where the method reads any shape, ratios at the last x and backtests: one batch."""
    if not find_method(method).any_shape:
        return forecast_many(named, x, method=method, kind="curve", seed=seed), Shared(0.0, 0, {}, {}, {})
    read = {name: distinct(c) for name, c in named.items()}
    found = {(a, b): common_of(read[a], read[b]) for a, b in combinations(named, 2)}
    parts = {pair: part for pair, part in found.items() if part is not None}
    own, ratios = {f"own {name}": c for name, c in named.items()}, _ratio_curves(parts)
    hidden = hidden_scales(named) if parts else {}
    curves = own | ratios | {key: h.seen for key, h in hidden.items()}
    at = dict.fromkeys(own, x) | dict.fromkeys(ratios, x[-1:]) | {key: h.x for key, h in hidden.items()}
    answers = forecast_many(curves, at, method=method, kind="curve", seed=seed)
    rho, n_hidden = correlation(hidden, answers) if parts else (0.0, 0)
    steps = dict(zip(parts, walk.steps(list(parts.values())).tolist(), strict=True)) if parts else {}
    return {name: answers[f"own {name}"] for name in named}, Shared(
        rho, n_hidden, parts, steps, _by_pair(parts, answers)
    )


def at_target(f: Forecast) -> Floats:
    """ln y at N_LEVELS equally likely levels at the last x alone, (N_LEVELS,)."""
    levels = (np.arange(N_LEVELS) + 0.5) / N_LEVELS
    return np.log(np.maximum(f.take(slice(-1, None)).quantile(levels)[:, 0], 1e-300))


def beats(tables: Mapping[str, Floats], shared: Shared) -> Floats:
    """(R, R), P(row better than column) at the target, from what `at_target` says of each recipe."""
    place = {name: i for i, name in enumerate(tables)}
    out = np.full((len(tables), len(tables)), 0.5)
    for (a, b), found in readings(tables, shared).items():
        p = order.pooled(*found).item()
        out[place[a], place[b]], out[place[b], place[a]] = p, 1 - p
    return out


def readings(tables: Mapping[str, Floats], shared: Shared) -> dict[Pair, tuple[Floats, ...]]:
    """P(A lower) at the target, (1,) each: of own forecasts alone, or of the three where a pair has common x."""
    thin = {name: table[STRIDE // 2 :: STRIDE, None] for name, table in tables.items()}
    found: dict[Pair, tuple[Floats, ...]] = {}
    for a, b in combinations(tables, 2):
        if (a, b) in shared.parts:
            own = order.correlated_share_below(thin[a], thin[b], shared.rho)
            found[a, b] = shared.readings((a, b), own)
        else:
            found[a, b] = (order.share_below(tables[a][:, None], tables[b][:, None]),)
    return found


def _ratio_curves(parts: Mapping[Pair, Common]) -> dict[str, Curve]:
    """y_A / y_B and y_B / y_A at the common x of each pair."""
    signs = {"up": 1.0, "down": -1.0}
    return {
        f"{way} {pair!r}": Curve(np.exp(part.log_x), np.exp(np.clip(sign * part.gap, -700, 700)))
        for pair, part in parts.items()
        for way, sign in signs.items()
    }


def _by_pair(parts: Mapping[Pair, Common], answers: Mapping[str, Forecast]) -> dict[Pair, tuple[Forecast, Forecast]]:
    return {pair: (answers[f"up {pair!r}"], answers[f"down {pair!r}"]) for pair in parts}
