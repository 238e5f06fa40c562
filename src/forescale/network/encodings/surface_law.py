"""The posterior of E + A N^-alpha + B D^-beta in closed form, for B tables of runs at once.

At given exponents the law is linear in E, A, B >= 0; the columns e^(-alpha u) and e^(-beta v) of all pairs of exponents
share their sums, and only the cross term is a matrix product, so a grid over two exponents costs what one over each
would. Three zooms; what is read at a point is the mean over the heaviest nodes and the spread within and between them.

Shapes: B tables, n runs, G nodes an axis, K heaviest nodes, T points. u = ln N and v = ln D from the context's means,
Y = the loss in units of the level at the end of the table, w (B, n) positive weights that sum to one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np

from ...numerics import Floats

BOX = (np.log(0.02), np.log(3.0))
CENTRE, SPREAD = np.log(0.35), 0.8
HALF_NORMAL = 3.0
_FLAT = 2.0, 1.3
_SIDES = (10, 9, 9)
N_HEAVY = 30
_STEEPEST = 300.0
_RIDGE = 1e-10


class Read(NamedTuple):
    """Mean and standard deviation over the posterior, any shape."""

    mean: Floats
    spread: Floats


class Optimum(NamedTuple):
    """At a budget ln C/6 (B, O), from the context's mean: ln N*, ln L* and d ln N*/d ln C."""

    u: Read
    log_loss: Read
    slope: Read


@dataclass(frozen=True)
class LawPosterior:
    """The heaviest nodes: weights, exponents (B, K); coefficients (B, K, 3); their covariance (B, K, 3, 3)."""

    weight: Floats
    alpha: Floats
    beta: Floats
    coefficients: Floats
    covariance: Floats

    def at(self, u_BT: Floats, v_BT: Floats) -> Read:
        """ln L of the law at points (B, T)."""
        columns = self._columns(self.alpha[..., None] * u_BT[:, None], self.beta[..., None] * v_BT[:, None])
        return self._read(columns)

    def optimum(self, c_BO: Floats) -> Optimum:
        """The best split of a budget, from each node's closed form."""
        total = self.alpha + self.beta
        floor = 1e-6
        A, B = (np.maximum(self.coefficients[..., k], floor) for k in (1, 2))
        log_ratio = np.log(self.alpha * A) - np.log(self.beta * B)
        u = (log_ratio[..., None] + self.beta[..., None] * c_BO[:, None]) / total[..., None]
        u = np.clip(u, c_BO[:, None] / 2 - 10, c_BO[:, None] / 2 + 10)
        doubt = sum(np.minimum(self.covariance[..., k, k] / x**2, 4.0) for k, x in ((1, A), (2, B)))
        within = np.asarray(doubt) / total**2
        best = self._moments(u, np.broadcast_to(within[..., None], u.shape))
        v = c_BO[:, None] - u
        columns = self._columns(self.alpha[..., None] * u, self.beta[..., None] * v)
        slope = (self.beta / total)[..., None]
        return Optimum(best, self._read(columns), self._moments(slope, np.zeros_like(slope)))

    def moments_of(self, x_BK: Floats) -> Read:
        """Of a number of each node, (B, 1)."""
        return self._moments(x_BK[..., None], np.zeros((*x_BK.shape, 1)))

    def _columns(self, au_BKT: Floats, bv_BKT: Floats) -> tuple[Floats, Floats]:
        return _power(au_BKT), _power(bv_BKT)

    def _read(self, columns: tuple[Floats, Floats]) -> Read:
        a, b = columns
        E, A, B = (self.coefficients[..., k, None] for k in range(3))
        loss = np.maximum(E + A * a + B * b, 1e-300)
        c = self.covariance[..., None]
        variance = c[..., 0, 0, :] + c[..., 1, 1, :] * a * a + c[..., 2, 2, :] * b * b
        variance = variance + 2 * (c[..., 0, 1, :] * a + c[..., 0, 2, :] * b + c[..., 1, 2, :] * a * b)
        return self._moments(np.log(loss), np.clip(variance / loss**2, 0.0, 1.0))

    def _moments(self, x_BKT: Floats, within_BKT: Floats) -> Read:
        w = self.weight[:, None, :]
        mean = w @ x_BKT
        between = w @ ((x_BKT - mean) ** 2 + within_BKT)
        return Read(mean[:, 0], np.sqrt(between[:, 0]))


