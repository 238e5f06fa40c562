"""The paper's encodings (arXiv 2505.23032): x min-max scaled over context *and* targets, y linear.

linear  y over its largest context value
raw     y as it is, as the authors train; above RAW_TOP it is divided by its largest value first (`unit_of`)
"""

from __future__ import annotations

import numpy as np

from ...numerics import Floats
from .base import Contexts, Encoding, Tokens, stack

NAMES = ("x", "y")
RAW_TOP = 1.2
"""Largest y of the paper's prior, noise aside: up to here "raw" reads y as it is (see `unit_of`)."""


def unit_of(scaling: str, y_BM: Floats) -> Floats:
    """What a context's y is divided by before it is encoded, (B,): 1, but for "raw" the largest value where that is
    above `RAW_TOP`. The authors do so on the data sets that are not error rates or normalised losses already."""
    top = y_BM.max(1)
    return np.where((scaling == "raw") & (top > RAW_TOP), top, 1.0)


def encode_linear(contexts: Contexts, x_BT: Floats) -> Tokens:
    """r = y / largest context y."""
    return _encode(contexts, x_BT, contexts.y_BM.max(1))


def encode_raw(contexts: Contexts, x_BT: Floats) -> Tokens:
    """r = y."""
    return _encode(contexts, x_BT, np.ones(len(contexts.y_BM)))


def _encode(contexts: Contexts, x_BT: Floats, unit: Floats) -> Tokens:
    """No anchors. The range of x includes the targets, as in the paper."""
    x_BM, y_BM = contexts.x_BM, contexts.y_BM
    low = np.minimum(x_BM.min(1), x_BT.min(1))[:, None]
    span = np.maximum(np.maximum(x_BM.max(1), x_BT.max(1))[:, None] - low, 1e-300)
    none = np.zeros((*x_BT.shape, 0))
    return Tokens(
        context_BMF=stack(NAMES, {"x": (x_BM - low) / span, "y": y_BM / unit[:, None]}, x_BM.shape),
        target_BTF=stack(NAMES[:1], {"x": (x_BT - low) / span}, x_BT.shape),
        anchor_loc_BTA=none,
        anchor_log_scale_BTA=none,
        shift_B=np.zeros(len(unit)),
        scale_B=unit,
        log_noise_B=np.zeros(len(unit)),
        floor_B=np.zeros(len(unit)),
    )


LINEAR = Encoding("linear", 1, NAMES, NAMES[:1], (), encode_linear, in_logs=False, pools=False)
RAW = Encoding("raw", 1, NAMES, NAMES[:1], (), encode_raw, in_logs=False, pools=False)
