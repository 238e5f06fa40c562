"""The loss as a function of ln N and ln D, for B tables at once.

    ln L = ln(E + red) + penalties + field,    red = (a + b)^g
    a = wa exp[(dA v - alpha exp(kA v) hA(u)) / g]      b = wb exp[(dB u - beta exp(kB u) hB(v)) / g]

u = ln N and v = ln D are measured from the centre of the design, where E + red = 1. `balance` there, the log ratio of
what ln N and ln D still buy, is drawn in place of A and B: people measure around the optimum, in whatever unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...laws import FloatArray
from ..random import Bools, bernoulli, log_normal, log_uniform, uniform
from .config import SurfaceConfig

_SMALL, _LARGE = np.log(0.03), np.log(2.5)
_DRIFT = 0.8
_NEUTRAL = dict.fromkeys(
    ("kA", "kB", "dA", "dB", "break_change_u", "break_change_v", "regime_u", "regime_v", "small", "large", "short",
     "lopsided", "untuned"), 0.0,
) | {"g": 1.0, "unique": 1e3, "cap": 1e3, "warm_up": -1e3}  # fmt: skip
"""What a law without any of these has in their place."""


@dataclass(frozen=True)
class Surface:
    """B laws of two resources; every entry of `p` is (B, 1) and what is switched off holds its neutral value."""

    p: Mapping[str, FloatArray]

    def take(self, rows: np.ndarray) -> Surface:
        return Surface({name: value[rows] for name, value in self.p.items()})

    @property
    def exact(self) -> Bools:
        """Which tables have the sum and nothing beside it, (B, 1)."""
        return self.p["exact"] > 0

    @property
    def noise_of_rest(self) -> Bools:
        """Which tables have noise in proportion to the reducible part, (B, 1)."""
        return self.p["noise_of_rest"] > 0

    def log_loudness(self, u_BK: FloatArray, v_BK: FloatArray) -> FloatArray:
        """ln of the noise over that at the centre, (B, K)."""
        share = self.log_reducible(u_BK, v_BK) - self.log_loss(u_BK, v_BK)
        return np.where(self.noise_of_rest, np.clip(share - self.p["log_r"], -4.0, 2.5), 0.0)

    def log_reducible(self, u_BK: FloatArray, v_BK: FloatArray) -> FloatArray:
        """ln of the reducible part at (B, K) points."""
        p = self.p
        below = p["regime_width"] * np.logaddexp(0.0, (p["regime"] - u_BK - v_BK) / p["regime_width"])
        u, v = u_BK - p["regime_u"] * below, v_BK - p["regime_v"] * below
        v = v - p["warm_up_power"] * np.logaddexp(0.0, p["warm_up"] - v)
        v = _effective(v, p["unique"], p["reuse"])
        from_n = p["dA"] * v - p["alpha"] * _drift(p["kA"], v) * _broken(u, p, "u")
        from_d = p["dB"] * u - p["beta"] * _drift(p["kB"], u) * _broken(v, p, "v")
        log_red = p["log_r"] + p["g"] * np.logaddexp(p["log_wa"] + from_n / p["g"], p["log_wb"] + from_d / p["g"])
        over = np.clip(p["cap_sharpness"] * (log_red - p["cap"]), -300.0, 300.0)
        return np.asarray(log_red - np.logaddexp(0.0, over) / p["cap_sharpness"])

    def log_loss(self, u_BK: FloatArray, v_BK: FloatArray) -> FloatArray:
        """ln L without the field, (B, K)."""
        with np.errstate(divide="ignore"):
            log_E = np.log(self.p["E"])
        return np.asarray(np.logaddexp(log_E, self.log_reducible(u_BK, v_BK)) + self.penalty(u_BK, v_BK))

    def penalty(self, u: FloatArray, v: FloatArray) -> FloatArray:
        """What the recipe loses beside the law: it is part of the curve and of the optimum."""
        p, w = self.p, self.p["bend"]
        beyond = (
            ("small", p["small_at"] - u), ("large", u - p["large_at"]), ("short", p["short_at"] - v),
            ("lopsided", np.abs(v - u) - p["lopsided_at"]),
        )  # fmt: skip
        out = sum(p[name] * w * np.logaddexp(0.0, distance / w) for name, distance in beyond)
        off = np.abs(p["untuned_u"] * u + p["untuned_v"] * v - p["untuned_at"])
        return np.asarray(out + p["untuned"] * off * off / (1.0 + off))


def draw_surface(rng: np.random.Generator, B: int, config: SurfaceConfig) -> Surface:
    """B surfaces; the law first, then what real recipes do to it."""
    shape = (B, 1)
    z = rng.standard_normal((2, B, 1))
    spread = config.exponent_spread * np.where(bernoulli(rng, config.p_wide_exponents, shape), 2.0, 1.0)
    slopes = np.log(config.exponent) + spread * np.stack([z[0], 0.2 * z[0] + np.sqrt(0.96) * z[1]])
    alpha, beta = np.exp(np.clip(slopes, _SMALL, _LARGE))
    kind = rng.random(shape)
    coupled = kind < config.p_coupled
    drifting = ~coupled & (kind < config.p_coupled + config.p_drifting)
    students = ~coupled & ~drifting & (kind < config.p_coupled + config.p_drifting + config.p_students)
    alpha = np.where(students, log_normal(rng, 1.2, 0.4, shape), alpha)
    beta = np.where(students, log_normal(rng, 0.65, 0.3, shape), beta)
    g = np.where(coupled, np.clip(np.exp(-0.4 + 0.7 * rng.standard_normal(shape)), 0.1, 3.0), 1.0)
    bound = students & bernoulli(rng, config.p_students_coupled, shape)
    g = np.where(bound, np.exp(-0.5 + 0.3 * rng.standard_normal(shape)), g)

    r = 1 / (1 + np.exp(0.6 - 1.1 * rng.standard_normal(shape)))
    r = np.where(bernoulli(rng, config.p_any_share, shape), uniform(rng, 0.05, 1.0, shape), r)
    slight = students & bernoulli(rng, config.p_slight, shape)
    r = np.where(slight, 1 / (1 + np.exp(3.5 - rng.standard_normal(shape))), r)
    no_floor = (bernoulli(rng, config.p_no_floor, shape) & ~slight) | (coupled & bernoulli(rng, 0.3, shape))
    r = np.where(no_floor, 1.0, r)
    far = bernoulli(rng, config.p_far_balance, shape)
    balance = np.where(far, 2.2, 1.0) * rng.standard_normal(shape)
    log_ratio = balance - np.log(alpha) + np.log(beta)
    both = drifting & bernoulli(rng, 0.5, shape)
    p = {
        "alpha": alpha, "beta": beta, "g": g, "E": 1 - r, "log_r": np.log(r),
        "log_wa": -np.logaddexp(0.0, -log_ratio), "log_wb": -np.logaddexp(0.0, log_ratio),
        "kB": np.where(drifting, 0.105 * rng.standard_normal(shape), 0.0),
        "dB": np.where(drifting, 0.09 * rng.standard_normal(shape), 0.0),
        "kA": np.where(both, 0.09 * rng.standard_normal(shape), 0.0),
        "dA": np.where(both, 0.075 * rng.standard_normal(shape), 0.0),
    }  # fmt: skip
    p["dB"] = np.where(students, beta * uniform(rng, 0.0, 0.9, shape), p["dB"])
    size = p["alpha"] * r * np.exp(p["log_wa"]) + p["beta"] * r * np.exp(p["log_wb"])
    p |= _draw_bends(rng, shape, p["log_r"], config) | _draw_recipe(rng, shape, size, config)
    exact = bernoulli(rng, config.p_exact, shape)
    p |= {name: np.where(exact, neutral, p[name]) for name, neutral in _NEUTRAL.items()}
    of_rest = bernoulli(rng, np.where(students, 0.8, config.p_noise_of_rest), shape)
    return Surface(p | {"exact": exact.astype(float), "noise_of_rest": of_rest.astype(float)})


def _draw_bends(
    rng: np.random.Generator, shape: tuple[int, int], log_r: FloatArray, config: SurfaceConfig
) -> dict[str, FloatArray]:
    """Where the law itself changes: broken exponents, repeated data, a metric's ceiling, a regime of cheap runs."""
    out: dict[str, FloatArray] = {}
    for axis in "uv":
        broken = bernoulli(rng, config.p_broken, shape)
        out[f"break_{axis}"] = 0.5 + 2.0 * rng.standard_normal(shape)
        out[f"break_width_{axis}"] = log_uniform(rng, 0.2, 1.5, shape)
        out[f"break_change_{axis}"] = np.where(broken, np.exp(-0.1 + 0.7 * rng.standard_normal(shape)) - 1, 0.0)
    repeated = bernoulli(rng, config.p_repeated, shape)
    out["unique"] = np.where(repeated, uniform(rng, -1.0, 3.0, shape), 1e3)
    out["reuse"] = log_normal(rng, 12.0, 0.5, shape)
    saturated = bernoulli(rng, config.p_saturated, shape)
    out["cap"] = np.where(saturated, log_r + uniform(rng, 0.2, 2.0, shape), 1e3)
    out["cap_sharpness"] = uniform(rng, 0.7, 4.0, shape)
    cheap = bernoulli(rng, config.p_cheap_regime, shape)
    out["regime"] = uniform(rng, -3.0, 1.5, shape)
    out["regime_width"] = log_uniform(rng, 0.3, 1.5, shape)
    out["regime_u"] = np.where(cheap, 0.25 * rng.standard_normal(shape), 0.0)
    out["regime_v"] = np.where(cheap, 0.25 * rng.standard_normal(shape), 0.0)
    warm = bernoulli(rng, config.p_warm_up, shape)
    out["warm_up"] = np.where(warm, uniform(rng, -4.5, 0.5, shape), -1e3)
    out["warm_up_power"] = uniform(rng, 0.4, 1.5, shape)
    return out


