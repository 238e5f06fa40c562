"""Broken power laws: BNSL with one to three breaks, and curves that fall, rise and fall again."""

from __future__ import annotations

import numpy as np

from ...laws import FloatArray
from ...laws.bnsl import log_broken_power
from ..config import OursConfig
from ..random import bernoulli, category, log_normal, log_uniform, uniform
from .base import Family, Span, add_floor
from .bumps import bump_shape

MAX_BREAKS = 3


def draw_bnsl(rng: np.random.Generator, span: Span, config: OursConfig) -> dict[str, FloatArray]:
    """Slopes s0..s3, break places d1..d3 (ln x) and widths f1..f3; floor.

    1-3 breaks, equally likely; a missing break repeats the slope before it. s0 ~ LN(.35, .8), or with `p_flat_start`
    nearly nothing: s0 times .05, and 8 % of those times -.3 (rising). The slope after a flat start is LN(onset, .7),
    every other new slope |old| LN(break_ratio, break_std): curves slow down; in 35 % of the curves the first two breaks
    turn a falling slope to rising (times -.6) with 70 %. |slope| >= .02, in [-1, 3]. Each place: with `p_recent_breaks`
    U(-.35 R, 0), the recent past; else U(-R, -.05 R), or in 25 % of the curves U(-R, .8 E). f ~ LU(break_width, 1.2).
    floor = 1/LU(.05, 300), none in 30 %.
    """
    shape = span.shape
    far = bernoulli(rng, 0.25, shape)
    flips = bernoulli(rng, 0.35, shape)
    n_breaks = rng.integers(1, MAX_BREAKS + 1, shape)
    slope = log_normal(rng, 0.35, 0.8, shape)
    flat = bernoulli(rng, config.p_flat_start, shape)
    slope = np.where(flat, np.where(bernoulli(rng, 0.08, shape), -0.3, 0.05), 1.0) * slope
    params = {"s0": slope}
    places = []
    for i in range(1, MAX_BREAKS + 1):
        recent = bernoulli(rng, config.p_recent_breaks, shape)
        place = uniform(rng, -span.R, np.where(far, 0.8 * span.E, -0.05 * span.R), shape)
        places.append(np.where(recent, uniform(rng, -0.35 * span.R, 0.0, shape), place))
        new = np.abs(slope) * log_normal(rng, config.break_ratio, config.break_std, shape)
        if i == 1:
            new = np.where(flat, log_normal(rng, config.onset, 0.7, shape), new)
        turns = (slope > 0.0) & flips & bernoulli(rng, 0.7 if i <= 2 else 0.0, shape)
        new = np.where(turns, -0.6 * new, new)
        new = np.where(np.abs(new) < 0.02, np.where(new < 0.0, -0.02, 0.02), np.clip(new, -1.0, 3.0))
        slope = np.where(i <= n_breaks, new, slope)
        params[f"s{i}"] = slope
        params[f"f{i}"] = log_uniform(rng, config.break_width, 1.2, shape)
    for i, place in enumerate(np.sort(np.stack(places), axis=0), start=1):
        params[f"d{i}"] = place
    floor = 1.0 / log_uniform(rng, 0.05, 300.0, shape)
    params["floor"] = np.where(bernoulli(rng, 0.3, shape), 0.0, floor)
    return params


def bnsl_log_y(U: FloatArray, *, s0: FloatArray, floor: FloatArray, **p: FloatArray) -> FloatArray:
    """BNSL with exponents s_i between breaks at ln x = d_i of width f_i; 1 at the end of the context."""
    slopes = [s0] + [p[f"s{i}"] for i in range(1, MAX_BREAKS + 1)]
    breaks = [(slopes[i] - slopes[i - 1], p[f"d{i}"], p[f"f{i}"]) for i in range(1, MAX_BREAKS + 1)]
    at_end = log_broken_power(0.0, s0, breaks)
    return add_floor(log_broken_power(U, s0, breaks) - at_end, floor)


