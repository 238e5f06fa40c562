"""`method="chinchilla"`: the posterior of L = E + A/N^alpha + B/D^beta, conditional on that law.

Its intervals take the law for granted: they hold what more runs of the same law would teach, not how wrong the law is
beyond them. `law.py` has the law with its misfit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..forecasts.distributions import Mixture
from ..forecasts.forecast import Forecast, Kind
from ..forecasts.quantity import Quantity
from ..forecasts.scaling import LogScaling
from ..laws.chinchilla import FLOPS_PER_PARAMETER_AND_TOKEN
from ..numerics import Floats
from ..spelling import checked_keywords
from .allocation import Allocation, ComputeRule, allocation, log_loss_at, near_optimal, optimal_log_n, optimum
from .base import asked, positive
from .contract import JointModel
from .surfaces import LawDraws

N_COMPONENTS = 500
"""Draws behind a prediction: components of its mixture."""
UNITS = {"E": "unit of L", "A": "unit of L · parameters^alpha", "B": "unit of L · tokens^beta"}


@dataclass(frozen=True, eq=False, repr=False)
class Conditional(JointModel):
    """Posterior of Chinchilla's law for one recipe.

    Attributes:
        law: draws (S,) of the law in ln N and ln D themselves.
        sigma, nu: (S,) and a number: relative Student-t noise of one run.
    """

    method: ClassVar[str] = "chinchilla"
    conditional_on: ClassVar[str] = "conditional on L = E + A/N^alpha + B/D^beta"

    law: LawDraws = field(kw_only=True)
    sigma: Floats = field(kw_only=True)
    nu: float = field(kw_only=True)

    @property
    def parameters(self) -> dict[str, Quantity]:
        return named(self.law, self.sigma)

    @property
    def speaking(self) -> LawDraws:
        return self.law

    def would_read(self, params: Floats, tokens: Floats, n: int) -> tuple[Floats, Floats]:
        kept = evenly(len(self.sigma), n)
        log_loss = self.law.take(kept).log_loss(np.log(params), np.log(tokens))
        return log_loss, np.broadcast_to(self.sigma[kept, None], log_loss.shape)

    def optima(self, flops: float, n: int) -> tuple[Floats, Floats]:
        return optima_of(self.law.take(evenly(len(self.sigma), n)), flops)

    @checked_keywords
    def predict(self, params: ArrayLike, tokens: ArrayLike, *, kind: Kind = "run") -> Forecast:
        n, d, flops = asked(params, tokens)
        kept = evenly(len(self.sigma), N_COMPONENTS)
        log_mean = self.law.take(kept).log_loss(np.log(n), np.log(d)).T
        scale = np.broadcast_to(self.sigma[kept], log_mean.shape)
        marginals = mixture_of(log_mean, scale, self.nu, kind)
        return Forecast(
            flops, marginals, LogScaling(), kind, "joint", self.runs, (*self.warnings, *self.far(flops)),
            "posterior of the joint law", {"params": n, "tokens": d, "nu": self.nu},
        )  # fmt: skip

    @checked_keywords
    def allocate(self, flops: float, *, served_tokens: float = 0.0, rule: ComputeRule | None = None) -> Allocation:
        budget = float(positive(flops, "flops"))
        rule = rule or ComputeRule(served_tokens=served_tokens)
        log_n = optimal_log_n(self.law, budget, rule)
        loss = np.exp(log_loss_at(self.law, log_n[:, None], budget, rule))[:, 0]
        found = by_law(self.law, budget, rule, log_n, loss, self.fit.constants)
        return replace(
            found, joint=self, method=self.method, conditional_on=self.conditional_on,
            warnings=(*self.warnings, *self.far(np.array([budget]))),
        )  # fmt: skip

    def best(self, flops: Floats, levels: Sequence[float]) -> Floats:
        c = np.log(flops / FLOPS_PER_PARAMETER_AND_TOKEN)
        return np.stack([np.exp(np.quantile(self.law.best_u(float(x)), levels)) for x in c], 1)


def evenly(n_draws: int, n: int) -> NDArray[np.intp]:
    """n of the draws."""
    return np.linspace(0, n_draws - 1, n).astype(int)


def optima_of(law: LawDraws, flops: float) -> tuple[Floats, Floats]:
    """ln N* and ln L* of each draw at a training budget."""
    rule = ComputeRule()
    log_n = optimal_log_n(law, flops, rule)
    return log_n, log_loss_at(law, log_n[:, None], flops, rule)[:, 0]


def by_law(
    law: LawDraws, budget: float, rule: ComputeRule, log_n: Floats, loss: Floats, constants: dict[str, float]
) -> Allocation:
    """An allocation whose flatness and price of being wrong are those of draws of a law."""
    around = near_optimal(law, log_n, budget, rule)
    best = log_loss_at(law, log_n[:, None], budget, rule)[:, 0]
    chosen = log_loss_at(law, np.full((1, 1), np.median(log_n)), budget, rule)[:, 0]
    extra = np.expm1(np.maximum(chosen - best, 0.0))
    return allocation(budget, rule, log_n, loss, law.slope, around, extra, optimum(constants, budget, rule))


def named(law: LawDraws, sigma: Floats) -> dict[str, Quantity]:
    """The constants as quantities, with a, b and the noise; k where it is not 1."""
    every = {**law.constants(), "a": law.slope, "b": 1 - law.slope, "sigma": sigma}
    if np.any(law.k != 1):
        every["k"] = law.k
    return {name: Quantity(value, UNITS.get(name, "")) for name, value in every.items()}


def mixture_of(log_mean_TS: Floats, scale_TS: Floats, nu: float, kind: Kind) -> Mixture:
    """ln L of T models, from S draws of it and of the noise of a reading; a sampled row is one draw."""
    flat = np.zeros_like(log_mean_TS)
    if kind == "run":
        return Mixture("student", flat, log_mean_TS, scale_TS, nu, joint=True)
    # A narrow kernel (Silverman) turns the draws into a density.
    width = 0.9 * log_mean_TS.shape[1] ** -0.2 * log_mean_TS.std(1, keepdims=True) + 1e-9
    return Mixture("normal", flat, log_mean_TS, np.broadcast_to(0.2 * width, log_mean_TS.shape), joint=True)
