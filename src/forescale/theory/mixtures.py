"""Exact Bayes mixtures over random networks: what a learner of width n with the right prior really loses.

    T·R_T = E[ln P(H_T | F) − ln mean_i P(H_T | g_i)],   g_i ~ Q,

by nested Monte Carlo: teachers and labels outside, the mixture inside. Unbiased up to the finite mixture, whose log of
a mean is low on average; halving it shows by how much. Source: docs/theory-proofs.md, §2 (Theorem 2) and §8.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from ..numerics import Floats
from . import arguments
from .generator import Teachers, draw_teachers
from .learners import draw_learners

_PIECE = 2500


@dataclass(frozen=True)
class Regret:
    """R_T of one learner at each T asked: mean over teachers and labels, and its standard error. Nats per sample."""

    samples: tuple[int, ...]
    mean: Floats
    error: Floats


def mixture_regret(
    rng: np.random.Generator,
    samples: Sequence[int],
    *,
    d: int,
    K: float,
    n: int | None = None,
    n_members: int = 100_000,
    n_teachers: int = 250,
    n_inputs: int = 4,
    error: float = 1e-6,
) -> Regret:
    """R_T of the Bayes mixture whose prior is the law of F_n (or of the teacher itself, n = None). Monte Carlo.

    Args:
        samples: the T at which to report.
        n: learner width; None is the Bayes predictor of the generator.
        n_members: networks in the mixture.
        n_teachers: teachers for each set of inputs.
        n_inputs: sets of inputs; teachers of a set share one, so that members are evaluated once.
        error: truncation of the teachers, E(F − F_M)².

    Raises:
        CurveError: an argument out of range.
    """
    arguments.whole(T=list(samples), n_members=n_members, n_teachers=n_teachers, n_inputs=n_inputs)
    arguments.at_least(1, T=list(samples), n_members=n_members, n_teachers=n_teachers, n_inputs=n_inputs)
    at = sorted(int(t) for t in samples)
    regret_BA = np.concatenate(
        [_one_set(rng, at, d, K, n, n_members, n_teachers, error) for _ in range(n_inputs)], axis=0
    )
    spread = regret_BA.std(axis=0, ddof=1) / np.sqrt(len(regret_BA)) if len(regret_BA) > 1 else np.full(len(at), np.inf)
    return Regret(tuple(at), regret_BA.mean(axis=0), spread)


def _one_set(
    rng: np.random.Generator, at: list[int], d: int, K: float, n: int | None, n_members: int, n_teachers: int,
    error: float,
) -> Floats:  # fmt: skip
    """(teachers, T): regret for each teacher, all on the same inputs."""
    x_TD = rng.standard_normal((at[-1], d))
    truth_BT = draw_teachers(rng, n_teachers, d=d, K=K, error=error).logit(x_TD)
    y_BT = (rng.random(truth_BT.shape) < 0.5 * (1 + np.tanh(truth_BT / 2))).astype(np.float32)
    log_truth_BA = _log_likelihood(truth_BT, y_BT, at)
    log_mean_BA = np.full(log_truth_BA.shape, -np.inf)
    for start in range(0, n_members, _PIECE):
        size = min(_PIECE, n_members - start)
        members = _members(rng, size, n, d, K, error)
        logit_GT = _logits(members, x_TD)
        log_BGA = _cross_likelihood(logit_GT, y_BT, at)
        top = np.maximum(log_BGA.max(axis=1), log_mean_BA)
        log_mean_BA = top + np.log(np.exp(log_mean_BA - top) + np.exp(log_BGA - top[:, None]).sum(axis=1))
    return cast("Floats", (log_truth_BA - log_mean_BA + np.log(n_members)) / np.array(at))


def _members(rng: np.random.Generator, size: int, n: int | None, d: int, K: float, error: float) -> Teachers:
    return draw_teachers(rng, size, d=d, K=K, error=error) if n is None else draw_learners(rng, size, n, d=d, K=K)


def _logits(members: Teachers, x_TD: Floats) -> np.ndarray:
    """Members at shared inputs, (G, T) in float32: all hidden units in one product."""
    n_members, n_units = members.output_BM.shape
    flat = members.direction_BMD.reshape(-1, members.d).astype(np.float32)
    out = np.empty((n_members, len(x_TD)), np.float32)
    step = max(1, 8_000_000 // (n_units * len(x_TD)))
    inputs = x_TD.T.astype(np.float32)
    for i in range(0, n_members, step):
        hidden = (flat[i * n_units : (i + step) * n_units] @ inputs).reshape(-1, n_units, len(x_TD))
        np.maximum(hidden, 0.0, out=hidden)
        weight = members.output_BM[i : i + step, None, :].astype(np.float32)
        out[i : i + step] = (weight @ hidden)[:, 0]
    return out


def _log_likelihood(logit_BT: Floats, y_BT: np.ndarray, at: list[int]) -> Floats:
    """ln P(y_1..y_T | g) of each row's own labels at each T asked, (B, A)."""
    log_p = y_BT * logit_BT - np.logaddexp(0.0, logit_BT)
    return np.cumsum(log_p, axis=1)[:, np.array(at) - 1]


def _cross_likelihood(logit_GT: np.ndarray, y_BT: np.ndarray, at: list[int]) -> Floats:
    """ln P(y of teacher b | member g) at each T asked, (B, G, A): Σ y·logit is a matrix product."""
    plain_GT = np.maximum(logit_GT, 0) + np.log1p(np.exp(-np.abs(logit_GT)))
    parts, start = [], 0
    for stop in at:
        part = y_BT[:, start:stop] @ logit_GT[:, start:stop].T - plain_GT[:, start:stop].sum(axis=1, dtype=float)
        parts.append(part.astype(np.float64))
        start = stop
    return np.cumsum(np.stack(parts, axis=-1), axis=-1)
