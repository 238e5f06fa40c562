"""How to split a compute budget between parameters and tokens, with every answer as wide as the draws make it.

    rule       C = 6 N D for training, 2 N FLOPs for each token served later
    optimum    closed form without serving; one-dimensional convex search in ln N with it
    flatness   the range of N whose loss is within 0.5 % of the best: optima are flat, and this says how flat

Sources: Hoffmann et al. 2022 (arXiv 2203.15556), eq. 4; Sardana et al. 2024 (arXiv 2401.00448) for serving.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from ..errors import Caveat, CurveError
from ..forecasts.quantity import Quantity
from ..laws.chinchilla import FLOPS_PER_PARAMETER_AND_TOKEN, Optimum
from ..numerics import Floats
from ..pages.answer import Answer
from .surfaces import LawDraws

NEAR = 0.005
"""A loss within this share of the best counts as near-optimal."""
_SPAN = 35.0


@dataclass(frozen=True)
class ComputeRule:
    """FLOPs of a model's life: train · N · D + serve · N · served_tokens.

    Attributes:
        train: FLOPs for each parameter and training token; 6 for dense transformers.
        serve: FLOPs for each parameter and served token; 2, the forward pass.
        served_tokens: tokens served over the model's life.
    """

    train: float = FLOPS_PER_PARAMETER_AND_TOKEN
    serve: float = 2.0
    served_tokens: float = 0.0

    def __post_init__(self) -> None:
        numbers = (self.train, self.serve, self.served_tokens)
        if not (np.isfinite(numbers).all() and self.train > 0 and self.serve >= 0 and self.served_tokens >= 0):
            raise CurveError(
                f"expected finite train > 0, serve ≥ 0 and served_tokens ≥ 0, got {numbers}. Try ComputeRule()."
            )

    def log_tokens(self, log_n: Floats, flops: float) -> Floats:
        """ln of the training tokens that the budget leaves at N; -inf where serving alone exceeds it."""
        if not self.serves:
            return np.asarray(np.log(flops) - np.log(self.train) - log_n)
        left = flops * np.exp(-log_n) - self.serve * self.served_tokens
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(np.maximum(left, 0.0) / self.train))

    @property
    def serves(self) -> bool:
        """Whether serving takes part of the budget."""
        return self.serve * self.served_tokens > 0

    def __str__(self) -> str:
        served = f" + {self.serve:g} N · {self.served_tokens:.3g}" if self.served_tokens else ""
        return f"C = {self.train:g} N D{served}"


@dataclass(frozen=True, eq=False, repr=False)
class Allocation(Answer):
    """The best split of a budget.

    Attributes:
        flops, rule: what was asked.
        params, tokens, loss: N*, D* and the noise-free loss there.
        tokens_per_param: D*/N*.
        near_optimal: smallest and largest N whose loss is within 0.5 % of the best.
        exponents: a and b of N* ∝ C^a, D* ∝ C^b (of training compute alone).
        point: N*, D*, L* of the point fit of the law.
        extra_loss: price of being wrong: relative loss above the best if N = the median N* is chosen. Read its median
            and interval: a mean would be made by a few wild draws.
        method: name of the joint method; conditional_on: what its intervals take for granted.
        joint: the model that it was read from.
    """

    flops: float
    rule: ComputeRule
    params: Quantity
    tokens: Quantity
    loss: Quantity
    tokens_per_param: Quantity
    near_optimal: tuple[Quantity, Quantity]
    exponents: dict[str, Quantity]
    extra_loss: Quantity
    point: Optimum
    method: str = "chinchilla"
    conditional_on: str = ""
    warnings: tuple[Caveat, ...] = ()
    joint: Any = None

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Every number of the answer by name, in the order of the table."""
        low, high = self.near_optimal
        return {
            "params": self.params, "tokens": self.tokens, "loss": self.loss, "tokens_per_param": self.tokens_per_param,
            "near_optimal_params_min": low, "near_optimal_params_max": high,
            "a": self.exponents["a"], "b": self.exponents["b"], "extra_loss": self.extra_loss,
        }  # fmt: skip


