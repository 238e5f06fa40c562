"""A trend with something on it: one or two sigmoidal steps down, or a bump that comes and goes."""

from __future__ import annotations

import numpy as np

from ...laws import FloatArray
from ..config import OursConfig
from ..random import bernoulli, category, log_normal, log_uniform, uniform
from .base import Family, Span, add_floor
from .power import draw_trend


def draw_steps(rng: np.random.Generator, span: Span, config: OursConfig) -> dict[str, FloatArray]:
    """Trend b ~ LN(.25, .8) with the floor of powfl; steps of height a ~ LU(.02, 2), width LU(.03, .5) R/2 in
    ln x at U(-R, .5 E); the second step in 50 %; added to y (`in_log` = 0, 50 %) or to ln y."""
    shape = span.shape
    params = {"b": log_normal(rng, 0.25, 0.8, shape), "floor": draw_trend(rng, span, config)["floor"]}
    for i in (1, 2):
        present = bernoulli(rng, 1.0 if i == 1 else 0.5, shape)
        params[f"a{i}"] = np.where(present, log_uniform(rng, 0.02, 2.0, shape), 0.0)
        params[f"w{i}"] = log_uniform(rng, 0.03, 0.5, shape) * span.R / 2.0
        params[f"u{i}"] = uniform(rng, -span.R, 0.5 * span.E, shape)
    params["in_log"] = bernoulli(rng, 0.5, shape).astype(np.float64)
    return params


def steps_log_y(U: FloatArray, *, b: FloatArray, floor: FloatArray, in_log: FloatArray, **p: FloatArray) -> FloatArray:
    """Trend and falling sigmoids a / (1 + e^((U-u)/w)), in units of the trend at the end of the context."""
    trend = add_floor(-b * U, floor) - np.log1p(floor)
    drop = np.zeros_like(U)
    for i in (1, 2):
        drop += p[f"a{i}"] / (1.0 + np.exp(np.clip((U - p[f"u{i}"]) / p[f"w{i}"], -500.0, 500.0)))
    return np.where(in_log > 0.5, trend + drop, np.log(np.exp(trend) + drop))


def draw_bump(rng: np.random.Generator, span: Span, config: OursConfig) -> dict[str, FloatArray]:
    """Trend as of powfl, its exponent halved in 50 %; bump in ln y of height LU(.03, bump_height), centre U(-R, 0)
    (85 %) or U(0, .5 E), left width R LU(.03, .5), right width left LU(.5, 4); shape 0 Gaussian (30 %), 1 Lorentz
    (40 %), 2 sech; in 30 % widths are measured in x (`in_x` = 1) instead of ln x."""
    shape = span.shape
    params = draw_trend(rng, span, config)
    params["b"] = np.where(bernoulli(rng, 0.5, shape), 0.5, 1.0) * params["b"]
    inside = bernoulli(rng, 0.85, shape)
    centre = np.where(inside, uniform(rng, -span.R, 0.0, shape), uniform(rng, 0.0, 0.5 * span.E, shape))
    left = span.R * log_uniform(rng, 0.03, 0.5, shape)
    params |= {
        "height": log_uniform(rng, 0.03, config.bump_height, shape),
        "centre": centre,
        "left": left,
        "right": left * log_uniform(rng, 0.5, 4.0, shape),
        "shape": category(rng, (0.3, 0.4, 0.3), shape).astype(np.float64),
        "in_x": bernoulli(rng, 0.3, shape).astype(np.float64),
    }
    return params


def bump_log_y(
    U: FloatArray,
    *,
    b: FloatArray,
    floor: FloatArray,
    height: FloatArray,
    centre: FloatArray,
    left: FloatArray,
    right: FloatArray,
    shape: FloatArray,
    in_x: FloatArray,
) -> FloatArray:
    """Trend plus height times a two-sided bump; in x its widths are relative to the bump's own place."""
    distance = np.where(in_x > 0.5, np.expm1(np.minimum(U - centre, 50.0)), U - centre)
    return add_floor(-b * U, floor) + height * bump_shape(distance, left, right, shape)


def bump_shape(distance: FloatArray, left: FloatArray, right: FloatArray, shape: FloatArray) -> FloatArray:
    """1 at distance 0, falling to 0 with its own width on each side; shape 0 Gaussian, 1 Lorentz, 2 sech."""
    d = np.clip(distance / np.where(distance < 0.0, left, right), -1e3, 1e3)
    if not np.any(shape):
        return np.exp(-0.5 * d * d)
    sech = 2.0 * np.exp(-np.abs(d)) / (1.0 + np.exp(-2.0 * np.abs(d)))
    return np.select([shape < 0.5, shape < 1.5], [np.exp(-0.5 * d * d), 1.0 / (1.0 + d * d)], sech)


STEPS = Family("steps", draw_steps, steps_log_y)
BUMP = Family("bump", draw_bump, bump_log_y)
