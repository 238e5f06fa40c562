"""Whether chains have mixed: rank-normalised split R-hat, and the effective number of draws in the bulk.

    z      = Φ^-1((rank - 3/8) / (S + 1/4))           ranks over all S draws: no tail can hide or fake a difference
    R-hat  = sqrt((n - 1)/n + B/W)                     between and within half chains, of z and of |z - median|
    ESS    = S / (1 + 2 Σ ρ_t)                         autocorrelations summed while their pairs stay positive and fall

Source: Vehtari et al. 2021 (arXiv 1903.08008), sections 3 and 4; Geyer 1992 for the sum.
Axes: C chains (walkers), N steps, P coordinates.
"""

import numpy as np

from ..numerics import Floats


def r_hat(chains_CNP: Floats) -> float:
    """The worst R-hat over coordinates, of bulk and of spread."""
    halves = _halves(chains_CNP)
    folded = np.abs(halves - np.median(halves, axis=(0, 1)))
    return float(max(_plain_r_hat(_normal_scores(part)).max() for part in (halves, folded)))


def bulk_ess(chains_CNP: Floats) -> float:
    """The smallest effective number of draws over coordinates."""
    z = _normal_scores(_halves(chains_CNP))
    return float(min(_ess(z[..., p]) for p in range(z.shape[2])))


def _halves(chains_CNP: Floats) -> Floats:
    """Each chain as two, (2C, N/2, P)."""
    half = chains_CNP.shape[1] // 2
    return np.concatenate([chains_CNP[:, :half], chains_CNP[:, -half:]])


def _normal_scores(chains_CNP: Floats) -> Floats:
    from scipy.special import ndtri
    from scipy.stats import rankdata

    flat = chains_CNP.reshape(-1, chains_CNP.shape[2])
    z = ndtri((rankdata(flat, axis=0) - 0.375) / (len(flat) + 0.25))
    return np.asarray(z.reshape(chains_CNP.shape))


def _plain_r_hat(z_CNP: Floats) -> Floats:
    """(P,)"""
    n = z_CNP.shape[1]
    within = np.maximum(z_CNP.var(axis=1, ddof=1).mean(axis=0), 1e-300)
    between = n * z_CNP.mean(axis=1).var(axis=0, ddof=1)
    return np.asarray(np.sqrt((n - 1) / n + between / within / n))


def _ess(z_CN: Floats) -> float:
    """Effective number of draws of one coordinate."""
    c, n = z_CN.shape
    covariance = _autocovariance(z_CN)  # (C, N)
    within = float(covariance[:, 0].mean()) * n / (n - 1)
    total = within * (n - 1) / n + float(z_CN.mean(axis=1).var(ddof=1))
    if not total > 0:
        return 1.0  # chains that never moved
    rho = 1.0 - (within - covariance.mean(axis=0) * n / (n - 1)) / total
    rho[0] = 1.0
    pairs = rho[: 2 * (n // 2)].reshape(-1, 2).sum(axis=1)
    stop = int(np.argmax(pairs <= 0)) if (pairs <= 0).any() else len(pairs)
    falling = np.minimum.accumulate(pairs[:stop])
    time = -1.0 + 2.0 * float(falling.sum())
    if stop < len(pairs):
        time += max(float(rho[2 * stop]), 0.0)  # what a negative pair begins with
    return float(c * n / max(time, 1.0 / np.log10(c * n)))


def _autocovariance(z_CN: Floats) -> Floats:
    """By the fast Fourier transform, over n at every lag."""
    n = z_CN.shape[1]
    centred = z_CN - z_CN.mean(axis=1, keepdims=True)
    power = np.abs(np.fft.rfft(centred, 2 * n, axis=1)) ** 2
    return np.asarray(np.fft.irfft(power, 2 * n, axis=1)[:, :n] / n)