def draw_dub(rng: np.random.Generator, span: Span, config: OursConfig) -> dict[str, FloatArray]:
    """Down (or flat), up to a peak, and on: how it goes on is a mixture.

    Peak at U(-.75 R, 0) (`p_peak_inside`) or U(0, .7 E); the rise starts LU(.2, 3) before it. Slopes: -c0 (0 with
    `p_flat_descent`, else LN(.25, .8)), +c1 ~ LN(.2, .8). After the peak: `p_peak_returns` returns to the old trend
    (`back` = 1: a bump of height (c0 + c1) rise on the trend c0, its right flank LU(.7, 4) times its left; `shape` 20 %
    Gaussian, 50 % Lorentz, 30 % sech, for the variance that peaks at interpolation dies off slowly), else falls on with
    a new slope c2 ~ LN(after_peak, .6); of those, half slow towards a floor = 1/LU(.3, 10), a quarter towards a low
    one, 1/LU(10, 300). Sharpness f1 ~ LU(.1, .9) of the turn up, f2 ~ LU(.05, .9) of the peak.
    """
    shape = span.shape
    on = 1.0 - config.p_peak_returns
    after = category(rng, (config.p_peak_returns, 0.25 * on, 0.5 * on, 0.25 * on), shape)
    high, low = log_uniform(rng, 0.3, 10.0, shape), log_uniform(rng, 10.0, 300.0, shape)
    inside = bernoulli(rng, config.p_peak_inside, shape)
    peak = np.where(inside, uniform(rng, -0.75 * span.R, 0.0, shape), uniform(rng, 0.0, 0.7 * span.E, shape))
    return {
        "c0": np.where(bernoulli(rng, config.p_flat_descent, shape), 0.0, log_normal(rng, 0.25, 0.8, shape)),
        "c1": log_normal(rng, 0.2, 0.8, shape),
        "c2": log_normal(rng, config.after_peak, 0.6, shape),
        "peak": peak,
        "rise": log_uniform(rng, 0.2, 3.0, shape),
        "f1": log_uniform(rng, 0.1, 0.9, shape),
        "f2": log_uniform(rng, 0.05, 0.9, shape),
        "flank": log_uniform(rng, 0.7, 4.0, shape),
        "shape": category(rng, (0.2, 0.5, 0.3), shape).astype(np.float64),
        "floor": np.select([after == 2, after == 3], [1.0 / high, 1.0 / low], 0.0),
        "back": (after == 0).astype(np.float64),
    }


def dub_log_y(
    U: FloatArray,
    *,
    c0: FloatArray,
    c1: FloatArray,
    c2: FloatArray,
    peak: FloatArray,
    rise: FloatArray,
    f1: FloatArray,
    f2: FloatArray,
    flank: FloatArray,
    shape: FloatArray,
    floor: FloatArray,
    back: FloatArray,
) -> FloatArray:
    """Three slopes -c0, +c1, -c2 joined at peak - rise and peak, or (`back`) a bump on the slope -c0."""
    h = np.empty_like(U)
    k = np.flatnonzero(back[:, 0] <= 0.5)
    breaks = ((-c1[k] - c0[k], peak[k] - rise[k], f1[k]), (c2[k] + c1[k], peak[k], f2[k]))
    h[k] = log_broken_power(U[k], c0[k], breaks) - log_broken_power(0.0, c0[k], breaks)
    k = np.flatnonzero(back[:, 0] > 0.5)
    left, right = 0.5 * rise[k], 0.5 * rise[k] * flank[k]
    height = (c0[k] + c1[k]) * rise[k]
    h[k] = -c0[k] * U[k] + height * bump_shape(U[k] - peak[k], left, right, shape[k])
    return add_floor(h, floor)


BNSL_FAMILY = Family("bnsl", draw_bnsl, bnsl_log_y)
DUB = Family("dub", draw_dub, dub_log_y)
