"""The closed-form fit of curves that are not yet a power law where they begin: late starts and sigmoids.

    e^V = A + B (1 + e^{k (U - u)})^{-c/k},   A, B ≥ 0

falls from A + B as a power law with exponent c beyond the bend at U = u and ends in the floor A. k = 1 is a late start,
(x + x_0)^-c; k = c is the Hill curve 1/(1 + (x/x_0)^c), M4 with exponent one. Like `fits.power_floor_fit` it minimises
the relative error and integrates what is not linear.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .fits import Fit, Projection

Floats = NDArray[np.float64]

_LOG_C = np.linspace(np.log(0.08), np.log(4.0), 9)
_BEND = np.linspace(-1.0, 0.0, 6)  # u in units of the context's log-range R
_STEP_C, _STEP_BEND = _LOG_C[1] - _LOG_C[0], _BEND[1] - _BEND[0]
_SHRINK = (0.5, 0.25, 0.125)  # sides of the squares that refine the grid, in its steps
_LOG_C_RANGE = np.log([0.02, 8.0])  # nodes outside have no weight
_FLOOR = 1e-12  # of a squared relative residual: closer than that no grid of this size can tell


class _Shape(NamedTuple):
    """G shapes for each of B curves, each array (B, G): ln c, u/R and whether k = c."""

    log_c: Floats
    bend: Floats
    sigmoid: Floats

    def pick(self, index: NDArray[np.intp]) -> "_Shape":
        return _Shape(*(np.take_along_axis(a, index, 1) for a in self))

    def around(self, log_c: Floats, bend: Floats) -> "_Shape":
        """This one shape (G = 1) moved by arrays (G',)."""
        moved = np.broadcast_arrays(self.log_c + log_c, self.bend + bend, self.sigmoid)
        return _Shape(*moved)


_GRID = tuple(a.ravel() for a in np.meshgrid(_LOG_C, _BEND, [0.0, 1.0], indexing="ij"))
_SQUARE = tuple(a.ravel() for a in np.meshgrid([-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0], indexing="ij"))


def _rings() -> tuple[Floats, Floats, Floats]:
    """Nodes around the best shape at four radii, and ln of the area each stands for: ln c, u/R, ln area, (25,)."""
    radius, angle = np.array([0.03, 0.12, 0.4, 1.2]), np.arange(6) * np.pi / 3
    across, along = (np.append(0.0, np.outer(radius, f(angle))) for f in (np.cos, np.sin))
    return 0.6 * across, 0.25 * along, 2 * np.log(np.append(0.01, np.repeat(radius, 6)))


_RINGS = _rings()


def bent_floor_fit(U: Floats, V: Floats, w: Floats, Ut: Floats) -> Fit:
    """Weighted fit of the bent law through (U, V), read at Ut. Weights w (B, M) > 0.

    c, u and k are searched on a grid, refined twofold three times; c and u are integrated on rings around the best. An
    anchor, not an estimator: the ridge between c, u and A is long, and far out on a noiseless bent law it can miss by a
    third of the drop where the plain fit misses by all of it. `slope` is -c.
    """
    w = w / w.sum(1, keepdims=True)
    n_eff = 1.0 / (w * w).sum(1, keepdims=True)
    R = np.maximum(-U[:, :1], 0.02)
    problem = Projection(np.exp(V), w)

    def best_of(shapes: _Shape) -> _Shape:
        rss = problem.solve(_basis(U, shapes, R)).rss
        return shapes.pick(rss.argmin(1)[:, None])

    best = best_of(_Shape(*(np.broadcast_to(a, (len(U), a.size)) for a in _GRID)))
    for shrink in _SHRINK:
        best = best_of(best.around(shrink * _STEP_C * _SQUARE[0], shrink * _STEP_BEND * _SQUARE[1]))

    shapes = best.around(*_RINGS[:2])
    H = _basis(U, shapes, R)
    A, B, rss = problem.solve(H)
    low = rss.min(1, keepdims=True)
    inside = (shapes.log_c > _LOG_C_RANGE[0]) & (shapes.log_c < _LOG_C_RANGE[1])
    log_weight = -0.5 * n_eff * np.log((rss + _FLOOR) / (low + _FLOOR)) + _RINGS[2] - 50.0 * ~inside
    weight = np.exp(log_weight - log_weight.max(1, keepdims=True))
    weight /= weight.sum(1, keepdims=True)

    predicted_BGT = np.log(np.maximum(A[..., None] + B[..., None] * _basis(Ut, shapes, R), 1e-300))
    predicted = (weight[..., None] * predicted_BGT).sum(1)
    spread = np.sqrt((weight[..., None] * (predicted_BGT - predicted[:, None]) ** 2).sum(1))
    fitted = np.log(np.maximum((weight[..., None] * (A[..., None] + B[..., None] * H)).sum(1), 1e-300))
    rms = np.sqrt((weight * rss).sum(1, keepdims=True))
    return Fit(fitted, predicted, spread, rms, -np.exp(best.log_c))


def _basis(U: Floats, shapes: _Shape, R: Floats) -> Floats:
    """(1 + e^{k (U - u)})^{-c/k} in units of its value at U = 0, (B, G, M)."""
    c, u = np.exp(shapes.log_c), shapes.bend * R
    k = np.where(shapes.sigmoid > 0.5, c, 1.0)
    far = np.log1p(np.exp(np.clip(k[..., None] * (U[:, None, :] - u[..., None]), -60, 60)))
    end = np.log1p(np.exp(np.clip(-k * u, -60, 60)))
    return np.exp(np.minimum((c / k)[..., None] * (end[..., None] - far), 300.0))  # its square stays finite
