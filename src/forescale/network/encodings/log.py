"""The encoding of the tenth release and before; it goes when those weights go. `loglog` is its successor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .base import Contexts, Encoding, Floats, Tokens
from .fits import fit_weighted, line_fit, power_floor_fit


def encode(contexts: Contexts, x_BT: Floats) -> Tokens:
    """r = (ln y - last level) / spread."""
    x_BM, y_BM = contexts.x_BM, contexts.y_BM
    n = x_BM.shape[1]
    x_max = x_BM[:, -1:]
    U, Ut = np.log(x_BM / x_max), np.log(x_BT / x_max)
    log_y = np.log(y_BM)
    first, last = _groups(U)
    shift = _last_level(log_y, np.minimum(first[:, -1], n - max(1, round(0.1 * n))))
    V = log_y - shift[:, None]
    level_V, pure = _of_groups(V, first, last)
    s = np.maximum(np.sqrt(np.mean(V * V, axis=1)), 1e-4)[:, None]
    R = np.maximum(-U[:, :1], 0.02)

    lines = fit_weighted(line_fit, U, V, [np.exp(k * U / R) for k in (0.0, 4.0, 12.0)], Ut)
    # All points alike, the last share of the context, and its last e-folds, however far it reaches.
    laws = fit_weighted(power_floor_fit, U, V, [np.ones_like(U), np.exp(8.0 * U / R), np.exp(2.0 * U)], Ut)
    (plain, recent, latest), l12 = laws, lines[-1]
    noise = np.minimum.reduce([fit.rms for fit in (*laws, l12)]) + 1e-4 * s
    rough = _roughness(U, level_V)
    level = _interpolate(U, level_V, Ut)
    fell, moved = np.diff(level_V, axis=1) < 0, np.diff(U, axis=1) > 0

    same = np.concatenate(
        [0.5 * np.log(s) + 1, 0.7 * np.log(R) - 0.9, np.full_like(s, 0.7 * np.log(n) - 2)]
        + [0.4 * np.log(fit.rms / s + 1e-5) + 1 for fit in (*lines, *laws)]
        + [np.arcsinh(fit.slope * R / s) for fit in lines]
        + [
            0.4 * np.log(rough / s + 1e-5) + 1,
            2 * np.sum(fell & moved, axis=1, keepdims=True) / np.maximum(moved.sum(1, keepdims=True), 1) - 1,
            np.where(np.isnan(pure), 0.0, 0.4 * np.log(np.nan_to_num(pure) / s + 1e-5) + 3),
        ],
        axis=1,
    )
    context = [0.5 * np.clip(V / s, -20, 20), 0.5 * np.arcsinh(4 * V / s), 0.3 * np.arcsinh(V / noise)]
    context += [0.7 * np.arcsinh((V - fit.fitted) / noise) for fit in laws]
    context += [0.5 * np.arcsinh((V - l12.fitted) / noise)]
    context += [*_x_features(U, U, R), same]
    ask = [np.arcsinh(fit.predicted / s) for fit in (*lines, *laws)] + [np.arcsinh(level / s)]
    ask += [0.4 * np.log(fit.spread / s + 1e-5) + 1.5 for fit in laws]
    ask += [0.5 * np.arcsinh((other.predicted - recent.predicted) / noise) for other in (plain, latest, l12)]
    ask += [*_x_features(Ut, U, R), same]

    gap = 0.5 * (latest.predicted - recent.predicted)
    loc = np.stack([level, recent.predicted, plain.predicted], -1) / s[..., None]
    width = np.stack(
        np.broadcast_arrays(
            s,
            np.sqrt(recent.rms**2 + recent.spread**2 + gap**2 + (0.02 * s) ** 2),
            np.sqrt(plain.rms**2 + plain.spread**2 + (1e-5 * s) ** 2),
        ),
        -1,
    )
    return Tokens(
        context_BMF=_stack(context, V.shape),
        target_BTF=_stack(ask, Ut.shape),
        anchor_loc_BTA=loc,
        anchor_log_scale_BTA=np.log(width / s[..., None]),
        shift_B=shift,
        scale_B=s[:, 0],
        log_noise_B=np.log(noise / s)[:, 0],
        floor_B=np.zeros(len(s)),
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


def _x_features(U: Floats, U_context: Floats, R: Floats) -> list[Floats]:
    """Where a point lies: in ln x, in linear x, and close to the end of the context or not."""
    e = np.exp(np.minimum(U, 50.0))
    first = np.exp(U_context[:, :1])
    linear = (e - first) / np.maximum(1 - first, 1e-12)
    return [
        1.5 * np.arcsinh(2 * U / R),
        0.4 * np.clip(U, -8, 12),
        2 * e / (1 + e) - 1,
        np.arcsinh(2 * (linear - 1)),
        np.exp(-((U / 0.1) ** 2)),
    ]


def _roughness(U: Floats, V: Floats) -> Floats:
    """Typical distance of a point from the chord between its two neighbours, (B, 1): noise without a law."""
    left, right = U[:, 1:-1] - U[:, :-2], U[:, 2:] - U[:, 1:-1]
    share = (left + 1e-12) / (left + right + 2e-12)
    off = V[:, 1:-1] - (1 - share) * V[:, :-2] - share * V[:, 2:]
    return np.sqrt(np.mean(off * off, axis=1, keepdims=True))


def _interpolate(U: Floats, V: Floats, Ut: Floats) -> Floats:
    """V at Ut by straight lines between context points, 0 (the last level) beyond them, (B, T)."""
    V = np.concatenate([V[:, :-1], np.zeros_like(V[:, :1])], axis=1)
    right = np.clip((U[:, None, :] <= Ut[:, :, None]).sum(-1), 1, U.shape[1] - 1)
    u0, u1 = np.take_along_axis(U, right - 1, 1), np.take_along_axis(U, right, 1)
    v0, v1 = np.take_along_axis(V, right - 1, 1), np.take_along_axis(V, right, 1)
    share = np.clip((Ut - u0) / np.maximum(u1 - u0, 1e-12), 0.0, 1.0)
    return v0 + share * (v1 - v0)


def _stack(columns: list[Floats], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Per-token columns (B, N), the last one per curve (B, G), as one float32 array (B, N, F)."""
    *own, same = columns
    out = np.empty((*shape, len(own) + same.shape[1]), np.float32)
    for i, column in enumerate(own):
        out[..., i] = column
    out[..., len(own) :] = same[:, None, :]
    return out


LOG = Encoding(
    "log",
    6,
    context=tuple(f"column {i}" for i in range(27)),
    target=tuple(f"column {i}" for i in range(33)),
    anchors=("level", "law_recent", "law"),
    encode=encode,
    pools=False,
)
