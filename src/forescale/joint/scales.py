"""The runs as the misfit sees them: in units of the robust fit, with every set of scales and its Cholesky factor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from ..numerics import Floats
from .fit import JointFit, JointRuns
from .surfaces import SAME_SIZE, kernel

Ints = NDArray[np.intp]


class Belief(NamedTuple):
    """Of the field beforehand: values of its scale, their half-normal, and its lengths in e-folds."""

    tau: tuple[float, ...]
    scale: float
    lengths: tuple[float, ...]


FOR_LOSSES = Belief((0.0, 0.003, 0.01, 0.03, 0.06), 0.02, (1.5, 3.0))
FOR_OPTIMA = Belief((0.0, 0.003, 0.01, 0.03), 0.01, (1.5,))
"""Narrower: a wide field bends the flat optimum along with the law."""
HOLDS = 0.5
"""What is believed beforehand of a law without misfit."""
C = np.array([0.0, 0.003, 0.01, 0.03])
C_SCALE = 0.02
SIGMA = np.array([0.5, 0.71, 1.0, 1.41])
MOST_RUNS = 600
"""More runs than this are thinned, evenly in compute: the factors grow with their cube."""


class Scales(NamedTuple):
    """One set of scales, its prior, and the Cholesky factor of the covariance of the runs (n, n)."""

    tau: float
    length: float
    c: float
    sigma: float
    log_prior: float
    factor: Floats


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


def problem_of(runs: JointRuns, fit: JointFit) -> Problem:
    scale = np.exp(fit.log_fitted)
    target = runs.loss / scale
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
    runs, n = problem.runs, len(problem.target)
    together = runs.group[:, None] == runs.group
    same = (together & (problem.sizes[:, None] == problem.sizes)).astype(float)
    fields = {length: kernel(runs.u, runs.v, runs.u, runs.v, length) * together for length in belief.lengths}
    log_tau, log_c = _log_prior_of_tau(belief), _log_share(C, C_SCALE)
    log_sigma = -0.5 * (np.log(SIGMA) / 0.7) ** 2
    out = []
    for a, tau in enumerate(belief.tau):
        for length in belief.lengths[: 1 if tau == 0 else None]:
            for b, c in enumerate(C):
                for d, share in enumerate(SIGMA):
                    sigma = float(share * problem.sigma)
                    covariance = tau**2 * fields[length] + c**2 * same
                    covariance[np.diag_indices(n)] += sigma**2 * problem.inflation
                    log_prior = log_tau[a] + log_c[b] + log_sigma[d] - (np.log(len(belief.lengths)) if tau else 0.0)
                    out.append(Scales(tau, length, c, sigma, float(log_prior), np.linalg.cholesky(covariance)))
    return out


def _log_prior_of_tau(belief: Belief) -> Floats:
    """Half of the mass says that the law holds."""
    share = np.exp(_log_share(np.array(belief.tau), belief.scale))
    return cast("Floats", np.log(np.append(HOLDS, (1 - HOLDS) * share[1:] / share[1:].sum())))


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
    return runs.take(np.sort(order[np.linspace(0, n - 1, most).round().astype(int)]))
