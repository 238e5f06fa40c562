"""`method="pfn"`: a network trained on a prior of surfaces reads the runs and answers; nothing is fitted.

The optimum is a question of its own, so that N* and its interval are the network's and not the argmin of a surface. The
flatness around N* and the price of missing it are those of the law of the dear runs, moved to the network's N*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ..errors import Caveat
from ..forecasts.distributions import Mixture
from ..forecasts.forecast import Forecast, Kind
from ..forecasts.quantity import Quantity
from ..forecasts.scaling import LogScaling
from ..laws.chinchilla import FLOPS_PER_PARAMETER_AND_TOKEN, Optimum
from ..network import surface_reader
from ..network.encodings.surface_law import LawPosterior
from ..network.surface_reader import Answers, SurfaceReader, installed
from ..numerics import Floats
from ..spelling import checked_keywords
from . import design
from .allocation import Allocation, ComputeRule, allocation, log_loss_at, near_optimal, optimal_log_n
from .base import asked, positive
from .contract import JointModel
from .fit import JointRuns
from .surfaces import LawDraws

__all__ = ["Learned", "installed", "learned"]

N_LEVELS, N_NODES = 400, 120
"""Evenly spaced quantiles that stand for a distribution of the network; draws of the law around its N*."""
N_PLACES = 200
"""Places on each side of the median between which they are read."""


@dataclass(frozen=True, eq=False, repr=False)
class Learned(JointModel):
    """The runs, and the networks that read them."""

    method: ClassVar[str] = "pfn"
    conditional_on: ClassVar[str] = "the prior of surfaces that the network was trained on"

    reader: SurfaceReader = field(kw_only=True)

    @checked_keywords
    def predict(self, params: ArrayLike, tokens: ArrayLike, *, kind: Kind = "run") -> Forecast:
        n, d, flops = asked(params, tokens)
        found = self._ask(np.log(n), np.log(d), np.log(n[:1] * d[:1]))
        names = [{"name": w.name, "sha256": w.sha256} for w in self.reader.weights]
        return Forecast(
            flops, found.run if kind == "run" else found.curve, LogScaling(), kind, "joint", self.runs,
            (*self.warnings, *self.far(flops)), "network of surfaces", {"params": n, "tokens": d, "weights": names},
        )  # fmt: skip

    @checked_keywords
    def allocate(self, flops: float, *, served_tokens: float = 0.0, rule: ComputeRule | None = None) -> Allocation:
        budget = float(positive(flops, "flops"))
        rule = rule or ComputeRule(served_tokens=served_tokens)
        if rule.serves:
            said = "the network was not trained on serving; this split is that of the method 'law'."
            found = self.law.allocate(budget, rule=rule)
            return replace(found, warnings=(*found.warnings, Caveat("other_method", said)))
        c = float(np.log(budget) - np.log(rule.train))
        answer = self._ask(np.array([c / 2]), np.array([c / 2]), np.array([c]))
        log_n, log_loss, slope = (_levels(m) for m in (answer.best_u, answer.best_loss, answer.slope))
        nodes = _nodes(answer.laws)
        low, high, extra = _flatness(nodes, log_n, budget, rule)
        found = allocation(
            budget, rule, log_n, np.exp(log_loss), np.clip(slope, 0.0, 1.0), (log_n + low, log_n + high), extra,
            _typical(nodes, budget, rule),
        )  # fmt: skip
        return replace(
            found, joint=self, method=self.method, conditional_on=self.conditional_on,
            warnings=(*self.warnings, *self.far(np.array([budget]))),
        )  # fmt: skip

    def best(self, flops: Floats, levels: Sequence[float]) -> Floats:
        c = np.log(flops / FLOPS_PER_PARAMETER_AND_TOKEN)
        found = self._ask(c[:1] / 2, c[:1] / 2, c)
        return np.exp(found.best_u.quantile(np.asarray(levels)[:, None]))

    @property
    def parameters(self) -> dict[str, Quantity]:
        """Those of the method `law`, fitted when they are first asked for: the network has none."""
        return self.law.parameters

    @property
    def speaking(self) -> LawDraws:
        return self.law.speaking

    def would_read(self, params: Floats, tokens: Floats, n: int) -> tuple[Floats, Floats]:
        return self.law.would_read(params, tokens, n)

    def optima(self, flops: float, n: int) -> tuple[Floats, Floats]:
        return self.law.optima(flops, n)

    @property
    def other(self) -> JointModel:
        return self.law

    @cached_property
    def law(self) -> JointModel:
        """The law with its misfit for the same runs."""
        t = self.table
        return JointModel.maker(
            t["params"], t["tokens"], t["loss"], method="law", seed=int(self.options.get("seed", 0))
        )

    def _ask(self, log_n: Floats, log_d: Floats, c: Floats) -> Answers:
        t = self.table
        return self.reader.ask(np.log(t["params"]), np.log(t["tokens"]), np.log(t["loss"]), log_n, log_d, c)


def learned(runs: JointRuns, options: dict[str, Any], reader: SurfaceReader | None = None) -> Learned:
    """The model of a table of one recipe.

    Raises:
        CurveError: fewer than three runs.
    """
    design.refuse_too_few(len(runs.loss))
    table = design.table_of(runs, 0)
    context = design.context_of(table)
    told = [*context.caveats, *design.caveats(table)]
    most = surface_reader.MOST * surface_reader.MOST_PARTS
    if len(runs.loss) > most:
        told.append(Caveat("thinned", f"{len(runs.loss)} runs were thinned to {most}, evenly in rank of compute."))
    return Learned(runs, table, context, tuple(told), options, reader=reader or surface_reader.released())


def _levels(mixture: Mixture) -> Floats:
    """Quantiles of the only question, (N_LEVELS,), between evenly spaced places: within 1e-3 standard deviations."""
    levels = (np.arange(N_LEVELS) + 0.5) / N_LEVELS
    low, middle, high = mixture.quantile(levels[[0, N_LEVELS // 2, -1], None])[:, 0]
    places = np.concatenate([np.linspace(low, middle, N_PLACES), np.linspace(middle, high, N_PLACES)[1:]])
    return np.asarray(np.interp(levels, mixture.cdf(places[:, None])[:, 0], places))


def _flatness(law: LawDraws, log_n: Floats, budget: float, rule: ComputeRule) -> tuple[Floats, Floats, Floats]:
    """From nodes of the law of the dear runs, weighed alike: ends of the near-optimal range from N*, in ln N, and the
    extra loss of the median N* where N* is another draw, (N_LEVELS,) each."""
    own = optimal_log_n(law, budget, rule)
    low, high = near_optimal(law, own, budget, rule)
    node = np.arange(len(log_n)) % len(own)
    off = np.median(log_n) - np.random.default_rng(0).permutation(log_n)
    picked = law.take(node)
    best, missed = (log_loss_at(picked, at[:, None], budget, rule)[:, 0] for at in (own[node], own[node] + off))
    return (low - own)[node], (high - own)[node], np.expm1(np.maximum(missed - best, 0.0))


def _nodes(laws: tuple[tuple[LawPosterior, float, float, float], ...]) -> LawDraws:
    """N_NODES draws of the nodes of all readings, in ln N, ln D and the unit of the loss."""
    rng, every = np.random.default_rng(0), []
    for law, u, v, y in laws:
        E, A, B = (law.coefficients[0, :, k] * np.exp(y) for k in range(3))
        floor = 1e-9 * (E + A + B)
        here = LawDraws.of(E, np.maximum(A, floor), np.maximum(B, floor), law.alpha[0], law.beta[0]).moved(-u, -v)
        every.append(here.take(rng.choice(len(E), size=N_NODES // len(laws), p=law.weight[0])))
    names = LawDraws.__dataclass_fields__
    return LawDraws(**{name: np.concatenate([getattr(d, name) for d in every]) for name in names})


def _typical(law: LawDraws, budget: float, rule: ComputeRule) -> Optimum:
    """N*, D*, L* in the middle of the nodes."""
    log_n = np.median(optimal_log_n(law, budget, rule))
    log_loss = np.median(log_loss_at(law, np.array([[log_n]]), budget, rule))
    return Optimum(np.exp(log_n), np.exp(rule.log_tokens(np.asarray(log_n), budget)), np.exp(log_loss))
