"""The runs as the misfit sees them: in units of the robust fit, with every set of scales and its Cholesky factor."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..numerics import Floats, evenly
from .fit import JointFit, JointRuns
from .surfaces import SAME_SIZE, amplitude, kernel

Ints = NDArray[np.intp]


class Belief(NamedTuple):
    """Of the field beforehand: values of its scale and what is believed of each, its lengths and how fast it grows
    towards cheap runs, per e-fold of compute, all alike; and of the law's form that it is the sum, and has no floor
    (coupled.py).

    Belief at 0 is that the law holds. A scale far below the noise cannot be told from 0, and still widens N*: what is
    believed of a law that fails therefore lies around one per cent, and evidence decides between the two.
    """

    tau: tuple[float, ...]
    shares: tuple[float, ...]
    lengths: tuple[float, ...]
    growths: tuple[float, ...]
    form: tuple[float, float]

    @property
    def failing(self) -> Belief:
        """The same of a law that is known to fail."""
        rest = tuple(share / sum(self.shares[1:]) for share in self.shares[1:])
        return self._replace(tau=self.tau[1:], shares=rest)


FOR_LOSSES = Belief(
    (0.0, 0.003, 0.01, 0.03, 0.06), (0.5, 0.08, 0.2, 0.2, 0.02), (1.5, 3.0), (0.0, 0.3, 0.6), (0.6, 0.1)
)
FOR_OPTIMA = Belief((0.0, 0.005, 0.012, 0.03), (0.8, 0.03, 0.14, 0.03), (1.5,), (0.0,), (0.98, 0.01))
"""Narrower: a wide field bends the flat optimum along with the law, and so does another form."""
C = np.array([0.0, 0.003, 0.01, 0.03])
C_SCALE = 0.02
SIGMA = np.array([0.09, 0.18, 0.35, 0.71, 1.0, 1.41])
"""Noise, in robust residual scales of the law without its field: what the field explains is not noise."""
MOST_RUNS = 600
"""More runs than this are thinned, evenly in compute: the factors grow with their cube."""


class Scales(NamedTuple):
    """One set of scales, its prior, and what the covariance of the runs is made of, (n, n) and (n,), shared by all."""

    tau: float
    length: float
    growth: float
    c: float
    sigma: float
    log_prior: float
    field: Floats
    same_size: Floats
    inflation: Floats

    @property
    def factor(self) -> Floats:
        """Cholesky factor of the covariance (n, n), made anew: hundreds of them would not fit into memory."""
        covariance = self.tau**2 * self.field + self.c**2 * self.same_size
        covariance[np.diag_indices(len(covariance))] += self.sigma**2 * self.inflation
        return np.asarray(np.linalg.cholesky(covariance))


@dataclass(frozen=True)
class Problem:
    """The runs in units of the robust fit."""

    runs: JointRuns
    fit: JointFit
    scale: Floats  # s, (n,)
    target: Floats  # L / s
    inflation: Floats  # of the variance of outliers
    sigma: float
    sizes: Ints  # which size each run has, recipes apart
    centres: list[Floats]  # ln N of the sizes of each recipe

    @property
    def top(self) -> float:
        """u + v of the dearest run."""
        return float(np.max(self.runs.u + self.runs.v))


def problem_of(runs: JointRuns, fit: JointFit) -> Problem:
    scale = np.exp(fit.log_fitted)
    target = np.minimum(runs.loss / scale, 1e70)  # no reading is so wild that its square is none
    z = target - 1
    spare = len(z) - 2 - 3 * runs.n_recipes
    # With no degree of freedom left the fit goes through the runs; .01 is what a reading then may be off.
    robust = 1.4826 * float(np.median(np.abs(z))) * np.sqrt(len(z) / max(spare, 1))
    sigma = float(np.hypot(max(robust, 1e-5), 0.01 / (1 + max(spare, 0))))
    inflation = np.maximum(1.0, (z / (2.5 * sigma)) ** 2)
    sizes, centres = np.zeros(len(z), int), []
    for r in range(runs.n_recipes):
        mine = np.flatnonzero(runs.group == r)
        order = mine[np.argsort(runs.u[mine], kind="stable")]
        label = np.cumsum(np.concatenate([[False], np.diff(runs.u[order]) > SAME_SIZE]))
        sizes[order] = label
        centres.append(np.array([runs.u[order[label == k]].mean() for k in range(label[-1] + 1)]))
    return Problem(runs, fit, scale, target, inflation, sigma, sizes, centres)


def scales_of(problem: Problem, belief: Belief) -> list[Scales]:
    runs = problem.runs
    together = runs.group[:, None] == runs.group
    same = (together & (problem.sizes[:, None] == problem.sizes)).astype(float)
    shapes = list(product(belief.lengths, belief.growths))
    fields = [_field(problem, length, growth) * together for length, growth in shapes]
    log_tau, log_c = np.log(belief.shares), _log_share(C, C_SCALE)
    log_sigma = -0.5 * (np.log(SIGMA) / np.where(SIGMA < 1, 1.5, 0.7)) ** 2
    out = []
    for a, tau in enumerate(belief.tau):
        for (length, growth), shape in list(zip(shapes, fields, strict=True))[: 1 if tau == 0 else None]:
            for b, c in enumerate(C):
                for d, share in enumerate(SIGMA):
                    sigma = float(share * problem.sigma)
                    log_prior = float(log_tau[a] + log_c[b] + log_sigma[d] - (np.log(len(shapes)) if tau else 0.0))
                    out.append(Scales(tau, length, growth, c, sigma, log_prior, shape, same, problem.inflation))
    return out


def _field(problem: Problem, length: float, growth: float) -> Floats:
    """Covariance of the field at the runs, in units of tau² (n, n)."""
    u, v = problem.runs.u, problem.runs.v
    size = amplitude(u, v, problem.top, growth)
    return np.asarray(size[:, None] * size * kernel(u, v, u, v, length))


def _log_share(grid: Floats, scale: float) -> Floats:
    """ln of the half-normal mass nearest to each value of a grid."""
    from scipy.special import erf

    edges = np.concatenate([[0.0], 0.5 * (grid[1:] + grid[:-1]), [np.inf]])
    return np.asarray(np.log(np.diff(erf(edges / scale / np.sqrt(2)))))


def dearer(runs: JointRuns, share: float = 0.5, least: int = 8) -> JointRuns:
    """The runs that spent most, of each recipe: at least `least`, where there are so many."""
    c = runs.u + runs.v
    kept = []
    for r in range(runs.n_recipes):
        mine = np.flatnonzero(runs.group == r)
        n = min(len(mine), max(least, int(np.ceil(share * len(mine)))))
        kept.append(mine[np.argsort(-c[mine], kind="stable")[:n]])
    return runs.take(np.sort(np.concatenate(kept)))


def thinned(runs: JointRuns, most: int = MOST_RUNS) -> JointRuns:
    """At most `most` runs, evenly in rank of compute."""
    n = len(runs.loss)
    if n <= most:
        return runs
    order = np.argsort(runs.u + runs.v, kind="stable")
    return runs.take(np.sort(order[evenly(most, n)]))
