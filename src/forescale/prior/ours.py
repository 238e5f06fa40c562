"""Our prior: a law, what training does to it, what a reading adds, what a context shows of it.

One batch is drawn in four parts that differ in their raw points: curves measured where they are shown; filtered ones,
measured more densely and thinned to their best-so-far readings or to a monotone fit; and logs whose rows are pooled.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from ..laws import FloatArray
from .batch import Batch
from .config import OursConfig
from .families import FAMILIES, Span
from .filters import BEST, MONOTONE, POOLED, RAW, SHOWN, draw_n_raw, fit_monotone, keep_best
from .layouts import MIN_RANGE, draw_contexts, draw_horizons, draw_targets, evenly_spaced
from .modifiers import MODIFIERS, Size, size_of
from .noise import add_spikes, draw_noise, draw_sigma, quantise, round_digits
from .pooled import FEWEST_POOLED, draw_log, pool_noise
from .prelude import FEWEST, split
from .random import Bools, Ints, bernoulli, category, log_uniform

MAX_LOG_CHANGE = 20.0  # curves that stray further from their last context level are drawn anew
FEWEST_RUNS, FEW_RUNS = 5, 8  # points of an uneven context that is probably a table of runs; any law meets fewer
TABLE = 16  # most points of a table of finished runs
OF_LOGS = ("transient", "lr_decay", "annealing", "spikes")  # what a run's own log shows, a table of runs hardly does
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
        p_pooled = self.config.p_pooled if n_context >= FEWEST_POOLED else 0.0
        p_raw = (1.0 - p_pooled) * (1.0 - p_filtered)
        shares = (p_raw, (1.0 - p_pooled) * (p_filtered - p_monotone), (1.0 - p_pooled) * p_monotone, p_pooled)
        counts = rng.multinomial(n_curves, shares)
        p_clean = self.config.p_clean / max(1.0 - p_filtered, 1e-9)  # filtered curves are never clean
        parts = [
            self._draw_part(rng, int(n), n_context, n_targets, p, shown)
            for n, p, shown in zip(counts, (p_clean, 0.0, 0.0, self.config.p_clean), SHOWN, strict=True)
            if n
        ]
        order = rng.permutation(n_curves)
        arrays = [np.concatenate(columns)[order] for columns in zip(*(p[0] for p in parts), strict=True)]
        drawn = sum(p[1] for p in parts)
        accepted = sum(p[2] for p in parts)
        names = tuple(family.name for family in FAMILIES)
        x_BM, y_BM, x_BT, y_BT, curve_BT, count_BM, scatter_BM, family_B = arrays
        return Batch(x_BM, y_BM, x_BT, y_BT, curve_BT, family_B, names, accepted / drawn, count_BM, scatter_BM)

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
        U, g, family, clean, plain, count = (np.concatenate(columns) for columns in zip(*kept, strict=True))
        return (*self._observe(rng, U, g, clean, plain, count, n_raw, n_context, shown), family), drawn, accepted

    def _draw_curves(
        self, rng: np.random.Generator, B: int, M: int, T: int, p_clean: float, shown: str
    ) -> tuple[FloatArray, FloatArray, Ints, Bools, Bools, FloatArray]:
        """U and g = ln y with all modifiers, both (B, M+T); family, clean, plain, each (B,); rows of a point (B, M)."""
        config = self.config
        if shown == POOLED:
            U_BM, count_BM = draw_log(rng, B, M, config)
        else:
            U_BM, count_BM = draw_contexts(rng, B, M, config, at_steps=shown == MONOTONE), np.ones((B, M))
        R = np.maximum(-U_BM[:, :1], MIN_RANGE)
        E = draw_horizons(rng, R, config)
        U = np.concatenate([U_BM, draw_targets(rng, U_BM, E, T, config)], axis=1)
        is_log = _is_log(U_BM, shown)
        clean = bernoulli(rng, np.minimum(p_clean * self._clean_times(M, is_log), 1.0), B)
        is_table = ~is_log & (shown == RAW) & (M <= TABLE)
        plain = ~clean & bernoulli(rng, np.where(is_table, config.p_plain_table, config.p_plain), B)
        family = category(rng, self._weights, B)
        m2 = plain | (clean & bernoulli(rng, config.p_clean_m2, B))
        family = np.where(m2, [f.name for f in FAMILIES].index("m2"), family)
        bare = clean | plain
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            g = self._draw_laws(rng, U, Span(R, E), M, family, bare)
            g -= g[:, M - 1 : M]
            size = size_of(U_BM, g[:, :M])
            for modifier in MODIFIERS:
                p = self._share(modifier.name, is_log, M)
                k = np.flatnonzero(bernoulli(rng, p, B) & ~(bare & _spares_laws(modifier.name, is_log)))
                if k.size:
                    params = modifier.draw(rng, Span(R[k], E[k]), Size(size.std[k], size.slope[k]), config)
                    g[k] = modifier.apply(g[k], U[k], **params)
        return U, g, family, clean, plain & is_table, count_BM

    def _draw_laws(
        self, rng: np.random.Generator, U: FloatArray, span: Span, M: int, family: Ints, bare: Bools
    ) -> FloatArray:
        """ln y (B, M+T) by the law of each curve's family; some begin with another law."""
        k = np.flatnonzero(bernoulli(rng, self.config.p_prelude, len(U)) & ~bare)
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

    def _share(self, mechanism: str, is_log: Bools, M: int) -> float | FloatArray:
        """Share of the curves that have a mechanism; for those of logs and of tables it depends on the layout, (B,)."""
        p = float(getattr(self.config, f"p_{mechanism}"))
        if mechanism == "recipe":
            p = p if M < FEWEST_RUNS else self.config.p_recipe_later if M <= FEW_RUNS else 0.0
            return np.where(is_log, 0.0, p)
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
        plain: Bools,
        count_BM: FloatArray,
        M: int,
        n_context: int,
        shown: str,
    ) -> tuple[FloatArray, ...]:
        """x_BM, y_BM, x_BT, y_BT, curve_BT in arbitrary units, count_BM, scatter_BM: noise, spikes, digits, filter."""
        config, B = self.config, len(U)
        std, R = g[:, :M].std(axis=1, keepdims=True), np.maximum(-U[:, :1], MIN_RANGE)
        times = {RAW: 1.0, BEST: config.filtered_noise, MONOTONE: config.monotone_noise, POOLED: config.pooled_noise}
        sigma = draw_sigma(rng, U, R, std, clean[:, None], plain[:, None], times[shown], config)
        scatter_BM = np.full((B, M), np.nan)
        if shown == POOLED:
            noise, sigma[:, :M], scatter_BM = pool_noise(rng, U, sigma, count_BM, config)
            read = g + noise
        else:
            read = g + draw_noise(rng, U, sigma, config)
        is_log = _is_log(U[:, :M], shown)
        k = np.flatnonzero(bernoulli(rng, self._share("spikes", is_log, M), B) & ~clean & ~plain)
        if k.size:
            read[k] = add_spikes(rng, read[k], U[k], sigma[k], M, config.p_spike_at_end)
        k = np.flatnonzero(bernoulli(rng, config.p_quantised, B) & ~clean & ~plain & (shown != POOLED))
        read[k] = quantise(rng, read[k], std[k])
        log_x_last = np.log(log_uniform(rng, *X_LAST, (B, 1)))
        log_y_last = np.log(log_uniform(rng, *Y_LAST, (B, 1))) - g[:, M - 1 : M]
        read += log_y_last
        often = np.where(~is_log & (n_context <= TABLE), config.rounded_in_tables, 1.0)
        k = np.flatnonzero(bernoulli(rng, config.p_rounded * often, B) & (shown != POOLED))
        read[k] = np.log(round_digits(rng, np.exp(read[k])))
        U_BM, read_BM = U[:, :M], read[:, :M]
        if shown == BEST:
            U_BM, read_BM = keep_best(rng, U_BM, read_BM, n_context, config.p_records, config.p_log_thinned)
        elif shown == MONOTONE:
            U_BM, read_BM = fit_monotone(rng, U_BM, read_BM, n_context, config.p_log_thinned)
        read_BM = _sort_ties(U_BM, read_BM)
        x_BM, x_BT = np.exp(log_x_last + U_BM), np.exp(log_x_last + U[:, M:])
        truth_BT = np.exp(log_y_last + g[:, M:])
        rows = count_BM[:, :n_context], scatter_BM[:, :n_context]
        return x_BM, np.exp(read_BM), x_BT, np.exp(read[:, M:]), truth_BT, *rows


