"""How a budget of compute is best split between width and data, for the bounds of this room.

| symbol           | meaning                                                                  |
|------------------|--------------------------------------------------------------------------|
| C                | p·T, parameter-sample products; training FLOPs are about 6 C             |
| p                | n·d, parameters of the learner (output weights are not counted)          |
| alpha            | −∂ ln mis/∂ ln n at the optimum (1 for bound S)                          |
| beta, gamma      | −∂ ln est/∂ ln T and ∂ ln est/∂ ln n at the optimum                      |

What is minimised is an upper bound, so its minimiser is the optimum of that bound and not of the learner: students
trained on the same teachers moved more slowly in p (docs/theory.md). Source: docs/theory-proofs.md, §6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..errors import CurveError
from ..numerics import Floats
from ..pages.answer import Answer
from . import arguments
from .bounds import Bound, bound_s, bound_t, expected_atoms

Name = Literal["s", "t"]
_GRID, _SPLIT = 97, 17


class Exponents(NamedTuple):
    """Local exponents at the optimum: alpha·mis = (beta + gamma)·est there."""

    alpha: Floats
    beta: Floats
    gamma: Floats


class Slopes(NamedTuple):
    """Logarithmic slopes along the frontier: d ln p/d ln C, d ln T/d ln C, d ln p/d ln T, d ln bound/d ln C."""

    p: Floats
    T: Floats
    p_per_T: Floats
    bound: Floats


@dataclass(frozen=True, repr=False)
class Optimum(Answer):
    """The width and data that minimise one bound at compute C; arrays follow the shape of C, d, K.

    Attributes:
        n, p, T: width (real), parameters n·d, samples C/p.
        bound: the least value of the bound, nats.
        terms: the Bound there, with its estimation and misspecification.
        exponents, slopes: local; `slopes.bound` by the envelope theorem, `slopes.p` by a central difference.
        name: "s" or "t".
    """

    C: Floats
    d: Floats
    K: Floats
    n: Floats
    p: Floats
    T: Floats
    bound: Floats
    terms: Bound
    exponents: Exponents
    slopes: Slopes
    name: Name


def optimum(*, C: ArrayLike, d: ArrayLike, K: ArrayLike, bound: Name = "s") -> Optimum:
    """Minimise a bound over real n in [1, C/d] at fixed C = n·d·T. Exact minimiser of an upper bound (§6).

    Args:
        C: parameter-sample products; pass training FLOPs / 6.
        bound: "s" (Theorem 5) or "t" (Theorem 6).

    Raises:
        CurveError: C below d, so that not even n = 1, T = 1 fits; or an argument out of range.
    """
    if bound not in ("s", "t"):
        raise CurveError(f"expected bound 's' or 't', got {bound!r}. See forescale.theory.bound_s and bound_t.")
    arguments.at_least(1, d=d)
    arguments.above(0, K=K, C=C)
    C, d, K = np.broadcast_arrays(*(np.asarray(v, float) for v in (C, d, K)))
    short = d > C
    if np.any(short):
        raise CurveError(
            f"expected C ≥ d, so that n ≥ 1 and T ≥ 1 fit, got C = {C[short][0]:g} at d = {d[short][0]:g}. Raise C."
        )
    log_n = _minimise(np.log(C), d, K, bound)
    n = np.exp(log_n)
    T = np.maximum(C / (n * d), 1.0)
    terms, exponents = _local(n, T, d, K, bound)
    inside = (log_n > 0) & (T > 1)
    step = 1e-3
    slope_p = np.where(inside, (_minimise(np.log(C) + step, d, K, bound) - _minimise(np.log(C) - step, d, K, bound))
                       / (2 * step), 0.0)  # fmt: skip
    slopes = Slopes(slope_p, 1 - slope_p, slope_p / (1 - slope_p), -exponents.beta * terms.estimation / terms.total)
    return Optimum(
        C=C[()],
        d=d[()],
        K=K[()],
        n=n[()],
        p=(n * d)[()],
        T=T[()],
        bound=terms.total,
        terms=terms,
        exponents=Exponents(*(np.asarray(v)[()] for v in exponents)),
        slopes=Slopes(*(np.asarray(v)[()] for v in slopes)),
        name=bound,
    )


def asymptote(*, C: ArrayLike, d: ArrayLike, K: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """p ~ sqrt(C/(8Λ)), T ~ sqrt(8ΛC) and bound S ~ K d sqrt(Λ/(8C)) as C → ∞, d and K fixed. Asymptotic (§6).

    Λ = ln(1 + n/K)·[ln(T/(2dA)) + 1 + (2/d) ln 2n], solved together with n and T by iteration. The limit is reached
    slowly: relative corrections fall like 1/ln C.

    Raises:
        CurveError: an argument out of range, or a C too small for the form to have a solution.
    """
    arguments.at_least(1, d=d)
    arguments.above(0, K=K, C=C)
    C, d, K = np.broadcast_arrays(*(np.asarray(v, float) for v in (C, d, K)))
    p = np.sqrt(C / 80)
    for _ in range(200):
        n, T = p / d, C / p
        with np.errstate(invalid="ignore", divide="ignore"):
            inner = np.log(T / (2 * d * expected_atoms(n, K))) + 1 + 2 / d * np.log(2 * n)
            big = np.log1p(n / K) * inner
            p = np.sqrt(p * np.sqrt(C / (8 * big)))
    if not np.all(np.isfinite(p) & (big > 0) & (p >= d)):
        raise CurveError(f"expected C large enough for the asymptotic form, got C = {float(C.min()):g}. Use optimum.")
    return p, C / p, K * d * np.sqrt(big / (8 * C))


def _local(n: Floats, T: Floats, d: Floats, K: Floats, name: Name) -> tuple[Bound, Exponents]:
    """The bound and its local exponents in closed form; eps and eta are optimal, so they may be held fixed."""
    if name == "s":
        from scipy.special import polygamma

        terms = bound_s(n=n, T=T, d=d, K=K)
        atoms, word = expected_atoms(n, K), np.log(2 * n) + d * np.log1p(2 / terms.eps)
        bits, alpha = atoms * word / T, np.ones_like(n)
        growth = (n * K * polygamma(1, K + n) * word + atoms) / T
    else:
        terms = bound_t(n=n, T=T, d=d, K=K)
        rounding = (K + 1) * n * np.asarray(terms.eta) ** 2 / 16
        bits = terms.estimation - rounding - terms.eps**2 / 16
        alpha, growth = n * np.log1p(2 / K), bits + rounding
    return terms, Exponents(alpha, bits / terms.estimation, growth / terms.estimation)


def _minimise(log_c: Floats, d: Floats, K: Floats, name: Name) -> Floats:
    """ln n of the least bound: a scan over the whole range, then the root of the first-order condition beside it."""
    top = np.maximum(log_c - np.log(d), 0.0)
    share = np.linspace(0.0, 1.0, _GRID)
    log_n = top[..., None] * share
    best = np.argmin(_value(log_n, log_c, d, K, name), axis=-1)
    low = np.take_along_axis(log_n, np.maximum(best - 1, 0)[..., None], -1)[..., 0]
    high = np.take_along_axis(log_n, np.minimum(best + 1, _GRID - 1)[..., None], -1)[..., 0]
    for _ in range(13):  # 16^13 > 2^52: down to rounding
        point = low[..., None] + (high - low)[..., None] * np.linspace(0, 1, _SPLIT)
        falls = _descends(point[..., 1:-1], log_c, d, K, name)
        cell = np.sum(np.cumprod(falls, axis=-1), axis=-1)[..., None]
        low = np.take_along_axis(point, cell, -1)[..., 0]
        high = np.take_along_axis(point, cell + 1, -1)[..., 0]
    return 0.5 * (low + high)


def _value(log_n: Floats, log_c: Floats, d: Floats, K: Floats, name: Name) -> Floats:
    n, T, d, K = _at(log_n, log_c, d, K)
    return (bound_s if name == "s" else bound_t)(n=n, T=T, d=d, K=K).total


def _descends(log_n: Floats, log_c: Floats, d: Floats, K: Floats, name: Name) -> np.ndarray:
    """Whether the bound still falls with n at fixed C: alpha·mis > (beta + gamma)·est."""
    terms, (alpha, beta, gamma) = _local(*_at(log_n, log_c, d, K), name)
    return alpha * terms.misspecification > (beta + gamma) * terms.estimation


def _at(log_n: Floats, log_c: Floats, d: Floats, K: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    d, K = d[..., None], K[..., None]
    T = np.maximum(np.exp(log_c[..., None] - log_n) / d, 1.0)
    return np.exp(log_n), T, np.broadcast_to(d, T.shape), np.broadcast_to(K, T.shape)
