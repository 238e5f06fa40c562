"""What an encoding is: contexts in, named columns and anchors out.

One source of truth, used by training and by inference: NumPy, float64 inside (the fits are ill-conditioned in
float32), float32 tokens out. Axes: B curves, M context points (sorted by x), T targets, F columns, A anchors. An
anchor is a location and a scale, in scaled units r, around which a mixture head places components.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...curves.thinning import Reading, last_digit
from ...numerics import Floats

if TYPE_CHECKING or "jaxtyping" in sys.modules:  # who checks shapes has it loaded; a forecast need not wait for it
    from jaxtyping import Float

Columns = Mapping[str, Floats]
"""Name -> (B, N), or (B, 1) where a number belongs to the whole curve."""


@dataclass(frozen=True)
class Contexts:
    """B contexts with the same number of points, as a network reads them.

    x_BM, y_BM are sorted by x (ties by y) and positive. A point may stand for many rows (`curves.thinning.pool`):
    count_BM says how many, scatter_BM the standard deviation of one of them in ln y, nan where nothing tells it.
    step_BM is the last digit of y, in ln y; 0 where y has no last digit.
    """

    x_BM: Float[np.ndarray, "B M"]
    y_BM: Float[np.ndarray, "B M"]
    count_BM: Float[np.ndarray, "B M"]
    scatter_BM: Float[np.ndarray, "B M"]
    step_BM: Float[np.ndarray, "B M"]

    @classmethod
    def of_rows(cls, x_BM: Floats, y_BM: Floats) -> Contexts:
        """Contexts whose points are rows of a table."""
        return cls(x_BM, y_BM, np.ones_like(x_BM), np.full_like(x_BM, np.nan), last_digit(y_BM))

    @classmethod
    def of(cls, readings: Sequence[Reading]) -> Contexts:
        """Readings with the same number of points side by side."""
        return cls(*(np.stack([getattr(r, name) for r in readings]) for name in ("x", "y", "count", "scatter", "step")))


@dataclass(frozen=True)
class Tokens:
    """What the network reads of B curves, and the way back to the user's unit.

    r = (ln y - shift) / scale for encodings in logs; r = y / scale for "linear" (shift 0).
    """

    context_BMF: Float[np.ndarray, "B M Fc"]
    target_BTF: Float[np.ndarray, "B T Ft"]
    anchor_loc_BTA: Float[np.ndarray, "B T A"]
    anchor_log_scale_BTA: Float[np.ndarray, "B T A"]
    shift_B: Float[np.ndarray, " B"]
    scale_B: Float[np.ndarray, " B"]
    log_noise_B: Float[np.ndarray, " B"]
    """ln of the noise of one reading, as the context tells it, in r."""
    floor_B: Float[np.ndarray, " B"]
    """What the last digit of y leaves open, a standard deviation in r; 0 where there is none."""

    def frame(self) -> Frame:
        """Of all targets, those of a curve after those of the one before it: N = B T."""
        b, t, a = self.anchor_loc_BTA.shape
        return Frame(
            self.anchor_loc_BTA.reshape(b * t, a),
            self.anchor_log_scale_BTA.reshape(b * t, a),
            np.repeat(self.log_noise_B, t)[:, None, None],
            np.repeat(self.floor_B, t)[:, None, None],
        )


@dataclass(frozen=True)
class Frame:
    """What a head measures N answers in: anchors (N, A), noise of a reading and last digit (N, 1, 1), in r."""

    anchor_loc_NA: Floats
    anchor_log_scale_NA: Floats
    log_noise_N11: Floats
    floor_N11: Floats


@dataclass(frozen=True)
class Encoding:
    """A way to read contexts: its columns and anchors by name, and the function that fills them."""

    name: str
    version: int
    """What weights must have been made for; a change of the numbers is a new version."""
    context: tuple[str, ...]
    target: tuple[str, ...]
    anchors: tuple[str, ...]
    encode: Callable[[Contexts, Floats], Tokens] = field(repr=False)
    """Contexts and targets (B, T), positive, in any order."""
    in_logs: bool = True
    """Whether outcomes are ln y, shifted and scaled; else they are y in units of its largest value."""
    pools: bool = True
    """Whether long contexts are pooled in bins; else rows are picked."""


def stack(names: Sequence[str], columns: Columns, shape: tuple[int, int]) -> NDArray[np.float32]:
    """The named columns as one float32 array (B, N, F), in the order of `names`."""
    assert set(names) == set(columns), f"columns {sorted(set(names) ^ set(columns))}"
    out = np.empty((*shape, len(names)), np.float32)
    for i, name in enumerate(names):
        out[..., i] = columns[name]
    return out
