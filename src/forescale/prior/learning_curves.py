"""The prior of LC-PFN: accuracy over epochs as a weighted sum of three curves that practitioners fit by hand.

    pow3       c - a t^-alpha               a ~ U(-.6, .6), c ~ U(0, 1.25), alpha ~ LN(1, 2)
    ilog2      c - a / ln(t + 1)            a ~ U(-.5, .5), c ~ U(0, 1)
    janoschek  a - (a - b) e^(-k t^d)       a ~ U(0, 1), b ~ U(0, 2), k ~ LN(e^-2, 1), d ~ LN(1, .5)

t = 1, 2, ... counts epochs; each curve has its own weight ~ U(0, 1), and they need not sum to one. Noise is normal,
std = e^N(-4, 1), one per curve. Sums that leave [0, 1] or end no higher than they began are drawn anew.
We forecast what falls: y = 1 - accuracy. The context is the first M epochs, the targets are T of the later ones.

Source: Domhan et al. 2015 (IJCAI) for the curves; Adriaensen et al. 2023 (arXiv 2310.20447) for the choice of three
and, in their code (automl/lcpfn, the version they name the correct one), for all numbers. Departs: readings that are
not positive are drawn anew as well, since ln y must exist; runs of more than 100 epochs where M + T asks for it.
"""

from __future__ import annotations

import numpy as np

from ..laws import FloatArray
from .batch import Batch
from .config import LearningCurveConfig
from .random import Bools, log_normal, uniform

FAMILIES = ("pow3+ilog2+janoschek",)
MAX_PASSES = 1000


class LearningCurvePrior:
    """LC-PFN's prior, vectorised. Deterministic given the generator."""

    name = "lc-pfn"

    def __init__(self, config: LearningCurveConfig | None = None) -> None:
        self.config = config or LearningCurveConfig()

    def draw_sizes(self, rng: np.random.Generator) -> tuple[int, int]:
        """(n_context, n_targets) of one batch: a cut after any epoch from the third to the last but one, as likely."""
        n = self.config.n_epochs
        n_context = int(rng.integers(3, n))
        return n_context, n - n_context

    def n_asked(self, n_context: int, n_targets: int) -> int:
        """Targets of each curve."""
        return n_targets

    def sample(self, rng: np.random.Generator, n_curves: int, n_context: int, n_targets: int) -> Batch:
        """Draw a batch; targets rise and lie beyond the context.

        Args:
            rng: the only source of chance.
            n_curves: B.
            n_context: M, at least 2: the epochs 1 to M.
            n_targets: T, at least 1, drawn without repetition from the later epochs.
        """
        assert n_curves >= 1
        assert n_context >= 2
        assert n_targets >= 1
        M = n_context
        epochs = np.arange(1.0, max(self.config.n_epochs, M + n_targets) + 1.0)
        curve, read = np.empty((2, n_curves, len(epochs)))
        pending, drawn, accepted = np.arange(n_curves), 0, 0
        for _ in range(MAX_PASSES):
            clean, noisy = self._try(rng, epochs, 4 * pending.size + 8)
            good = np.flatnonzero(_is_learning(clean) & (noisy > 0.0).all(axis=1))
            drawn, accepted = drawn + len(clean), accepted + good.size
            take = min(good.size, pending.size)
            curve[pending[:take]], read[pending[:take]] = clean[good[:take]], noisy[good[:take]]
            pending = pending[take:]
            if not pending.size:
                break
        assert not pending.size, "the prior rejects nearly everything: check its settings"
        asked = M + np.sort(rng.random((n_curves, len(epochs) - M)).argsort(axis=1)[:, :n_targets], axis=1)
        x_BM = np.repeat(epochs[None, :M], n_curves, axis=0)
        y_BT, curve_BT = (np.take_along_axis(values, asked, axis=1) for values in (read, curve))
        family_B = np.zeros(n_curves, np.int64)
        return Batch(x_BM, read[:, :M], epochs[asked], y_BT, curve_BT, family_B, FAMILIES, accepted / drawn)

    def _try(self, rng: np.random.Generator, epochs: FloatArray, n: int) -> tuple[FloatArray, FloatArray]:
        """Noise-free losses and readings, (n, P) each, acceptable or not."""
        loss = np.ones((n, len(epochs)))
        for basis in (pow3, ilog2, janoschek):
            loss -= rng.random((n, 1)) * basis(rng, epochs, n)
        std = log_normal(rng, float(np.exp(self.config.log_noise_mean)), self.config.log_noise_std, (n, 1))
        return loss, loss + std * rng.standard_normal(loss.shape)


def pow3(rng: np.random.Generator, t: FloatArray, n: int) -> FloatArray:
    """c - a t^-alpha, (n, P)."""
    a, c = uniform(rng, -0.6, 0.6, (n, 1)), uniform(rng, 0.0, 1.25, (n, 1))
    return c - a * np.exp(-log_normal(rng, 1.0, 2.0, (n, 1)) * np.log(t))


def ilog2(rng: np.random.Generator, t: FloatArray, n: int) -> FloatArray:
    """c - a / ln(t + 1), (n, P)."""
    a, c = uniform(rng, -0.5, 0.5, (n, 1)), uniform(rng, 0.0, 1.0, (n, 1))
    return c - a / np.log(t + 1.0)


def janoschek(rng: np.random.Generator, t: FloatArray, n: int) -> FloatArray:
    """a - (a - b) e^(-k t^d), (n, P)."""
    a, b = uniform(rng, 0.0, 1.0, (n, 1)), uniform(rng, 0.0, 2.0, (n, 1))
    k, d = log_normal(rng, float(np.exp(-2.0)), 1.0, (n, 1)), log_normal(rng, 1.0, 0.5, (n, 1))
    return a - (a - b) * np.exp(-k * t**d)


def _is_learning(loss: FloatArray) -> Bools:
    """Within [0, 1] everywhere, and lower in the end than in the beginning; (n,)."""
    return (loss >= 0.0).all(axis=1) & (loss <= 1.0).all(axis=1) & (loss[:, -1] < loss[:, 0])
