"""Falling curves without a fixed law: the local exponent drifts as one looks further."""

from __future__ import annotations

import numpy as np

from ...laws import FloatArray
from ..config import OursConfig
from ..random import bernoulli, log_normal, log_uniform
from .base import Family, Span, add_floor

N_KNOTS = 32
SLOPES = (0.005, 3.0)  # exponents are kept in between


def draw_drift(rng: np.random.Generator, span: Span, config: OursConfig) -> dict[str, FloatArray]:
    """b ~ LN(1.3 exponent, exponent_std), the exponent at the end of the context; its ln walks at random with
    standard deviation `rate` ~ LU(.05, drift_rate) per e-fold of x; floor = 1/LU(.05, 50) with `p_drift_floor`.

    The walk's steps z_i lead from `first` = -R to `last` = E over N_KNOTS places; before them the exponent stays.
    """
    shape = span.shape
    params = {
        "b": log_normal(rng, 1.3 * config.exponent, config.exponent_std, shape),
        "rate": log_uniform(rng, 0.05, config.drift_rate, shape),
        "first": -span.R,
        "last": span.E,
    }
    params |= {f"z{i}": rng.standard_normal(shape) for i in range(1, N_KNOTS)}
    floor = 1.0 / log_uniform(rng, 0.05, 50.0, shape)
    params["floor"] = np.where(bernoulli(rng, config.p_drift_floor, shape), floor, 0.0)
    return params


def drift_log_y(
    U: FloatArray,
    *,
    b: FloatArray,
    rate: FloatArray,
    first: FloatArray,
    last: FloatArray,
    floor: FloatArray,
    **z: FloatArray,
) -> FloatArray:
    """ln(floor + e^-h), h the integral from the end of the context of the exponent b e^(rate W), W(0) = 0."""
    step = (last - first) / (N_KNOTS - 1)
    walk = np.cumsum(np.concatenate([z[f"z{i}"] for i in range(1, N_KNOTS)], axis=1), axis=1) * np.sqrt(step)
    walk = np.pad(walk, ((0, 0), (1, 0)))
    k, share = _knot(np.zeros_like(first), first, step)
    now = (1.0 - share) * np.take_along_axis(walk, k, 1) + share * np.take_along_axis(walk, k + 1, 1)
    slope = np.clip(b * np.exp(np.clip(rate * (walk - now), -30.0, 30.0)), *SLOPES)
    area = np.pad(np.cumsum(0.5 * (slope[:, 1:] + slope[:, :-1]) * step, axis=1), ((0, 0), (1, 0)))

    def integral(U: FloatArray) -> FloatArray:
        k, share = _knot(U, first, step)
        left, right = np.take_along_axis(slope, k, 1), np.take_along_axis(slope, k + 1, 1)
        before = np.minimum(U - first, 0.0) * slope[:, :1]
        return np.asarray(
            before + np.take_along_axis(area, k, 1) + step * share * (left + 0.5 * share * (right - left))
        )

    return add_floor(integral(np.zeros_like(first)) - integral(U), floor)


def _knot(U: FloatArray, first: FloatArray, step: FloatArray) -> tuple[np.ndarray, FloatArray]:
    """The knot before each U and how far along to the next one it lies, in [0, 1)."""
    place = np.clip((U - first) / step, 0.0, N_KNOTS - 1.0 - 1e-9)
    k = place.astype(np.int64)
    return k, place - k


DRIFT = Family("drift", draw_drift, drift_log_y)
