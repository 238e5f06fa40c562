"""Chinchilla's compute-optimal frontier beside the theory's, in one unit of compute.

The theory counts parameter-sample products, C = p·T; training FLOPs are about six of them. Both fits below are of the
form L = E + A/N^alpha + B/D^beta (laws/chinchilla.py, exact minimiser); the theory's side minimises an upper bound for
a teacher that is far easier than text. Slopes and trends may be compared; levels mean nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..laws.chinchilla import FLOPS_PER_PARAMETER_AND_TOKEN, Chinchilla
from ..laws.chinchilla import Optimum as Split
from ..numerics import Floats
from ..pages.answer import Answer
from . import arguments
from .optimum import Optimum, optimum

FITS: Mapping[str, Mapping[str, float]] = {
    "hoffmann-2022": {"E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.34, "beta": 0.28},
    "besiroglu-2024": {"E": 1.8172, "A": 482.01, "B": 2085.43, "alpha": 0.3478, "beta": 0.3658},
}
"""Third approach of Hoffmann et al. 2022 (arXiv 2203.15556), as rounded in its text, and its replication by Besiroglu
et al. 2024 (arXiv 2404.10102), which reports that this rounding biases the first."""


@dataclass(frozen=True, repr=False)
class Frontier(Answer):
    """Optima at the same budgets.

    Attributes:
        flops: (G,) training FLOPs.
        C: flops / 6, what the theory counts.
        fits: name -> the optimum of that fit, arrays (G,).
        slopes: name -> d ln N*/d ln C of that fit, beta/(alpha + beta): the same at every C.
        bound_s, bound_t: optima of the two bounds at C.
    """

    flops: Floats
    C: Floats
    fits: dict[str, Split]
    slopes: dict[str, float]
    bound_s: Optimum
    bound_t: Optimum


def frontier(
    flops: ArrayLike, *, d: float, K: float, fits: Mapping[str, Mapping[str, float]] | None = None
) -> Frontier:
    """Fitted frontiers (exact minimisers of a fit) and the theory's (exact minimisers of upper bounds), §7.

    Args:
        flops: (G,) training FLOPs.
        d, K: input dimension and Dirichlet-process scale of the theory's teacher.
        fits: name -> E, A, B, alpha, beta; FITS by default.

    Raises:
        CurveError: FLOPs not positive or too few for n ≥ 1, or d, K out of range.
    """
    arguments.above(0, flops=flops)
    budget = np.atleast_1d(np.asarray(flops, float))
    C = budget / FLOPS_PER_PARAMETER_AND_TOKEN
    chosen = FITS if fits is None else fits
    return Frontier(
        budget,
        C,
        {name: Chinchilla().optimum(budget, **constants) for name, constants in chosen.items()},
        {name: c["beta"] / (c["alpha"] + c["beta"]) for name, c in chosen.items()},
        optimum(C=C, d=d, K=K),
        optimum(C=C, d=d, K=K, bound="t"),
    )
