"""What the raw outputs mean: two interchangeable heads, each the one place where it is decoded.

    MixtureHead  logistics around the anchors of the features (ours)
    BarsHead     bars of fixed edges on r >= 0 with a half-normal tail above (the paper's)

The formulas are written once for both array libraries: `xp` is numpy (float64, answers) or torch (float32, training).
Shapes: B curves, T targets, A anchors, K components or bars, O outputs. r is the scaled outcome.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ConfigError
from ..forecasts.distributions import Bars, Marginals, Mixture
from .config import NetworkConfig
from .encodings.features import Tokens

Floats = NDArray[np.float64]
_SINH_LIMIT = 6.0
_LOG_SCALE_LIMITS = (-7.0, 5.0)


class Head(ABC):
    """A meaning for O raw outputs. The same object serves `run` and `curve`."""

    n_outputs: int
    n_edges: int

    @abstractmethod
    def initial_bias(self) -> NDArray[np.float32]:
        """Bias (O,) of the last layer before training."""

    @abstractmethod
    def question(self, tokens: Tokens, r_BT: Floats, edges: Floats, tail_scale: float) -> dict[str, NDArray[Any]]:
        """Everything about outcomes r that no weight moves, computed in float64 and small enough for float32."""

    @abstractmethod
    def log_pdf(self, xp: Any, raw_BTO: Any, question: dict[str, Any]) -> Any:
        """ln density (B, T) of the outcomes of a `question`; differentiable when `xp` is torch."""

    @abstractmethod
    def marginals(
        self, raw_TO: NDArray[Any], anchor_loc_TA: Floats, anchor_log_scale_TA: Floats, edges: Floats, tail_scale: float
    ) -> Marginals:
        """The float64 distributions of r that raw outputs stand for; T may run over many curves."""


@dataclass(frozen=True)
class MixtureHead(Head):
    """K = A * per_anchor logistics; an anchor (a, q) gives its components their unit of place and of width.

        loc = a + q sinh(o_mu),   ln scale = ln q + o_s,   weights = softmax(o_w)

    with o_mu kept within +-6 and o_s within [-7, 5]. The outputs are o_mu, o_s, o_w, each (A, per_anchor).
    """

    n_anchors: int
    per_anchor: int
    n_edges: int = 0

    @property
    def n_components(self) -> int:
        return self.n_anchors * self.per_anchor

    @property
    def n_outputs(self) -> int:  # type: ignore[override]
        return 3 * self.n_components

    def initial_bias(self) -> NDArray[np.float32]:
        place = np.tile(np.linspace(-1.0, 1.0, self.per_anchor), self.n_anchors)
        width = np.linspace(-1.0, 0.5, self.n_components).reshape(self.per_anchor, self.n_anchors).T.ravel()
        return np.concatenate([place, width, np.zeros(self.n_components)]).astype(np.float32)

    def question(self, tokens: Tokens, r_BT: Floats, edges: Floats, tail_scale: float) -> dict[str, NDArray[Any]]:
        distance_BTA = (r_BT[..., None] - tokens.anchor_loc_BTA) * np.exp(-tokens.anchor_log_scale_BTA)
        return {"distance": self._spread(distance_BTA), "log_unit": self._spread(tokens.anchor_log_scale_BTA)}

    def log_pdf(self, xp: Any, raw_BTO: Any, question: dict[str, Any]) -> Any:
        log_weight, place, log_width = self._decode(xp, raw_BTO)
        z = xp.abs((question["distance"] - place) * xp.exp(-log_width))
        log_kernel = -z - 2.0 * xp.log1p(xp.exp(-z))
        terms = log_weight + log_kernel - log_width - question["log_unit"]
        return _log_sum_exp(xp, terms)[..., 0]

    def marginals(
        self, raw_TO: NDArray[Any], anchor_loc_TA: Floats, anchor_log_scale_TA: Floats, edges: Floats, tail_scale: float
    ) -> Mixture:
        log_weight, place, log_width = self._decode(np, raw_TO.astype(np.float64))
        unit = np.exp(self._spread(anchor_log_scale_TA))
        return Mixture("logistic", log_weight, self._spread(anchor_loc_TA) + unit * place, unit * np.exp(log_width))

    def _decode(self, xp: Any, raw: Any) -> tuple[Any, Any, Any]:
        """Splits (..., O) into log weights, places and log widths (..., K), the last two in units of the anchor."""
        k = self.n_components
        place = xp.sinh(xp.clip(raw[..., :k], -_SINH_LIMIT, _SINH_LIMIT))
        log_width = xp.clip(raw[..., k : 2 * k], *_LOG_SCALE_LIMITS)
        weight = raw[..., 2 * k :]
        return weight - _log_sum_exp(xp, weight), place, log_width

    def _spread(self, anchors: Floats) -> Floats:
        """Repeats (..., A) to (..., K): the components of an anchor stand together."""
        return np.repeat(anchors, self.per_anchor, axis=-1)


@dataclass(frozen=True)
class BarsHead(Head):
    """Probability of each of `n_bins` bars and of the half-normal tail above the last edge, by softmax.

    Source: Müller et al. 2022, arXiv 2112.10510. Departs: the lowest edge is 0 and nothing lies below, since y > 0.
    """

    n_bins: int

    @property
    def n_outputs(self) -> int:  # type: ignore[override]
        return self.n_bins + 1

    @property
    def n_edges(self) -> int:  # type: ignore[override]
        return self.n_bins + 1

    def initial_bias(self) -> NDArray[np.float32]:
        return np.zeros(self.n_outputs, np.float32)

    def question(self, tokens: Tokens, r_BT: Floats, edges: Floats, tail_scale: float) -> dict[str, NDArray[Any]]:
        bar = np.clip(np.searchsorted(edges, r_BT, side="right") - 1, 0, self.n_bins)
        beyond = (r_BT - edges[-1]) / tail_scale
        log_tail = 0.5 * math.log(2 / math.pi) - math.log(tail_scale) - 0.5 * beyond**2
        log_flat = -np.log(np.append(np.diff(edges), 1.0))[bar]
        return {"bar": bar[..., None], "log_within": np.where(bar == self.n_bins, log_tail, log_flat)}

    def log_pdf(self, xp: Any, raw_BTO: Any, question: dict[str, Any]) -> Any:
        take = np.take_along_axis if xp is np else xp.take_along_dim
        chosen = take(raw_BTO, question["bar"], -1) - _log_sum_exp(xp, raw_BTO)
        return chosen[..., 0] + question["log_within"]

    def marginals(
        self, raw_TO: NDArray[Any], anchor_loc_TA: Floats, anchor_log_scale_TA: Floats, edges: Floats, tail_scale: float
    ) -> Bars:
        return Bars(edges, raw_TO.astype(np.float64), tail_scale)


def make_head(config: NetworkConfig, n_anchors: int) -> Head:
    """The head that a configuration names, for features with `n_anchors` anchors."""
    if config.head == "bars":
        return BarsHead(config.n_bins)
    if n_anchors == 0:
        raise ConfigError(
            f"expected features with anchors for the mixture head, got none (scaling {config.scaling!r}). "
            'Use head="bars", or scaling="log".'
        )
    return MixtureHead(n_anchors, config.per_anchor)


def equal_mass_edges(r: Floats, n_bins: int) -> tuple[Floats, float]:
    """Edges (n_bins + 1,) from 0 that give every bar and the tail the same share of outcomes r, and the tail's scale.

    Edges are float32 numbers at least 1e-5 apart: outcomes that repeat (a plateau at r = 1) would close a bar.
    """
    edges = np.quantile(r, np.arange(n_bins + 1) / (n_bins + 1))
    edges[0] = 0.0
    step = 1e-5 * np.arange(n_bins + 1)
    edges = (np.maximum.accumulate(edges - step) + step).astype(np.float32).astype(np.float64)
    beyond = r[r > edges[-1]] - edges[-1]
    tail_scale = float(np.float32(np.sqrt(np.mean(beyond**2)))) if len(beyond) else 1.0
    return edges, tail_scale


def _log_sum_exp(xp: Any, values: Any) -> Any:
    """ln of the sum of exponentials over the last axis, which stays with length 1."""
    if xp is not np:
        return xp.logsumexp(values, -1, keepdim=True)
    top = values.max(axis=-1, keepdims=True)
    return top + np.log(np.exp(values - top).sum(axis=-1, keepdims=True))
