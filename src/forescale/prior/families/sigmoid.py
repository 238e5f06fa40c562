"""Sigmoids in ln x: law M4, and curves that are concave in the context and then flatten into a floor."""

from __future__ import annotations

import numpy as np

from ...laws import FloatArray
from ...laws.m4 import solve_logit
from ...numerics import log_sigmoid
from ..config import OursConfig
from ..random import bernoulli, log_normal, log_uniform, uniform
from .base import Family, Span

SOLVER_TOLERANCE = 1e-8  # of the logit: far below any noise, and two Newton steps cheaper than full precision


def draw_m4(rng: np.random.Generator, span: Span, config: OursConfig) -> dict[str, FloatArray]:
    """alpha ~ LN(1, .6); c ~ LN(m4_slope, .6); u0 ~ U(-R-1, min(E, 2)+.3); floor ~ LU(.01, 3) times the reducible part
    at the end of the context, none with `p_m4_no_floor`."""
    floor = log_uniform(rng, 0.01, 3.0, span.shape)
    return {
        "alpha": log_normal(rng, 1.0, 0.6, span.shape),
        "c": log_normal(rng, config.m4_slope, 0.6, span.shape),
        "u0": uniform(rng, -span.R - 1.0, np.minimum(span.E, 2.0) + 0.3, span.shape),
        "floor": np.where(bernoulli(rng, config.p_m4_no_floor, span.shape), 0.0, floor),
    }


def m4_log_y(U: FloatArray, *, alpha: FloatArray, c: FloatArray, u0: FloatArray, floor: FloatArray) -> FloatArray:
    """ln(floor + z/z(0)), z/(1-z)^alpha = e^(-c (U - u0)): law M4 with eps_0 - eps_inf = 1/z(0)."""
    log_z = log_sigmoid(solve_logit(-c * (U - u0), alpha, tolerance=SOLVER_TOLERANCE))
    log_z0 = log_sigmoid(solve_logit(c * u0, alpha, tolerance=SOLVER_TOLERANCE))
    return np.log(floor + np.exp(log_z - log_z0))


def draw_sigmoid_floor(rng: np.random.Generator, span: Span, config: OursConfig) -> dict[str, FloatArray]:
    """The floor is a share U(.1, .85) of the level at the end of the context.

    Steepness c = LU(1, 8)/max(R, 1) in ln x, clipped to [.15, 6]; middle of the fall u0 ~ U(-early,
    .5 min(E, 2)), early = min(.8 R, 4/c), or 2/c where `sharp`, so that a context loses at most about e^4:
    the bend into the floor falls inside the context, near its end or beyond.
    alpha ~ LN(1, .5) (M4); with `p_sharp` `sharp` = 1: the tail is that of 1 - e^-(..), see the formula.
    """
    steep = log_uniform(rng, 1.0, 8.0, span.shape) / np.maximum(span.R, 1.0)
    c = np.clip(steep, 0.15, 6.0)
    sharp = bernoulli(rng, config.p_sharp, span.shape)
    early = np.minimum(0.8 * span.R, np.where(sharp, 2.0, 4.0) / c)
    return {
        "share": uniform(rng, 0.1, 0.85, span.shape),
        "u0": uniform(rng, -early, 0.5 * np.minimum(span.E, 2.0), span.shape),
        "c": c,
        "alpha": log_normal(rng, 1.0, 0.5, span.shape),
        "sharp": sharp.astype(np.float64),
    }


def sigmoid_floor_log_y(
    U: FloatArray, *, share: FloatArray, u0: FloatArray, c: FloatArray, alpha: FloatArray, sharp: FloatArray
) -> FloatArray:
    """ln(share + (1 - share) z/z(0)); z is M4's sigmoid, or where `sharp` its exponential cousin
    z = e^(-alpha ln 2 (x/x_0)^c), which bends into its floor faster than any power law."""
    log_drop = np.empty_like(U)
    k = np.flatnonzero(sharp[:, 0] > 0.5)
    log_drop[k] = -alpha[k] * np.log(2.0) * (np.exp(c[k] * (U[k] - u0[k])) - np.exp(-c[k] * u0[k]))
    k = np.flatnonzero(sharp[:, 0] <= 0.5)
    log_z = log_sigmoid(solve_logit(-c[k] * (U[k] - u0[k]), alpha[k], tolerance=SOLVER_TOLERANCE))
    log_z0 = log_sigmoid(solve_logit(c[k] * u0[k], alpha[k], tolerance=SOLVER_TOLERANCE))
    log_drop[k] = log_z - log_z0
    return np.log(share + (1.0 - share) * np.exp(np.minimum(log_drop, 600.0)))


M4_FAMILY = Family("m4", draw_m4, m4_log_y)
SIGMOID_FLOOR = Family("sigmoid_floor", draw_sigmoid_floor, sigmoid_floor_log_y)