def _is_log(U_BM: FloatArray, shown: str) -> Bools:
    """Which contexts are the lines of a training log, (B,): at equal steps and every one of them, or pooled."""
    return (evenly_spaced(U_BM) & (shown == RAW)) | (shown == POOLED)


def _spares_laws(mechanism: str, is_log: Bools) -> Bools:
    """Where a mechanism leaves clean and plain laws alone, (B,): no law is safe from a run that anneals, nor a table of
    few runs from another recipe."""
    if mechanism == "annealing":
        return ~is_log
    return np.full(is_log.shape, mechanism != "recipe")


def _is_sane(g_BP: FloatArray, n_context: int) -> Bools:
    """Finite, and within e^12 of the level at the end of the context, everywhere; (B,)."""
    with np.errstate(invalid="ignore"):
        stray = np.abs(g_BP - g_BP[:, n_context - 1 : n_context])
    return cast("Bools", np.all(stray <= MAX_LOG_CHANGE, axis=1))  # nan compares False


def _sort_ties(U_BM: FloatArray, log_y_BM: FloatArray) -> FloatArray:
    """Sort y within equal x, so that a context is sorted by (x, y) as `Curve` is."""
    k = np.flatnonzero((U_BM[:, 1:] == U_BM[:, :-1]).any(axis=1))
    if k.size:
        log_y_BM = log_y_BM.copy()
        order = np.lexsort((log_y_BM[k], U_BM[k]), axis=1)
        log_y_BM[k] = np.take_along_axis(log_y_BM[k], order, axis=1)
    return log_y_BM
