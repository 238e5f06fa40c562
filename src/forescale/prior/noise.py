"""What a reading adds to the curve: noise in ln y with median 0, spikes that recover, coarse digits.

Points are the context and the targets side by side, shape (B, P) with P = M + T; `sigma` is the noise
level of each point in ln y.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..laws import FloatArray
from .random import Bools, bernoulli, log_uniform, uniform

if TYPE_CHECKING:
    from .config import OursConfig

SIGMA_MIN, SIGMA_MIN_CLEAN, SIGMA_MAX = 2e-5, 1e-7, 0.3
SIGMA_MAX_POINT = 0.5  # after a trend


def draw_sigma(
    rng: np.random.Generator,
    U_BP: FloatArray,
    R_B1: FloatArray,
    std_B1: FloatArray,
    clean_B1: Bools,
    plain_B1: Bools,
    times: float,
    config: OursConfig,
) -> FloatArray:
    """Noise level per point, (B, P).

    std LU(1e-3, loud) with `p_loud`, else std LU(3e-4, .06), times `times` (who filters has noise to hide); in
    `p_buried` of the curves instead std LU(.2, 2), a trend buried in noise; clipped to [2e-5, .3]. Clean curves:
    std LU(1e-6, 3e-4) or std LU(3e-4, .06), half each, from 1e-7 up; plain tables: LU(3e-4, plain_noise). In
    `p_noise_trend` of the curves times e^(k U/R), k ~ N(0, 1), U/R clipped to [-1.2, 1.5].
    """
    shape = std_B1.shape
    loud, quiet = log_uniform(rng, 1e-3, config.loud, shape), log_uniform(rng, 3e-4, 0.06, shape)
    ratio = np.where(bernoulli(rng, config.p_loud, shape), loud, quiet) * times
    ratio = np.where(bernoulli(rng, config.p_buried, shape), log_uniform(rng, 0.2, 2.0, shape), ratio)
    nearly_none = np.where(bernoulli(rng, 0.5, shape), log_uniform(rng, 1e-6, 3e-4, shape), quiet)
    ratio = np.where(clean_B1, nearly_none, ratio)
    sigma_B1 = np.clip(std_B1 * ratio, np.where(clean_B1, SIGMA_MIN_CLEAN, SIGMA_MIN), SIGMA_MAX)
    sigma_B1 = np.where(plain_B1, log_uniform(rng, 3e-4, config.plain_noise, shape), sigma_B1)
    sigma_BP = np.repeat(sigma_B1, U_BP.shape[1], axis=1)
    k = np.flatnonzero(bernoulli(rng, config.p_noise_trend, len(sigma_BP)))
    trend = np.clip(U_BP[k] / R_B1[k], -1.2, 1.5) * rng.standard_normal((k.size, 1))
    sigma_BP[k] = np.minimum(sigma_BP[k] * np.exp(trend), SIGMA_MAX_POINT)
    return sigma_BP


def draw_noise(rng: np.random.Generator, U_BP: FloatArray, sigma_BP: FloatArray, config: OursConfig) -> FloatArray:
    """Noise in ln y, (B, P); each kind below in its own share of the curves, median 0 in all of them.

    Normal; Student t3; AR(1) along x with phi ~ U(.3, .95) and the same marginal; outliers: 5 % of the points
    times LU(3, 20); one-sided: z -> (e^(s z) - 1)/s, s ~ U(.3, 1.5), 85 % towards high y.
    """
    B, P = sigma_BP.shape
    z = rng.standard_normal((B, P))
    k = np.flatnonzero(bernoulli(rng, config.p_heavy_tails, B))
    z[k] *= np.sqrt(3.0 / (2.0 * rng.standard_gamma(1.5, (k.size, P))))  # t3 = normal / sqrt(chi2_3 / 3)
    k = np.flatnonzero(bernoulli(rng, config.p_autocorrelated, B))
    if k.size:
        order = np.argsort(U_BP[k], axis=1, kind="stable")
        phi = uniform(rng, 0.3, 0.95, (k.size, 1))
        rows = np.arange(k.size)[:, None]
        chain = np.empty((k.size, P))
        chain[rows, order] = ar1(np.take_along_axis(z[k], order, axis=1), phi)
        z[k] = chain
    k = np.flatnonzero(bernoulli(rng, config.p_outliers, B))
    hit = bernoulli(rng, 0.05, (k.size, P))
    z[k] *= np.where(hit, log_uniform(rng, 3.0, 20.0, (k.size, P)), 1.0)
    k = np.flatnonzero(bernoulli(rng, config.p_skewed, B))
    s = uniform(rng, 0.3, 1.5, (k.size, 1)) * np.where(bernoulli(rng, 0.85, (k.size, 1)), 1.0, -1.0)
    z[k] = np.expm1(s * np.clip(z[k], -4.0, 4.0)) / s
    return sigma_BP * z


def ar1(z_BP: FloatArray, phi_B1: FloatArray) -> FloatArray:
    """e_0 = z_0, e_i = phi e_(i-1) + sqrt(1 - phi^2) z_i by doubling: log2(P) passes instead of P steps."""
    e = z_BP * np.sqrt(1.0 - phi_B1**2)
    e[:, 0] = z_BP[:, 0]
    weight, step = phi_B1.copy(), 1
    while step < e.shape[1]:
        shifted = weight * e[:, :-step]
        e[:, step:] += shifted
        weight, step = weight * weight, 2 * step
    return e


def add_spikes(
    rng: np.random.Generator,
    log_y_BP: FloatArray,
    U_BP: FloatArray,
    sigma_BP: FloatArray,
    n_context: int,
    p_at_end: float,
) -> FloatArray:
    """Excursions that recover, for curves that have them: added to readings, never to the curve.

    Two spikes, the second in 50 %. Size in ln y: sigma LU(1, 30) or LU(.01, .3), half each, at most 1;
    90 % upward. Begins at a context point: with `p_at_end` within the last three, else anywhere; decays
    e^(-k/w), k points later, w ~ LU(.4, 4). Targets beyond count points in the context's last step of x.
    One target in 30 is hit by a spike of its own of the same sizes.
    """
    B, P = log_y_BP.shape
    M = n_context
    place_BP = _place(U_BP, M)
    out = log_y_BP.copy()
    for i in range(2):
        at_end = bernoulli(rng, p_at_end if i == 0 else 0.0, (B, 1))
        start = np.where(at_end, M - 1 - rng.integers(0, 3, (B, 1)), rng.integers(0, M, (B, 1)))
        size = _spike_size(rng, sigma_BP[:, M - 1 : M], (B, 1))
        size = size * (1.0 if i == 0 else bernoulli(rng, 0.5, (B, 1)))
        later = place_BP - np.maximum(start, 0)
        width = log_uniform(rng, 0.4, 4.0, (B, 1))
        out += size * np.where(later >= 0.0, np.exp(-np.maximum(later, 0.0) / width), 0.0)
    hit = bernoulli(rng, 1.0 / 30.0, (B, P - M))
    out[:, M:] += hit * _spike_size(rng, sigma_BP[:, M:], (B, P - M))
    return out


def _spike_size(rng: np.random.Generator, sigma: FloatArray, shape: tuple[int, int]) -> FloatArray:
    size = np.where(
        bernoulli(rng, 0.5, shape),
        sigma * log_uniform(rng, 1.0, 30.0, shape),
        log_uniform(rng, 0.01, 0.3, shape),
    )
    return np.minimum(size, 1.0) * np.where(bernoulli(rng, 0.9, shape), 1.0, -1.0)


def _place(U_BP: FloatArray, n_context: int) -> FloatArray:
    """Position in points: context i at i, targets inside after how many context points they come, targets
    beyond in steps of the context's last distinct x."""
    U_BM, U_BT = U_BP[:, :n_context], U_BP[:, n_context:]
    B, M = U_BM.shape
    inside = (U_BM[:, None, :] <= U_BT[:, :, None]).sum(axis=2) - 1.0
    before = np.where(U_BM < 0.0, U_BM, -np.inf).max(axis=1, keepdims=True)
    last_step = np.maximum(-np.expm1(np.maximum(before, -30.0)), 1e-6)
    beyond = M - 1 + np.expm1(U_BT) / last_step
    place_M = np.broadcast_to(np.arange(M, dtype=np.float64), (B, M))
    return np.concatenate([place_M, np.where(U_BT > 0.0, beyond, inside)], axis=1)


def quantise(rng: np.random.Generator, log_y_BP: FloatArray, std_B1: FloatArray) -> FloatArray:
    """ln y in steps of std LU(.03, .5), for curves read off coarse logs."""
    step = np.maximum(std_B1, 1e-6) * log_uniform(rng, 0.03, 0.5, std_B1.shape)
    return np.round(log_y_BP / step) * step


def round_digits(rng: np.random.Generator, y_BP: FloatArray) -> FloatArray:
    """y as a table prints it: 2 to 5 significant digits, one choice per curve; stays positive.

    In half of the curves each y has its own, in the others all have the decimals that the smallest y needs.
    """
    shape = (len(y_BP), 1)
    digits = rng.integers(2, 6, shape)
    own, smallest = np.log10(y_BP), np.log10(y_BP.min(axis=1, keepdims=True))
    power = np.where(bernoulli(rng, 0.5, shape), smallest, own)
    unit = 10.0 ** (np.floor(power) - digits + 1.0)
    return np.round(y_BP / unit) * unit
