"""Power laws: plain with a floor, with a late start and a second term, and exponential decay.

U = ln(x / x_last); `floor` = irreducible / reducible part at the end of the context (0: none).
"""

from __future__ import annotations

from typing import cast

import numpy as np

from ...laws import FloatArray
from ..config import OursConfig
from ..random import bernoulli, log_normal, log_uniform, uniform
from .base import Family, Span, add_floor


def draw_exponent(rng: np.random.Generator, span: Span, config: OursConfig) -> FloatArray:
    """LN(exponent, exponent_std), or with `p_steep` LU(1.5, 6)."""
    usual = log_normal(rng, config.exponent, config.exponent_std, span.shape)
    return np.where(bernoulli(rng, config.p_steep, span.shape), log_uniform(rng, 1.5, 6.0, span.shape), usual)


def draw_trend(rng: np.random.Generator, span: Span, config: OursConfig) -> dict[str, FloatArray]:
    """b as in `draw_exponent`; floor = 1/LU(.02, 50), none with `p_no_floor`."""
    floor = 1.0 / log_uniform(rng, 0.02, 50.0, span.shape)
    return {
        "b": draw_exponent(rng, span, config),
        "floor": np.where(bernoulli(rng, config.p_no_floor, span.shape), 0.0, floor),
    }


def draw_m2(rng: np.random.Generator, span: Span, config: OursConfig) -> dict[str, FloatArray]:
    """b as in `draw_exponent`; floor = 1/LU(.02, 50), with `p_any_share` a share U(0, 1) of the last level, none with
    `p_straight`."""
    share = rng.random(span.shape)
    any_share = bernoulli(rng, config.p_any_share, span.shape)
    floor = np.where(any_share, share / (1.0 - share), 1.0 / log_uniform(rng, 0.02, 50.0, span.shape))
    return {
        "b": draw_exponent(rng, span, config),
        "floor": np.where(bernoulli(rng, config.p_straight, span.shape), 0.0, floor),
    }


def m2_log_y(U: FloatArray, *, b: FloatArray, floor: FloatArray) -> FloatArray:
    """ln(floor + x^-b): law M2 (M1 without a floor) in units of the end of the context."""
    return add_floor(-b * U, floor)


def draw_powfl(rng: np.random.Generator, span: Span, config: OursConfig) -> dict[str, FloatArray]:
    """b, floor as in `draw_trend`; with `p_late` a plateau start at log_tau ~ U(-R-2, .7 min(E, 1)); with `p_second` a
    second, faster power law with exponent b LU(1.5, 6) and amplitude LU(1e-3, 3) at the end of the context."""
    late = bernoulli(rng, config.p_late, span.shape)
    log_tau = uniform(rng, -span.R - 2.0, 0.7 * np.minimum(span.E, 1.0), span.shape)
    params = draw_trend(rng, span, config)
    second = bernoulli(rng, config.p_second, span.shape)
    params["log_tau"] = np.where(late, log_tau, -np.inf)
    params["b2"] = params["b"] * log_uniform(rng, 1.5, 6.0, span.shape)
    params["amp2"] = np.where(second, log_uniform(rng, 1e-3, 3.0, span.shape), 0.0)
    return params


def powfl_log_y(
    U: FloatArray,
    *,
    b: FloatArray,
    floor: FloatArray,
    log_tau: FloatArray,
    b2: FloatArray,
    amp2: FloatArray,
) -> FloatArray:
    """ln(floor + s^-b + amp2 s^-b2) with s = (x + tau) / (1 + tau): flat below tau, a power law above."""
    log_s = np.logaddexp(U, log_tau) - np.logaddexp(0.0, log_tau)
    reducible = np.exp(np.minimum(-b * log_s, 300.0))
    if np.any(amp2 > 0.0):
        reducible = reducible + amp2 * np.exp(np.minimum(-b2 * log_s, 300.0))
    return cast("FloatArray", np.log(floor + reducible))


def draw_expo(rng: np.random.Generator, span: Span, config: OursConfig) -> dict[str, FloatArray]:
    """k ~ LU(.5, 10); p = 1 or (50 %) LU(.4, 1.5); floor = 1/LU(.05, 30)."""
    stretched = bernoulli(rng, 0.5, span.shape)
    return {
        "k": log_uniform(rng, 0.5, 10.0, span.shape),
        "p": np.where(stretched, log_uniform(rng, 0.4, 1.5, span.shape), 1.0),
        "floor": 1.0 / log_uniform(rng, 0.05, 30.0, span.shape),
    }


def expo_log_y(U: FloatArray, *, k: FloatArray, p: FloatArray, floor: FloatArray) -> FloatArray:
    """ln(floor + e^(-k (x^p - 1))), x in units of the end of the context: exponential approach."""
    return add_floor(-k * np.expm1(p * U), floor)


M2_FAMILY = Family("m2", draw_m2, m2_log_y)
POWFL = Family("powfl", draw_powfl, powfl_log_y)
EXPO = Family("expo", draw_expo, expo_log_y)
