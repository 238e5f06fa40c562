"""Upper bounds on the regret R_T of a width-n learner, with their best quantisation. Nats per sample.

| symbol | meaning                                              |
|--------|------------------------------------------------------|
| n      | learner width; real values are allowed               |
| T      | samples                                              |
| d      | input dimension                                      |
| K      | scale of the Dirichlet process                       |
| eps    | radius of the net that quantises directions, (0, 2]  |
| eta    | step that quantises output weights (bound T)         |

Theorem numbers are those of docs/theory-proofs.md; none of its constants is a constant of Jeon & Van Roy 2024.
A bound is not the error: for the same teacher bound T can lie far below bound S, and R_T ≤ 1/16 costs nothing at all.
Scalars in, scalars out; arrays broadcast.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from ..numerics import Floats
from ..pages.answer import Answer
from . import arguments

TRIVIAL = 1 / 16
"""Regret that always predicting ½ never exceeds: a bound of at least this says nothing (§3)."""


@dataclass(frozen=True, repr=False)
class Bound(Answer):
    """A bound and its terms: total = estimation + misspecification.

    Attributes:
        total: nats per sample.
        estimation: everything that a larger T lowers: description length over T, and what quantising costs.
        misspecification: what only a larger n lowers.
        eps: best radius of the net of directions.
        eta: best step of the output weights (bound T only).
        says_nothing: total ≥ 1/16, where predicting ½ does as well.
        n, T, d, K: where it was asked.
    """

    total: Floats
    estimation: Floats
    misspecification: Floats
    eps: Floats
    eta: Floats | None = None
    n: Floats = field(default_factory=lambda: np.ones(1))
    T: Floats = field(default_factory=lambda: np.ones(1))
    d: Floats = field(default_factory=lambda: np.ones(1))
    K: Floats = field(default_factory=lambda: np.ones(1))

    @property
    def says_nothing(self) -> np.ndarray:
        return self.total >= TRIVIAL


def bound_s(*, n: ArrayLike, T: ArrayLike, d: ArrayLike, K: ArrayLike, continuous_prior: bool = False) -> Bound:
    """Bound S: R_T ≤ A(n)[ln 2n + d ln(1 + 2/eps)]/T + K/(16n) + eps²/16, at its best eps (Theorem 5).

    An upper bound, for the Bayes mixture whose prior is the law of an n-atom sample of the teacher.

    Args:
        continuous_prior: the learner itself is not quantised; eps²/4 then replaces eps²/16 (remark to Theorem 5).

    Raises:
        CurveError: n, T or d below 1, K not above 0, or a value that is not finite.
    """
    n, T, d, K = _checked(n, T, d, K)
    share = 4.0 if continuous_prior else 16.0
    atoms = expected_atoms(n, K)
    eps = best_eps(share * d * atoms / T)
    bits = atoms * (np.log(2 * n) + d * np.log1p(2 / eps)) / T
    estimation, misspecification = bits + eps**2 / share, np.broadcast_to(K / (16 * n), bits.shape)
    return Bound(
        _tidy(estimation + misspecification), _tidy(estimation), _tidy(misspecification), _tidy(eps), None, n, T, d, K
    )


def bound_t(*, n: ArrayLike, T: ArrayLike, d: ArrayLike, K: ArrayLike) -> Bound:
    """Bound T: free output weights, the first n sticks kept, at its best eps and eta (Theorem 6). An upper bound.

        R_T ≤ n[ln(1 + 1/eta) + ln 2 + d ln(1 + 2/eps)]/T + [(K/(K+2))^n + (K+1) n eta² + eps²]/16

    Raises:
        CurveError: n, T or d below 1, K not above 0, or a value that is not finite.
    """
    n, T, d, K = _checked(n, T, d, K)
    eps, eta = best_eps(16 * d * n / T), best_eta(8 / ((K + 1) * T))
    bits = n * (np.log1p(1 / eta) + np.log(2) + d * np.log1p(2 / eps)) / T
    estimation = bits + ((K + 1) * n * eta**2 + eps**2) / 16
    misspecification = np.exp(-n * np.log1p(2 / K)) / 16
    return Bound(
        _tidy(estimation + misspecification), _tidy(estimation), _tidy(misspecification), _tidy(eps), _tidy(eta),
        n, T, d, K,
    )  # fmt: skip


def expected_atoms(n: ArrayLike, K: ArrayLike) -> Floats:
    """A(n) = K[psi(K+n) − psi(K)], the expected number of distinct atoms among n draws. Exact (§5)."""
    from scipy.special import digamma

    n, K = np.asarray(n, float), np.asarray(K, float)
    return cast("Floats", K * (digamma(K + n) - digamma(K)))


def best_eps(level: ArrayLike) -> Floats:
    """The root of eps³ + 2 eps² = level in (0, 2]; 2 where level ≥ 16. Newton falls to it from sqrt(level/2). Exact."""
    level = np.asarray(level, float)
    eps = np.sqrt(level / 2)
    for _ in range(60):
        step = (eps * eps * (eps + 2) - level) / (eps * (3 * eps + 4))
        eps = eps - step
        if np.all(np.abs(step) <= 1e-15 * eps):
            break
    return np.where(level >= 16, 2.0, np.minimum(eps, 2.0))


def best_eta(level: ArrayLike) -> Floats:
    """The root of eta²(1 + eta) = level, positive. Newton falls to it from sqrt(level). Exact."""
    level = np.asarray(level, float)
    eta = np.sqrt(level)
    for _ in range(60):
        step = (eta * eta * (1 + eta) - level) / (eta * (2 + 3 * eta))
        eta = eta - step
        if np.all(np.abs(step) <= 1e-15 * eta):
            break
    return cast("Floats", eta)


def multiplicity_entropy(n: int, K: float) -> float:
    """H_n, entropy of the multiplicities of n draws in order of appearance; below A(n) ln n. Exact (§5).

    H_n = H(m_1) + Σ_k P(m_1 = k) H_{n−k}, with m_1 − 1 ~ BetaBinomial(n − 1; 1, K). Takes O(n²).
    """
    from scipy.special import betaln, gammaln

    arguments.whole(n=n)
    arguments.at_least(1, n=n)
    arguments.above(0, K=K)
    entropy = np.zeros(int(n) + 1)
    for m in range(1, int(n) + 1):
        k = np.arange(m)
        log_p = gammaln(m) - gammaln(k + 1) - gammaln(m - k) + betaln(k + 1, m - 1 - k + K) - betaln(1, K)
        p = np.exp(log_p)
        entropy[m] = p @ (entropy[m - 1 - k] - log_p)
    return float(entropy[-1])


def misspecification_bound(n: ArrayLike, K: ArrayLike, eps: ArrayLike = 0.0) -> Floats:
    """E D(F, F_{n,eps}) ≤ K/(16n) + eps²/16, nats. An upper bound (Theorem 4)."""
    return cast("Floats", np.asarray(K, float) / (16 * np.asarray(n, float)) + np.asarray(eps, float) ** 2 / 16)


def angle_error(angle: ArrayLike) -> Floats:
    """E[relu(u·X) − relu(v·X)]² for unit u, v at an angle, Gaussian X; ≤ 1 − cos(angle). Exact (§4)."""
    t = np.asarray(angle, float)
    return cast("Floats", 1 - (np.sin(t) + (np.pi - t) * np.cos(t)) / np.pi)


def _checked(*values: ArrayLike) -> tuple[Floats, ...]:
    n, T, d, K = values
    arguments.at_least(1, n=n, T=T, d=d)
    arguments.above(0, K=K)
    return tuple(np.asarray(v, float) for v in values)


def _tidy(value: Floats) -> Floats:
    """A 0-d array as a number."""
    # a scalar in is a scalar out, of which the stubs know nothing
    return value if np.ndim(value) else np.float64(value)  # type: ignore[return-value]