def _draw_recipe(
    rng: np.random.Generator, shape: tuple[int, int], slope: FloatArray, config: SurfaceConfig
) -> dict[str, FloatArray]:
    """Penalties in units of the law's own slope at the centre."""
    out = {"bend": uniform(rng, 0.2, 1.0, shape)}
    for name, at in (("small", (-2.5, 1.0)), ("large", (-1.0, 3.0)), ("short", (-2.5, 0.0)), ("lopsided", (0.5, 3.0))):
        on = bernoulli(rng, getattr(config, f"p_{name}"), shape)
        out[name] = np.where(on, slope * log_normal(rng, 0.2, 0.8, shape), 0.0)
        out[f"{name}_at"] = uniform(rng, *at, shape)
    on = bernoulli(rng, config.p_untuned, shape)
    out["untuned"] = np.where(on, slope * log_normal(rng, 0.15, 0.8, shape), 0.0)
    turn = uniform(rng, 0.0, 2 * np.pi, shape)
    out["untuned_u"], out["untuned_v"] = 0.6 * np.cos(turn), 0.6 * np.sin(turn)
    out["untuned_at"] = rng.standard_normal(shape)
    return out


def _drift(k: FloatArray, x: FloatArray) -> FloatArray:
    return np.asarray(np.exp(np.clip(k * x, -_DRIFT, _DRIFT)))


def _broken(x: FloatArray, p: Mapping[str, FloatArray], axis: str) -> FloatArray:
    """x, with another slope beyond the break and 0 at the centre."""
    at, width, change = p[f"break_{axis}"], p[f"break_width_{axis}"], p[f"break_change_{axis}"]
    gone = width * (np.logaddexp(0.0, (x - at) / width) - np.logaddexp(0.0, -at / width))
    return np.asarray(x + change * gone)


def _effective(v: FloatArray, unique: FloatArray, reuse: FloatArray) -> FloatArray:
    """ln of the effective tokens where the unique ones are repeated. Source: Muennighoff et al. 2023, 2305.16264."""
    over = np.expm1(np.clip(v - unique, 0.0, 30.0))
    return np.asarray(np.minimum(v, unique) + np.log1p(reuse * -np.expm1(-over / reuse)))
