"""Which runs to do next, to know N* and L* at a budget: expected narrowing, beside what people usually do.

Each posterior surface says what a run would read and where its optimum lies. To first order in the draws, runs with
readings Y of variance R narrow a target T by  Cov(T, Y) [Cov(Y, Y) + R]^-1 Cov(Y, T).  Runs are chosen one after the
other from a grid of (N, D), the best first, under several limits to the price of a single run; the best plan stands.
Source: the ensemble form of Bayesian experimental design, Evensen 2009 (ensemble Kalman), Chaloner & Verdinelli 1995.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import Caveat, CurveError
from ..laws.chinchilla import FLOPS_PER_PARAMETER_AND_TOKEN
from ..numerics import Floats
from ..pages.answer import Answer
from .base import Model

N_DRAWS = 800
SIZES, LENGTHS_ = 13, 13
CAPS = (1.0, 2.0, 4.0)
"""Limits to the price of one run, in equal shares of the budget; and no limit."""
MOST = 50


@dataclass(frozen=True)
class Run:
    """One planned run: N, D, its price, what it will read (5, 50, 95 %), and how much narrower N* and L* are after it.

    `narrows_params` and `narrows_loss` are shares of the interval's width that this run and those before it take away.
    """

    params: float
    tokens: float
    flops: float
    reads: tuple[float, float, float]
    narrows_params: float
    narrows_loss: float


@dataclass(frozen=True)
class Rival:
    """What people do instead, for the same budget."""

    name: str
    runs: tuple[tuple[float, float], ...]
    flops: float
    narrows_params: float
    narrows_loss: float


@dataclass(frozen=True, eq=False, repr=False)
class Plan(Answer):
    """The runs, and the rivals: an IsoFLOP sweep of as many runs, and the largest run that the budget affords."""

    flops: float
    budget: float
    runs: tuple[Run, ...]
    rivals: tuple[Rival, ...]
    method: str
    warnings: tuple[Caveat, ...]
    joint: Model


def plan(model: Model, flops: float, budget: float, n: int, seed: int) -> Plan:
    """See `JointModel.plan`."""
    if not 1 <= n <= MOST:
        raise CurveError(f"expected 1 to {MOST} runs, got {n}. Try 6.")
    beliefs = _Beliefs(model, flops, seed)
    sizes, tokens = _grid(model, flops, budget)
    chosen: list[int] = []
    best = -np.inf
    readings = beliefs.readings(sizes, tokens)
    price = FLOPS_PER_PARAMETER_AND_TOKEN * sizes * tokens
    for cap in (*CAPS, float(n)):
        picked = _greedy(beliefs, readings, price, budget, n, cap * budget / n)
        gain = -float(np.log(beliefs.left(readings, picked)).sum()) if picked else -np.inf
        if gain > best:
            chosen, best = picked, gain
    if not chosen:
        raise CurveError(
            f"expected a budget that pays for a run, got {budget:.4g} FLOPs; the cheapest that was considered "
            f"takes {price.min():.4g}. Raise the budget."
        )
    runs = []
    for i, k in enumerate(chosen):
        n_left, l_left = beliefs.left(readings, chosen[: i + 1])
        low, mid, high = (float(x) for x in np.exp(np.quantile(readings[0][:, k], [0.05, 0.5, 0.95])))
        runs.append(
            Run(
                float(sizes[k]),
                float(tokens[k]),
                float(price[k]),
                (low, mid, high),
                float(1 - n_left),
                float(1 - l_left),
            )
        )
    return Plan(
        flops, budget, tuple(runs), _rivals(beliefs, model, budget, n), model.method,
        (*model.warnings, *model.far(np.array([flops]))), model,
    )  # fmt: skip


class _Beliefs:
    """Draws of the targets, standardised, and of what runs would read."""

    def __init__(self, model: Model, flops: float, seed: int):
        self.model, self.rng = model, np.random.default_rng(seed)
        log_n, log_loss = model.optima(flops, N_DRAWS)
        self.targets = np.stack([_standard(log_n), _standard(log_loss)], 1)

    def readings(self, params: Floats, tokens: Floats) -> tuple[Floats, Floats]:
        """ln L of runs (S, K) and the variance of a reading (K,)."""
        log_loss, spread = self.model.would_read(params, tokens, N_DRAWS)
        return log_loss, np.asarray((spread**2).mean(0))

    def left(self, readings: tuple[Floats, Floats], picked: Sequence[int]) -> Floats:
        """Share of the standard deviation of ln N* and ln L* that is left after runs, (2,)."""
        y, noise = readings[0][:, list(picked)], readings[1][list(picked)]
        y = y - y.mean(0)
        S = len(y)
        inside = y.T @ y / S + np.diag(noise) + 1e-12 * np.eye(len(picked))
        cross = self.targets.T @ y / S
        explained = np.einsum("tk,tk->t", cross @ np.linalg.inv(inside), cross)
        # A finite sample of draws explains k / S of pure noise.
        explained = np.clip((explained - len(picked) / S) / (1 - len(picked) / S), 0.0, 1 - 1e-6)
        return np.asarray(np.sqrt(1 - explained))


def _standard(x: Floats) -> Floats:
    low, high = np.quantile(x, [0.01, 0.99])
    x = np.clip(x, low, high)
    return np.asarray((x - x.mean()) / max(float(x.std()), 1e-12))


def _grid(model: Model, flops: float, budget: float) -> tuple[Floats, Floats]:
    """Candidate N and D, flat: from the smallest that were measured, as no run says what the law is below them, to the
    N* of the budget and a little beyond."""
    best = model.best(np.array([budget]), (0.5,))[0, 0]
    n, d = model.table["params"], model.table["tokens"]
    sizes = np.exp(np.linspace(np.log(n.min()), np.log(max(n.max(), best * 4)), SIZES))
    most = max(float(d.max()) * 4, budget / FLOPS_PER_PARAMETER_AND_TOKEN / best * 10)
    tokens = np.exp(np.linspace(np.log(d.min()), np.log(most), LENGTHS_))
    every_n, every_d = (x.ravel() for x in np.meshgrid(sizes, tokens, indexing="ij"))
    price = FLOPS_PER_PARAMETER_AND_TOKEN * every_n * every_d
    good = price <= budget
    if not good.any():
        good = price <= price.min()
    return every_n[good], every_d[good]


def _greedy(
    beliefs: _Beliefs, readings: tuple[Floats, Floats], price: Floats, budget: float, n: int, cap: float
) -> list[int]:
    picked: list[int] = []
    left = budget
    for _ in range(n):
        allowed = np.flatnonzero((price <= left) & (price <= cap))
        if not len(allowed):
            break
        gains = [-float(np.log(beliefs.left(readings, [*picked, int(k)])).sum()) for k in allowed]
        k = int(allowed[int(np.argmax(gains))])
        picked.append(k)
        left -= float(price[k])
    return picked


def _rivals(beliefs: _Beliefs, model: Model, budget: float, n: int) -> tuple[Rival, ...]:
    each = budget / n
    middle = model.best(np.array([each]), (0.5,))[0, 0]
    sizes = middle * np.exp(np.linspace(-1.2, 1.2, n)) if n > 1 else np.array([middle])
    one = model.best(np.array([budget]), (0.5,))[0, 0]
    out = []
    for name, N, C in (("isoFLOP sweep", sizes, each), ("largest run", np.array([one]), budget)):
        D = C / FLOPS_PER_PARAMETER_AND_TOKEN / N
        n_left, l_left = beliefs.left(beliefs.readings(N, D), range(len(N)))
        pairs = tuple((float(a), float(b)) for a, b in zip(N, D, strict=True))
        out.append(Rival(name, pairs, C * len(N), float(1 - n_left), float(1 - l_left)))
    return tuple(out)
