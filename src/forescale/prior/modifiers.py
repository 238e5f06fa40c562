"""What real training does to a law: changes of the clean curve that belong to the curve, not to the noise.

Each modifier draws its parameters, shape (B, 1), and changes g = ln y, shape (B, M), at U = ln(x/x_last).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np

from ..laws import FloatArray
from .config import OursConfig
from .families import Span
from .random import bernoulli, log_normal, log_uniform, uniform


class Size(NamedTuple):
    """Of a clean context in ln y, each (B, 1): its standard deviation, and how steep its end is, per e-fold of x."""

    std: FloatArray
    slope: FloatArray


def size_of(U_BM: FloatArray, g_BM: FloatArray) -> Size:
    """The slope is |change| over the last .7 e-folds, or the last quarter of R if that is more, at least .001."""
    R = -U_BM[:, :1]
    i = (-np.maximum(0.7, 0.25 * R) <= U_BM).argmax(axis=1)[:, None]
    i = np.minimum(i, U_BM.shape[1] - 2)
    change = np.abs(np.take_along_axis(g_BM, i, axis=1) - g_BM[:, -1:])
    distance = np.maximum(-np.take_along_axis(U_BM, i, axis=1), 1e-3)
    return Size(g_BM.std(axis=1, keepdims=True), np.maximum(change / distance, 1e-3))


@dataclass(frozen=True)
class Modifier:
    """`draw(rng, span, size, config)` gives parameters; `apply(g, U, **parameters)` the changed curve."""

    name: str
    draw: Callable[[np.random.Generator, Span, Size, OursConfig], dict[str, FloatArray]]
    apply: Callable[..., FloatArray]


def draw_transient(rng: np.random.Generator, span: Span, size: Size, config: OursConfig) -> dict[str, FloatArray]:
    """Over the first LU(.03, .6) of R; amplitude LU(.2, 6) std, 80 % upward; exponential or sigmoidal."""
    shape = span.shape
    sign = np.where(bernoulli(rng, 0.8, shape), 1.0, -1.0)
    return {
        "start": -span.R,
        "length": span.R * log_uniform(rng, 0.03, 0.6, shape),
        "size": sign * size.std * log_uniform(rng, 0.2, 6.0, shape),
        "sigmoid": bernoulli(rng, 0.5, shape).astype(np.float64),
    }


def apply_transient(
    g: FloatArray,
    U: FloatArray,
    *,
    start: FloatArray,
    length: FloatArray,
    size: FloatArray,
    sigmoid: FloatArray,
) -> FloatArray:
    """size e^-d, or size / (1 + e^(6 (d - 1))), d = distance from the start in lengths, 0 before it."""
    d = np.clip((U - start) / length, 0.0, 80.0)
    return g + size * np.where(sigmoid > 0.5, 1.0 / (1.0 + np.exp(6.0 * (d - 1.0))), np.exp(-d))


def draw_lr_decay(rng: np.random.Generator, span: Span, size: Size, config: OursConfig) -> dict[str, FloatArray]:
    """Begins at x = U(.2, 1.5) x_last, takes LU(.1, 2) x_last, lowers ln y by LU(.01, .25) in the end."""
    return {
        "start": uniform(rng, 0.2, 1.5, span.shape),
        "length": log_uniform(rng, 0.1, 2.0, span.shape),
        "size": log_uniform(rng, 0.01, 0.25, span.shape),
    }


def apply_lr_decay(
    g: FloatArray, U: FloatArray, *, start: FloatArray, length: FloatArray, size: FloatArray
) -> FloatArray:
    """A smoothstep down in linear x, and a constant shift after it: the run has annealed."""
    d = np.clip((np.exp(U) - start) / length, 0.0, 1.0)
    return g - size * d * d * (3.0 - 2.0 * d)


def draw_annealing(rng: np.random.Generator, span: Span, size: Size, config: OursConfig) -> dict[str, FloatArray]:
    """The learning rate falls from the first step to the last, by a cosine or (30 %) a line. The run ends at the
    farthest target, or (50 %) U(0, 1.5) e-folds later; what is won in ln y by then: LU(.01, .15)."""
    later = uniform(rng, 0.0, 1.5, span.shape)
    return {
        "log_end": span.E + np.where(bernoulli(rng, 0.5, span.shape), later, 0.0),
        "size": log_uniform(rng, 0.01, 0.15, span.shape),
        "line": bernoulli(rng, 0.3, span.shape).astype(np.float64),
    }


def apply_annealing(
    g: FloatArray, U: FloatArray, *, log_end: FloatArray, size: FloatArray, line: FloatArray
) -> FloatArray:
    """g - size times the share by which the learning rate has fallen."""
    d = np.exp(np.minimum(U - log_end, 0.0))
    return g - size * np.where(line > 0.5, d, 0.5 - 0.5 * np.cos(np.pi * d))


def draw_recipe(rng: np.random.Generator, span: Span, size: Size, config: OursConfig) -> dict[str, FloatArray]:
    """Larger runs are of another recipe: better or worse by N(0, 1) std LU(.05, .6) in ln y."""
    return {"shift": rng.standard_normal(span.shape) * size.std * log_uniform(rng, 0.05, 0.6, span.shape)}


def apply_recipe(g: FloatArray, U: FloatArray, *, shift: FloatArray) -> FloatArray:
    """g + shift (1 - x_last / x) beyond the context."""
    return g - shift * np.expm1(-np.maximum(U, 0.0))


def draw_wiggle(rng: np.random.Generator, span: Span, size: Size, config: OursConfig) -> dict[str, FloatArray]:
    """Random Fourier sum of 4 terms in ln x: length LU(wiggle_length, 1) max(R, 1), amplitude
    std LU(.003, wiggle_size), angular frequencies N(0, 1)/length, phases U(0, 2 pi)."""
    shape = span.shape
    length = log_uniform(rng, config.wiggle_length, 1.0, shape) * np.maximum(span.R, 1.0)
    params = {"size": size.std * log_uniform(rng, 0.003, config.wiggle_size, shape)}
    for i in range(1, 5):
        params[f"omega{i}"] = rng.standard_normal(shape) / length
        params[f"phase{i}"] = uniform(rng, 0.0, 2.0 * np.pi, shape)
    return params


def apply_wiggle(g: FloatArray, U: FloatArray, *, size: FloatArray, **p: FloatArray) -> FloatArray:
    """g + size sqrt(1/2) sum_i cos(omega_i U + phase_i): variance size^2 (four terms of variance 1/2)."""
    total = sum(np.cos(p[f"omega{i}"] * U + p[f"phase{i}"]) for i in range(1, 5))
    return cast("FloatArray", g + size * np.sqrt(0.5) * total)


UPTURN_LIMIT = 1.5  # over-fitting raises ln y by at most this much: validation losses saturate


def draw_upturn(rng: np.random.Generator, span: Span, size: Size, config: OursConfig) -> dict[str, FloatArray]:
    """Repeated epochs: gain A (x/x_e)^p, ln x_e ~ U(-.5, min(E, 3)) from the context's end, p ~ LU(.7, 3),
    A ~ LU(.005, .2); added to ln y, or (50 %, `in_y` = 1) to y in units of the context's last level."""
    return {
        "log_x_e": uniform(rng, -0.5, np.minimum(span.E, 3.0), span.shape),
        "p": log_uniform(rng, 0.7, 3.0, span.shape),
        "size": log_uniform(rng, 0.005, 0.2, span.shape),
        "in_y": bernoulli(rng, 0.5, span.shape).astype(np.float64),
    }


