"""The data-generating process: an infinitely wide two-layer network with Dirichlet-process output weights.

    F(x) = c Σ_j w_j s_j relu(u_j·x),     Y | F, X ~ Bernoulli(sigma(F(X))),     X ~ N(0, I_d)

| symbol | meaning                                                      |
|--------|--------------------------------------------------------------|
| w_j    | stick-breaking weights: b_j ~ Beta(1 − s, K + j s), w_j = b_j Π_{i<j}(1 − b_i) |
| s_j    | fair signs ±1                                                |
| u_j    | uniform on the unit sphere of R^d                            |
| K      | scale of the Dirichlet process: how many weights matter      |
| s      | Pitman-Yor discount in [0, 1); 0 is the Dirichlet process    |
| c      | sqrt((K + 1)/(1 − s)), so that E F(X)² = 1/2 whatever d, K, s |

Source: docs/theory-proofs.md, §3; it reconstructs the generator of Jeon & Van Roy 2024 (arXiv 2407.01456), whose
exact constants we have not seen. The Pitman-Yor variant is its §7 remark and no part of the paper's claim.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np

from ..errors import CurveError
from ..numerics import Floats
from . import arguments

SECOND_MOMENT = 0.5
"""E F(X)²: exact, for all d, K and discounts (§3)."""
MAX_STICKS = 100_000
_CHUNK = 4_000_000  # floats of the largest intermediate array in `Teachers.logit`


@dataclass(frozen=True, eq=False)
class Teachers:
    """B teachers, truncated to M sticks; the tail is dropped, never renormalised.

    Attributes:
        output_BM: c w_j s_j, signed output weights.
        direction_BMD: unit vectors u_j.
        scale, discount: K and s.
        error: E(F − F_M)² of the truncation, exact.
    """

    output_BM: Floats
    direction_BMD: Floats
    scale: float
    discount: float
    error: float

    @property
    def n_teachers(self) -> int:
        return len(self.output_BM)

    @property
    def n_sticks(self) -> int:
        return int(self.output_BM.shape[1])

    @property
    def d(self) -> int:
        return int(self.direction_BMD.shape[2])

    def take(self, index: slice) -> Teachers:
        """Some of the teachers."""
        return Teachers(self.output_BM[index], self.direction_BMD[index], self.scale, self.discount, self.error)

    def logit(self, x: Floats) -> Floats:
        """F at inputs: x (N, d) shared by all teachers or (B, N, d), one set each; returns (B, N)."""
        x_BND = np.broadcast_to(x, (self.n_teachers, *x.shape[-2:]))
        out_BN = np.empty(x_BND.shape[:2])
        step = max(1, _CHUNK // (self.n_teachers * self.n_sticks))
        for i in range(0, x_BND.shape[1], step):
            hidden_BNM = x_BND[:, i : i + step] @ self.direction_BMD.transpose(0, 2, 1)
            np.maximum(hidden_BNM, 0.0, out=hidden_BNM)
            out_BN[:, i : i + step] = np.einsum("bnm,bm->bn", hidden_BNM, self.output_BM)
        return out_BN

    def sample(self, rng: np.random.Generator, n_samples: int) -> tuple[Floats, Floats]:
        """Labelled data: x_BTD ~ N(0, I_d), y_BT in {0, 1}; every teacher has inputs of its own."""
        arguments.at_least(1, n_samples=n_samples)
        x_BTD = rng.standard_normal((self.n_teachers, n_samples, self.d))
        chance_BT = sigmoid(self.logit(x_BTD))
        return x_BTD, (rng.random(chance_BT.shape) < chance_BT).astype(np.float64)

    def batches(self, rng: np.random.Generator, n_samples: int, size: int = 65536) -> Iterator[tuple[Floats, Floats]]:
        """`sample` in pieces of at most `size`, for data of any length in little memory."""
        for start in range(0, n_samples, size):
            yield self.sample(rng, min(size, n_samples - start))


def draw_teachers(
    rng: np.random.Generator,
    n_teachers: int,
    *,
    d: int,
    K: float,
    error: float = 1e-6,
    discount: float = 0.0,
    max_sticks: int = MAX_STICKS,
) -> Teachers:
    """Teachers by stick breaking, with as many sticks as the truncation error asks for. Exact but for that error.

    Args:
        error: largest E(F − F_M)², in squared logits; in KL it costs at most error/8 nats.
        max_sticks: refuse beyond this many.

    Raises:
        CurveError: an argument out of range, or an error that needs more than `max_sticks`.
    """
    arguments.whole(n_teachers=n_teachers, d=d)
    arguments.at_least(1, n_teachers=n_teachers, d=d)
    n_sticks = sticks_needed(K, error, discount=discount, max_sticks=max_sticks)
    j = np.arange(1, n_sticks + 1)
    part_BM = rng.beta(1.0 - discount, K + j * discount, size=(n_teachers, n_sticks))
    log_left_BM = np.cumsum(np.log1p(-np.minimum(part_BM, 1.0 - 1e-16)), axis=1)
    weight_BM = part_BM * np.exp(np.pad(log_left_BM, ((0, 0), (1, 0)))[:, :-1])
    sign_BM = rng.choice([-1.0, 1.0], size=(n_teachers, n_sticks))
    direction_BMD = sphere(rng, (n_teachers, n_sticks), d)
    amplitude = np.sqrt((K + 1.0) / (1.0 - discount))
    reached = truncation_error(K, n_sticks, discount=discount)
    return Teachers(amplitude * weight_BM * sign_BM, direction_BMD, K, discount, reached)


def sphere(rng: np.random.Generator, shape: tuple[int, ...], d: int) -> Floats:
    """Uniform unit vectors of R^d, (*shape, d)."""
    direction = rng.standard_normal((*shape, d))
    return cast("Floats", direction / np.linalg.norm(direction, axis=-1, keepdims=True))


def sigmoid(z: Floats) -> Floats:
    """1 / (1 + e^-z) without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def kl_logits(a: Floats, b: Floats) -> Floats:
    """KL(Bern(sigma a) ‖ Bern(sigma b)) in nats; at most (a − b)²/8. Exact (§4, Lemma 1)."""
    return np.logaddexp(0.0, b) - np.logaddexp(0.0, a) - sigmoid(a) * (b - a)