def allocation(
    flops: float,
    rule: ComputeRule,
    log_n: Floats,
    loss: Floats,
    slope: Floats,
    around: tuple[Floats, Floats],
    extra: Floats,
    point: Optimum,
) -> Allocation:
    """An answer from draws (S,): ln N*, the loss there, a, ln of the ends of the near-optimal range, extra loss."""
    refuse_below_one(log_n, flops)
    log_d = rule.log_tokens(log_n, flops)
    low, high = (Quantity(_exp(end), "parameters") for end in around)
    return Allocation(
        flops,
        rule,
        Quantity(_exp(log_n), "parameters"),
        Quantity(_exp(log_d), "tokens"),
        Quantity(loss, "unit of loss"),
        Quantity(_exp(log_d - log_n)),
        (low, high),
        {"a": Quantity(slope), "b": Quantity(1 - slope)},
        Quantity(extra),
        point,
    )


def refuse_below_one(log_n: Floats, flops: float) -> None:
    """Raises CurveError where the typical N* is below one parameter."""
    if float(np.median(log_n)) < 0:
        raise CurveError(
            f"expected a budget that trains a model of at least one parameter, got N* = {np.exp(np.median(log_n)):.3g} "
            f"at {flops:.4g} FLOPs. Check the units of params, tokens and flops."
        )


def optimum(constants: Mapping[str, float], flops: float, rule: ComputeRule | None = None) -> Optimum:
    """N*, D*, L* for known constants E, A, B, alpha, beta (and k); beyond float64 they are its largest number."""
    finite = {name: min(value, np.finfo(float).max) for name, value in constants.items()}
    rule, law = rule or ComputeRule(), LawDraws.of(**finite)
    log_n = optimal_log_n(law, flops, rule)
    log_d = rule.log_tokens(log_n, flops)
    loss = _exp(log_loss_at(law, log_n[:, None], flops, rule))[0, 0]
    return Optimum(_exp(log_n[:1])[0], _exp(log_d[:1])[0], loss)


def log_loss_at(law: LawDraws, log_n: Floats, flops: float, rule: ComputeRule) -> Floats:
    """ln L when the budget is spent on N parameters and what tokens it leaves, (S, T); huge where it leaves none.

    Args:
        law: in ln N and ln D themselves.
        log_n: (S, T) or (1, T).
    """
    return law.log_loss(log_n, np.maximum(rule.log_tokens(log_n, flops), -700.0))


def optimal_log_n(law: LawDraws, flops: float, rule: ComputeRule) -> Floats:
    """ln N* of each draw (S,)."""
    free = law.best_u(float(np.log(flops) - np.log(rule.train)))
    if not rule.serves:
        return free
    # Serving punishes large N only, so N* lies below both the free optimum and the N that serving alone pays for.
    high = np.minimum(free, np.log(flops / (rule.serve * rule.served_tokens)) - 1e-12)
    low = high - _SPAN
    for _ in range(100):
        middle = 0.5 * (low + high)
        falling = _slope(law, middle, flops, rule) < 0
        low, high = np.where(falling, middle, low), np.where(falling, high, middle)
    return cast("Floats", 0.5 * (low + high))


def _slope(law: LawDraws, log_n: Floats, flops: float, rule: ComputeRule) -> Floats:
    """Of the sign of dL / d ln N along the budget."""
    log_d = rule.log_tokens(log_n, flops)
    # d ln D / d ln N = -(C/N) / (train D)
    steep = np.log(flops) - log_n - np.log(rule.train) - log_d
    gain, price = (x[:, 0] / law.k for x in law.log_terms(log_n[:, None], log_d[:, None]))
    return np.asarray(np.log(law.beta) + price + steep - np.log(law.alpha) - gain)


def near_optimal(law: LawDraws, log_n: Floats, flops: float, rule: ComputeRule) -> tuple[Floats, Floats]:
    """ln of the smallest and largest N with loss ≤ (1 + NEAR) times the best, for each draw."""
    limit = np.log1p(NEAR) + log_loss_at(law, log_n[:, None], flops, rule)[:, 0]
    ends = []
    for direction in (-1.0, 1.0):
        inside, outside = log_n, log_n + direction * _SPAN
        for _ in range(45):
            middle = 0.5 * (inside + outside)
            good = log_loss_at(law, middle[:, None], flops, rule)[:, 0] <= limit
            inside, outside = np.where(good, middle, inside), np.where(good, outside, middle)
        ends.append(inside)
    return ends[0], ends[1]


def _exp(x: Floats) -> Floats:
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(x))
