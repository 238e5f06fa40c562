"""What the raw outputs mean: interchangeable heads, each the one place where it is decoded.

    CoupledHead  logistics around the anchors of the encoding; `run` is `curve` with the noise of a reading (ours)
    MixtureHead  the same with a mixture for each, of the tenth release and before
    BarsHead     bars of fixed edges on r >= 0 with a half-normal tail above (the paper's)

The formulas are written once for both array libraries: `xp` is numpy (float64, answers) or torch (float32, training).
Shapes: B curves, T targets, A anchors, K components or bars, O outputs for both kinds. r is the scaled outcome.
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
from ..numerics import Floats, log_sum_exp_in
from .config import NetworkConfig
from .encodings.base import Frame, Tokens

_SINH_LIMIT = 6.0
_LOG_SCALE_LIMITS = (-7.0, 5.0)


@dataclass(frozen=True)
class Bins:
    """The fixed edges of the bars and the scale of the tail; empty for a mixture."""

    edges: Floats
    tail_scale: float


NO_BINS = Bins(np.zeros(0), 1.0)
RUN, CURVE = 0, 1
"""Kinds of an answer, in the order of `forecasts.forecast.KINDS`."""


class Head(ABC):
    """A meaning for O raw outputs, which answer for `run` and for `curve`."""

    @property
    @abstractmethod
    def n_outputs(self) -> int:
        """O."""

    @property
    def n_edges(self) -> int:
        """Edges that travel with the weights: of bars alone."""
        return 0

    @abstractmethod
    def initial_bias(self) -> NDArray[np.float32]:
        """Bias (O,) of the last layer before training."""

    @abstractmethod
    def question(self, tokens: Tokens, r_BT: Floats, bins: Bins) -> dict[str, NDArray[Any]]:
        """Everything about outcomes r that no weight moves, computed in float64 and small enough for float32."""

    @abstractmethod
    def log_pdf(self, xp: Any, raw_BTO: Any, question: dict[str, Any], kind: int) -> Any:
        """ln density (B, T) of the outcomes of a `question`; differentiable when `xp` is torch."""

    @abstractmethod
    def marginals(self, raw_NO: NDArray[Any], frame: Frame, bins: Bins, kind: int) -> Marginals:
        """The N float64 distributions of r that the raw outputs for N targets stand for."""


class _Half(Head):
    """Heads whose outputs are those of `run`, then those of `curve`, with one meaning."""

    def _of(self, raw: Any, kind: int) -> Any:
        half = self.n_outputs // 2
        return raw[..., kind * half : (kind + 1) * half]


@dataclass(frozen=True)
class CoupledHead(Head):
    """K = A * per_anchor logistics; an anchor (a, q) gives its components their unit of place and of width.

        loc = a + q sinh(o_mu),   scale² = (q e^o_s)² + digit²  [+ (noise e^o_n)² for `run`],   weights = softmax(o_w)

    with o_mu kept within +-6, o_s and o_n within [-7, 5]. So `run` is `curve` with a reading's noise on every
    component, and both share one trend. The outputs are o_mu, o_s, o_w, o_n, each (A, per_anchor).
    """

    n_anchors: int
    per_anchor: int

    @property
    def n_components(self) -> int:
        return self.n_anchors * self.per_anchor

    @property
    def n_outputs(self) -> int:
        return 4 * self.n_components

    def initial_bias(self) -> NDArray[np.float32]:
        flat = np.zeros(self.n_components)
        return np.concatenate([*_spread_out(self.n_anchors, self.per_anchor), flat, flat]).astype(np.float32)

    def question(self, tokens: Tokens, r_BT: Floats, bins: Bins) -> dict[str, NDArray[Any]]:
        log_unit = tokens.anchor_log_scale_BTA
        distance = (r_BT[..., None] - tokens.anchor_loc_BTA) * np.exp(-log_unit)
        noise, digit = (of[:, None, None] - log_unit for of in (tokens.log_noise_B, _log_of(tokens.floor_B)))
        out = {"distance": distance, "log_unit": log_unit, "log_noise": noise, "log_digit": digit}
        return {name: values[..., None] for name, values in out.items()}  # (B, T, A, 1)

    def log_pdf(self, xp: Any, raw_BTO: Any, question: dict[str, Any], kind: int) -> Any:
        parts = self._decode(xp, raw_BTO, question["log_noise"], question["log_digit"], kind)
        terms = _log_logistics(xp, question["distance"], question["log_unit"], *parts)
        return log_sum_exp_in(xp, terms.reshape(*raw_BTO.shape[:-1], self.n_components))[..., 0]

    def marginals(self, raw_NO: NDArray[Any], frame: Frame, bins: Bins, kind: int) -> Mixture:
        log_unit = frame.anchor_log_scale_NA[..., None]
        noise, digit = frame.log_noise_N11 - log_unit, _log_of(frame.floor_N11) - log_unit
        log_weight, place, log_width = self._decode(np, raw_NO.astype(np.float64), noise, digit, kind)
        unit, shape = np.exp(log_unit), (len(raw_NO), self.n_components)
        loc = frame.anchor_loc_NA[..., None] + unit * place
        return Mixture("logistic", *(a.reshape(shape) for a in (log_weight, loc, unit * np.exp(log_width))))

    def _decode(self, xp: Any, raw: Any, log_noise: Any, log_digit: Any, kind: int) -> tuple[Any, Any, Any]:
        """Log weights, places and log widths (..., A, per_anchor), the last two in units of the anchor."""
        parts = raw.reshape(*raw.shape[:-1], 4, self.n_anchors, self.per_anchor)
        o_mu, o_s, o_w, o_n = (parts[..., i, :, :] for i in range(4))
        place = xp.sinh(xp.clip(o_mu, -_SINH_LIMIT, _SINH_LIMIT))
        log_width = _log_hypot(xp, xp.clip(o_s, *_LOG_SCALE_LIMITS), log_digit)
        if kind == RUN:
            log_width = _log_hypot(xp, log_width, log_noise + xp.clip(o_n, *_LOG_SCALE_LIMITS))
        total = log_sum_exp_in(xp, raw[..., 2 * self.n_components : 3 * self.n_components])
        return o_w - total[..., None], place, log_width


@dataclass(frozen=True)
class MixtureHead(_Half):
    """K = A * per_anchor logistics for each kind; an anchor (a, q) gives its components their unit.

        loc = a + q sinh(o_mu),   ln scale = ln q + o_s,   weights = softmax(o_w)

    with o_mu kept within +-6 and o_s within [-7, 5]. The outputs of a kind are o_mu, o_s, o_w, each (A, per_anchor).
    """

    n_anchors: int
    per_anchor: int

    @property
    def n_components(self) -> int:
        return self.n_anchors * self.per_anchor

    @property
    def n_outputs(self) -> int:
        return 6 * self.n_components

    def initial_bias(self) -> NDArray[np.float32]:
        one = [*_spread_out(self.n_anchors, self.per_anchor), np.zeros(self.n_components)]
        return np.concatenate([*one, *one]).astype(np.float32)

    def question(self, tokens: Tokens, r_BT: Floats, bins: Bins) -> dict[str, NDArray[Any]]:
        distance_BTA = (r_BT[..., None] - tokens.anchor_loc_BTA) * np.exp(-tokens.anchor_log_scale_BTA)
        return {"distance": self._spread(distance_BTA), "log_unit": self._spread(tokens.anchor_log_scale_BTA)}

    def log_pdf(self, xp: Any, raw_BTO: Any, question: dict[str, Any], kind: int) -> Any:
        parts = self._decode(xp, self._of(raw_BTO, kind))
        return log_sum_exp_in(xp, _log_logistics(xp, question["distance"], question["log_unit"], *parts))[..., 0]

    def marginals(self, raw_NO: NDArray[Any], frame: Frame, bins: Bins, kind: int) -> Mixture:
        log_weight, place, log_width = self._decode(np, self._of(raw_NO, kind).astype(np.float64))
        unit = np.exp(self._spread(frame.anchor_log_scale_NA))
        loc = self._spread(frame.anchor_loc_NA)
        return Mixture("logistic", log_weight, loc + unit * place, unit * np.exp(log_width))

    def _decode(self, xp: Any, raw: Any) -> tuple[Any, Any, Any]:
        """Splits (..., O / 2) into log weights, places and log widths (..., K), the last two in units of the anchor."""
        k = self.n_components
        place = xp.sinh(xp.clip(raw[..., :k], -_SINH_LIMIT, _SINH_LIMIT))
        log_width = xp.clip(raw[..., k : 2 * k], *_LOG_SCALE_LIMITS)
        weight = raw[..., 2 * k :]
        return weight - log_sum_exp_in(xp, weight), place, log_width

    def _spread(self, anchors: Floats) -> Floats:
        """Repeats (..., A) to (..., K): the components of an anchor stand together."""
        return np.repeat(anchors, self.per_anchor, axis=-1)


@dataclass(frozen=True)
class BarsHead(_Half):
    """Probability of each of `n_bins` bars and of the half-normal tail above the last edge, by softmax.

    Source: Müller et al. 2022, arXiv 2112.10510. Departs: the lowest edge is 0 and nothing lies below, since y > 0.
    """

    n_bins: int

    @property
    def n_outputs(self) -> int:
        return 2 * (self.n_bins + 1)

    @property
    def n_edges(self) -> int:
        return self.n_bins + 1

    def initial_bias(self) -> NDArray[np.float32]:
        return np.zeros(self.n_outputs, np.float32)

    def question(self, tokens: Tokens, r_BT: Floats, bins: Bins) -> dict[str, NDArray[Any]]:
        bar = np.clip(np.searchsorted(bins.edges, r_BT, side="right") - 1, 0, self.n_bins)
        beyond = (r_BT - bins.edges[-1]) / bins.tail_scale
        log_tail = 0.5 * math.log(2 / math.pi) - math.log(bins.tail_scale) - 0.5 * beyond**2
        log_flat = -np.log(np.append(np.diff(bins.edges), 1.0))[bar]
        return {"bar": bar[..., None], "log_within": np.where(bar == self.n_bins, log_tail, log_flat)}

    def log_pdf(self, xp: Any, raw_BTO: Any, question: dict[str, Any], kind: int) -> Any:
        raw = self._of(raw_BTO, kind)
        take = np.take_along_axis if xp is np else xp.take_along_dim
        chosen = take(raw, question["bar"], -1) - log_sum_exp_in(xp, raw)
        return chosen[..., 0] + question["log_within"]

    def marginals(self, raw_NO: NDArray[Any], frame: Frame, bins: Bins, kind: int) -> Bars:
        return Bars(bins.edges, self._of(raw_NO, kind).astype(np.float64), bins.tail_scale)


def make_head(config: NetworkConfig, n_anchors: int) -> Head:
    """The head that a configuration names, for an encoding with `n_anchors` anchors."""
    if config.head == "bars":
        return BarsHead(config.n_bins)
    if n_anchors == 0:
        raise ConfigError(
            f"expected an encoding with anchors for the head {config.head!r}, got none (scaling {config.scaling!r}). "
            'Use head="bars", or scaling="loglog".'
        )
    return (CoupledHead if config.head == "coupled" else MixtureHead)(n_anchors, config.per_anchor)


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


def _spread_out(n_anchors: int, per_anchor: int) -> tuple[Floats, Floats]:
    """Places and log widths (K,) before training: side by side around each anchor, narrow and wide."""
    place = np.tile(np.linspace(-1.0, 1.0, per_anchor), n_anchors)
    width = np.linspace(-1.0, 0.5, n_anchors * per_anchor).reshape(per_anchor, n_anchors).T.ravel()
    return place, width


def _log_logistics(xp: Any, distance: Any, log_unit: Any, log_weight: Any, place: Any, log_width: Any) -> Any:
    """ln of weight times density of logistics at `place` of `log_width`, both in units of their anchors, in r."""
    z = xp.abs((distance - place) * xp.exp(-log_width))
    return log_weight - z - 2.0 * xp.log1p(xp.exp(-z)) - log_width - log_unit


def _log_hypot(xp: Any, log_a: Any, log_b: Any) -> Any:
    """ln sqrt(a² + b²)."""
    return 0.5 * xp.logaddexp(2.0 * log_a, 2.0 * log_b)


def _log_of(scale: Any) -> Any:
    """ln of a standard deviation as the scale of a logistic; -30 for none."""
    return np.log(np.asarray(scale) * math.sqrt(3) / math.pi + 1e-13)
