"""A network that is told the settings of the prior: their ranges, a prior that draws them, an encoding with them."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from benchmark.problem import Floats
from numpy.typing import NDArray

from forescale.network.encodings import features
from forescale.prior import Batch, OursConfig, OursPrior

SCALING = "log, told the settings"
RANGES: dict[str, tuple[float, float]] = {
    **{f"weight_{name}": (0.02, 0.6) for name in ("powfl", "bnsl", "m4", "sigmoid_floor", "dub", "drift")},
    **{f"weight_{name}": (0.01, 0.3) for name in ("m2", "steps", "bump", "expo")},
    "exponent": (0.1, 0.6),
    "exponent_std": (0.5, 1.2),
    "p_no_floor": (0.0, 0.7),
    "p_late": (0.0, 0.9),
    "p_second": (0.0, 0.9),
    "m4_slope": (0.15, 1.0),
    "p_m4_no_floor": (0.0, 0.7),
    "p_sharp": (0.0, 0.9),
    "p_flat_start": (0.0, 0.8),
    "onset": (0.2, 1.5),
    "break_ratio": (0.2, 1.0),
    "break_std": (0.5, 1.8),
    "break_width": (0.03, 0.8),
    "p_recent_breaks": (0.0, 0.8),
    "p_peak_returns": (0.0, 0.9),
    "p_peak_inside": (0.5, 1.0),
    "p_flat_descent": (0.0, 0.7),
    "after_peak": (0.12, 0.7),
    "bump_height": (0.2, 2.0),
    "drift_rate": (0.2, 2.0),
    "p_drift_floor": (0.0, 1.0),
    "p_clean": (0.0, 0.4),
    "p_clean_m2": (0.2, 1.0),
    "p_reversal": (0.0, 0.2),
    "p_saturation": (0.0, 0.6),
    "saturation_depth": (0.2, 3.0),
    "saturation_reach": (0.5, 6.0),
    "saturation_sharpness": (1.5, 20.0),
    "p_prelude": (0.0, 0.7),
    "prelude_reach": (0.2, 0.9),
    "p_transient": (0.0, 0.5),
    "p_lr_decay": (0.0, 0.4),
    "p_wiggle": (0.0, 1.0),
    "wiggle_size": (0.03, 1.0),
    "wiggle_length": (0.05, 0.6),
    "p_upturn": (0.0, 0.15),
    "p_buried": (0.0, 0.3),
    "p_loud": (0.0, 1.0),
    "loud": (0.1, 1.0),
    "p_noise_trend": (0.0, 0.9),
    "p_heavy_tails": (0.0, 0.5),
    "p_skewed": (0.0, 0.4),
    "p_autocorrelated": (0.0, 0.6),
    "p_outliers": (0.0, 0.2),
    "p_spikes": (0.0, 0.3),
    "p_quantised": (0.0, 0.2),
    "p_filtered": (0.0, 0.7),
    "p_monotone": (0.0, 1.0),
    "monotone_noise": (1.0, 10.0),
    "p_records": (0.0, 1.0),
    "p_log_thinned": (0.0, 1.0),
    "filtered_noise": (1.0, 10.0),
    "raw_per_shown": (5.0, 60.0),
}
"""Lowest and highest value of each setting; shares (`p_`) are drawn uniformly, all others log-uniformly."""
DEFAULTS = OursConfig().to_dict()


class Scale(NamedTuple):
    """Coordinates of settings: 0 is the default, one end of the range lies at a distance of 1."""

    default: Floats
    unit: Floats
    low: Floats
    high: Floats


def _scale() -> Scale:
    log = np.array([not name.startswith("p_") for name in RANGES])
    bounds = np.array([(low, DEFAULTS[name], high) for name, (low, high) in RANGES.items()]).T
    bounds[:, log] = np.log(bounds[:, log])
    low, default, high = bounds
    unit = np.maximum(high - default, default - low)
    return Scale(default, unit, (low - default) / unit, (high - default) / unit)


SCALE = _scale()


def settings_at(place: Floats) -> dict[str, float]:
    """The settings at coordinates (S,), kept in their ranges."""
    value = SCALE.default + SCALE.unit * np.clip(place, SCALE.low, SCALE.high)
    return {n: float(v if n.startswith("p_") else np.exp(v)) for n, v in zip(RANGES, value, strict=True)}


class VariedPrior:
    """Our prior with settings drawn anew for every batch, some or all of them; `place` holds the last ones."""

    name, config = "ours", OursConfig()

    def __init__(self) -> None:
        self.place = np.zeros(len(RANGES))

    def sample(self, rng: np.random.Generator, n_curves: int, n_context: int, n_targets: int) -> Batch:
        changed = rng.random(len(RANGES)) < rng.random()
        self.place = np.where(changed, rng.uniform(SCALE.low, SCALE.high), 0.0)
        return OursPrior(replace(self.config, **settings_at(self.place))).sample(rng, n_curves, n_context, n_targets)


def told(values: NDArray[np.float32], place: Floats) -> NDArray[np.float32]:
    """Tokens (B, N, F) with the settings beside every one, (B, N, F + S)."""
    beside = np.broadcast_to(place.astype(np.float32), (*values.shape[:2], len(place)))
    return np.concatenate([values, beside], axis=-1)


def add_told_encoder(prior: VariedPrior) -> None:
    """Registers the encoding "log" with the settings of the prior's last batch beside every token."""

    def encode(x_BM: Floats, y_BM: Floats, x_BT: Floats) -> features.Tokens:
        tokens = features.encode("log", x_BM, y_BM, x_BT)
        return replace(
            tokens,
            context_BMF=told(tokens.context_BMF, prior.place),
            target_BTF=told(tokens.target_BTF, prior.place),
        )

    n_context, n_target, n_anchors = features.N_FEATURES["log"]
    features.ENCODERS[SCALING] = encode
    features.N_FEATURES[SCALING] = (n_context + len(RANGES), n_target + len(RANGES), n_anchors)
