"""A network that is told the settings of the prior: their ranges, a prior that draws them, an encoding with them."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from benchmark.problem import Floats
from numpy.typing import NDArray

from forescale.network.encodings.base import Contexts, Tokens
from forescale.network.encodings.loglog import LOGLOG
from forescale.network.encodings.registry import ENCODINGS
from forescale.prior import Batch, OursConfig, OursPrior

SCALING = "loglog, told the settings"
VARIED = tuple(s for s in OursConfig.settings() if s.group != "asked")
"""Settings that are varied, each over its own range; shares are drawn uniformly, all others log-uniformly."""


class Scale(NamedTuple):
    """Coordinates of settings: 0 is the default, one end of the range lies at a distance of 1."""

    default: Floats
    unit: Floats
    low: Floats
    high: Floats


def _scale() -> Scale:
    log = np.array([not s.is_share for s in VARIED])
    bounds = np.array([(s.low, s.default, s.high) for s in VARIED]).T
    bounds[:, log] = np.log(bounds[:, log])
    low, default, high = bounds
    unit = np.maximum(high - default, default - low)
    return Scale(default, unit, (low - default) / unit, (high - default) / unit)


SCALE = _scale()


def settings_at(place: Floats) -> dict[str, float]:
    """The settings at coordinates (S,), kept in their ranges."""
    value = SCALE.default + SCALE.unit * np.clip(place, SCALE.low, SCALE.high)
    return {s.name: float(v if s.is_share else np.exp(v)) for s, v in zip(VARIED, value, strict=True)}


class VariedPrior:
    """Our prior with settings drawn anew for every batch, some or all of them; `place` holds the last ones."""

    name, config = "ours", OursConfig()

    def __init__(self) -> None:
        self.place = np.zeros(len(VARIED))

    def sample(self, rng: np.random.Generator, n_curves: int, n_context: int, n_targets: int) -> Batch:
        changed = rng.random(len(VARIED)) < rng.random()
        self.place = np.where(changed, rng.uniform(SCALE.low, SCALE.high), 0.0)
        return OursPrior(replace(self.config, **settings_at(self.place))).sample(rng, n_curves, n_context, n_targets)


def told(values: NDArray[np.float32], place: Floats) -> NDArray[np.float32]:
    """Tokens (B, N, F) with the settings beside every one, (B, N, F + S)."""
    beside = np.broadcast_to(place.astype(np.float32), (*values.shape[:2], len(place)))
    return np.concatenate([values, beside], axis=-1)


def add_told_encoder(prior: VariedPrior) -> None:
    """Registers our encoding with the settings of the prior's last batch beside every token."""

    def encode(contexts: Contexts, x_BT: Floats) -> Tokens:
        tokens = LOGLOG.encode(contexts, x_BT)
        return replace(
            tokens,
            context_BMF=told(tokens.context_BMF, prior.place),
            target_BTF=told(tokens.target_BTF, prior.place),
        )

    names = tuple(s.name for s in VARIED)
    ENCODINGS[SCALING] = replace(
        LOGLOG, name=SCALING, context=LOGLOG.context + names, target=LOGLOG.target + names, encode=encode
    )
