"""What a law leaves over: a residual in ln y that is correlated along ln x, with every unknown of it summed out.

    r ~ N(0, s² [(1 - w) K_l + w I])      K_l = exp(-d/l)  or  (1 + √3 d/l) exp(-√3 d/l),  d = distance in ln x
    s² ~ inverse gamma(A, B);  w, l and the kernel uniform on a small grid (G nodes)

The first part is what the law gets wrong, smooth in x; the second is noise of a reading. Given the grid node, s² is
integrated in closed form (a multivariate Student-t), and the nodes are summed: the sampler only sees the law. An
independent residual (w = 1) would count every point as news, and be overconfident where the law is not the truth.

K_l is diagonalised once a context, so that a likelihood costs one rotation. Axes: S residuals, M points, G nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ..numerics import Floats

LENGTHS = (0.1, 0.25, 0.6, 1.5, 4.0)
"""In ln x: from neighbours to the whole context."""
WHITE = (0.02, 0.1, 0.3, 0.6, 0.95)
"""Share w of the variance that belongs to single readings."""
A, B = 0.5, 0.5 * 1e-3**2
"""As if one residual of 0.001 had been seen before."""


@dataclass(frozen=True)
class CorrelatedNoise:
    """The residual's distribution at M points; `at(U)` prepares it once a context."""

    U: Floats
    rotation_GMM: Floats
    variance_GM: Floats
    node: tuple[tuple[int, float, float], ...]

    @classmethod
    def at(cls, U: Floats) -> CorrelatedNoise:
        """Prepare for points at U = ln(x / x_max), (M,)."""
        rotations, variances, nodes = [], [], []
        for kernel in (0, 1):
            for length in LENGTHS:
                values, vectors = np.linalg.eigh(_correlation(kernel, length, U, U))
                rotations.append(vectors.T)
                for white in WHITE:
                    variances.append((1 - white) * np.maximum(values, 0.0) + white)
                    nodes.append((kernel, length, white))
        return cls(U, np.array(rotations), np.array(variances), tuple(nodes))

    def log_likelihood(self, residual_SM: Floats) -> Floats:
        """ln p(residual, node) up to a constant, (S, G)."""
        square = self._square(residual_SM)
        m = residual_SM.shape[-1]
        return cast("Floats", -0.5 * np.log(self.variance_GM).sum(-1) - (A + 0.5 * m) * np.log(B + 0.5 * square))

    def _square(self, residual_SM: Floats) -> Floats:
        """rᵀ C⁻¹ r, (S, G), with C in units of s²."""
        k, m, _ = self.rotation_GMM.shape
        rotated = (residual_SM @ self.rotation_GMM.reshape(k * m, m).T).reshape(-1, k, m) ** 2
        per_kernel = (1 / self.variance_GM).reshape(k, -1, m)
        return cast(
            "Floats", np.einsum("skm,kwm->skw", rotated, per_kernel, optimize=True).reshape(len(residual_SM), -1)
        )

    def predict(self, residual_SM: Floats, node_S: NDArray[np.intp], Ut: Floats, run: bool) -> tuple[Floats, Floats]:
        """Residual at targets given that at the context, of one node a row: location and scale (S, T) of a Student-t.

        The degrees of freedom are `df(M)`. `run` adds the noise of one reading.
        """
        loc, scale = np.empty((2, len(residual_SM), len(Ut)))
        for g in np.unique(node_S):
            rows = node_S == g
            kernel, length, white = self.node[g]
            rotation = self.rotation_GMM[g // len(WHITE)]
            cross = (1 - white) * _correlation(kernel, length, Ut, self.U) @ rotation.T  # (T, M), rotated
            gain = cross / self.variance_GM[g]
            rotated = residual_SM[rows] @ rotation.T
            loc[rows] = rotated @ gain.T
            square = (rotated**2 / self.variance_GM[g]).sum(-1)
            s2 = (B + 0.5 * square) / (A + 0.5 * len(self.U))
            left = (1 - white) + (white if run else 0.0) - (gain * cross).sum(-1)
            scale[rows] = np.sqrt(s2[:, None] * np.maximum(left, 1e-6))
        return loc, scale

    @staticmethod
    def df(n_points: int) -> float:
        """Degrees of freedom of the predictive Student-t."""
        return 2 * A + n_points


def _correlation(kernel: int, length: float, U: Floats, other: Floats) -> Floats:
    distance = np.abs(U[:, None] - other) / length
    if kernel == 0:
        return np.exp(-distance)
    return cast("Floats", (1 + np.sqrt(3) * distance) * np.exp(-np.sqrt(3) * distance))
