"""Curves of every shape that a user may bring, small, seeded: what the promises of a method are tried on."""

import numpy as np

import forescale as fs


def _noisy(y, level=0.01):
    return y * np.exp(level * np.random.default_rng(len(y)).normal(size=len(y)))


X = np.geomspace(1e6, 1e9, 12)
FEW = np.array([1e6, 3e6, 1e7])
ODD = 1.0123456789012
"""Makes readings that nobody printed: short decimals are read as rounded, and a unit change moves their last digit."""

SHAPES = {
    "falls": (X, _noisy(0.5 + 60 * X**-0.25)),
    "falls without noise": (X, 0.5 + 60 * X**-0.25),
    "rises": (X, _noisy(0.02 * X**0.2)),
    "falls and rises": (X, _noisy(1 + 0.1 * np.log(X / 3e7) ** 2)),
    "is flat": (X, _noisy(np.full(12, 2.0))),
    "is constant": (X, np.full(12, 0.5)),
    "has three points": (FEW, np.array([3.0, 2.5, 2.2]) * ODD),
    "repeats two x": (np.repeat(FEW[:2], 4), _noisy(np.repeat([3.0, 2.5], 4))),
    "jumps": (X, np.where(np.arange(12) == 6, 1e6, 1.0) * ODD),
    "spans 1e90": (np.geomspace(1e-10, 1e20, 12), np.geomspace(1e45, 1e-45, 12)),
}


def curve_that(shape: str, *, unit_x: float = 1.0, unit_y: float = 1.0, order=slice(None)) -> fs.Curve:
    x, y = SHAPES[shape]
    return fs.Curve((x * unit_x)[order], (y * unit_y)[order], name=shape)


def targets(curve: fs.Curve) -> np.ndarray:
    """Inside, just beyond, and far."""
    return curve.x_max * np.array([0.1, 1.0, 2.0, 30.0, 1000.0])
