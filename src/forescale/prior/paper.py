"""The prior of the paper: falls (M3 or M4), falls with breaks, and falls that rise for a while.

| kind   | share | what it is                                                                          |
|--------|-------|-------------------------------------------------------------------------------------|
| m3, m4 | .7    | one min-max rescaled law over the whole range, M3 or M4 with equal chance            |
| breaks | .2    | 2 or 3 such pieces joined at 1 or 2 breaks, the last break before the cutoff         |
| up     | .1    | piece, rise along a Beta cdf, piece; the rise begins before the cutoff               |

x: ends .01 and 1 and n - 2 uniform between, sorted; the first M are context, the rest targets (rising). With
`context_regression` the context's points are targets too, as the authors train. y in the paper's own unit,
mostly within 0..1.2. Noise: normal in y, std = e^N(-4, 1), one per curve.
A curve that falls below 0, or (up) rises above its first reading, is drawn anew at the same x.

Source: Lee et al. 2025 (arXiv 2505.23032); all numbers as in the authors' anonymised submission code
(nslpfn-anonymous, pfn/prior.py and the defaults of main.py). Departs: M3's scale beta is not drawn, it
cancels in the min-max rescaling; M4 is solved exactly, not on a grid of 1000 values; the noise-free curve
must be positive too; curves not accepted after MAX_PASSES passes (a rise needs room before the cutoff, which
3 of 200 points do not give) become curves without break, where the original would loop without end.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from ..laws import FloatArray
from ..laws.m3 import M3
from ..laws.m4 import solve_logit
from ..numerics import log_sigmoid
from .batch import Batch
from .config import PaperConfig
from .random import Bools, Ints, bernoulli, category, log_normal, uniform

X_FIRST = 0.01
ROOM = 0.05  # breaks lie at least this far before the cutoff
MAX_PASSES = 30
KINDS = ("m3", "m4", "breaks", "up")
SOLVER_TOLERANCE = 1e-8


class PaperPrior:
    """Prior of arXiv 2505.23032, vectorised. Deterministic given the generator."""

    name = "paper"

    def __init__(self, config: PaperConfig | None = None) -> None:
        self.config = config or PaperConfig()

    def draw_sizes(self, rng: np.random.Generator) -> tuple[int, int]:
        """(n_context, n_targets) of one batch: 10^U(1.7, 2.7) points, a uniform 10 to 90 % of them context."""
        n = int(10.0 ** rng.uniform(1.7, 2.7))
        n_context = max(3, int(rng.integers(int(0.1 * n), int(0.9 * n) + 1)))
        return n_context, n - n_context

    def n_asked(self, n_context: int, n_targets: int) -> int:
        """Targets of each curve: the later points or all points, at most `n_asked` of them."""
        n = n_targets + n_context * self.config.context_regression
        return min(n, self.config.n_asked or n)

    def sample(self, rng: np.random.Generator, n_curves: int, n_context: int, n_targets: int) -> Batch:
        """Draw a batch; targets rise and lie beyond the context, with `context_regression` inside it too."""
        assert n_curves >= 1
        assert n_context >= 2
        assert n_targets >= 1
        c, B, P = self.config, n_curves, n_context + n_targets
        between = np.sort(uniform(rng, X_FIRST, 1.0, (B, P - 2)), axis=1)
        x = np.concatenate([np.full((B, 1), X_FIRST), between, np.ones((B, 1))], axis=1)
        plain = 1.0 - c.p_breaks - c.p_up
        weights = (plain * c.p_m3, plain * (1.0 - c.p_m3), c.p_breaks, c.p_up)
        kind = category(rng, weights, B)
        curve, read = np.empty((B, P)), np.empty((B, P))
        pending, drawn = np.arange(B), 0
        for i_pass in range(10 * MAX_PASSES):
            if i_pass == MAX_PASSES:
                kind[pending] = np.where(bernoulli(rng, c.p_m3, pending.size), 0, 1)
            tries = np.repeat(pending, max(1, 32 // pending.size))
            clean, noisy, good = self._try(rng, x[tries], kind[tries], n_context)
            drawn += tries.size
            rows, first = np.unique(tries[good], return_index=True)
            curve[rows], read[rows] = clean[good][first], noisy[good][first]
            pending = np.setdiff1d(pending, rows, assume_unique=True)
            if not pending.size:
                break
        assert not pending.size, "the prior rejects nearly everything: check its settings"
        asked = self._asked(rng, B, n_context, n_targets)
        x_BT, y_BT, curve_BT = (np.take_along_axis(values, asked, axis=1) for values in (x, read, curve))
        return Batch(x[:, :n_context], read[:, :n_context], x_BT, y_BT, curve_BT, kind, KINDS, B / drawn)

    def _asked(self, rng: np.random.Generator, n_curves: int, n_context: int, n_targets: int) -> Ints:
        """Which points of each curve are targets, (B, T), rising. The last one always is: it ends the range of x."""
        points = np.arange(0 if self.config.context_regression else n_context, n_context + n_targets)
        n_asked = self.n_asked(n_context, n_targets)
        if n_asked == len(points):
            return np.repeat(points[None], n_curves, axis=0)
        others = rng.random((n_curves, len(points) - 1)).argsort(axis=1)[:, : n_asked - 1]
        return np.concatenate([np.sort(points[others], axis=1), np.full((n_curves, 1), points[-1])], axis=1)

    def _try(
        self, rng: np.random.Generator, x: FloatArray, kind: Ints, n_context: int
    ) -> tuple[FloatArray, FloatArray, Bools]:
        """One attempt per row: noise-free curve, reading, acceptable or not."""
        c, curve = self.config, np.empty_like(x)
        for code in (0, 1):
            k = np.flatnonzero(kind == code)
            curve[k] = draw_fall(rng, x[k], 1.0 - code)
        cutoff = x[:, min(n_context, x.shape[1] - 1)][:, None] - ROOM
        k = np.flatnonzero(kind == 2)
        curve[k] = draw_breaks(rng, x[k], cutoff[k], c.p_m3)
        k = np.flatnonzero(kind == 3)
        curve[k] = draw_up(rng, x[k], cutoff[k], c.p_m3)
        std = log_normal(rng, float(np.exp(c.log_noise_mean)), c.log_noise_std, (len(x), 1))
        read = curve + std * rng.standard_normal(x.shape)
        good = (read > 0.0).all(axis=1) & (curve > 0.0).all(axis=1)
        good &= (kind != 3) | (read <= read[:, :1]).all(axis=1)
        return curve, read, good


def draw_fall(rng: np.random.Generator, x: FloatArray, p_m3: float) -> FloatArray:
    """One falling law per row, from y0 ~ U(.2, 1.2) at the first x to y1 ~ U(0, y0) at the last.

    M3: c ~ LN(e^-2, 1), gamma ~ LN(1, 1). M4 with eps_0 = 1, eps_inf = 0: alpha ~ LN(1, .5),
    beta ~ LN(e^-1, .5), -c ~ LN(1, .5).
    """
    y = np.empty_like(x)
    is_m3 = bernoulli(rng, p_m3, len(x))
    k = np.flatnonzero(is_m3)
    c, gamma = log_normal(rng, np.exp(-2.0), 1.0, (k.size, 1)), log_normal(rng, 1.0, 1.0, (k.size, 1))
    y[k] = M3().y(x[k], beta=1.0, gamma=gamma, c=c)
    k = np.flatnonzero(~is_m3)
    if k.size:
        alpha, slope = log_normal(rng, 1.0, 0.5, (k.size, 1)), log_normal(rng, 1.0, 0.5, (k.size, 1))
        log_beta = -1.0 + 0.5 * rng.standard_normal((k.size, 1))
        t = log_beta - slope * np.log(x[k])
        y[k] = np.exp(log_sigmoid(solve_logit(t, alpha, tolerance=SOLVER_TOLERANCE)))
    with np.errstate(invalid="ignore", divide="ignore"):  # a constant curve becomes nan: rejected
        y = (y - y[:, -1:]) / (y[:, :1] - y[:, -1:])
    y0 = uniform(rng, 0.2, 1.2, (len(x), 1))
    y1 = y0 * rng.random((len(x), 1))
    return y * (y0 - y1) + y1


def draw_breaks(rng: np.random.Generator, x: FloatArray, latest: FloatArray, p_m3: float) -> FloatArray:
    """1 or 2 breaks (equal chance), the last one not after `latest`; each piece a law of its own."""
    n_breaks = rng.integers(1, 3, (len(x), 1))
    first, last = _draw_places(rng, latest)
    scale = np.clip(latest, 0.0, last) / last
    i_first = np.where(n_breaks == 2, _index(x, first * scale), 0)
    i_last = _index(x, last * scale)
    pieces = [draw_fall(rng, x, p_m3) for _ in range(3)]
    return _join(pieces, i_first, i_last)


def draw_up(rng: np.random.Generator, x: FloatArray, latest: FloatArray, p_m3: float) -> FloatArray:
    """Fall, rise, fall; the rise begins not after `latest`. It gains slope times its length in x,
    slope ~ U(.01, .7), along BetaCDF(u; b, b)^g, ln b ~ U(.5, 1), g ~ LN(1, .1), u = (x - start)/end."""
    from scipy.special import betainc

    B = len(x)
    first, last = _draw_places(rng, latest)
    scale = np.clip(latest, 0.0, first) / first
    i_first, i_last = _index(x, first * scale), _index(x, last * scale)
    slope, b = uniform(rng, 0.01, 0.7, (B, 1)), np.exp(uniform(rng, 0.5, 1.0, (B, 1)))
    g = log_normal(rng, 1.0, 0.1, (B, 1))
    start = np.take_along_axis(x, i_first - 1, axis=1)
    end = np.take_along_axis(x, i_last - 1, axis=1)
    j = np.arange(x.shape[1])
    rows, cols = np.nonzero((j >= i_first - 1) & (j < i_last))
    u = np.clip((x[rows, cols] - start[rows, 0]) / end[rows, 0], 0.0, 1.0)
    gain = betainc(b[rows, 0], b[rows, 0], u) ** g[rows, 0]
    rise = np.zeros_like(x)
    rise[rows, cols] = gain * slope[rows, 0] * (end - start)[rows, 0]
    return _join([draw_fall(rng, x, p_m3), rise, draw_fall(rng, x, p_m3)], i_first, i_last)


def _draw_places(rng: np.random.Generator, latest: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Two break places p q <= p, both ~ U(min(latest, .2), .4), each (B, 1), before they are scaled."""
    low = np.clip(latest, 0.0, 0.2)
    p, q = uniform(rng, low, 0.4, latest.shape), uniform(rng, low, 0.4, latest.shape)
    return p * q, p


def _index(x: FloatArray, place: FloatArray) -> Ints:
    """Index of the first x not below `place`, at least 1; (B, 1)."""
    return cast("Ints", np.maximum((x < place).sum(axis=1, keepdims=True), 1))


def _join(pieces: list[FloatArray], i_first: Ints, i_last: Ints) -> FloatArray:
    """Follow piece 0 up to index i_first, piece 1 up to i_last, piece 2 from there, without jumps."""
    j = np.arange(pieces[0].shape[1])
    steps = [np.diff(piece, axis=1, prepend=0.0) for piece in pieces]
    return np.cumsum(np.where(j < i_first, steps[0], np.where(j < i_last, steps[1], steps[2])), axis=1)
