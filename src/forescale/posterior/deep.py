"""Two baselines that learn features of one curve: Bayesian linear regression on a network, and a deep-kernel process.

    z(u) = tanh(tanh(u W1 + b1) W2 + b2),  u = ln x standardised, v = ln y standardised, D features
    blr    v = z(u)·w + noise     z by least squares, then w ~ N(0, I/a) and noise 1/b, a and b by evidence
    dkgp   v ~ GP(0, s² exp(-|z - z'|²/2) + noise)     z, s and the noise by the marginal likelihood

No law, no other curves: what a network makes of the context alone. The paper's tables show both (on x and y in the
unit square, where half of their answers are negative; here in logarithms, so that none is).

Source: Snoek et al. 2015 (arXiv 1502.05700) and Wilson et al. 2016 (arXiv 1511.02222); MacKay 1992 for the evidence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np

from ..curves.curve import Curve
from ..curves.thinning import MAX_CONTEXT, thin
from ..errors import Caveat
from ..forecasts.distributions import Mixture
from ..forecasts.forecast import Forecast, Kind
from ..forecasts.scaling import LogScaling
from ..numerics import Floats

HIDDEN, FEATURES = 16, 10
DIGITS = 9
"""Of the standardised points: what a change of units leaves in the last bits must not send the search elsewhere."""
N_STEPS = 300
DECAY = 1e-3
"""Penalty on the weights of the features, per half their square and point."""
LEAST_NOISE = 1e-3
"""Variance of a reading at least, in squared spreads of the context: without it few points count as noiseless."""
LEAST_SPREAD = 1e-3
"""In ln y, as for `gp`."""


def forecast_blr(curve: Curve, at: Floats, kind: Kind, seed: int) -> Forecast:
    """Bayesian linear regression on features that least squares found; the seed starts the network."""
    return _forecast("blr", _fit_blr, curve, at, kind, seed)


def forecast_dkgp(curve: Curve, at: Floats, kind: Kind, seed: int) -> Forecast:
    """A Gaussian process on features that its marginal likelihood found; the seed starts the network."""
    return _forecast("dkgp", _fit_dkgp, curve, at, kind, seed)


_Fitted = Callable[[Floats], tuple[Floats, Floats]]
"""Mean and variance of the trend at u."""


def _forecast(
    method: str,
    fit: Callable[[Floats, Floats, np.random.Generator], tuple[_Fitted, float]],
    curve: Curve,
    at: Floats,
    kind: Kind,
    seed: int,
) -> Forecast:
    kept = thin(curve.as_context().x, MAX_CONTEXT)
    u, v, ut = np.log(curve.x[kept]), np.log(curve.y[kept]), np.log(at)
    centre, wide, level, unit = u.mean(), u.std(), float(v.mean()), max(float(v.std()), LEAST_SPREAD)
    seen_u, seen_v = (np.round(part, DIGITS) for part in ((u - centre) / wide, (v - level) / unit))
    trend, noise = fit(seen_u, seen_v, np.random.default_rng(seed))
    mean, variance = trend((ut - centre) / wide)
    scale = unit * np.sqrt(np.maximum(variance, 0.0) + (noise if kind == "run" else 0.0))
    caveats = []
    if len(kept) < curve.n:
        caveats.append(Caveat("thinned", f"{method} reads {len(kept)} of {curve.n} context points."))
    loc, scale = (level + unit * mean)[:, None], np.maximum(scale, LEAST_SPREAD)[:, None]
    marginals = Mixture("normal", np.zeros((len(at), 1)), loc, scale)
    details = {"noise": float(unit * np.sqrt(noise))}
    return Forecast(at, marginals, LogScaling(), kind, method, curve, warnings=tuple(caveats), details=details)


@dataclass(frozen=True)
class _Features:
    """z(u) for one flat vector of weights, and the way back from a gradient in z to one in the weights."""

    weights: Floats

    def parts(self) -> list[Floats]:
        shapes = [(1, HIDDEN), (HIDDEN,), (HIDDEN, FEATURES), (FEATURES,)]
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
        return [flat.reshape(shape) for flat, shape in zip(np.split(self.weights, ends[:-1]), shapes, strict=True)]

    def __call__(self, u: Floats) -> tuple[Floats, Floats]:
        """Hidden layer (n, HIDDEN) and features (n, FEATURES)."""
        W1, b1, W2, b2 = self.parts()
        hidden = np.tanh(u[:, None] @ W1 + b1)
        return hidden, np.tanh(hidden @ W2 + b2)

    def gradient(self, u: Floats, hidden: Floats, z: Floats, dz: Floats) -> Floats:
        before = dz * (1 - z**2)
        deeper = (before @ self.parts()[2].T) * (1 - hidden**2)
        pieces = [u[None] @ deeper, deeper.sum(0), hidden.T @ before, before.sum(0)]
        return np.concatenate([piece.ravel() for piece in pieces])


N_WEIGHTS = HIDDEN + HIDDEN + HIDDEN * FEATURES + FEATURES


def _start(rng: np.random.Generator) -> Floats:
    wide = np.concatenate([np.ones(2 * HIDDEN), np.full(HIDDEN * FEATURES, HIDDEN**-0.5), np.zeros(FEATURES)])
    return cast("Floats", rng.standard_normal(N_WEIGHTS) * wide)


def _minimise(value_and_slope: Callable[[Floats], tuple[float, Floats]], start: Floats) -> Floats:
    from scipy.optimize import minimize

    found = minimize(value_and_slope, start, jac=True, method="L-BFGS-B", options={"maxiter": N_STEPS})
    return np.asarray(found.x, float)


def _fit_blr(u: Floats, v: Floats, rng: np.random.Generator) -> tuple[_Fitted, float]:
    def loss(theta: Floats) -> tuple[float, Floats]:
        features, top = _Features(theta[:N_WEIGHTS]), theta[N_WEIGHTS:]
        hidden, z = features(u)
        rest = z @ top[:-1] + top[-1] - v
        slope = features.gradient(u, hidden, z, rest[:, None] * top[:-1])
        slope = np.concatenate([slope, z.T @ rest, [rest.sum()]]) + DECAY * len(u) * theta
        return float(0.5 * rest @ rest + 0.5 * DECAY * len(u) * theta @ theta), slope

    theta = _minimise(loss, np.concatenate([_start(rng), 0.1 * rng.standard_normal(FEATURES), [0.0]]))
    features = _Features(theta[:N_WEIGHTS])

    def design(at: Floats) -> Floats:
        return np.concatenate([features(at)[1], np.ones((len(at), 1))], axis=1)

    Z = design(u)
    values, vectors = np.linalg.eigh(Z.T @ Z)
    a: float = 1.0
    b: float = 1e2
    for _ in range(100):  # evidence: how many weights the data fix, and what they leave over
        mean = vectors @ ((vectors.T @ (Z.T @ v)) * b / (a + b * values))
        fixed = float(np.sum(b * values / (a + b * values)))
        rest = float(np.sum((v - Z @ mean) ** 2))
        a = float(np.clip(fixed / max(float(mean @ mean), 1e-12), 1e-6, 1e6))
        b = float(np.clip((len(v) - fixed) / max(rest, 1e-12), 1e-2, 1 / LEAST_NOISE))

    def trend(at: Floats) -> tuple[Floats, Floats]:
        rows = design(at)
        return rows @ mean, np.sum((rows @ vectors) ** 2 / (a + b * values), axis=1)

    return trend, 1 / b


def _fit_dkgp(u: Floats, v: Floats, rng: np.random.Generator) -> tuple[_Fitted, float]:
    n = len(u)

    def prepared(theta: Floats) -> tuple[_Features, Floats, float, float]:
        amplitude, noise = np.exp(np.clip(theta[N_WEIGHTS:], -16.0, 6.0))
        return _Features(theta[:N_WEIGHTS]), theta[:N_WEIGHTS], float(amplitude), float(noise) + LEAST_NOISE

    def loss(theta: Floats) -> tuple[float, Floats]:
        features, weights, amplitude, noise = prepared(theta)
        hidden, z = features(u)
        kernel = amplitude * np.exp(-0.5 * _square_distance(z, z))
        root = np.linalg.cholesky(kernel + noise * np.eye(n))
        inverse = np.linalg.inv(root)
        inverse = inverse.T @ inverse
        alpha = inverse @ v
        dK = 0.5 * (inverse - np.outer(alpha, alpha))
        pull = dK * kernel
        dz = -2 * (pull.sum(1)[:, None] * z - pull @ z)
        slope = features.gradient(u, hidden, z, dz) + DECAY * n * weights
        value = 0.5 * v @ alpha + np.log(np.diag(root)).sum() + 0.5 * DECAY * n * weights @ weights
        return float(value), np.concatenate([slope, [pull.sum(), (noise - LEAST_NOISE) * np.trace(dK)]])

    features, _, amplitude, noise = prepared(_minimise(loss, np.concatenate([_start(rng), [0.0, np.log(1e-2)]])))
    seen = features(u)[1]
    inverse = np.linalg.inv(amplitude * np.exp(-0.5 * _square_distance(seen, seen)) + noise * np.eye(n))

    def trend(at: Floats) -> tuple[Floats, Floats]:
        cross = amplitude * np.exp(-0.5 * _square_distance(features(at)[1], seen))
        return cross @ (inverse @ v), amplitude - np.sum((cross @ inverse) * cross, axis=1)

    return trend, noise


def _square_distance(a: Floats, b: Floats) -> Floats:
    """(n, m), of rows; never below zero."""
    return cast("Floats", np.maximum((a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T, 0.0))