def apply_upturn(
    g: FloatArray, U: FloatArray, *, log_x_e: FloatArray, p: FloatArray, size: FloatArray, in_y: FloatArray
) -> FloatArray:
    """The gain, saturating smoothly at UPTURN_LIMIT; g is 0 near the end of the context by convention."""
    raw = size * np.exp(np.clip(p * (U - log_x_e), -50.0, 50.0))
    gain = _saturated(raw)
    return np.where(in_y > 0.5, np.logaddexp(g, np.log(gain + 1e-300)), g + gain)


def _saturated(rise: FloatArray) -> FloatArray:
    """A rise in ln y >= 0, bounded smoothly by UPTURN_LIMIT."""
    return -UPTURN_LIMIT * np.expm1(-rise / UPTURN_LIMIT)


def draw_saturation(rng: np.random.Generator, span: Span, size: Size, config: OursConfig) -> dict[str, FloatArray]:
    """The other resource runs out: a level below the end of the context in ln y, half of them by
    std LU(.02, saturation_depth) and half by what the last slope gives in LU(.1, saturation_reach) e-folds of x;
    sharpness LU(1, saturation_sharpness)."""
    shallow = size.std * log_uniform(rng, 0.02, config.saturation_depth, span.shape)
    ahead = size.slope * log_uniform(rng, 0.1, config.saturation_reach, span.shape)
    return {
        "log_level": -np.where(bernoulli(rng, 0.5, span.shape), shallow, ahead),
        "sharpness": log_uniform(rng, 1.0, config.saturation_sharpness, span.shape),
    }


