"""Posteriors of M1 and M2 without chains: exponents on a grid, everything else in closed form.

Given the exponent, a law is linear in the rest, so that its linear parameters θ and the noise scale s² integrate out:

    M1   ln y     = k + c U + r                 θ = k, flat
    M2   1        = (A + B e^{-bU}) / y + r      θ = (A, B) ≥ 0, flat in (level at x_max, drop over the context)

with r the correlated residual of `noise`. At each pair of an exponent (E of them) and a noise node (G),

    p(exponent, node | data) ∝ prior · |C|^-1/2 |P|^-1/2 (b0 + q/2)^-(a0 + (n - L)/2) · Pr(θ ≥ 0),   P = Xᵀ C⁻¹ X

where q is the residual of generalised least squares and the last factor the positive share of a Student-t. The grid
zooms in on where the mass is. Exact up to the grid and to M2's first-order error (relative for logarithmic).

Priors: c ~ Normal(-0.4, 0.4), ln b ~ Normal(ln 0.4, 0.7), as in `priors`; noise as in `noise`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..curves.curve import Curve
from ..curves.thinning import MAX_CONTEXT, thin
from ..errors import Caveat
from ..forecasts.distributions import Mixture
from ..forecasts.forecast import Forecast, Kind
from ..forecasts.scaling import LogScaling
from ..laws.base import log_of
from ..numerics import Floats
from .noise import A as A0
from .noise import B as B0
from .noise import CorrelatedNoise

N_DRAWS = 400
N_NODES, N_ZOOMS, DEPTH = 33, 3, 14.0
"""Nodes of the exponent's grid, how often it zooms, and how deep below its maximum (nats) a node still counts."""
PRIORS = {"m1": (-0.4, 0.4), "m2": (float(np.log(0.4)), 0.7)}
"""Normal(centre, spread) of c and of ln b."""
_LADDER = np.sinh(np.linspace(-3.6, 3.6, 97))


def forecast_collapsed(curve: Curve, at: Floats, kind: Kind, seed: int, *, law: str) -> Forecast:
    """Posterior of M1 or M2 on a grid, and a forecast from 400 exact draws of it.

    Args:
        law: m1 or m2.
        kind: "run" adds the noise of one reading; "curve" keeps the law and its smooth discrepancy.
    """
    method = f"collapsed-{law}"
    kept = thin(curve.as_context().x, MAX_CONTEXT)
    caveats = []
    if len(kept) < curve.n:
        caveats.append(Caveat("thinned", f"{method} reads {len(kept)} of {curve.n} context points."))
    log_x, log_y = float(np.log(curve.x_max)), float(np.log(curve.y).mean())
    U, V, Ut = np.log(curve.x[kept]) - log_x, np.log(curve.y[kept]) - log_y, np.log(at) - log_x
    posterior = CollapsedPosterior(law, U, V)
    rng = np.random.default_rng(seed)
    exponent, linear, node = posterior.sample(rng, N_DRAWS)
    residual = V - posterior.log_y(exponent, linear, U)
    loc, scale = posterior.noise.predict(residual, node, Ut, kind == "run")
    loc = posterior.log_y(exponent, linear, Ut) + loc + log_y
    df = CorrelatedNoise.df(len(U))
    marginals = Mixture("student", np.zeros((len(at), N_DRAWS)), loc.T, scale.T, df=df, joint=True)
    c = exponent if law == "m1" else -np.exp(exponent)
    parameters = {"c": np.quantile(c, (0.05, 0.5, 0.95)).tolist()}
    if law == "m2":
        parameters["eps_inf"] = (np.exp(log_y) * np.quantile(linear[:, 0], (0.05, 0.5, 0.95))).tolist()
    details = {"parameters": parameters, "log_evidence": posterior.log_evidence}
    return Forecast(at, marginals, LogScaling(), kind, method, curve, warnings=tuple(caveats), details=details)


@dataclass
class _Nodes:
    """Generalised least squares at E exponents and G noise nodes; L linear parameters."""

    log_weight_EG: Floats
    mean_EGL: Floats
    covariance_EGLL: Floats  # scale matrix of the Student-t of θ
    df: float


