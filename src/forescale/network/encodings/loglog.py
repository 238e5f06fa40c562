"""Our encoding: everything is a function of U = ln(x / x_max) and V = ln y, so that units cannot matter.

Columns by name; what stands in one is the expression beside its name. Symbols: s spread of V, R range of U, `noise`
the smallest residual of the fits. Logarithms of shares are squeezed to about -1 .. 1 by constants.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from ...numerics import Floats
from .base import Contexts, Encoding, Tokens, stack
from .closed import Fit, laws, lines

GRAIN = 7
"""Decimals of ln x and ln y that are read: the rounding behind a change of units stays behind them, even that of a
table with twelve digits."""

LINES = ("line", "line_late", "line_last")
"""Weights e^(k U / R) with k = 0, 4, 12."""
LAWS = ("law", "law_recent", "law_latest")
"""All points alike, the last share of the context (e^(8 U / R)), its last e-folds (e^(2 U))."""
WHOLE = (
    "spread", "range", "points", "rough", "falls", "pure", "readings", "digit", "law_wins",
    *(f"{name}_rms" for name in (*LINES, *LAWS)),
    *(f"{name}_slope" for name in LINES),
    *(f"{name}_{part}" for name in ("law", "law_recent") for part in ("exponent", "exponent_std", "floor")),
)  # fmt: skip
PLACE = ("in_range", "in_ln_x", "in_x", "in_linear", "at_end")
CONTEXT = (
    "level", "level_fine", "level_noise", "count", "standard_error",
    *(f"{name}_residual" for name in (*LAWS, "line", "line_last")), *PLACE, *WHOLE,
)  # fmt: skip
TARGET = (
    "between", *(f"{name}_says" for name in (*LINES, *LAWS)), *(f"{name}_spread" for name in (*LAWS, "line")),
    *(f"{name}_against_recent" for name in ("law", "law_latest", "line_last")),
    *(f"{name}_against_law" for name in ("law_recent", "law_latest", "line")), *PLACE, *WHOLE,
)  # fmt: skip
ANCHORS = ("level", "law_recent", "law", "line")


def encode(contexts: Contexts, x_BT: Floats) -> Tokens:
    """r = (V - last level) / s. Each target is encoded on its own."""
    x_max = contexts.x_BM[:, -1:]
    U, Ut = np.round(np.log(contexts.x_BM / x_max), GRAIN), np.log(x_BT / x_max)
    n = U.shape[1]
    log_y = np.log(contexts.y_BM)
    first, last = _groups(U)
    shift = _last_level(log_y, np.minimum(first[:, -1], n - max(1, round(0.1 * n))))
    V = np.round(log_y - shift[:, None], GRAIN)
    level_V, pure = _of_groups(V, first, last)
    s = np.maximum(np.sqrt(np.mean(V * V, axis=1)), 1e-4)[:, None]
    R = np.maximum(-U[:, :1], 0.02)
    count, single = contexts.count_BM, _single(contexts, pure)
    digit = contexts.step_BM[:, -1:] / np.sqrt(12.0)

    news = _news(count, single, s)
    line, line_late, line_last = lines(U, V, [news * np.exp(k * U / R) for k in (0.0, 4.0, 12.0)], Ut, digit)
    law, recent, latest = laws(U, V, [news, news * np.exp(8.0 * U / R), news * np.exp(2.0 * U)], Ut, digit)
    fits = dict(zip((*LINES, *LAWS), (line, line_late, line_last, law, recent, latest), strict=True))
    noise = np.minimum.reduce([fit.rms for fit in (law, recent, latest, line_last)]) + 1e-4 * s
    rough = _roughness(U, level_V)
    width = _widths(fits, s)

    whole = _whole(fits, s, R, n) | {
        "rough": _share(rough, s),
        "falls": _falls(U, level_V),
        "pure": np.where(np.isnan(single), 0.0, 0.4 * np.log(_filled(single) / s + 1e-5) + 3),
        "readings": 0.2 * np.log(count.mean(1, keepdims=True)),
        "digit": _share(digit, s),
        "law_wins": np.arcsinh(0.25 * n * np.log((line.rms + 1e-6 * s) / (law.rms + 1e-6 * s))),
    }
    between = _interpolate(U, level_V, Ut)
    context = _context_columns(contexts, fits, V, s, noise, single)
    target = _target_columns(fits, between, s, noise, width["law"])
    loc = {"level": between, "law_recent": recent.predicted, "law": law.predicted, "line": line.predicted}
    unit = np.where(np.isnan(single), np.maximum(noise, digit), np.maximum(_filled(single), digit))
    return Tokens(
        context_BMF=stack(CONTEXT, context | _place(U, U, R) | whole, V.shape),
        target_BTF=stack(TARGET, target | _place(Ut, U, R) | whole, Ut.shape),
        anchor_loc_BTA=np.stack([loc[name] for name in ANCHORS], -1) / s[..., None],
        anchor_log_scale_BTA=np.log(np.stack([width[name] for name in ANCHORS], -1) / s[..., None]),
        shift_B=shift,
        scale_B=s[:, 0],
        log_noise_B=np.log(unit / s + 1e-6)[:, 0],
        floor_B=(digit / s)[:, 0],
    )


def _context_columns(
    contexts: Contexts, fits: dict[str, Fit], V: Floats, s: Floats, noise: Floats, single: Floats
) -> dict[str, Floats]:
    """What is said of each point of the context, (B, M)."""
    count = contexts.count_BM
    error = np.where(np.isnan(contexts.scatter_BM), single, contexts.scatter_BM) / np.sqrt(count)
    return {
        "level": 0.5 * np.clip(V / s, -20, 20),
        "level_fine": 0.5 * np.arcsinh(4 * V / s),
        "level_noise": 0.3 * np.arcsinh(V / noise),
        "count": 0.2 * np.log(count),
        "standard_error": np.where(np.isnan(error), 0.0, 0.4 * np.log(_filled(error) / s + 1e-5) + 3),
        **{f"{k}_residual": 0.6 * np.arcsinh((V - fits[k].fitted) / noise) for k in (*LAWS, "line", "line_last")},
    }


def _target_columns(
    fits: dict[str, Fit], between: Floats, s: Floats, noise: Floats, law_width: Floats
) -> dict[str, Floats]:
    """What is said of each target, (B, T)."""
    return {
        "between": np.arcsinh(between / s),
        **{f"{k}_says": np.arcsinh(fit.predicted / s) for k, fit in fits.items()},
        **{f"{k}_spread": _share(fits[k].spread, s) + 0.5 for k in (*LAWS, "line")},
        **{
            f"{k}_against_recent": 0.5 * np.arcsinh((fits[k].predicted - fits["law_recent"].predicted) / noise)
            for k in ("law", "law_latest", "line_last")
        },
        **{
            f"{k}_against_law": 0.5 * np.arcsinh((fits[k].predicted - fits["law"].predicted) / law_width)
            for k in ("law_recent", "law_latest", "line")
        },
    }


LOGLOG = Encoding("loglog", 1, CONTEXT, TARGET, ANCHORS, encode)


def _filled(values: Floats) -> Floats:
    """0 where nothing is known; `np.nan_to_num` in a third of its time, of values that are never infinite."""
    return np.where(np.isnan(values), 0.0, values)


def _share(of: Floats, s: Floats) -> Floats:
    """ln of a share of the spread, squeezed."""
    return np.asarray(0.4 * np.log(of / s + 1e-5) + 1)


def _whole(fits: dict[str, Fit], s: Floats, R: Floats, n: int) -> dict[str, Floats]:
    """What belongs to the whole curve, (B, 1)."""
    out = {
        "spread": 0.5 * np.log(s) + 1,
        "range": 0.7 * np.log(R) - 0.9,
        "points": np.full_like(s, 0.7 * np.log(n) - 2),
    }
    out |= {f"{name}_rms": _share(fit.rms, s) for name, fit in fits.items()}
    out |= {f"{name}_slope": np.arcsinh(fits[name].slope * R / s) for name in LINES}
    for name in ("law", "law_recent"):
        out[f"{name}_exponent"] = 0.7 * (fits[name].slope + 1)
        out[f"{name}_exponent_std"] = 0.3 * np.log(fits[name].slope_std + 1e-4) + 0.6
        out[f"{name}_floor"] = 2 * fits[name].floor - 1
    return out


def _widths(fits: dict[str, Fit], s: Floats) -> dict[str, Floats]:
    """Scales of the anchors, (B, T): residual and uncertainty; the recent law doubts itself by its next of kin."""
    law, recent, line = fits["law"], fits["law_recent"], fits["line"]
    gap = 0.5 * (fits["law_latest"].predicted - recent.predicted)
    return {
        "level": np.broadcast_to(s, gap.shape),
        "law_recent": np.sqrt(recent.rms**2 + recent.spread**2 + gap**2 + (0.02 * s) ** 2),
        "law": np.sqrt(law.rms**2 + law.spread**2 + (1e-5 * s) ** 2),
        "line": np.sqrt(line.rms**2 + line.spread**2 + (1e-5 * s) ** 2),
    }


def _single(contexts: Contexts, pure: Floats) -> Floats:
    """Standard deviation of one reading as rows of a bin or repeats of an x tell it, (B, 1); nan where none do."""
    spare = np.where(np.isnan(contexts.scatter_BM), 0.0, contexts.count_BM - 1)
    total = spare.sum(1, keepdims=True)
    pooled = (spare * _filled(contexts.scatter_BM) ** 2).sum(1, keepdims=True) / np.maximum(total, 1.0)
    return np.where(total > 0, np.sqrt(pooled), pure)


def _news(count: Floats, single: Floats, s: Floats) -> Floats:
    """Weights of the points, (B, M): the precision of a mean of `count` rows, with 2 % of the spread for what no law
    says; equal where every point is one row."""
    variance = _filled(single) ** 2 / s**2
    return np.where(count.max(1, keepdims=True) > 1, (variance + 4e-4) / (variance / count + 4e-4), 1.0)


def _falls(U: Floats, V: Floats) -> Floats:
    """Share of the steps that go down, -1 .. 1, (B, 1)."""
    fell, moved = np.diff(V, axis=1) < 0, np.diff(U, axis=1) > 0
    return cast(
        "Floats", 2 * np.sum(fell & moved, axis=1, keepdims=True) / np.maximum(moved.sum(1, keepdims=True), 1) - 1
    )


def _groups(U: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Index of the first and of the last point at the x of each point of a sorted context, both (B, M)."""
    B, M = U.shape
    index, edge, new = np.arange(M), np.ones((B, 1), bool), U[:, 1:] != U[:, :-1]
    first = np.where(np.concatenate([edge, new], axis=1), index, 0)
    last = np.where(np.concatenate([new, edge], axis=1), index, M - 1)
    return np.maximum.accumulate(first, axis=1), np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]


