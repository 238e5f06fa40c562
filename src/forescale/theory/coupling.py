"""How the two resources of bound S depend on each other: its mixed derivative, and the joint law that shares it.

A law with separate terms, L = E + A/N^alpha + B/D^beta, says that what more data buy does not depend on the width: its
mixed derivative in (N, D) is zero. Bound S says that it does. Its estimation term grows with n and falls with T, so

    T² ∂²B_S/∂n ∂T = −[A'(n) w + A/n − 2dA'/(3 eps + 4)],   w = ln 2n + d ln(1 + 2/eps)

(envelope theorem for the best eps, whose own derivative gives the last term; there is none where eps = 2). It is
negative everywhere: eps ≤ 2, hence w ≥ d ln 2 > d/2 ≥ 2d/(3 eps + 4). More data are worth more to a wide learner.

Of the joint laws L = E + (u + v)^k, u falling in N and v in D, exactly those with k < 1 have that sign, since the mixed
derivative of (u + v)^k is k (k − 1)(u + v)^(k−2) u' v'. Exact statements about an upper bound, not about learners.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..numerics import Floats
from .bounds import bound_s, expected_atoms


@dataclass(frozen=True)
class Coupling:
    """The mixed derivative of bound S at (n, T), and the joint law that matches it there.

    Attributes:
        mixed: ∂²B_S/(∂ln n ∂ln T), nats; negative.
        k: of the law (u + v)^k, u and v powers of n and T, with the same value, slopes and mixed derivative at this
            place; below 1. nan where the bound does not fall with n, which no such law can show.
    """

    mixed: Floats
    k: Floats


def coupling(*, n: ArrayLike, T: ArrayLike, d: ArrayLike, K: ArrayLike) -> Coupling:
    """The mixed derivative of bound S in closed form, and the exponent k that a joint law would need for it.

    With slopes a = −∂ln B/∂ln n and b = −∂ln B/∂ln T the law (u + v)^k has mixed derivative B a b (k − 1)/k, whatever
    the shares of its two terms; so k = 1/(1 − mixed/(B a b)).

    Raises:
        CurveError: n, T or d below 1, K not above 0, or a value that is not finite.
    """
    from scipy.special import polygamma

    terms = bound_s(n=n, T=T, d=d, K=K)
    n, T, d, K = (np.asarray(v, float) for v in (n, T, d, K))
    atoms, growth, eps = expected_atoms(n, K), K * polygamma(1, K + n), terms.eps
    word = np.log(2 * n) + d * np.log1p(2 / eps)
    tighter = np.where(eps < 2, 2 * d * growth / (3 * eps + 4), 0.0)
    mixed = -(n * growth * word + atoms - n * tighter) / T
    slope_n = terms.misspecification - (n * growth * word + atoms) / T
    slope_T = atoms * word / T
    with np.errstate(invalid="ignore", divide="ignore"):
        k = 1 / (1 - mixed * terms.total / (slope_n * slope_T))
    return Coupling(mixed[()], np.where(slope_n > 0, k, np.nan)[()])