class CollapsedPosterior:
    """Grid posterior of M1 or M2 given one context (U, V)."""

    def __init__(self, law: str, U: Floats, V: Floats):
        self.law, self.U, self.V = law, U, V
        self.noise = CorrelatedNoise.at(U)
        centre, spread = PRIORS[law]
        low, high = centre - 4 * spread, centre + 4 * spread
        for _ in range(N_ZOOMS):
            self.exponents = np.linspace(low, high, N_NODES)
            self.nodes = self._solve(self.exponents)
            profile = self.nodes.log_weight_EG.max(axis=1)
            alive = np.flatnonzero(profile > profile.max() - DEPTH)
            low, high = self.exponents[[max(alive[0] - 1, 0), min(alive[-1] + 1, N_NODES - 1)]]
        top = self.nodes.log_weight_EG.max()
        self.weight_EG = np.exp(self.nodes.log_weight_EG - top)
        step = self.exponents[1] - self.exponents[0]
        self.log_evidence = float(top + np.log(self.weight_EG.sum() * step))
        self.weight_EG /= self.weight_EG.sum()

    def log_y(self, exponent_S: Floats, linear_SL: Floats, U: Floats) -> Floats:
        """V of the law, (S, M)."""
        if self.law == "m1":
            return linear_SL[:, :1] + exponent_S[:, None] * U
        log_drop = log_of(linear_SL[:, 1:]) - np.exp(exponent_S)[:, None] * U
        return np.maximum(np.logaddexp(log_of(linear_SL[:, :1]), log_drop), -600.0)

    def sample(self, rng: np.random.Generator, n: int) -> tuple[Floats, Floats, NDArray[np.intp]]:
        """n draws: exponents (n,), linear parameters (n, L), noise nodes (n,)."""
        flat = rng.choice(self.weight_EG.size, size=n, p=self.weight_EG.ravel())
        e, g = np.unravel_index(flat, self.weight_EG.shape)
        mean, covariance = self.nodes.mean_EGL[e, g], self.nodes.covariance_EGLL[e, g]
        if self.law == "m1":
            z = rng.standard_t(self.nodes.df, size=n)
            return self.exponents[e], mean + np.sqrt(covariance[:, 0]) * z[:, None], g
        return self.exponents[e], _draw_positive(mean, covariance, self.nodes.df, rng), g

    def _design(self, exponents: Floats) -> tuple[Floats, Floats]:
        """Target minus what is known (E, M) and columns (E, M, L)."""
        if self.law == "m1":
            return self.V - exponents[:, None] * self.U, np.ones((len(exponents), len(self.U), 1))
        relative = np.exp(-self.V)
        falling = np.exp(-np.exp(exponents)[:, None] * self.U) * relative
        return np.ones_like(falling), np.stack([np.broadcast_to(relative, falling.shape), falling], -1)

    def _solve(self, exponents: Floats) -> _Nodes:
        target, columns = self._design(exponents)
        n, size = columns.shape[1:]
        k = len(self.noise.rotation_GMM)
        stacked = np.concatenate([columns, target[..., None]], -1)  # (E, M, L + 1)
        rotated = np.einsum("kim,eml->keil", self.noise.rotation_GMM, stacked, optimize=True)
        precision = (1 / self.noise.variance_GM).reshape(k, -1, n)
        gram = np.einsum("kwi,keil,keij->ekwlj", precision, rotated, rotated, optimize=True)
        gram = gram.reshape(len(exponents), -1, size + 1, size + 1)
        P, moment = gram[..., :size, :size], gram[..., :size, size:]
        length = np.sqrt(np.maximum(np.diagonal(P, axis1=-2, axis2=-1), 1e-300))  # unit diagonal before inverting
        scaled = P / (length[..., None] * length[..., None, :]) + 1e-12 * np.eye(size)
        inverse = np.linalg.inv(scaled) / (length[..., None] * length[..., None, :])
        mean = (inverse @ moment)[..., 0]
        square = np.maximum(gram[..., size, size] - (mean * moment[..., 0]).sum(-1), 0.0)
        df = 2 * A0 + n - size
        covariance = ((B0 + 0.5 * square) / (0.5 * df))[..., None, None] * inverse
        log_det = np.linalg.slogdet(scaled)[1] + 2 * np.log(length).sum(-1)
        log_weight = -0.5 * (np.log(self.noise.variance_GM).sum(-1) + log_det) - 0.5 * df * np.log(B0 + 0.5 * square)
        centre, spread = PRIORS[self.law]
        log_weight = log_weight - 0.5 * ((exponents - centre) / spread)[:, None] ** 2
        if self.law == "m2":
            drop = np.exp(exponents) * max(-self.U[0], 1e-9)
            log_weight = log_weight + (drop + np.log(-np.expm1(-drop)))[:, None]  # d(level, drop) / d(A, B)
            likely = log_weight > log_weight.max() - 3 * DEPTH
            share = np.full(log_weight.shape, -np.inf)
            share[likely] = _log_positive(mean[likely], covariance[likely], df)
            log_weight = log_weight + share
        return _Nodes(log_weight, mean, covariance, df)


