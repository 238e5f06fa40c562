"""Our prior: a law, what training does to it, what a reading adds, what a context shows of it.

One batch is drawn in three parts that differ in their raw points: plain curves, measured where they are shown, and
filtered ones, measured more densely and thinned to their best-so-far readings or to a monotone fit.
"""

from __future__ import annotations

import numpy as np

from ..laws import FloatArray
from .batch import Batch
from .config import OursConfig
from .families import FAMILIES, Span
from .filters import BEST, MONOTONE, RAW, SHOWN, draw_n_raw, fit_monotone, keep_best
from .layouts import MIN_RANGE, draw_contexts, draw_horizons, draw_targets, evenly_spaced
from .modifiers import MODIFIERS, Size, size_of
from .noise import add_spikes, draw_noise, draw_sigma, quantise, round_digits
from .prelude import FEWEST, split
from .random import Bools, Ints, bernoulli, category, log_uniform

MAX_LOG_CHANGE = 12.0  # curves that stray further from their last context level are drawn anew
FEWEST_RUNS, FEW_RUNS = 5, 8  # points of an uneven context that is probably a table of runs; any law meets fewer
OF_LOGS = ("transient", "lr_decay", "spikes")  # what a run's own log shows and a table of finished runs does not
X_LAST, Y_LAST = (1e2, 1e13), (0.05, 10.0)  # log-uniform units, so that nothing downstream can rely on them


