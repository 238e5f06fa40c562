"""Posterior draws of a whole surface: a joint law, a smooth field of misfit, and an effect of each model size.

    L(N, D) = law(N, D) + L_fit(N, D) [field(ln N, ln D) + effect of N] + noise

A draw is a function: its field is a random function conditioned on the runs (Matheron's rule), so that the loss at
one point does not depend on which others are asked. u = ln(N / n_ref), v = ln(D / d_ref); S draws, n runs, T points.

    law     L = E + ((A N^-alpha)^(1/k) + (B D^-beta)^(1/k))^k;   k = 1 is Chinchilla's sum
    N*      ln G = [k ln(alpha/beta) + ln(A/B)] / (alpha + beta),   N* = G (C/6)^(beta/(alpha+beta))

Source of the rule: Wilson et al. 2020 (arXiv 2002.09309).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..numerics import Floats

SAME_SIZE = 0.01
"""Sizes closer than this in ln N share their effect."""
LOG_AMPLITUDE = float(np.log(0.3)), 3.0
"""Least and largest: dear runs are never quite of the law, nor cheap ones ever farther from it."""
_LEAST = 1e-3
"""A draw's loss is at least this share of its law: a field far outside may not make it negative."""


@dataclass(frozen=True)
class LawDraws:
    """S draws of the constants; A and B are losses, the two terms at u = v = 0."""

    E: Floats
    log_A: Floats
    log_B: Floats
    alpha: Floats
    beta: Floats
    k: Floats

    @classmethod
    def of(
        cls, E: ArrayLike, A: ArrayLike, B: ArrayLike, alpha: ArrayLike, beta: ArrayLike, k: ArrayLike = 1.0
    ) -> LawDraws:
        """From numbers or arrays that broadcast to (S,)."""
        E, A, B, alpha, beta, k = np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(x, float)) for x in (E, A, B, alpha, beta, k))
        )
        return cls(E, np.log(A), np.log(B), alpha, beta, k)

    def constants(self) -> dict[str, Floats]:
        """E, A, B, alpha, beta (S,); A and B may be infinite where N or D span everything."""
        with np.errstate(over="ignore"):
            return {
                "E": self.E,
                "A": np.exp(self.log_A),
                "B": np.exp(self.log_B),
                "alpha": self.alpha,
                "beta": self.beta,
            }

    def log_terms(self, u: Floats, v: Floats) -> tuple[Floats, Floats]:
        """ln of A N^-alpha and B D^-beta, (S, T), for u and v that broadcast against (S, T)."""
        column = np.s_[:, None]
        return (
            self.log_A[column] - self.alpha[column] * u,
            self.log_B[column] - self.beta[column] * v,
        )

    def log_loss(self, u: Floats, v: Floats) -> Floats:
        """ln L of the law, (S, T)."""
        a, b = self.log_terms(u, v)
        k = self.k[:, None]
        with np.errstate(divide="ignore"):
            floor = np.log(self.E)[:, None]
        return np.asarray(np.logaddexp(floor, k * np.logaddexp(a / k, b / k)))

    def best_u(self, c: float) -> Floats:
        """ln(N* / n_ref) at u + v = c, (S,)."""
        ratio = self.k * np.log(self.alpha / self.beta) + self.log_A - self.log_B
        return np.asarray((ratio + self.beta * c) / (self.alpha + self.beta))

    @property
    def slope(self) -> Floats:
        """a of N* proportional to C^a, (S,)."""
        return np.asarray(self.beta / (self.alpha + self.beta))

    def moved(self, u: float | Floats, v: float | Floats) -> LawDraws:
        """The same laws with the origin at (u, v), one for all draws or each its own (S,)."""
        return replace(self, log_A=self.log_A - self.alpha * u, log_B=self.log_B - self.beta * v)

    def take(self, rows: NDArray[Any]) -> LawDraws:
        """Some of the draws."""
        return LawDraws(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def put(self, rows: NDArray[Any], other: LawDraws) -> LawDraws:
        """These draws with others in some rows."""
        out = {name: getattr(self, name).copy() for name in self.__dataclass_fields__}
        for name, values in out.items():
            values[rows] = getattr(other, name)
        return LawDraws(**out)

    def where(self, keep: NDArray[np.bool_], other: LawDraws) -> LawDraws:
        """These draws where `keep` (S,), else those of another law of the same origin."""
        names = self.__dataclass_fields__
        return LawDraws(*(np.where(keep, getattr(self, name), getattr(other, name)) for name in names))


@dataclass(frozen=True)
class FieldDraws:
    """S draws of the misfit, in units of the fitted loss.

    Attributes:
        u, v: (n,) the runs; sizes: (n,) which size each has; centres: (R,) ln N of the sizes.
        top: u + v of the dearest run.
        length, growth, tau, c: (S,) of the field, in e-folds, and standard deviations of field (at the dearest run)
            and effect.
        waves: (W, 2) frequencies at length 1; amplitudes: (S, 2 W) of their cosines and sines.
        weights: (S, n) what conditions the field on the runs; effects: (S, R) of the sizes seen.
    """

    u: Floats
    v: Floats
    centres: Floats
    top: float
    length: Floats
    growth: Floats
    tau: Floats
    c: Floats
    waves: Floats
    amplitudes: Floats
    weights: Floats
    effects: Floats

    def take(self, rows: NDArray[Any]) -> FieldDraws:
        """Some of the draws."""
        names = ("length", "growth", "tau", "c", "amplitudes", "weights", "effects")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})

    def at(self, u: Floats, v: Floats) -> Floats:
        """The field at T points, (S, T)."""
        out = np.zeros((len(self.tau), len(u)))
        shapes = np.stack([self.length, self.growth], 1)
        for length, growth in np.unique(shapes[self.tau > 0], axis=0):
            rows = (shapes == (length, growth)).all(1) & (self.tau > 0)
            here, there = (amplitude(*at, self.top, growth) for at in ((u, v), (self.u, self.v)))
            prior = self.amplitudes[rows] @ basis(self.waves, u, v, length).T
            seen = (self.weights[rows] * there) @ kernel(u, v, self.u, self.v, length).T
            out[rows] = here * (self.tau[rows, None] * prior + self.tau[rows, None] ** 2 * seen)
        return out

    def of_size(self, u: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """The effect of the size of each point (S, T), 0 where it was not seen, and which were seen (T,)."""
        apart = np.abs(u[:, None] - self.centres)
        seen = apart.min(1) < SAME_SIZE
        return np.where(seen, self.effects[:, apart.argmin(1)], 0.0), seen


@dataclass(frozen=True)
class Surfaces:
    """S equally weighted surfaces of one recipe.

    Attributes:
        law, field: the draws; noise: (S,) relative standard deviation of a reading, nu its degrees of freedom.
        fit: E, A, B, alpha, beta of the point fit in the units of `law`.
        n_ref, d_ref: units of u and v.
        holds: share of the draws in which the law has no misfit.
    """

    law: LawDraws
    field: FieldDraws
    noise: Floats
    nu: float
    fit: tuple[float, float, float, float, float]
    n_ref: float
    d_ref: float

    @property
    def holds(self) -> float:
        return float(np.mean(self.field.tau == 0))

    def take(self, rows: NDArray[Any]) -> Surfaces:
        """Some of the surfaces."""
        return replace(self, law=self.law.take(rows), field=self.field.take(rows), noise=self.noise[rows])

    def places(self, params: Floats, tokens: Floats) -> tuple[Floats, Floats]:
        """u and v of N and D."""
        return np.log(params) - np.log(self.n_ref), np.log(tokens) - np.log(self.d_ref)

    def log_loss(self, params: Floats, tokens: Floats, *, of_run: bool = False) -> Floats:
        """ln of the noise-free loss of T models, (S, T); with `of_run` as runs of the sizes seen would read."""
        u, v = self.places(params, tokens)
        misfit = self.field.at(u, v)
        if of_run:
            misfit = misfit + self.field.of_size(u)[0]
        law = self.law.log_loss(u, v)
        return np.asarray(law + np.log(np.maximum(1 + misfit * np.exp(self.log_fitted(u, v) - law), _LEAST)))

    def spread_of_run(self, params: Floats) -> Floats:
        """Relative standard deviation of one reading of T models, (S, T): noise, and the effect of an unseen size."""
        seen = self.field.of_size(np.log(params) - np.log(self.n_ref))[1]
        effect = np.where(seen, 0.0, self.field.c[:, None])
        return np.asarray(np.sqrt(self.noise[:, None] ** 2 + effect**2))

    def log_fitted(self, u: Floats, v: Floats) -> Floats:
        E, A, B, alpha, beta = self.fit
        return np.asarray(
            np.logaddexp(np.log(max(E, 1e-300)), np.logaddexp(np.log(A) - alpha * u, np.log(B) - beta * v))
        )

    @property
    def absolute(self) -> LawDraws:
        """The laws in ln N and ln D themselves: the field stays out of N*, where a wave of .4 % is a factor of two."""
        return self.law.moved(-float(np.log(self.n_ref)), -float(np.log(self.d_ref)))


def kernel(u: Floats, v: Floats, at_u: Floats, at_v: Floats, length: float) -> Floats:
    """exp(-distance² / 2 length²), (T, n)."""
    far2 = (u[:, None] - at_u) ** 2 + (v[:, None] - at_v) ** 2
    return np.asarray(np.exp(-0.5 * np.minimum(far2 / length**2, 1400.0)))


def amplitude(u: Floats, v: Floats, top: float, growth: float) -> Floats:
    """Of the field over that at the dearest run, (T,)."""
    return np.asarray(np.exp(np.clip(growth * (top - u - v), *LOG_AMPLITUDE)))


def basis(waves: Floats, u: Floats, v: Floats, length: float) -> Floats:
    """Cosines and sines (T, 2 W) whose random sums have that kernel."""
    turns = (u[:, None] * waves[:, 0] + v[:, None] * waves[:, 1]) / length
    return cast("Floats", np.concatenate([np.cos(turns), np.sin(turns)], 1) / np.sqrt(len(waves)))