def apply_saturation(g: FloatArray, U: FloatArray, *, log_level: FloatArray, sharpness: FloatArray) -> FloatArray:
    """ln (y^k + level^k)^(1/k): the sum of both for k = 1, as a floor is, and towards the larger one for large k."""
    return np.logaddexp(sharpness * g, sharpness * log_level) / sharpness


def draw_reversal(rng: np.random.Generator, span: Span, size: Size, config: OursConfig) -> dict[str, FloatArray]:
    """Worse with scale: the law upside down about the last level of the context, its size LU(.1, 1)."""
    return {"size": log_uniform(rng, 0.1, 1.0, span.shape)}


def apply_reversal(g: FloatArray, U: FloatArray, *, size: FloatArray) -> FloatArray:
    """-size g, a rise above the last level (where g is 0) saturating as an upturn does."""
    turned = -size * g
    return np.where(turned > 0.0, _saturated(np.maximum(turned, 0.0)), turned)


def draw_onset(rng: np.random.Generator, span: Span, size: Size, config: OursConfig) -> dict[str, FloatArray]:
    """A steeper fall begins at U(-.25 R, .8 E): an extra slope LN(.5, .7) of ln y, joined over LU(.03, 1) e-folds."""
    return {
        "start": uniform(rng, -0.25 * span.R, 0.8 * span.E, span.shape),
        "slope": log_normal(rng, 0.5, 0.7, span.shape),
        "width": log_uniform(rng, 0.03, 1.0, span.shape),
    }


def apply_onset(g: FloatArray, U: FloatArray, *, start: FloatArray, slope: FloatArray, width: FloatArray) -> FloatArray:
    """g - slope width ln(1 + e^((U - start) / width))."""
    return g - slope * width * np.logaddexp(0.0, (U - start) / width)


MODIFIERS: tuple[Modifier, ...] = (
    Modifier("reversal", draw_reversal, apply_reversal),
    Modifier("saturation", draw_saturation, apply_saturation),
    Modifier("transient", draw_transient, apply_transient),
    Modifier("lr_decay", draw_lr_decay, apply_lr_decay),
    Modifier("annealing", draw_annealing, apply_annealing),
    Modifier("recipe", draw_recipe, apply_recipe),
    Modifier("wiggle", draw_wiggle, apply_wiggle),
    Modifier("upturn", draw_upturn, apply_upturn),
    Modifier("onset", draw_onset, apply_onset),
)