def weight_moments(K: float) -> tuple[float, float, float]:
    """E Σw², E Σw⁴ and E Σ_{i≠j} w_i² w_j² of Dirichlet-process weights. Exact (§3)."""
    arguments.above(0, K=K)
    cube = (K + 1) * (K + 2) * (K + 3)
    return 1 / (K + 1), 6 / cube, K / cube


def fourth_moment(K: float, d: float) -> float:
    """E F(X)⁴ for Gaussian X and discount 0. Exact (§3)."""
    arguments.above(0, K=K)
    arguments.at_least(1, d=d)
    return (K + 1) / ((K + 2) * (K + 3)) * (9 + 0.75 * K * (1 + 2 / d))


def tail_weight(K: float, n: int, *, discount: float = 0.0) -> float:
    """E Σ_{j>n} w_j² after n sticks; falls like n^(1 − 2/s) where the discount s > 0. Exact (§7, remark)."""
    arguments.above(0, K=K)
    arguments.at_least(0, n=n)
    _check_discount(discount)
    s, j = discount, np.arange(1, int(n) + 1)
    log_left = np.log((K + j * s) * (K + j * s + 1)) - np.log((K + 1 + (j - 1) * s) * (K + 2 + (j - 1) * s))
    return float(np.exp(log_left.sum()) * (1 - s) / (1 + K + n * s))


def truncation_error(K: float, n_sticks: int, *, discount: float = 0.0) -> float:
    """E(F − F_M)² of keeping M sticks; ½ (K/(K+2))^M for the Dirichlet process. Exact (§3)."""
    return SECOND_MOMENT * (K + 1) / (1 - discount) * tail_weight(K, n_sticks, discount=discount)


def sticks_needed(K: float, error: float, *, discount: float = 0.0, max_sticks: int = MAX_STICKS) -> int:
    """The fewest sticks whose truncation error is at most `error`. Exact (§3).

    Raises:
        CurveError: more than `max_sticks` of them, or an argument out of range.
    """
    arguments.above(0, K=K, error=error)
    arguments.at_least(1, max_sticks=max_sticks)
    _check_discount(discount)
    low, high = 0, 1
    while high < max_sticks and truncation_error(K, high, discount=discount) > error:
        low, high = high, min(2 * high, max_sticks)
    reached = truncation_error(K, high, discount=discount)
    if reached > error:
        raise CurveError(
            f"expected a truncation error of at least {reached:.3g} (the most that {max_sticks} sticks reach at K = "
            f"{K:g}, discount {discount:g}), got error = {error:.3g}. Raise error or max_sticks."
        )
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if truncation_error(K, middle, discount=discount) <= error else (middle, high)
    return high


def _check_discount(discount: float) -> None:
    if not (np.isfinite(discount) and 0 <= discount < 1):
        raise CurveError(f"expected discount in [0, 1), got {discount:g}. 0 is the Dirichlet process.")
