"""One pair along x: P(better) at each x, the multiplier, the crossing."""

from collections.abc import Mapping

import numpy as np

from ...curves.curve import Curve
from ...forecasts.forecast import Forecast
from ...forecasts.quantity import Quantity
from ...numerics import Floats
from . import draws, order
from .answer import Duel
from .shared import Pair, Shared

FEW = 20
"""With fewer draws that cross, where they do is not told."""


def duels(
    probs: Mapping[Pair, float],
    forecasts: Mapping[str, Forecast],
    shared: Shared,
    x: Floats,
    ends: tuple[float, float],
    curves: Mapping[str, Curve],
    method: str,
    seed: int,
) -> tuple[Duel, ...]:
    """Each pair of `probs`, better one first, x (G + 1,) being the grid and, last, the target."""
    wanted = {name for pair in probs for name in pair}
    drawn = {name: draws.drawn(f, name, seed) for name, f in forecasts.items() if name in wanted}
    asked = shared.along([pair for a, b in probs for pair in ((a, b), (b, a))], x, method, seed)
    rows = {rho: draws.pairing(rho, seed) for rho in {0.0, shared.rho}}
    out = []
    for (a, b), prob in probs.items():
        key = next((pair for pair in ((a, b), (b, a)) if pair in asked.parts), None)
        rho = 0.0 if key is None else shared.rho
        first, second = drawn[a][rows[rho][0]], drawn[b][rows[rho][1]]
        along = np.append(_along(drawn, key or (a, b), (a, b), asked)[:-1], prob)
        if key is not None:
            first, second = draws.moved(first, second, along)
        out.append(_duel(a, b, along, first, second, x, ends, _leader(key, asked, a, b)))
    return tuple(out)


def _along(drawn: Mapping[str, Floats], key: Pair, pair: Pair, asked: Shared) -> Floats:
    """P(first better than second of `pair`) at each x, computed for `key`, which is the pair either way round."""
    a, b = (np.sort(drawn[name], axis=0)[5::10] for name in key)
    if key not in asked.parts:
        return order.share_below(a, b)
    prob = asked.prob_lower(key, order.correlated_share_below(a, b, asked.rho))
    return prob if key == pair else 1.0 - prob


def _leader(key: Pair | None, asked: Shared, a: str, b: str) -> str | None:
    """Which of the two reads lower at the largest common x."""
    if key is None:
        return None
    gap = asked.parts[key].gap[-1]
    return None if gap == 0 else key[0] if gap < 0 else key[1]


def _duel(
    a: str, b: str, along: Floats, first: Floats, second: Floats, x: Floats, ends: tuple[float, float],
    leads_now: str | None,
) -> Duel:  # fmt: skip
    log_x, at = np.log(x[:-1]), float(np.log(x[-1]))
    reached = draws.first_below(second[:, :-1], first[:, -1], log_x)
    where = draws.first_sign_change(first[:, :-1] - second[:, :-1], log_x, np.log(ends[0]), np.log(ends[1]))
    crossed = np.isfinite(where)
    return Duel(
        a=a,
        b=b,
        prob_better=float(along[-1]),
        prob_along=along[:-1],
        multiplier=Quantity(np.exp(reached - at)),
        multiplier_range=(float(x[0] / x[-1]), float(x[-2] / x[-1])),
        prob_out_of_reach=float(np.isinf(reached).mean()),
        prob_cross=float(crossed.mean()),
        crossing=Quantity(np.exp(where[crossed])) if crossed.sum() >= FEW else None,
        leads_now=leads_now,
    )
