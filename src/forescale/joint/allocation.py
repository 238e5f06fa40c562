"""How to split a compute budget between parameters and tokens, with every answer as wide as the posterior makes it.

    rule       C = 6 N D for training, 2 N FLOPs for each token served later
    optimum    closed form without serving; one-dimensional convex search in ln N with it
    flatness   the range of N whose loss is within 0.5 % of the best: optima are flat, and this says how flat

Sources: Hoffmann et al. 2022 (arXiv 2203.15556), eq. 4; Sardana et al. 2024 (arXiv 2401.00448) for serving.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import Caveat, CurveError
from ..forecasts.quantity import Quantity
from ..laws.chinchilla import FLOPS_PER_PARAMETER_AND_TOKEN, Chinchilla, Optimum
from ..pages.answer import Answer

Floats = NDArray[np.float64]
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
        if not (self.train > 0 and self.serve >= 0 and self.served_tokens >= 0):
            raise CurveError(f"expected train > 0, serve ≥ 0 and served_tokens ≥ 0, got {self}.")

    def log_tokens(self, log_n: Floats, flops: float) -> Floats:
        """ln of the training tokens that the budget leaves at N; -inf where serving alone exceeds it."""
        left = flops * np.exp(-log_n) - self.serve * self.served_tokens
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(np.maximum(left, 0.0) / self.train))

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
        point: N*, D*, L* of the point fit.
        joint: the posterior that it was read from.
        extra_loss: chance-weighted price of being wrong: relative loss above the best if N = the median N* is chosen.
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


def allocate_draws(
    draws: Mapping[str, Floats], constants: Mapping[str, float], flops: float, rule: ComputeRule
) -> Allocation:
    """The optimum under each posterior draw (S,), and under the constants of the point fit."""
    log_n = optimal_log_n(draws, flops, rule)
    log_d = rule.log_tokens(log_n, flops)
    best = loss_at(draws, log_n, flops, rule)
    low, high = near_optimal(draws, log_n, best, flops, rule)
    a = draws["beta"] / (draws["alpha"] + draws["beta"])
    chosen = loss_at(draws, np.full_like(log_n, np.median(log_n)), flops, rule)
    return Allocation(
        flops,
        rule,
        Quantity(np.exp(log_n), "parameters"),
        Quantity(np.exp(log_d), "tokens"),
        Quantity(best, "unit of loss"),
        Quantity(np.exp(log_d - log_n)),
        (Quantity(np.exp(low), "parameters"), Quantity(np.exp(high), "parameters")),
        {"a": Quantity(a), "b": Quantity(1 - a)},
        Quantity(chosen / best - 1),
        optimum(constants, flops, rule),
    )


def optimum(constants: Mapping[str, float], flops: float, rule: ComputeRule | None = None) -> Optimum:
    """N*, D*, L* for known constants E, A, B, alpha, beta."""
    rule = rule or ComputeRule()
    one = {name: np.atleast_1d(np.asarray(value, float)) for name, value in constants.items()}
    log_n = optimal_log_n(one, flops, rule)
    log_d = rule.log_tokens(log_n, flops)
    return Optimum(np.exp(log_n[0]), np.exp(log_d[0]), loss_at(one, log_n, flops, rule)[0])


def loss_at(draws: Mapping[str, Floats], log_n: Floats, flops: float, rule: ComputeRule) -> Floats:
    """Loss when the budget is spent on N parameters and what tokens it leaves; inf where it leaves none."""
    log_d = rule.log_tokens(log_n, flops)
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(Chinchilla().log_loss(log_n, np.maximum(log_d, -700.0), **draws)))


def optimal_log_n(draws: Mapping[str, Floats], flops: float, rule: ComputeRule) -> Floats:
    """ln N* of each draw (S,)."""
    same_budget = flops * FLOPS_PER_PARAMETER_AND_TOKEN / rule.train
    without_serving = np.log(Chinchilla().optimum(same_budget, **draws).n_params)
    if rule.serve * rule.served_tokens == 0:
        return np.asarray(without_serving)
    # Serving punishes large N only, so N* lies below both the free optimum and the N that serving alone pays for.
    high = np.minimum(without_serving, np.log(flops / (rule.serve * rule.served_tokens)) - 1e-12)
    low = high - _SPAN
    for _ in range(100):
        middle = 0.5 * (low + high)
        falling = _slope(draws, middle, flops, rule) < 0
        low, high = np.where(falling, middle, low), np.where(falling, high, middle)
    return 0.5 * (low + high)


def _slope(draws: Mapping[str, Floats], log_n: Floats, flops: float, rule: ComputeRule) -> Floats:
    """A positive multiple of dL / d ln N along the budget."""
    log_d = rule.log_tokens(log_n, flops)
    # d ln D / d ln N = -(C/N) / (train D)
    steep = np.exp(np.log(flops) - log_n - np.log(rule.train) - log_d)
    log_gain = np.log(draws["alpha"] * draws["A"]) - draws["alpha"] * log_n
    log_price = np.log(draws["beta"] * draws["B"] * steep) - draws["beta"] * log_d
    return np.asarray(log_price - log_gain)


def near_optimal(
    draws: Mapping[str, Floats], log_n: Floats, best: Floats, flops: float, rule: ComputeRule
) -> tuple[Floats, Floats]:
    """ln of the smallest and largest N with loss ≤ (1 + NEAR) times the best, for each draw."""
    ends = []
    for direction in (-1.0, 1.0):
        inside, outside = log_n, log_n + direction * _SPAN
        for _ in range(60):
            middle = 0.5 * (inside + outside)
            good = loss_at(draws, middle, flops, rule) <= (1 + NEAR) * best
            inside, outside = np.where(good, middle, inside), np.where(good, outside, middle)
        ends.append(inside)
    return ends[0], ends[1]
