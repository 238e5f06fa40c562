"""What a prior gives: a batch of curves, each with a context, targets, and the truth behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from ..laws import FloatArray
from .random import Ints
from .settings import PriorConfig


@dataclass(frozen=True)
class Batch:
    """B curves with M context and T target points each; float64, arbitrary units of x and y per curve.

    Contexts are sorted by (x, y). Targets come in no promised order: some lie inside the context's range,
    few just below it, the rest beyond.
    """

    x_BM: FloatArray  # context x
    y_BM: FloatArray  # context readings, as the observation filter lets them through
    x_BT: FloatArray  # target x
    y_BT: FloatArray  # "run": one new raw reading at each target
    curve_BT: FloatArray  # "curve": the noise-free value there, with all real modifiers
    family_B: Ints  # index into `families`
    families: tuple[str, ...]
    acceptance: float  # share of the curves drawn that were not rejected
    count_BM: FloatArray | None = None  # rows that a context point is the mean of; None: one each
    scatter_BM: FloatArray | None = None  # their standard deviation in ln y, nan where a point is one row


class Prior(Protocol):
    """A distribution over curves: one generator in, one batch out. Some draw their own sizes too (`SizedPrior`)."""

    @property
    def name(self) -> str: ...

    @property
    def config(self) -> PriorConfig: ...

    def sample(self, rng: np.random.Generator, n_curves: int, n_context: int, n_targets: int) -> Batch:
        """Draw `n_curves` curves; the same generator state gives the same batch."""
        ...


@runtime_checkable
class SizedPrior(Prior, Protocol):
    """A prior that also says how long its curves are and where they are cut."""

    def draw_sizes(self, rng: np.random.Generator) -> tuple[int, int]:
        """(n_context, n_targets) of one batch, as `sample` takes them."""
        ...

    def n_asked(self, n_context: int, n_targets: int) -> int:
        """Targets of each curve in the batch that `sample` gives for these sizes."""
        ...