class OursPrior:
    """The prior of the released network. Deterministic given the generator."""

    name = "ours"

    def __init__(self, config: OursConfig | None = None) -> None:
        self.config = config or OursConfig()
        self._weights = [getattr(self.config, f"weight_{family.name}") for family in FAMILIES]

    def sample(self, rng: np.random.Generator, n_curves: int, n_context: int, n_targets: int) -> Batch:
        """Draw a batch; curves in no order, targets in no promised order.

        Args:
            rng: the only source of chance.
            n_curves: B.
            n_context: M, at least 3, the same for all curves of the batch.
            n_targets: T, at least 1.
        """
        assert n_curves >= 1
        assert n_context >= 3
        assert n_targets >= 1
        p_filtered = self._share_filtered(n_context)
        p_monotone = p_filtered * self.config.p_monotone
        counts = rng.multinomial(n_curves, (1.0 - p_filtered, p_filtered - p_monotone, p_monotone))
        p_clean = self.config.p_clean / max(1.0 - p_filtered, 1e-9)  # filtered curves are never clean
        parts = [
            self._draw_part(rng, int(n), n_context, n_targets, p, shown)
            for n, p, shown in zip(counts, (p_clean, 0.0, 0.0), SHOWN, strict=True)
            if n
        ]
        order = rng.permutation(n_curves)
        arrays = [np.concatenate(columns)[order] for columns in zip(*(p[0] for p in parts), strict=True)]
        drawn = sum(p[1] for p in parts)
        accepted = sum(p[2] for p in parts)
        names = tuple(family.name for family in FAMILIES)
        x_BM, y_BM, x_BT, y_BT, curve_BT, family_B = arrays
        return Batch(x_BM, y_BM, x_BT, y_BT, curve_BT, family_B, names, accepted / drawn)

    def _draw_part(
        self,
        rng: np.random.Generator,
        n_curves: int,
        n_context: int,
        n_targets: int,
        p_clean: float,
        shown: str,
    ) -> tuple[tuple[FloatArray | Ints, ...], int, int]:
        """(arrays of a Batch), curves drawn, curves that were acceptable."""
        n_raw = draw_n_raw(rng, shown, n_context, self.config.raw_per_shown)
        kept: list[tuple[FloatArray | Ints | Bools, ...]] = []
        missing, drawn, accepted = n_curves, 0, 0
        while missing > 0:
            n = missing + missing // 16 + 1
            part = self._draw_curves(rng, n, n_raw, n_targets, p_clean, shown)
            good = np.flatnonzero(_is_sane(part[1], n_raw))
            drawn, accepted = drawn + n, accepted + good.size
            kept.append(tuple(array[good[:missing]] for array in part))
            missing -= min(good.size, missing)
        U, g, family, clean = (np.concatenate(columns) for columns in zip(*kept, strict=True))
        return (*self._observe(rng, U, g, clean, n_raw, n_context, shown), family), drawn, accepted

    def _draw_curves(
        self, rng: np.random.Generator, B: int, M: int, T: int, p_clean: float, shown: str
    ) -> tuple[FloatArray, FloatArray, Ints, Bools]:
        """U (B, M+T), g = ln y with all modifiers (B, M+T), family (B,), clean (B,)."""
        config = self.config
        U_BM = draw_contexts(rng, B, M, config, at_steps=shown == MONOTONE)
        R = np.maximum(-U_BM[:, :1], MIN_RANGE)
        E = draw_horizons(rng, R, config)
        U = np.concatenate([U_BM, draw_targets(rng, U_BM, E, T, config)], axis=1)
        is_log = _is_log(U_BM, shown)
        clean = bernoulli(rng, np.minimum(p_clean * self._clean_times(M, is_log), 1.0), B)
        family = category(rng, self._weights, B)
        plain = clean & bernoulli(rng, config.p_clean_m2, B)
        family = np.where(plain, [f.name for f in FAMILIES].index("m2"), family)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            g = self._draw_laws(rng, U, Span(R, E), M, family, clean)
            g -= g[:, M - 1 : M]
            size = size_of(U_BM, g[:, :M])
            for modifier in MODIFIERS:
                p = self._share(modifier.name, is_log)
                k = np.flatnonzero(bernoulli(rng, p, B) & ~clean)
                if k.size:
                    params = modifier.draw(rng, Span(R[k], E[k]), Size(size.std[k], size.slope[k]), config)
                    g[k] = modifier.apply(g[k], U[k], **params)
        return U, g, family, clean

    def _draw_laws(
        self, rng: np.random.Generator, U: FloatArray, span: Span, M: int, family: Ints, clean: Bools
    ) -> FloatArray:
        """ln y (B, M+T) by the law of each curve's family; some begin with another law."""
        k = np.flatnonzero(bernoulli(rng, self.config.p_prelude, len(U)) & ~clean)
        if not k.size or M < FEWEST:
            return self._laws(rng, U, span, family)
        late = U.copy()
        late[k], early = split(rng, U[k], M, self.config.prelude_reach)
        g = self._laws(rng, late, span, family)
        g[k] += self._laws(rng, early, Span(span.R[k], span.E[k]), category(rng, self._weights, k.size))
        return g

    def _laws(self, rng: np.random.Generator, U: FloatArray, span: Span, family: Ints) -> FloatArray:
        """ln y at U (B, P), one law of its family for each row."""
        g = np.empty_like(U)
        for code, law in enumerate(FAMILIES):
            k = np.flatnonzero(family == code)
            if k.size:
                g[k] = law.log_y(U[k], **law.draw(rng, Span(span.R[k], span.E[k]), self.config))
        return g

    def _share_filtered(self, M: int) -> float:
        """Share of the contexts of M points that are filtered: none of the shortest."""
        if M < FEWEST_RUNS:
            return 0.0
        return self.config.p_filtered * (self.config.filtered_few if M <= FEW_RUNS else 1.0)

    def _clean_times(self, M: int, is_log: Bools) -> float | FloatArray:
        """How often a context of M points is clean, (B,), as a multiple of `p_clean`."""
        if M > FEW_RUNS:
            return 1.0
        return np.where(is_log, 1.0, self.config.clean_few if M >= FEWEST_RUNS else self.config.clean_fewest)

    def _share(self, mechanism: str, is_log: Bools) -> float | FloatArray:
        """Share of the curves that have a mechanism; for those of training logs it depends on the layout, (B,)."""
        p = float(getattr(self.config, f"p_{mechanism}"))
        if mechanism not in OF_LOGS:
            return p
        times = np.where(is_log, self.config.times_in_logs, self.config.times_in_tables)
        return np.minimum(p * times, 1.0)

    def _observe(
        self,
        rng: np.random.Generator,
        U: FloatArray,
        g: FloatArray,
        clean: Bools,
        M: int,
        n_context: int,
        shown: str,
    ) -> tuple[FloatArray, ...]:
        """x_BM, y_BM, x_BT, y_BT, curve_BT in arbitrary units: noise, spikes, digits, filter."""
        config, B = self.config, len(U)
        std, R = g[:, :M].std(axis=1, keepdims=True), np.maximum(-U[:, :1], MIN_RANGE)
        times = {RAW: 1.0, BEST: config.filtered_noise, MONOTONE: config.monotone_noise}[shown]
        sigma = draw_sigma(rng, U, R, std, clean[:, None], times, config)
        read = g + draw_noise(rng, U, sigma, config)
        k = np.flatnonzero(bernoulli(rng, self._share("spikes", _is_log(U[:, :M], shown)), B) & ~clean)
        if k.size:
            read[k] = add_spikes(rng, read[k], U[k], sigma[k], M, config.p_spike_at_end)
        k = np.flatnonzero(bernoulli(rng, config.p_quantised, B) & ~clean)
        read[k] = quantise(rng, read[k], std[k])
        log_x_last = np.log(log_uniform(rng, *X_LAST, (B, 1)))
        log_y_last = np.log(log_uniform(rng, *Y_LAST, (B, 1))) - g[:, M - 1 : M]
        read += log_y_last
        k = np.flatnonzero(bernoulli(rng, config.p_rounded, B))
        read[k] = np.log(round_digits(rng, np.exp(read[k])))
        U_BM, read_BM = U[:, :M], read[:, :M]
        if shown == BEST:
            U_BM, read_BM = keep_best(rng, U_BM, read_BM, n_context, config.p_records, config.p_log_thinned)
        elif shown == MONOTONE:
            U_BM, read_BM = fit_monotone(rng, U_BM, read_BM, n_context, config.p_log_thinned)
        read_BM = _sort_ties(U_BM, read_BM)
        x_BM, x_BT = np.exp(log_x_last + U_BM), np.exp(log_x_last + U[:, M:])
        return x_BM, np.exp(read_BM), x_BT, np.exp(read[:, M:]), np.exp(log_y_last + g[:, M:])


def _is_log(U_BM: FloatArray, shown: str) -> Bools:
    """Which contexts are the lines of a training log, (B,): at equal steps, and every one of them."""
    return evenly_spaced(U_BM) & (shown == RAW)


def _is_sane(g_BP: FloatArray, n_context: int) -> Bools:
    """Finite, and within e^12 of the level at the end of the context, everywhere; (B,)."""
    with np.errstate(invalid="ignore"):
        stray = np.abs(g_BP - g_BP[:, n_context - 1 : n_context])
    return np.all(stray <= MAX_LOG_CHANGE, axis=1)  # nan compares False


def _sort_ties(U_BM: FloatArray, log_y_BM: FloatArray) -> FloatArray:
    """Sort y within equal x, so that a context is sorted by (x, y) as `Curve` is."""
    k = np.flatnonzero((U_BM[:, 1:] == U_BM[:, :-1]).any(axis=1))
    if k.size:
        log_y_BM = log_y_BM.copy()
        order = np.lexsort((log_y_BM[k], U_BM[k]), axis=1)
        log_y_BM[k] = np.take_along_axis(log_y_BM[k], order, axis=1)
    return log_y_BM
