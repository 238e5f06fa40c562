"""Poorer encodings, for the ablation only: each takes the tokens of "loglog" and spoils what its name says."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from forescale.network.encodings.base import Tokens
from forescale.network.encodings.loglog import LOGLOG
from forescale.network.encodings.registry import ENCODINGS


def is_of_a_fit(column: str) -> bool:
    """Whether a column says what a closed-form fit, its residual or its error says."""
    return column.startswith(("law", "line")) or column == "level_noise"


def without_fits(tokens: Tokens) -> Tokens:
    """The fit features zero, and no anchor but the last level; the noise of a reading is a share of the spread."""
    context, target = tokens.context_BMF.copy(), tokens.target_BTF.copy()
    context[..., [is_of_a_fit(name) for name in LOGLOG.context]] = 0.0
    target[..., [is_of_a_fit(name) for name in LOGLOG.target]] = 0.0
    blind = replace(tokens, context_BMF=context, target_BTF=target, log_noise_B=np.full_like(tokens.log_noise_B, -2.0))
    return with_anchors("level")(blind)


def with_anchors(*kept: str) -> Callable[[Tokens], Tokens]:
    """Leaves some anchors: "level" is the last level (inside the context: straight lines between points), with the
    spread of the context; "law_recent" the law of the last share; "law" and "line" those of all points, whose scale may
    be far below that spread, so that an exact fit can be believed."""
    places = [LOGLOG.anchors.index(name) for name in kept]

    def spoil(tokens: Tokens) -> Tokens:
        loc, log_scale = tokens.anchor_loc_BTA[..., places], tokens.anchor_log_scale_BTA[..., places]
        return replace(tokens, anchor_loc_BTA=loc, anchor_log_scale_BTA=log_scale)

    return spoil


def for_bars(tokens: Tokens) -> Tokens:
    """No anchors, and r moved up by 50: bars begin at 0, and ln y beyond the context goes both ways."""
    return replace(with_anchors()(tokens), shift_B=tokens.shift_B - 50.0 * tokens.scale_B)


ANCHORS = {
    "level": ("level",),
    "blunt": ("level", "law_recent"),
    "two": ("level", "law"),
    "noline": ("level", "law_recent", "law"),
}
"""Name -> the anchors that are left."""


def add_encodings() -> None:
    """Register the poorer encodings; each takes our tokens and spoils them."""
    spoilt = {name: (with_anchors(*kept), kept) for name, kept in ANCHORS.items()}
    spoilt |= {"nofits": (without_fits, ("level",)), "bars": (for_bars, ())}
    for name, (spoil, anchors) in spoilt.items():
        name = f"{LOGLOG.name}/{name}"
        ENCODINGS[name] = replace(
            LOGLOG, name=name, anchors=anchors, encode=lambda c, x, spoil=spoil: spoil(LOGLOG.encode(c, x))
        )