def fit_law(u: Floats, v: Floats, Y: Floats, w: Floats, s: Floats, n_zooms: int = 2) -> LawPosterior:
    """The posterior of B tables; s (B, 1) the spread of ln Y, which floors the noise."""
    problem = _Problem(u, v, Y, w, s)
    B = len(u)
    side = np.linspace(*BOX, _SIDES[0])
    log_alpha = log_beta = np.broadcast_to(side, (B, len(side)))
    nodes = problem.nodes(log_alpha, log_beta)
    for flat, n_side in list(zip(_FLAT, _SIDES[1:], strict=True))[:n_zooms]:
        soft = np.exp((nodes.log_weight - nodes.log_weight.max((1, 2), keepdims=True)) / flat)
        soft /= soft.sum((1, 2), keepdims=True)
        log_alpha = _zoomed(log_alpha, soft.sum(2), n_side)
        log_beta = _zoomed(log_beta, soft.sum(1), n_side)
        nodes = problem.nodes(log_alpha, log_beta)
    return problem.posterior(nodes, log_alpha, log_beta)


def _zoomed(ticks: Floats, weight: Floats, n_side: int) -> Floats:
    """An evenly spaced axis around the mass, (B, n_side), inside the box."""
    mean = (weight * ticks).sum(1, keepdims=True)
    step = (ticks[:, -1:] - ticks[:, :1]) / (ticks.shape[1] - 1)
    sd = np.sqrt((weight * (ticks - mean) ** 2).sum(1, keepdims=True) + 0.15 * step**2)
    low, high = np.maximum(mean - 2.6 * sd, BOX[0]), np.minimum(mean + 2.6 * sd, BOX[1])
    return cast("Floats", low + (high - low) * np.linspace(0.0, 1.0, n_side))


class _Nodes(NamedTuple):
    """Of each pair of exponents, (B, G, G): ln weight, and the scaled problem it comes from."""

    log_weight: Floats
    rss: Floats
    c: tuple[Floats, Floats, Floats]
    gram: tuple[Floats, Floats, Floats]
    norm: tuple[Floats, Floats, Floats]


class _Problem:
    """Weighted least squares of the relative error."""

    def __init__(self, u: Floats, v: Floats, Y: Floats, w: Floats, s: Floats):
        self.u, self.v, self.Y, self.s = u, v, Y, s[:, :, None]
        self.p = w / Y**2
        self.n_eff = (1.0 / (w * w).sum(1))[:, None, None]

    def nodes(self, log_alpha: Floats, log_beta: Floats) -> _Nodes:
        p, Y = self.p[:, None], self.Y[:, :, None]
        a = _power(np.exp(log_alpha)[..., None] * self.u[:, None])
        b = _power(np.exp(log_beta)[..., None] * self.v[:, None])
        pa, pb = p * a, p * b
        n0 = np.sqrt(self.p.sum(1))[:, None, None]
        n1 = np.sqrt((pa * a).sum(2))[:, :, None]
        n2 = np.sqrt((pb * b).sum(2))[:, None, :]
        r01 = pa.sum(2)[:, :, None] / (n0 * n1)
        r02 = pb.sum(2)[:, None, :] / (n0 * n2)
        r12 = pa @ b.swapaxes(1, 2) / (n1 * n2)
        h0 = (self.p * self.Y).sum(1)[:, None, None] / n0
        h1 = (pa @ Y)[:, :, 0][:, :, None] / n1
        h2 = (pb @ Y)[:, :, 0][:, None, :] / n2
        c, gain = _nonnegative(r01, r02, r12, h0, h1, h2)
        rss = np.maximum(1.0 - gain, 0.0)
        noise2 = self._noise2(rss)
        # Occam: the determinant of the precision n_eff / sigma² G + I / 9 in the unit of the level.
        k = self.n_eff / noise2
        q = [1.0 / (HALF_NORMAL**2 * k * n * n) for n in (n0, n1, n2)]
        d0, d1, d2 = 1 + q[0] + _RIDGE, 1 + q[1] + _RIDGE, 1 + q[2] + _RIDGE
        det = d0 * (d1 * d2 - r12**2) - r01 * (r01 * d2 - r02 * r12) + r02 * (r01 * r12 - r02 * d1)
        log_det = np.log(np.maximum(det, 1e-30)) + 2 * (np.log(n1) + np.log(n2))
        power = np.maximum(self.n_eff - 3, 1.0) / 2
        log_prior = -0.5 * (((log_alpha - CENTRE) / SPREAD) ** 2)[:, :, None]
        log_prior = log_prior - 0.5 * (((log_beta - CENTRE) / SPREAD) ** 2)[:, None, :]
        log_weight = -power * np.log(rss + (1e-3 * self.s) ** 2) - 0.5 * log_det + log_prior
        return _Nodes(log_weight, rss, c, (r01, r02, r12), (n0, n1, n2))

    def _noise2(self, rss: Floats) -> Floats:
        least = rss.min((1, 2), keepdims=True) + (1e-3 * self.s) ** 2
        return cast("Floats", least * self.n_eff / np.maximum(self.n_eff - 4, 1.0))

    def posterior(self, nodes: _Nodes, log_alpha: Floats, log_beta: Floats) -> LawPosterior:
        B, G, H = nodes.log_weight.shape
        flat = nodes.log_weight.reshape(B, -1)
        K = min(N_HEAVY, flat.shape[1])
        heavy = np.argpartition(-flat, K - 1, axis=1)[:, :K]

        def pick(x: Floats) -> Floats:
            return np.take_along_axis(np.broadcast_to(x, (B, G, H)).reshape(B, -1), heavy, 1)

        weight = np.exp(pick(nodes.log_weight) - flat.max(1, keepdims=True))
        weight /= weight.sum(1, keepdims=True)
        alpha, beta = (np.exp(pick(x)) for x in (log_alpha[:, :, None], log_beta[:, None, :]))
        norm = np.stack([pick(x) for x in nodes.norm], -1)
        r01, r02, r12 = (pick(x) for x in nodes.gram)
        k = (self.n_eff / self._noise2(nodes.rss))[:, :, 0]
        d0, d1, d2 = (1 + _RIDGE + 1.0 / (HALF_NORMAL**2 * k * norm[..., i] ** 2) for i in range(3))
        inverse = _inverse(d0, d1, d2, r01, r02, r12)
        scale = norm * np.sqrt(k)[..., None]
        covariance = inverse / scale[..., :, None] / scale[..., None, :]
        coefficients = np.stack([pick(x) for x in nodes.c], -1) / norm
        return LawPosterior(weight, alpha, beta, coefficients, covariance)


