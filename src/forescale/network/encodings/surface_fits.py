"""Plane and quadratic of ln L in ln N and ln D: what a table says without a law. B tables, n runs, P columns."""

from __future__ import annotations

import numpy as np

from ...numerics import Floats


def normalised(w: Floats) -> Floats:
    return np.asarray(w / w.sum(1, keepdims=True))


def rms(r: Floats, w: Floats, spent: float) -> Floats:
    n_eff = 1.0 / (w * w).sum(1, keepdims=True)
    return np.asarray(np.sqrt((w * r * r).sum(1, keepdims=True) * n_eff / np.maximum(n_eff - spent, 1.0)))


def planar(u: Floats, v: Floats) -> Floats:
    return np.stack([np.ones_like(u), u, v], -1)


def quadratic(u: Floats, v: Floats) -> Floats:
    return np.stack([np.ones_like(u), u, v, u * u, u * v, v * v], -1)


def regression(X: Floats, V: Floats, w: Floats) -> Floats:
    """Coefficients (B, P) of a weighted least squares with a small ridge on all but the constant."""
    weighted = X * w[..., None]
    ridge = 1e-4 * np.eye(X.shape[2])
    ridge[0, 0] = 0.0
    scale = np.sqrt(np.einsum("bnp,bnp->bp", weighted, X)) + 1e-12
    gram = weighted.swapaxes(1, 2) @ X / (scale[:, :, None] * scale[:, None])
    moment = (weighted.swapaxes(1, 2) @ V[..., None])[..., 0] / scale
    return np.asarray(np.linalg.solve(gram + ridge + 1e-10 * np.eye(X.shape[2]), moment[..., None])[..., 0] / scale)


def apply(X: Floats, coefficients: Floats) -> Floats:
    return np.asarray((X @ coefficients[..., None])[..., 0])