def _ladder(mean: Floats, covariance: Floats, df: float) -> tuple[Floats, Floats]:
    """Steps B > 0 (N, Q) across each marginal of B, and ln of [density of B, times Pr(A > 0 | B)] there, (N, Q)."""
    from scipy.special import gammaln, stdtr

    sd = np.sqrt(covariance[:, 1, 1])
    start = np.arcsinh(np.maximum(-mean[:, 1] / sd, _LADDER[0]))  # from B = 0, or from deep in the lower tail
    end = np.maximum(np.arcsinh(_LADDER[-1]), start + 2.0)
    z = np.sinh(start[:, None] + (end - start)[:, None] * np.linspace(0.0, 1.0, len(_LADDER)))
    log_density = gammaln((df + 1) / 2) - gammaln(df / 2) - 0.5 * np.log(df * np.pi)
    log_density = log_density - (df + 1) / 2 * np.log1p(z * z / df)
    at, spread = _conditional(mean, covariance, df, z)
    return mean[:, 1, None] + sd[:, None] * z, log_density + log_of(stdtr(df + 1, at / spread)) + _log_gap(z)


def _conditional(mean: Floats, covariance: Floats, df: float, z: Floats) -> tuple[Floats, Floats]:
    """Location and scale of A given B = mean + sd z; a Student-t with df + 1."""
    slope = covariance[:, 0, 1] / np.sqrt(covariance[:, 1, 1])
    left = np.maximum(covariance[:, 0, 0] - slope**2, 1e-12 * covariance[:, 0, 0])
    return mean[:, :1] + slope[:, None] * z, np.sqrt(left[:, None] * (df + z * z) / (df + 1))


def _log_gap(z: Floats) -> Floats:
    """ln of the trapezoid's weight of each step."""
    return np.log(np.maximum(np.gradient(z, axis=-1), 1e-300))


def _log_positive(mean: Floats, covariance: Floats, df: float) -> Floats:
    """ln Pr(A > 0, B > 0) of N bivariate Student-t, (N,)."""
    terms = _ladder(mean, covariance, df)[1]
    terms[:, [0, -1]] -= np.log(2.0)
    top = terms.max(axis=-1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    return np.minimum(top[:, 0] + log_of(np.exp(terms - top).sum(-1)), 0.0)


def _draw_positive(mean: Floats, covariance: Floats, df: float, rng: np.random.Generator) -> Floats:
    """One draw each of N bivariate Student-t that are cut to A > 0, B > 0, (N, 2)."""
    from scipy.special import stdtr, stdtrit

    steps, log_mass = _ladder(mean, covariance, df)
    mass = np.exp(log_mass - log_mass.max(axis=-1, keepdims=True))
    total = np.cumsum(mass, axis=-1)
    level = rng.uniform(size=len(mean)) * total[:, -1]
    B = np.array([np.interp(p, row, step) for p, row, step in zip(level, total, steps, strict=True)])
    z = ((B - mean[:, 1]) / np.sqrt(covariance[:, 1, 1]))[:, None]
    at, spread = _conditional(mean, covariance, df, z)
    below = stdtr(df + 1, -at[:, 0] / spread[:, 0])
    p = below + (1 - below) * rng.uniform(1e-9, 1 - 1e-9, size=len(mean))
    A = at[:, 0] + spread[:, 0] * stdtrit(df + 1, np.minimum(p, 1 - 1e-12))
    return np.stack([np.maximum(A, 1e-12), np.maximum(B, 1e-12)], -1)