def _nonnegative(
    r01: Floats, r02: Floats, r12: Floats, h0: Floats, h1: Floats, h2: Floats
) -> tuple[tuple[Floats, Floats, Floats], Floats]:
    """Least squares with three coefficients >= 0 and unit columns: the best of the seven sets of active ones, and the
    sum of squares it explains."""
    full = 1.0 + _RIDGE
    det = full * (full * full - r12**2) - r01 * (r01 * full - r02 * r12) + r02 * (r01 * r12 - r02 * full)
    det = np.maximum(det, 1e-14)
    c0 = ((full - r12**2) * h0 + (r02 * r12 - r01) * h1 + (r01 * r12 - r02) * h2) / det
    c1 = ((r02 * r12 - r01) * h0 + (full - r02**2) * h1 + (r01 * r02 - r12) * h2) / det
    c2 = ((r01 * r12 - r02) * h0 + (r01 * r02 - r12) * h1 + (full - r01**2) * h2) / det
    good = (c0 >= 0) & (c1 >= 0) & (c2 >= 0)
    gain = np.where(good, h0 * c0 + h1 * c1 + h2 * c2, -1.0)
    shape = gain.shape
    best = [np.where(good, c, 0.0) for c in (c0, c1, c2)]
    if good.all():
        return (best[0], best[1], best[2]), gain
    h = (h0, h1, h2)
    for i, j, r in ((0, 1, r01), (0, 2, r02), (1, 2, r12)):
        det2 = np.maximum(full - r * r, 1e-10)
        ci, cj = (h[i] - r * h[j]) / det2, (h[j] - r * h[i]) / det2
        gained = np.where((ci >= 0) & (cj >= 0), h[i] * ci + h[j] * cj, -1.0)
        _keep(best, gain, gained, {i: ci, j: cj}, shape)
    for i in range(3):
        _keep(best, gain, np.maximum(h[i], 0.0) ** 2, {i: np.maximum(h[i], 0.0)}, shape)
    return (best[0], best[1], best[2]), gain


def _keep(best: list[Floats], gain: Floats, gained: Floats, active: dict[int, Floats], shape: tuple[int, ...]) -> None:
    gained = np.broadcast_to(gained, shape)
    better = gained > gain
    for i in range(3):
        best[i] = np.where(better, active.get(i, np.zeros(1)), best[i])
    np.copyto(gain, gained, where=better)


def _inverse(d0: Floats, d1: Floats, d2: Floats, r01: Floats, r02: Floats, r12: Floats) -> Floats:
    """Of symmetric 3 x 3 matrices, (..., 3, 3), by cofactors."""
    det = d0 * (d1 * d2 - r12**2) - r01 * (r01 * d2 - r02 * r12) + r02 * (r01 * r12 - r02 * d1)
    det = np.maximum(det, 1e-14)
    out = np.empty((*det.shape, 3, 3))
    out[..., 0, 0], out[..., 1, 1], out[..., 2, 2] = d1 * d2 - r12**2, d0 * d2 - r02**2, d0 * d1 - r01**2
    out[..., 0, 1] = out[..., 1, 0] = r02 * r12 - r01 * d2
    out[..., 0, 2] = out[..., 2, 0] = r01 * r12 - r02 * d1
    out[..., 1, 2] = out[..., 2, 1] = r01 * r02 - r12 * d0
    return out / det[..., None, None]


def _power(x: Floats) -> Floats:
    return np.exp(-np.clip(x, -_STEEPEST, _STEEPEST))
