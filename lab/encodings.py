"""Poorer encodings, for the ablation only: each takes the tokens of "log" and spoils what its name says."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from forescale.network.encodings import features
from forescale.network.encodings.features import Tokens

FIT_CONTEXT = [*range(2, 7), *range(15, 24)]
FIT_TARGET = [*range(6), *range(7, 13), *range(21, 30)]
"""Columns of the "log" tokens that a closed-form fit, its residual or its error stands behind."""


def without_fits(tokens: Tokens) -> Tokens:
    """The fit features zero, and no anchor but the last level."""
    context, target = tokens.context_BMF.copy(), tokens.target_BTF.copy()
    context[..., FIT_CONTEXT], target[..., FIT_TARGET] = 0.0, 0.0
    return with_anchors(0)(replace(tokens, context_BMF=context, target_BTF=target))


def with_anchors(*kept: int) -> Callable[[Tokens], Tokens]:
    """Leaves some anchors: 0 is the last level (inside the context: straight lines between points), with the spread of
    the context; 1 the law of the last share; 2 the sharp one, whose scale may be far below that spread, so that an
    exact fit can be believed."""

    def spoil(tokens: Tokens) -> Tokens:
        loc, log_scale = tokens.anchor_loc_BTA[..., kept], tokens.anchor_log_scale_BTA[..., kept]
        return replace(tokens, anchor_loc_BTA=loc, anchor_log_scale_BTA=log_scale)

    return spoil


def with_line(tokens: Tokens) -> Tokens:
    """One more anchor: the straight line through the end of the context, read back from its features."""
    said = tokens.target_BTF.astype(np.float64)
    middle, end = np.sinh(said[..., 1]), np.sinh(said[..., 2])
    noise = np.exp((said[..., 23] - 1.0) / 0.4)
    width = np.sqrt(noise**2 + (0.5 * (end - middle)) ** 2 + 0.05**2)
    loc = np.concatenate([tokens.anchor_loc_BTA, end[..., None]], axis=-1)
    log_scale = np.concatenate([tokens.anchor_log_scale_BTA, np.log(width)[..., None]], axis=-1)
    return replace(tokens, anchor_loc_BTA=loc, anchor_log_scale_BTA=log_scale)


def for_bars(tokens: Tokens) -> Tokens:
    """No anchors, and r moved up by 50: bars begin at 0, and ln y beyond the context goes both ways."""
    none = tokens.anchor_loc_BTA[..., :0]
    shift = tokens.shift_B - 50.0 * tokens.scale_B
    return replace(tokens, anchor_loc_BTA=none, anchor_log_scale_BTA=none, shift_B=shift)


def add_encodings() -> None:
    """Register the poorer encodings; each takes the tokens of "log" and spoils them."""
    assert features.N_FEATURES["log"] == (27, 33, 3), "the columns above belong to another layout of the tokens"
    log = features.ENCODERS["log"]
    poorer = {
        "nofits": (without_fits, 1),
        "level": (with_anchors(0), 1),
        "blunt": (with_anchors(0, 1), 2),
        "two": (with_anchors(0, 2), 2),
        "line": (with_line, 4),
        "bars": (for_bars, 0),
    }
    for name, (spoil, n_anchors) in poorer.items():
        name = f"log/{name}"
        features.N_FEATURES[name] = (*features.N_FEATURES["log"][:2], n_anchors)
        features.VERSIONS[name] = features.VERSIONS["log"]
        features.ENCODERS[name] = lambda *points, spoil=spoil: spoil(log(*points))
