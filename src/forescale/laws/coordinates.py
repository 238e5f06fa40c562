"""The laws in coordinates in which they can be fitted: no unit, no bound, each with its Jacobian and starts.

A context becomes U = ln(x / x_max) ≤ 0 and V = ln y - mean ln y. A form is a law in coordinates θ ∈ R^P:

| form  | θ                                    | V(U)                                                                |
|-------|--------------------------------------|---------------------------------------------------------------------|
| m1    | k, c                                 | k + c U                                                             |
| m2    | ln floor, ln drop, ln b              | ln(floor + drop e^{-b U})                                           |
| m3    | k, ln γ, c                           | k + c ln(e^{-U} + γ)                                                |
| m4    | logit α in place of ln α       | ln(floor + drop sigmoid(s)), α ln(1+e^s) - ln(1+e^-s) = t + c U     |
| bnsl  | ln floor, l, m_0..m_n, d_1.., ln f_1..| ln(floor + e^h), h = l - m_0 U - Σ (m_i - m_{i-1}) f_i Δ_i(U)       |

with Δ_i(U) = ln(1+e^{(U-d_i)/f_i}) - ln(1+e^{-d_i/f_i}), so that m_i are the slopes between the breaks and l is the
reducible part at the end of the context. Starts come from the data alone: given the bent coordinates (floor, α, d,
f, ...) on a small grid, the rest is linear least squares (variable projection).

Source of the formulas: the file of each law. Axes: S parameter vectors, M points, P coordinates.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import combinations, product

import numpy as np

from .base import FloatArray, softplus
from .bnsl import log_broken_power
from .m4 import log_sigmoid, solve_logit


class Form(ABC):
    """One law in unbounded, unit-free coordinates."""

    law: str
    names: tuple[str, ...]

    @property
    def n_parameters(self) -> int:
        return len(self.names)

    @abstractmethod
    def value(self, theta: FloatArray, U: FloatArray) -> FloatArray:
        """V, (..., M), at coordinates (..., P)."""

    @abstractmethod
    def jacobian(self, theta: FloatArray, U: FloatArray) -> FloatArray:
        """dV/dθ, (M, P), at one θ (P,)."""

    @abstractmethod
    def starts(self, U: FloatArray, V: FloatArray) -> FloatArray:
        """Starting values computed from the data, (S, P)."""

    @abstractmethod
    def parameters(self, theta: FloatArray, log_x: float, log_y: float) -> dict[str, float]:
        """The law's own parameters in the user's units; `log_x`, `log_y` are ln x_max and mean ln y."""


class FormM1(Form):
    law, names = "m1", ("k", "c")

    def value(self, theta: FloatArray, U: FloatArray) -> FloatArray:
        return theta[..., :1] + theta[..., 1:2] * U

    def jacobian(self, theta: FloatArray, U: FloatArray) -> FloatArray:
        return np.stack([np.ones_like(U), U], -1)

    def starts(self, U: FloatArray, V: FloatArray) -> FloatArray:
        return _linear(np.stack([np.ones_like(U), U], -1)[None], V[None], np.ones_like(U)[None])

    def parameters(self, theta: FloatArray, log_x: float, log_y: float) -> dict[str, float]:
        k, c = theta
        return {"beta": _exp(log_y + k - c * log_x), "c": float(c)}


class FormM2(Form):
    law, names = "m2", ("ln floor", "ln drop", "ln b")

    def value(self, theta: FloatArray, U: FloatArray) -> FloatArray:
        floor, drop, b = (theta[..., i, None] for i in range(3))
        return np.logaddexp(floor, drop - np.exp(b) * U)

    def jacobian(self, theta: FloatArray, U: FloatArray) -> FloatArray:
        below = np.exp(theta[0] - self.value(theta, U))
        return np.stack([below, 1 - below, -(1 - below) * np.exp(theta[2]) * U], -1)

    def starts(self, U: FloatArray, V: FloatArray) -> FloatArray:
        b = np.geomspace(0.02, 8.0, 12)[:, None]
        y = np.exp(V)
        design = np.stack([np.broadcast_to(1 / y, (len(b), len(y))), np.exp(-b * U) / y], -1)
        level, drop = _linear(design, np.ones_like(design[..., 0]), np.ones_like(design[..., 0])).T
        low = 1e-4 * y.min()
        theta = np.stack([np.log(np.maximum(level, low)), np.log(np.maximum(drop, low)), np.log(b[:, 0])], -1)
        slope = float(np.polyfit(U, V, 1)[0])
        no_floor = [np.log(low), float(V[-1]), np.log(max(-slope, 1e-3))]
        return np.concatenate([theta, [no_floor]])

    def parameters(self, theta: FloatArray, log_x: float, log_y: float) -> dict[str, float]:
        floor, drop, b = theta[0], theta[1], np.exp(theta[2])
        return {"beta": _exp(log_y + drop + b * log_x), "c": float(-b), "eps_inf": _exp(log_y + floor)}


class FormM3(Form):
    law, names = "m3", ("k", "ln gamma", "c")

    def value(self, theta: FloatArray, U: FloatArray) -> FloatArray:
        k, gamma, c = (theta[..., i, None] for i in range(3))
        return k + c * np.logaddexp(-U, gamma)

    def jacobian(self, theta: FloatArray, U: FloatArray) -> FloatArray:
        shifted = np.logaddexp(-U, theta[1])
        return np.stack([np.ones_like(U), theta[2] * np.exp(theta[1] - shifted), shifted], -1)

    def starts(self, U: FloatArray, V: FloatArray) -> FloatArray:
        gamma = np.linspace(-6.0, max(-U[0], 1.0) + 1.0, 16)[:, None]
        shifted = np.logaddexp(-U, gamma)
        design = np.stack([np.ones_like(shifted), shifted], -1)
        k, c = _linear(design, np.broadcast_to(V, shifted.shape), np.ones_like(shifted)).T
        return np.stack([k, gamma[:, 0], c], -1)

    def parameters(self, theta: FloatArray, log_x: float, log_y: float) -> dict[str, float]:
        k, gamma, c = theta
        return {"beta": _exp(log_y + k + c * log_x), "gamma": _exp(gamma - log_x), "c": float(c)}


class FormM4(Form):
    law, names = "m4", ("ln floor", "ln drop", "logit alpha", "t", "c")

    def value(self, theta: FloatArray, U: FloatArray) -> FloatArray:
        floor, drop, alpha, t, c = (theta[..., i, None] for i in range(5))
        s = solve_logit(t + c * U, _sigmoid(alpha), tolerance=1e-10)
        return np.logaddexp(floor, drop + log_sigmoid(s))

    def jacobian(self, theta: FloatArray, U: FloatArray) -> FloatArray:
        floor, drop, alpha = theta[0], theta[1], _sigmoid(theta[2])
        s = solve_logit(theta[3] + theta[4] * U, alpha, tolerance=1e-10)
        log_z = log_sigmoid(s)
        below = np.exp(floor - np.logaddexp(floor, drop + log_z))
        z = np.exp(log_z)
        by_t = (1 - below) * (1 - z) / (1 + (alpha - 1) * z)  # dV/dt = dV/dlnz · dlnz/ds · ds/dt
        return np.stack([below, 1 - below, -by_t * alpha * (1 - alpha) * softplus(s), by_t, by_t * U], -1)

    def starts(self, U: FloatArray, V: FloatArray) -> FloatArray:
        y = np.exp(V)
        low, high = y.min(), y.max()
        grid = np.array(
            list(product((1e-3, 0.5, 0.8, 0.95, 0.99), (1.005, 1.05, 1.3, 3.0, 20.0), (0.05, 0.2, 0.5, 0.9)))
        )
        floor, top, alpha = (grid[:, 0] * low)[:, None], (grid[:, 1] * high)[:, None], grid[:, 2:]
        above, under = np.log(y - floor), np.log(top - y)
        drop = np.log(top - floor)
        t = above - drop - alpha * (under - drop)
        z = (y - floor) / (top - floor)
        weight = ((1 - floor / y) * (1 - z) / (1 + (alpha - 1) * z)) ** 2
        design = np.broadcast_to(np.stack([np.ones_like(U), U], -1), (*t.shape, 2))
        k, c = _linear(design, t, weight).T
        return np.stack([np.log(floor[:, 0]), drop[:, 0], np.log(alpha / (1 - alpha))[:, 0], k, c], -1)

    def parameters(self, theta: FloatArray, log_x: float, log_y: float) -> dict[str, float]:
        floor, drop, alpha, t, c = theta[0], theta[1], _sigmoid(theta[2]), theta[3], theta[4]
        eps_inf, span = _exp(log_y + floor), _exp(log_y + drop)
        log_beta = t - c * log_x + (1 - alpha) * (log_y + drop)
        return {
            "eps_0": eps_inf + span,
            "eps_inf": eps_inf,
            "alpha": float(alpha),
            "beta": _exp(log_beta),
            "c": float(c),
        }


class FormBnsl(Form):
    """n smooth breaks; see the table above."""

    def __init__(self, n_breaks: int) -> None:
        self.n_breaks = n_breaks
        self.law = f"bnsl{n_breaks}"
        i = range(1, n_breaks + 1)
        self.names = ("ln floor", "l", "m0", *(f"m{k}" for k in i), *(f"d{k}" for k in i), *(f"ln f{k}" for k in i))

    def _split(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
        n = self.n_breaks
        slopes, d, f = theta[..., 2 : 3 + n], theta[..., 3 + n : 3 + 2 * n], np.exp(theta[..., 3 + 2 * n :])
        return theta[..., 0, None], theta[..., 1, None], slopes, d, f

    def _reducible(self, theta: FloatArray, U: FloatArray) -> FloatArray:
        _, level, m, d, f = self._split(theta)
        breaks = [
            (m[..., i + 1, None] - m[..., i, None], d[..., i, None], f[..., i, None]) for i in range(self.n_breaks)
        ]
        at_end = log_broken_power(np.zeros(1), m[..., 0, None], breaks)
        return level + log_broken_power(U, m[..., 0, None], breaks) - at_end

    def value(self, theta: FloatArray, U: FloatArray) -> FloatArray:
        return np.logaddexp(theta[..., 0, None], self._reducible(theta, U))

    def jacobian(self, theta: FloatArray, U: FloatArray) -> FloatArray:
        _, _, m, d, f = self._split(theta)
        reducible = self._reducible(theta, U)
        below = np.exp(theta[0] - np.logaddexp(theta[0], reducible))
        a, a0 = (U[:, None] - d) / f, -d / f
        bend = f * (softplus(a) - softplus(a0))  # (M, n)
        share = _sigmoid(a) - _sigmoid(a0)
        change = np.diff(m)
        by_slope = np.concatenate([-U[:, None] + bend[:, :1], -bend], 1)  # m_0, then m_i with -bend_i + bend_{i+1}
        by_slope[:, 1:-1] += bend[:, 1:]
        by_width = -change * (bend - f * (a * _sigmoid(a) - a0 * _sigmoid(a0)))
        inner = np.concatenate([np.ones_like(U)[:, None], by_slope, change * share, by_width], 1)
        return np.concatenate([below[:, None], (1 - below)[:, None] * inner], 1)

    def starts(self, U: FloatArray, V: FloatArray) -> FloatArray:
        n, y = self.n_breaks, np.exp(V)
        where = np.quantile(np.unique(U), np.linspace(0.1, 0.9, 7 if n == 1 else 6))
        widths = (0.05, 0.3, 1.0) if n == 1 else (0.15,)
        floors = (1e-3, 0.5, 0.85, 0.97)
        grid = [(fl, *ds, *[w] * n) for fl in floors for ds in combinations(where, n) for w in widths]
        nodes = np.array(grid)
        floor, d, f = (nodes[:, 0] * y.min())[:, None], nodes[:, 1 : 1 + n], nodes[:, 1 + n :]
        a, a0 = (U[None, :, None] - d[:, None]) / f[:, None], (-d / f)[:, None]
        bend = f[:, None] * (softplus(a) - softplus(a0))
        line = np.broadcast_to(np.stack([np.ones_like(U), -U], -1), (*bend.shape[:2], 2))
        design = np.concatenate([line, -bend], -1)
        fitted = _linear(design, np.log(y - floor), (1 - floor / y) ** 2)
        slopes = np.cumsum(fitted[:, 1:], axis=1)  # changes of slope to slopes
        return np.concatenate([np.log(floor), fitted[:, :1], slopes, d, np.log(f)], 1)

    def parameters(self, theta: FloatArray, log_x: float, log_y: float) -> dict[str, float]:
        floor, level, m, d, f = self._split(theta)
        breaks = [(m[i + 1] - m[i], d[i], f[i]) for i in range(self.n_breaks)]
        at_end = float(log_broken_power(0.0, m[0], breaks))
        out = {"a": _exp(log_y + floor[0]), "b": _exp(log_y + level[0] - at_end + m[0] * log_x), "c0": float(m[0])}
        for i, (c, log_d, width) in enumerate(breaks, start=1):
            out |= {f"c{i}": float(c), f"d{i}": _exp(log_d + log_x), f"f{i}": float(width)}
        return out


FORMS: dict[str, Form] = {form.law: form for form in (FormM1(), FormM2(), FormM3(), FormM4(), FormBnsl(1), FormBnsl(2))}


def _linear(design: FloatArray, target: FloatArray, weight: FloatArray) -> FloatArray:
    """Weighted linear least squares of S problems at once, (S, P), with a ridge that only breaks ties."""
    weighted = design * weight[..., None]
    gram = np.swapaxes(weighted, -1, -2) @ design
    p = gram.shape[-1]
    ridge = 1e-9 * np.trace(gram, axis1=-2, axis2=-1)[:, None, None] / p + 1e-12
    right = np.swapaxes(weighted, -1, -2) @ target[..., None]
    return np.linalg.solve(gram + ridge * np.eye(p), right)[..., 0]


def _sigmoid(z: FloatArray) -> FloatArray:
    return np.exp(log_sigmoid(z))


def _exp(z: float) -> float:
    """e^z as a float that may be inf or 0: a scale in odd units can leave float64's range."""
    return float(np.exp(np.clip(float(z), -745.0, 709.7)))
