"""From the curve to what a table says: everything in a reading that another run would not repeat or a seed moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...laws import FloatArray
from ..random import Bools, bernoulli, log_normal, uniform
from .config import SurfaceConfig
from .fields import Waves, draw_offsets, draw_waves

LOUDER = 3.0
"""How much louder noise in proportion to the reducible part is, at the centre: runs differ in what they learn."""


@dataclass(frozen=True)
class Readings:
    """How B tables are read; numbers are (B, 1), in ln L."""

    sigma: FloatArray
    trend: FloatArray
    heavy: FloatArray
    skewed: FloatArray
    outliers: FloatArray
    step: FloatArray
    by_size: Waves
    by_tokens: Waves
    wiggle: Waves
    saw_size: FloatArray
    saw_u: FloatArray
    saw_v: FloatArray
    saw_phase: FloatArray

    def systematic(self, u: FloatArray, v: FloatArray) -> FloatArray:
        """What is the same for the same (N, D) at every reading, (B, K)."""
        off = self.saw_u * u + self.saw_v * v + self.saw_phase
        saw = self.saw_size * 4 * (off - np.round(off)) ** 2
        return self.by_size(u, v) + self.by_tokens(u, v) + self.wiggle(u, v) + saw

    def read(
        self, rng: np.random.Generator, curve: FloatArray, u: FloatArray, v: FloatArray, log_size: FloatArray
    ) -> FloatArray:
        """One reading of ln L at each of (B, K) points; `log_size`: how much louder than at the centre."""
        shape = curve.shape
        normal = rng.standard_normal(shape)
        chi = np.sqrt((rng.standard_normal((3, *shape)) ** 2).mean(0))
        noise = np.where(self.heavy > 0, normal / np.maximum(chi, 0.05), normal)
        noise = np.where(self.skewed > 0, np.abs(noise), np.where(self.skewed < 0, -np.abs(noise), noise))
        wild = (rng.random(shape) < 0.05) & (self.outliers > 0)
        noise = np.where(wild, noise * uniform(rng, 3.0, 15.0, shape), noise)
        scale = self.sigma * np.exp(np.clip(self.trend * (u + v), -2.0, 2.0) + log_size)
        out = curve + self.systematic(u, v) + scale * noise
        rounded = np.log(np.maximum(np.round(np.exp(out) / self.step), 1.0) * self.step)
        return np.asarray(np.where(self.step > 1e-9, rounded, out))


def draw_readings(
    rng: np.random.Generator, spread_B1: FloatArray, exact_B1: Bools, of_rest_B1: Bools, config: SurfaceConfig
) -> Readings:
    """Sizes follow the spread of a table's clean ln L. Exact tables have noise alone; noise in proportion to what is
    still to gain is louder."""
    shape = spread_B1.shape

    def size(share: float, median: float, spread: float, most: float) -> FloatArray:
        found = np.minimum(log_normal(rng, median, spread, shape), most) * spread_B1
        return np.where(bernoulli(rng, share, shape) & ~exact_B1, found, 0.0)

    sigma = np.minimum(log_normal(rng, config.noise, config.noise_spread, shape) * np.where(of_rest_B1, LOUDER, 1), 0.6)
    sigma = sigma * spread_B1
    sigma = np.where(bernoulli(rng, config.p_clean, shape), spread_B1 * 10 ** uniform(rng, -4.0, -2.3, shape), sigma)
    swept = bernoulli(rng, config.p_best_of_sweep, shape) & ~exact_B1
    sign = np.where(swept | bernoulli(rng, 0.4, shape), -1.0, 1.0)
    skewed = np.where(swept | (bernoulli(rng, config.p_skewed, shape) & ~exact_B1), sign, 0.0)
    steps = np.where(bernoulli(rng, 0.5, shape), 1e-4, 1e-3)
    turn = uniform(rng, 0.0, 2 * np.pi, shape)
    often = uniform(rng, 0.3, 1.2, shape)
    return Readings(
        sigma=sigma,
        trend=np.where(bernoulli(rng, config.p_noise_trend, shape), 0.25 * rng.standard_normal(shape), 0.0),
        heavy=bernoulli(rng, config.p_heavy_tails, shape).astype(float),
        skewed=skewed,
        outliers=(bernoulli(rng, config.p_outliers, shape) & ~exact_B1).astype(float),
        step=np.where(bernoulli(rng, config.p_rounded, shape), steps, 1e-12),
        by_size=draw_offsets(rng, size(config.p_size_effect, 0.035, 1.0, 0.5), "u"),
        by_tokens=draw_offsets(rng, size(config.p_token_effect, 0.035, 1.0, 0.5), "v"),
        wiggle=draw_waves(rng, size(config.p_wiggle, 0.03, 0.8, 0.5), (0.25, 1.5), "u"),
        saw_size=np.where(swept, spread_B1 * log_normal(rng, 0.03, 0.8, shape), 0.0),
        saw_u=often * np.cos(turn),
        saw_v=often * np.sin(turn),
        saw_phase=uniform(rng, 0.0, 1.0, shape),
    )
