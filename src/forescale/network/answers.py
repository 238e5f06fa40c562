"""What the outputs of the network of surfaces mean: two kinds of question, five answers, each a mixture of logistics.

    loss      at (N, D): `run`, what one new run would read, and `curve`, the noise-free loss
    optimum   at a budget: `best_u` (ln N*), `best_loss` (ln L*) and `slope` (d ln N* / d ln C)

An answer has components around the anchors (a, q) of its question: loc = a + q sinh(o_mu), ln scale = ln q + o_s,
weights softmax(o_w); the outputs of an answer are o_mu, o_s, o_w, each (anchors, PER_ANCHOR). The density is written
once for both array libraries: `xp` is numpy (float64) or torch (float32).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..forecasts.distributions import Mixture
from ..numerics import Floats, log_sum_exp_in
from .encodings.surfaces import N_COLUMNS, Anchors

PER_ANCHOR, N_ANCHORS = 5, 3
N_COMPONENTS = PER_ANCHOR * N_ANCHORS
N_OUTPUTS = 3 * N_COMPONENTS
_FARTHEST = 6.0
_WIDTHS = -7.0, 5.0


@dataclass(frozen=True)
class Kind:
    """A kind of question: its name, the maps it goes in and comes out by, its columns, and its answers."""

    name: str
    answers: tuple[str, ...]

    @property
    def n_columns(self) -> int:
        return N_COLUMNS[self.name]

    @property
    def way_in(self) -> str:
        return f"{self.name}_in"

    @property
    def way_out(self) -> str:
        return f"{self.name}_out"


KINDS = (Kind("loss", ("run", "curve")), Kind("optimum", ("best_u", "best_loss", "slope")))
ANSWERS = tuple(answer for kind in KINDS for answer in kind.answers)
ANCHORS_OF = {"run": "loss", "curve": "loss", "best_u": "best_u", "best_loss": "best_loss", "slope": "slope"}


def initial_bias(n_answers: int) -> NDArray[np.float32]:
    """Before training: components side by side around each anchor, narrow and wide, all alike in weight."""
    place = np.tile(np.linspace(-1.0, 1.0, PER_ANCHOR), N_ANCHORS)
    width = np.linspace(-1.0, 0.5, N_COMPONENTS).reshape(PER_ANCHOR, N_ANCHORS).T.ravel()
    return np.tile(np.concatenate([place, width, np.zeros(N_COMPONENTS)]), n_answers).astype(np.float32)


def outcome(anchors: Anchors, r: Floats) -> tuple[Floats, Floats]:
    """Distances of outcomes (B, K) from their anchors, in the anchors' scales, and the ln of these: (B, K, A) each."""
    return (r[..., None] - anchors.loc) * np.exp(-anchors.log_scale), anchors.log_scale


def log_density(xp: Any, raw: Any, distance: Any, log_scale: Any) -> Any:
    """ln density (..., K) of outcomes, from raw outputs (..., K, N_OUTPUTS); differentiable when `xp` is torch."""
    log_weight, place, log_width = _decoded(xp, raw)
    z = xp.abs((_repeated(xp, distance) - place) * xp.exp(-log_width))
    terms = log_weight - z - 2.0 * xp.log1p(xp.exp(-z)) - log_width - _repeated(xp, log_scale)
    return log_sum_exp_in(xp, terms)[..., 0]


def mixture(raw_TO: NDArray[np.float32], anchors: Anchors, row: int, shift: float = 0.0, scale: float = 1.0) -> Mixture:
    """The distributions of shift + scale · outcome of table `row`, for the raw outputs (T, N_OUTPUTS) of one answer."""
    log_weight, place, log_width = _decoded(np, raw_TO.astype(np.float64))
    loc, unit = np.repeat(anchors.loc[row], PER_ANCHOR, -1), np.exp(np.repeat(anchors.log_scale[row], PER_ANCHOR, -1))
    return Mixture("logistic", log_weight, loc + unit * place, unit * np.exp(log_width)).moved(shift, scale)


def pooled(parts: list[Mixture], weights: list[float]) -> Mixture:
    """The weighted average of densities for the same targets."""
    if len(parts) == 1:
        return parts[0]
    log_weight = np.concatenate([m.log_weight_TK + np.log(w) for m, w in zip(parts, weights, strict=True)], axis=1)
    loc, scale = (np.concatenate([getattr(m, name) for m in parts], axis=1) for name in ("loc_TK", "scale_TK"))
    return Mixture("logistic", log_weight, loc, scale)


def _decoded(xp: Any, raw: Any) -> tuple[Any, Any, Any]:
    k = N_COMPONENTS
    place = xp.sinh(xp.clip(raw[..., :k], -_FARTHEST, _FARTHEST))
    weight = raw[..., 2 * k :]
    return weight - log_sum_exp_in(xp, weight), place, xp.clip(raw[..., k : 2 * k], *_WIDTHS)


def _repeated(xp: Any, anchors: Any) -> Any:
    return np.repeat(anchors, PER_ANCHOR, -1) if xp is np else xp.repeat_interleave(anchors, PER_ANCHOR, -1)
