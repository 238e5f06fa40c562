"""`method="law"`: the law with its misfit. Draws are whole surfaces.

Which runs speak is a rule. For losses all of them do: the field keeps what the law cannot follow. N* is the law's,
for in a wavy surface a wave of .4 % would move it by a factor of two. As far as the runs say that the law holds, all of
them speak for N*; as far as they say that it does not, a fifth of the draws come from the dearer half alone, which is
nearer to where it is asked.

How far N* may be trusted is one too. Up to as many e-folds of compute beyond the runs as they span, N* is the law's.
Farther out no run can contradict it, and each draw has an exponent of its own, a + DRIFT z: the optimum moves, its loss
does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ..forecasts.forecast import Forecast, Kind
from ..forecasts.quantity import Quantity
from ..forecasts.scaling import LogScaling
from ..laws.chinchilla import FLOPS_PER_PARAMETER_AND_TOKEN
from ..network.surface_reader import installed
from ..numerics import Floats
from ..spelling import checked_keywords
from .allocation import Allocation, ComputeRule, optimal_log_n
from .base import asked, positive
from .contract import JointModel
from .posterior import by_law, evenly, mixture_of, named, optima_of
from .surfaces import LawDraws, Surfaces

OF_THE_DEARER = 5
"""One draw in so many, of a law that fails, is of the dearer runs alone."""
DRIFT = 0.2
"""Standard deviation of the allocation exponent beyond what the runs can hold to account."""
N_COMPONENTS = 500
N_PLACES = 61
"""Places along a budget at which the surfaces are read for L*."""


@dataclass(frozen=True, eq=False, repr=False)
class Law(JointModel):
    """Posterior surfaces of one recipe.

    Attributes:
        surfaces: from all runs, for losses.
        law: draws (S,) that speak for N*, in ln N and ln D themselves.
        drift: (S,) what each adds to the exponent far beyond the runs.
    """

    method: ClassVar[str] = "law"
    conditional_on: ClassVar[str] = "the law with a smooth misfit"

    surfaces: Surfaces = field(kw_only=True)
    law: LawDraws = field(kw_only=True)
    drift: Floats = field(kw_only=True)

    @property
    def parameters(self) -> dict[str, Quantity]:
        """Also tau, the scale of the misfit, relative."""
        return named(self.law, self.surfaces.noise) | {"misfit": Quantity(self.surfaces.field.tau)}

    @property
    def speaking(self) -> LawDraws:
        return self.law

    @cached_property
    def other(self) -> JointModel | None:
        """The network for the same runs, where nothing is known of the exponents."""
        known = self.options.get("exponents") or self.options.get("exponent_prior")
        if known or not installed():
            return None
        t = self.table
        return JointModel.maker(t["params"], t["tokens"], t["loss"], method="pfn")

    def would_read(self, params: Floats, tokens: Floats, n: int) -> tuple[Floats, Floats]:
        some = self.surfaces.take(evenly(len(self.surfaces.noise), n))
        return some.log_loss(params, tokens, of_run=True), some.spread_of_run(params)

    def optima(self, flops: float, n: int) -> tuple[Floats, Floats]:
        some = self.surfaces.take(evenly(len(self.surfaces.noise), n))
        log_n, _ = optima_of(some.absolute, flops)
        low, high = (float(x) for x in np.quantile(log_n, [0.01, 0.99]))
        places = np.linspace(low, high, N_PLACES)
        log_d = np.log(flops / FLOPS_PER_PARAMETER_AND_TOKEN) - places
        log_loss = some.log_loss(np.exp(places), np.exp(log_d))
        nearest = np.abs(log_n[:, None] - places).argmin(1)
        return log_n, log_loss[np.arange(len(log_n)), nearest]

    @checked_keywords
    def predict(self, params: ArrayLike, tokens: ArrayLike, *, kind: Kind = "run") -> Forecast:
        n, d, flops = asked(params, tokens)
        some = self.surfaces.take(evenly(len(self.surfaces.noise), N_COMPONENTS))
        log_mean = some.log_loss(n, d, of_run=kind == "run").T
        marginals = mixture_of(log_mean, some.spread_of_run(n).T, some.nu, kind)
        return Forecast(
            flops, marginals, LogScaling(), kind, "joint", self.runs, (*self.warnings, *self.far(flops)),
            "posterior of the joint law and its misfit", {"params": n, "tokens": d, "nu": some.nu},
        )  # fmt: skip

    @checked_keywords
    def allocate(self, flops: float, *, served_tokens: float = 0.0, rule: ComputeRule | None = None) -> Allocation:
        budget = float(positive(flops, "flops"))
        rule = rule or ComputeRule(served_tokens=served_tokens)
        loss = self._loss_at(optimal_log_n(self.law, budget, rule), budget, rule)
        law = self._drifted(float(np.log(budget / FLOPS_PER_PARAMETER_AND_TOKEN)))
        found = by_law(law, budget, rule, optimal_log_n(law, budget, rule), loss, self.fit.constants)
        return replace(
            found, joint=self, method=self.method, conditional_on=self.conditional_on,
            warnings=(*self.warnings, *self.far(np.array([budget]))),
        )  # fmt: skip

    def best(self, flops: Floats, levels: Sequence[float]) -> Floats:
        c = np.log(flops / FLOPS_PER_PARAMETER_AND_TOKEN)
        return np.stack([np.exp(np.quantile(self._drifted(float(x)).best_u(float(x)), levels)) for x in c], 1)

    def _drifted(self, c: float) -> LawDraws:
        """The law at ln N + ln D = c: the same loss along the budget, at another N."""
        seen = np.log(self.table["params"]) + np.log(self.table["tokens"])
        beyond = max(0.0, c - float(seen.max()) - float(np.ptp(seen)))
        return self.law.moved(-self.drift * beyond, self.drift * beyond)

    def _loss_at(self, log_n: Floats, budget: float, rule: ComputeRule) -> Floats:
        """Loss of each surface at its N*, (S,), between places along the budget."""
        low, high = np.quantile(log_n, [0.005, 0.995])
        places = np.linspace(low - 0.5, high + 0.5, N_PLACES)
        places = places[np.isfinite(rule.log_tokens(places, budget))]
        log_loss = self.surfaces.log_loss(np.exp(places), np.exp(rule.log_tokens(places, budget)))
        at = np.clip((log_n - places[0]) / (places[1] - places[0]), 0.0, len(places) - 1.0)
        left = np.minimum(at.astype(int), len(places) - 2)
        rows = np.arange(len(log_n))
        share = at - left
        return np.asarray(np.exp((1 - share) * log_loss[rows, left] + share * log_loss[rows, left + 1]))
