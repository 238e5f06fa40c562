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

Source of the formulas: the file of each law, where its form stands too. Axes: S parameter vectors, M points,
P coordinates.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from ..numerics import Floats

PriorRow = tuple[float, float] | tuple[float, float, float, float]
"""Normal(centre, spread), and the bounds below and above where it has any."""


class Form(ABC):
    """One law in unbounded, unit-free coordinates."""

    names: tuple[str, ...]
    """What the coordinates are called, in order."""
    n_polished: int
    """How many of the starts are polished by least squares."""
    chain_steps: int | None
    """Steps of a walker that sample the posterior (`posterior.mcmc`); None: too many dimensions for it."""

    @property
    def n_parameters(self) -> int:
        return len(self.names)

    @abstractmethod
    def value(self, theta: Floats, U: Floats) -> Floats:
        """V, (..., M), at coordinates (..., P)."""

    @abstractmethod
    def jacobian(self, theta: Floats, U: Floats) -> Floats:
        """dV/dθ, (M, P), at one θ (P,)."""

    @abstractmethod
    def prior(self, U: Floats, V: Floats) -> tuple[PriorRow, ...]:
        """Prior of each coordinate given one context; docs and reasons in `posterior.priors`."""

    @abstractmethod
    def starts(self, U: Floats, V: Floats) -> Floats:
        """Starting values computed from the data, (S, P)."""

    @abstractmethod
    def parameters(self, theta: Floats, log_x: float, log_y: float) -> dict[str, float]:
        """The law's own parameters in the user's units; `log_x`, `log_y` are ln x_max and mean ln y."""


def linear(design: Floats, target: Floats, weight: Floats) -> Floats:
    """Weighted linear least squares of S problems at once, (S, P), with a ridge that only breaks ties."""
    weighted = design * weight[..., None]
    gram = np.swapaxes(weighted, -1, -2) @ design
    p = gram.shape[-1]
    ridge = 1e-9 * np.trace(gram, axis1=-2, axis2=-1)[:, None, None] / p + 1e-12
    right = np.swapaxes(weighted, -1, -2) @ target[..., None]
    return np.linalg.solve(gram + ridge * np.eye(p), right)[..., 0]


def exp(z: float) -> float:
    """e^z as a float that may be inf or 0: a scale in odd units can leave float64's range."""
    return float(np.exp(np.clip(float(z), -745.0, 709.7)))


def last_level(V: Floats) -> float:
    """Median of the last tenth of V: where a prior of the level begins."""
    return float(np.median(V[-max(1, len(V) // 10) :]))


def floor_prior(V: Floats) -> PriorRow:
    """ln of a floor whose share of the last level is uniform on (0, 1); the spread is for starting points."""
    v = last_level(V)
    return (v - 1.0, 1.0, -np.inf, v)
