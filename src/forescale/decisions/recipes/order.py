"""P(A better than B): three readings of one pair, and one probability of them.

    own    ∫ F_A(q_B) over quantile levels, with errors correlated as the group's are (`correlation`)
    ratio  the forecast of the curve y_A / y_B at common x, and of y_B / y_A, averaged (`Network` methods only)
    walk   the measured gap as a random walk (`walk`)

Each knows what the others do not: own forecasts know floors and bends, but share their errors; the ratio has none of
what is common; the walk knows how long orders keep among these recipes. Ratio and walk read the same measured gap, so
that they count together as much as the own forecasts do. The mean of two logits that are not wholly dependent is too
near zero; `SHARPER` makes up for it: 2 / (1 + r) of two readings whose errors have the correlation r, here .54. What
leaving out one source after the other says of it stands in docs/decisions.md.
"""

from collections.abc import Mapping
from functools import cache
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from ...numerics import Floats, logit

SHARPER = 1.3
SURE = 1e-4
"""No pair is surer than this."""


def share_below(a: Floats, b: Floats) -> Floats:
    """P(a < b) of two independent quantile tables (Q, T), ties halved, (T,)."""
    out = [
        (np.searchsorted(column, against, "left") + np.searchsorted(column, against, "right")).mean()
        / (2 * len(column))
        for column, against in zip(a.T, b.T, strict=True)
    ]
    return np.asarray(out)


def correlated_share_below(a: Floats, b: Floats, rho: float) -> Floats:
    """P(a < b), (T,), where the levels of two quantile tables (Q, T) are normal scores with correlation rho.

    Integrated over the levels of each given the other, and averaged, so that the two orders sum to 1.
    """
    from scipy.special import ndtr

    z = scores(len(a))
    rest = np.sqrt(1.0 - rho * rho)
    out = []
    for ya, yb in zip(a.T, b.T, strict=True):
        b_of_a, a_of_b = np.interp(ya, yb, z, -4.0, 4.0), np.interp(yb, ya, z, -4.0, 4.0)
        out.append(0.5 * (ndtr((rho * z - b_of_a) / rest).mean() + ndtr((a_of_b - rho * z) / rest).mean()))
    return np.asarray(out)


@cache
def scores(n: int) -> Floats:
    """Normal scores of n equally likely levels."""
    from scipy.special import ndtri

    return np.asarray(ndtri((np.arange(n) + 0.5) / n))


def pooled(own: ArrayLike, *gap: ArrayLike, sharper: float = SHARPER) -> Floats:
    """One probability of own forecasts and of what is read from the gap, any shape; of own forecasts alone, theirs."""
    if not gap:
        return np.asarray(own, float)
    mine, *others = (logit(np.clip(np.asarray(p, float), SURE, 1 - SURE)) for p in (own, *gap))
    mean = sharper * 0.5 * (mine + sum(others) / len(others))
    return cast("Floats", np.clip(1.0 / (1.0 + np.exp(-mean)), SURE, 1 - SURE))


def rank_probs(tables: Mapping[str, Floats], beats: Floats, rho: float, moved: bool, seed: int) -> Floats:
    """P(recipe i has rank k), (R, R): exact for two, by 20,000 draws for more.

    Args:
        tables: ln y at the target at Q equally likely levels, (Q,) each.
        beats: P(row better than column), (R, R).
        rho: correlation of the draws' normal scores.
        moved: whether draws are moved to agree with `beats`, which holds more than the tables.
    """
    if len(tables) == 2:
        return np.array([[beats[0, 1], beats[1, 0]], [beats[1, 0], beats[0, 1]]])
    rng, levels = np.random.default_rng(seed), np.stack(list(tables.values()))
    n_levels = levels.shape[1]
    z = np.sqrt(rho) * rng.normal(size=20_000) + np.sqrt(1 - rho) * rng.normal(size=(len(levels), 20_000))
    y = np.stack([np.interp(own, scores(n_levels), row) for own, row in zip(z, levels, strict=True)])
    if moved:
        y -= _shifts(levels, beats, rho)[:, None]
    rank = y.argsort(0, kind="stable").argsort(0)
    return np.stack([(rank == k).mean(1) for k in range(len(y))], 1)


def _shifts(levels: Floats, beats: Floats, rho: float) -> Floats:
    """How far each recipe is moved in ln y, (R,), so that normal draws agree with `beats` as nearly as they can.

    Pairs that could go either way count most; those that both hold for decided, not at all.
    """
    from scipy.special import ndtri

    centre = np.median(levels, 1)
    width = np.diff(np.quantile(levels, [0.1587, 0.8413], axis=1), axis=0)[0] / 2 + 1e-9
    gap = centre[:, None] - centre[None]
    spread = np.sqrt(np.maximum(width[:, None] ** 2 + width**2 - 2 * rho * np.outer(width, width), 1e-12))
    z = ndtri(np.clip(beats, SURE, 1 - SURE))
    wanted = gap + spread * z
    decided = np.minimum(np.abs(gap / spread), np.abs(z)) > 2.5
    weight = np.where(decided & (np.sign(gap) == -np.sign(z)), 0.0, beats * beats.T / spread**2)
    np.fill_diagonal(weight, 0.0)
    balance = np.diag(weight.sum(1)) - weight
    return np.asarray(np.linalg.lstsq(balance, (weight * wanted).sum(1), rcond=1e-9)[0])