def _of_groups(V: Floats, first: NDArray[np.intp], last: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """What repeated measurements say: the median at the x of each point (B, M), for V sorted within equal x, and the
    pooled standard deviation within equal x (B, 1), the pure error of regression; nan where no x repeats."""
    if (first == last).all():
        return V, np.full((len(V), 1), np.nan)
    low, high = (first + last) // 2, (first + last + 1) // 2
    median = 0.5 * (np.take_along_axis(V, low, 1) + np.take_along_axis(V, high, 1))
    total = np.pad(np.cumsum(V, axis=1), ((0, 0), (1, 0)))
    size = last - first + 1
    mean = (np.take_along_axis(total, last + 1, 1) - np.take_along_axis(total, first, 1)) / size
    off = np.where(size > 1, V - mean, 0.0)
    spare = (1.0 - 1.0 / size).sum(axis=1, keepdims=True)  # points less groups
    return median, np.sqrt((off * off).sum(axis=1, keepdims=True) / np.where(spare > 0.4, spare, np.nan))


def _last_level(log_y: Floats, first: NDArray[np.intp]) -> Floats:
    """Median of ln y from point `first` (B,) to the last, (B,)."""
    out = np.empty(len(log_y))
    for start in np.unique(first):
        k = first == start
        out[k] = np.median(log_y[k, start:], axis=1)
    return out


def _place(U: Floats, U_context: Floats, R: Floats) -> dict[str, Floats]:
    """Where a point lies: in ln x, in linear x, and close to the end of the context or not."""
    e = np.exp(np.minimum(U, 50.0))
    first = np.exp(U_context[:, :1])
    linear = (e - first) / np.maximum(1 - first, 1e-12)
    return {
        "in_range": 1.5 * np.arcsinh(2 * U / R),
        "in_ln_x": 0.4 * np.clip(U, -8, 12),
        "in_x": 2 * e / (1 + e) - 1,
        "in_linear": np.arcsinh(2 * (linear - 1)),
        "at_end": np.exp(-((U / 0.1) ** 2)),
    }


def _roughness(U: Floats, V: Floats) -> Floats:
    """Typical distance of a point from the chord between its two neighbours, (B, 1): noise without a law."""
    left, right = U[:, 1:-1] - U[:, :-2], U[:, 2:] - U[:, 1:-1]
    share = (left + 1e-12) / (left + right + 2e-12)
    off = V[:, 1:-1] - (1 - share) * V[:, :-2] - share * V[:, 2:]
    return cast("Floats", np.sqrt(np.mean(off * off, axis=1, keepdims=True)))


def _interpolate(U: Floats, V: Floats, Ut: Floats) -> Floats:
    """V at Ut by straight lines between context points, 0 (the last level) beyond them, (B, T)."""
    V = np.concatenate([V[:, :-1], np.zeros_like(V[:, :1])], axis=1)
    right = np.clip((U[:, None, :] <= Ut[:, :, None]).sum(-1), 1, U.shape[1] - 1)
    u0, u1 = np.take_along_axis(U, right - 1, 1), np.take_along_axis(U, right, 1)
    v0, v1 = np.take_along_axis(V, right - 1, 1), np.take_along_axis(V, right, 1)
    share = np.clip((Ut - u0) / np.maximum(u1 - u0, 1e-12), 0.0, 1.0)
    return v0 + share * (v1 - v0)
