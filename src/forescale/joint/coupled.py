"""Joint forms beside Chinchilla's sum, weighed by their evidence on the same runs.

    coupled   L = E + ((A N^-alpha)^(1/k) + (B D^-beta)^(1/k))^k,   k on K; k = 1 is the sum
    Kaplan    the same with E = 0 (Kaplan et al. 2020, arXiv 2001.08361, eq. 1.5: alpha / k there is alpha_N / alpha_D)

Given k, alpha, beta and the share w of the first term at the centre of the runs, the law is linear in E and in the size
S of the reducible part: both are integrated out in closed form. The sum is put on the same grid, so that its evidence
is of the same kind; a share of the draws that is each form's posterior probability is drawn from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ..numerics import Floats
from .fit import JointRuns
from .grid import HALF_NORMAL, LOG_BOX, ExponentPrior
from .surfaces import LawDraws

Ints = NDArray[np.intp]

K = (0.5, 0.7, 1.0, 1.4, 2.0)
OTHER_K = 0.4
"""Beside the sum the other k share what is believed as ln k ~ N(0, OTHER_K)."""
SIDES = (7, 9)
N_SETS = 2


class Scales(Protocol):
    """What is read of a set of scales."""

    @property
    def factor(self) -> Floats: ...


class Form(NamedTuple):
    """Nodes of one k, with or without a floor, under one set of scales: ln weights (G,), and what they are."""

    k: float
    floor: bool
    chosen: int
    log_weight: Floats
    nodes: Floats  # (G, 3): ln alpha, ln beta, logit w
    step: Floats  # (3,)


class Runs(NamedTuple):
    """The runs in units of the robust fit: u, v, L / s and s, (n,), and the typical loss."""

    u: Floats
    v: Floats
    target: Floats
    scale: Floats
    level: float


def runs_of(runs: JointRuns, target: Floats, scale: Floats) -> Runs:
    """Of one recipe."""
    return Runs(runs.u, runs.v, target, scale, float(np.exp(np.mean(np.log(runs.loss)))))


def weigh(
    runs: Runs, sets: Sequence[Scales], chosen: Ints, start: LawDraws, prior: ExponentPrior, belief: tuple[float, float]
) -> list[Form]:
    """The forms on grids around draws of the sum, for each of the sets of scales `chosen`.

    `belief`: what is believed beforehand of k = 1, and of E = 0 whatever k.
    """
    place = np.stack([np.log(start.alpha), np.log(start.beta), np.clip(start.log_A - start.log_B, -8, 8)])
    mean, sd = place.mean(1), np.maximum(place.std(1), 0.03)
    out = []
    for k in K:
        centre, span = mean, 4.0 * sd * max(1.0, abs(np.log(k)) * 3)
        for side in SIDES:
            nodes, step = _nodes(centre, span, side, prior.fixed is not None)
            alpha, beta, share = np.exp(nodes[:, 0]), np.exp(nodes[:, 1]), _share(nodes[:, 2] / k)
            log_prior = _log_prior(nodes, prior)
            shape = _shape(runs, alpha, beta, share, k)
            every = [_log_evidence(runs, sets[i].factor, shape) for i in (chosen if side == SIDES[-1] else chosen[:1])]
            flat = np.exp((every[0][0] + log_prior - (every[0][0] + log_prior).max()) / 1.5)
            flat /= flat.sum()
            centre = flat @ nodes
            span = 3.4 * np.sqrt(flat @ (nodes - centre) ** 2 + 0.15 * step**2)
        for i, evidences in zip(chosen, every, strict=True):
            for floor, evidence in zip((True, False), evidences, strict=True):
                cell = float(np.log(np.maximum(step, 1e-9)).sum())
                out.append(
                    Form(k, floor, int(i), evidence + log_prior + cell + _log_share(k, floor, *belief), nodes, step)
                )
    return out


def draw(
    runs: Runs, sets: Sequence[Scales], forms: list[Form], which: Ints, rng: np.random.Generator
) -> tuple[LawDraws, Ints]:
    """One draw of the law from each form named in `which` (S,), and its set of scales (S,)."""
    S = len(which)
    E, log_A, log_B, alpha, beta, k = np.zeros((6, S))
    of_set = np.zeros(S, int)
    for f in np.unique(which):
        form, rows = forms[f], np.flatnonzero(which == f)
        weight = np.exp(form.log_weight - form.log_weight.max())
        node = form.nodes[rng.choice(len(weight), size=len(rows), p=weight / weight.sum())]
        node = node + form.step * rng.uniform(-0.5, 0.5, node.shape)
        alpha[rows], beta[rows] = np.exp(np.clip(node[:, :2], *LOG_BOX)).T
        share = _share(node[:, 2] / form.k)
        shape = _shape(runs, alpha[rows], beta[rows], share, form.k)
        E[rows], size = _coefficients(runs, sets[form.chosen].factor, shape, form.floor, rng)
        log_A[rows] = np.log(size) + form.k * np.log(share)
        log_B[rows] = np.log(size) + form.k * np.log1p(-share)
        k[rows], of_set[rows] = form.k, form.chosen
    return LawDraws(E, log_A, log_B, alpha, beta, k), of_set


def _log_share(k: float, floor: bool, of_sum: float, no_floor: float) -> float:
    others = {x: float(np.exp(-0.5 * (np.log(x) / OTHER_K) ** 2)) for x in K if x != 1.0}
    share = of_sum if k == 1.0 else (1 - of_sum) * others[k] / sum(others.values())
    return float(np.log(share * ((1 - no_floor) if floor else no_floor)))


def _nodes(centre: Floats, span: Floats, side: int, fixed: bool) -> tuple[Floats, Floats]:
    """A cube of nodes (G, 3) inside the box of the exponents; exponents that are fixed do not move."""
    low, high = centre - span, centre + span
    low[:2], high[:2] = np.clip(low[:2], *LOG_BOX), np.clip(high[:2], *LOG_BOX)
    counts = (1, 1, side) if fixed else (side, side, side)
    ticks = [
        np.linspace(a, b, n) if n > 1 else np.array([c]) for a, b, c, n in zip(low, high, centre, counts, strict=True)
    ]
    step = np.array([t[1] - t[0] if len(t) > 1 else 0.0 for t in ticks])
    return np.stack(np.meshgrid(*ticks, indexing="ij"), -1).reshape(-1, 3), step


def _log_prior(nodes: Floats, prior: ExponentPrior) -> Floats:
    """Of the exponents, and of ln(A / B) ~ N(0, 2²)."""
    exponents = prior.log_density(nodes[:, 0], nodes[:, 1]) if prior.fixed is None else 0.0
    return np.asarray(exponents - 0.125 * nodes[:, 2] ** 2 - np.log(2.0))


def _shape(runs: Runs, alpha: Floats, beta: Floats, share: Floats, k: float) -> Floats:
    """The reducible part with S = 1, in units of the fit, (G, n)."""
    a = np.log(share)[:, None] - np.clip(alpha[:, None] * runs.u, -150, 150) / k
    b = np.log1p(-share)[:, None] - np.clip(beta[:, None] * runs.v, -150, 150) / k
    return np.asarray(np.exp(np.minimum(k * np.logaddexp(a, b), 150.0)) / runs.scale)


class _Normal(NamedTuple):
    """Normal equations of E and S, (G,) each: precisions, moments, and what the target has in all."""

    ee: float
    es: Floats
    ss: Floats
    e: float
    s: Floats
    total: float


def _normal(runs: Runs, factor: Floats, shape: Floats) -> _Normal:
    from scipy.linalg import solve_triangular

    columns = np.concatenate([runs.target[None], 1 / runs.scale[None], shape]).T
    white = solve_triangular(factor, columns, lower=True, check_finite=False).T
    t, one, g = white[0], white[1], white[2:]
    ridge = (HALF_NORMAL * runs.level) ** -2
    return _Normal(float(one @ one) + ridge, g @ one, (g * g).sum(1) + ridge, float(one @ t), g @ t, float(t @ t))


def _log_evidence(runs: Runs, factor: Floats, shape: Floats) -> tuple[Floats, Floats]:
    """ln of the integrals over E, S > 0, and over S > 0 with E = 0, (G,) each."""
    from scipy.special import log_ndtr

    q = _normal(runs, factor, shape)
    unit = np.log(2 / np.pi) / 2 - np.log(HALF_NORMAL * runs.level)  # of a half-normal at 0
    shared = -np.log(np.diag(factor)).sum() - 0.5 * q.total
    alone = shared + unit + 0.5 * q.s**2 / q.ss - 0.5 * np.log(q.ss / (2 * np.pi))
    alone = alone + log_ndtr(q.s / np.sqrt(q.ss))
    rest = np.maximum(q.ee - q.es**2 / q.ss, 1e-12 * q.ee)  # precision of E with S integrated out
    mean = (q.e - q.es * q.s / q.ss) / rest
    both = alone + unit + 0.5 * rest * mean**2 - 0.5 * np.log(rest / (2 * np.pi)) + log_ndtr(mean * np.sqrt(rest))
    return np.asarray(both), np.asarray(alone)


def _coefficients(
    runs: Runs, factor: Floats, shape: Floats, floor: bool, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """E and S > 0, one draw a row of `shape`."""
    from scipy.special import log_ndtr, ndtri_exp

    q = _normal(runs, factor, shape)
    E = np.zeros(len(shape))
    if floor:
        rest = np.maximum(q.ee - q.es**2 / q.ss, 1e-12 * q.ee)
        mean, sd = (q.e - q.es * q.s / q.ss) / rest, rest**-0.5
        level = np.log(rng.uniform(size=len(E))) + log_ndtr(mean / sd)
        E = np.maximum(mean - sd * ndtri_exp(level), 0.0)
    size = (q.s - q.es * E) / q.ss + rng.standard_normal(len(E)) / np.sqrt(q.ss)
    return E, np.maximum(size, 1e-6 * runs.level)


def _share(logit: Floats) -> Floats:
    """Of the first term; never quite 0 or 1."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -25.0, 25.0))))
