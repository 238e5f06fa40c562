"""Random smooth functions of ln N and ln D: how a law is wrong, and what all runs of one size share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...laws import FloatArray
from ..random import log_uniform, uniform

N_WAVES = 6


@dataclass(frozen=True)
class Waves:
    """size · sum of cosines, about size in standard deviation; size (B, 1), waves (B, N_WAVES)."""

    size: FloatArray
    along_u: FloatArray
    along_v: FloatArray
    phase: FloatArray

    def __call__(self, u_BK: FloatArray, v_BK: FloatArray) -> FloatArray:
        """(B, K)."""
        turns = u_BK[..., None] * self.along_u[:, None] + v_BK[..., None] * self.along_v[:, None] + self.phase[:, None]
        return np.asarray(self.size * np.sqrt(2.0 / N_WAVES) * np.cos(turns).sum(-1))

    def take(self, rows: np.ndarray) -> Waves:
        return Waves(self.size[rows], self.along_u[rows], self.along_v[rows], self.phase[rows])


def draw_waves(rng: np.random.Generator, size_B1: FloatArray, lengths: tuple[float, float], axes: str = "uv") -> Waves:
    """Waves of Gaussian frequency over a length LU(lengths) in e-folds, along the axes named; a length a table."""
    shape = (len(size_B1), N_WAVES)
    length = log_uniform(rng, *lengths, (len(size_B1), 1))
    along = {axis: rng.standard_normal(shape) / length if axis in axes else np.zeros(shape) for axis in "uv"}
    return Waves(size_B1, along["u"], along["v"], uniform(rng, 0.0, 2 * np.pi, shape))


def draw_offsets(rng: np.random.Generator, size_B1: FloatArray, axis: str) -> Waves:
    """The same number for equal values of one axis and as good as independent ones for others: very short waves."""
    return draw_waves(rng, size_B1, (1e-5, 1e-4), axis)
