"""Chinchilla's joint form in parameters and tokens, and its compute-optimal split in closed form.

    L = E + A N^-alpha + B D^-beta,     C = 6 N D

| symbol | meaning                                  | unit                 |
|--------|------------------------------------------|----------------------|
| N      | parameters of the model                  | parameters           |
| D      | training tokens                          | tokens               |
| C      | training compute                         | FLOPs                |
| E      | irreducible loss                         | unit of L            |
| A, B   | scales of the two reducible terms        | unit of L (unit)^exponent |
| alpha  | exponent of N                            | 1                    |
| beta   | exponent of D                            | 1                    |

Minimising L at fixed C gives, with G = (alpha A / (beta B))^(1/(alpha+beta)),

    N* = G (C/6)^(beta/(alpha+beta)),     D* = (C/6) / N*.

Source: Hoffmann et al. 2022 (arXiv 2203.15556), eqs. 2 and 4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..numerics import Floats
from .base import as_floats, log_of

FLOPS_PER_PARAMETER_AND_TOKEN = 6.0


class Optimum(NamedTuple):
    """Compute-optimal parameters, tokens, and the loss there; arrays that follow the compute asked."""

    n_params: Floats
    n_tokens: Floats
    loss: Floats


class Chinchilla:
    """L = E + A N^-alpha + B D^-beta. A law of two resources, so not a `Law` of one x."""

    name = "chinchilla"
    source = "Hoffmann et al. 2022, arXiv 2203.15556"
    parameters = ("E", "A", "B", "alpha", "beta")

    def log_loss(
        self,
        log_n: ArrayLike,
        log_d: ArrayLike,
        *,
        E: ArrayLike,
        A: ArrayLike,
        B: ArrayLike,
        alpha: ArrayLike,
        beta: ArrayLike,
    ) -> Floats:
        """ln L at ln N and ln D; all arguments broadcast."""
        from_n = log_of(A) - as_floats(alpha) * as_floats(log_n)
        from_d = log_of(B) - as_floats(beta) * as_floats(log_d)
        return np.logaddexp(log_of(E), np.logaddexp(from_n, from_d))

    def loss(self, n_params: ArrayLike, n_tokens: ArrayLike, **params: ArrayLike) -> Floats:
        """L at N parameters and D tokens."""
        return np.exp(self.log_loss(log_of(n_params), log_of(n_tokens), **params))

    def optimum(
        self,
        flops: ArrayLike,
        *,
        E: ArrayLike,
        A: ArrayLike,
        B: ArrayLike,
        alpha: ArrayLike,
        beta: ArrayLike,
    ) -> Optimum:
        """Split of `flops` (C = 6 N D) that minimises L; A, B, alpha, beta above 0."""
        alpha, beta = as_floats(alpha), as_floats(beta)
        log_c6 = log_of(flops) - np.log(FLOPS_PER_PARAMETER_AND_TOKEN)
        log_g = log_of(alpha * as_floats(A) / (beta * as_floats(B)))
        log_n = (log_g + beta * log_c6) / (alpha + beta)
        log_d = log_c6 - log_n
        log_l = self.log_loss(log_n, log_d, E=E, A=A, B=B, alpha=alpha, beta=beta)
        with np.errstate(over="ignore"):  # constants far from any run's: an optimum beyond float64 is infinite
            return Optimum(np.exp(log_n), np.exp(log_d), np.exp(log_l))
