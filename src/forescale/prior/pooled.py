"""Long logs as a network reads them: each point is the mean of many rows, with their scatter and their number.

The rows themselves are not drawn: their mean, and the scatter that successive differences show
(`curves.thinning.pool`), follow from the noise of one row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..laws import FloatArray
from .noise import draw_noise
from .random import bernoulli, log_uniform, uniform

if TYPE_CHECKING:
    from .config import OursConfig

FEWEST_POOLED = 64
"""Points of the shortest pooled context: the later part of a long log."""


def draw_log(rng: np.random.Generator, B: int, M: int, config: OursConfig) -> tuple[FloatArray, FloatArray]:
    """U and number of rows of M points, both (B, M): a log of M LU(1.1, rows_per_point) rows in the bins of `thin`.

    R ~ LU(ln 3, ln 3e4). 80 % of the logs have rows at equal steps of x, so that late bins hold many, the others at
    equal steps of ln x, every bin as many.
    """
    R = log_uniform(rng, np.log(3.0), np.log(3e4), (B, 1))
    rows = M * log_uniform(rng, 1.1, config.rows_per_point, (B, 1))
    edges = np.linspace(0.0, 1.0, M + 1)
    fine = np.linspace(0.0, 1.0, 400)
    U_fine = -R * (1.0 - fine)
    x0 = np.exp(-R)
    place = 0.5 * (np.exp(U_fine) - x0) / (1.0 - x0) + 0.5 * fine  # half rank, half ln x, at equal steps of x
    U_edges = np.stack([np.interp(edges, p, u) for p, u in zip(place, U_fine, strict=True)])
    even = bernoulli(rng, 0.2, (B, 1))
    U_edges = np.where(even, -R * (1.0 - edges), U_edges)
    share = np.where(even, 1.0 / M, np.diff(np.exp(U_edges), axis=1) / (1.0 - x0))
    U_BM = 0.5 * (U_edges[:, 1:] + U_edges[:, :-1])
    return U_BM - U_BM[:, -1:], np.maximum(np.round(rows * share), 1.0)


def pool_noise(
    rng: np.random.Generator, U_BP: FloatArray, sigma_BP: FloatArray, count_BM: FloatArray, config: OursConfig
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(noise (B, P), its level at the context (B, M), scatter (B, M)): of means in the context, of rows at the targets.

    Rows are independent, or AR(1) with phi ~ U(.3, .95): then a mean of k is worth k (1 - phi) / (1 + phi) rows, at
    least one, and successive differences show sigma sqrt(1 - phi).
    """
    B, M = count_BM.shape
    phi = np.where(bernoulli(rng, config.p_autocorrelated, (B, 1)), uniform(rng, 0.3, 0.95, (B, 1)), 0.0)
    worth = np.maximum(count_BM * (1.0 - phi) / (1.0 + phi), 1.0)
    spare = count_BM - 1.0
    chi = 2.0 * rng.standard_gamma(0.5 * np.maximum(spare, 1.0)) / np.maximum(spare, 1.0)
    scatter = np.where(spare > 0, sigma_BP[:, :M] * np.sqrt((1.0 - phi) * chi), np.nan)
    level = sigma_BP[:, :M] / np.sqrt(worth)
    at_targets = draw_noise(rng, U_BP[:, M:], sigma_BP[:, M:], config)
    return np.concatenate([level * rng.standard_normal((B, M)), at_targets], axis=1), level, scatter
