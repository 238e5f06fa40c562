"""Small arithmetic that several rooms need: logarithms of sums, sigmoids, roots, each without overflow; float64."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
QUANTILE_TOLERANCE = 1e-10
"""Of |cdf(quantile(p)) - p|, relative to the nearer tail, min(p, 1 - p)."""


def log_sum_exp(terms: Floats, *, keepdims: bool = False) -> Floats:
    """ln Σ e^terms over the last axis; -inf where all terms are."""
    top = terms.max(axis=-1, keepdims=True)
    safe = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):  # ln 0 of terms that are all -inf
        total = safe + np.log(np.exp(terms - safe).sum(axis=-1, keepdims=True))
    return cast("Floats", total if keepdims else total[..., 0])


def log_sum_exp_in(xp: Any, values: Any) -> Any:
    """The same for arrays of `xp`, NumPy or torch; the last axis stays with length 1."""
    if xp is not np:
        return xp.logsumexp(values, -1, keepdim=True)
    top = values.max(axis=-1, keepdims=True)
    return top + np.log(np.exp(values - top).sum(axis=-1, keepdims=True))


def log_softmax(terms: Floats) -> Floats:
    """Terms minus ln Σ e^terms over the last axis: logarithms of weights that sum to one."""
    below = terms - terms.max(axis=-1, keepdims=True)
    return cast("Floats", below - np.log(np.exp(below).sum(axis=-1, keepdims=True)))


def softplus(z: Floats) -> Floats:
    """ln(1 + e^z)."""
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def log_sigmoid(z: Floats) -> Floats:
    """ln of 1 / (1 + e^-z)."""
    return np.minimum(z, 0.0) - np.log1p(np.exp(-np.abs(z)))


def evenly(n: int, of: int) -> NDArray[np.intp]:
    """n places from 0 to of - 1, both ends among them, evenly in rank; places repeat where n is larger than `of`."""
    return np.linspace(0, of - 1, n).round().astype(int)


def logit(p: Floats) -> Floats:
    """ln p / (1 - p)."""
    return np.asarray(np.log(p) - np.log1p(-p))


def sigmoid(z: Floats) -> Floats:
    """1 / (1 + e^-z)."""
    return np.exp(log_sigmoid(z))


def solve_increasing(
    cdf: Callable[[ArrayLike], Floats],
    log_pdf: Callable[[ArrayLike], Floats],
    p: Floats,
    low: Floats,
    high: Floats,
    start: Floats,
) -> Floats:
    """The r at which an increasing `cdf` equals p: Newton on its logit, which exponential tails make straight.

    A bracket holds every step; where Newton leaves it, or does not halve its last step, the bracket is halved.

    Args:
        cdf, log_pdf: functions of r, shape (..., T).
        p: levels inside (0, 1), shape (..., T).
        low, high, start: a bracket and a first guess, shape (..., T).

    Returns:
        r with |cdf(r) - p| < 1e-10 min(p, 1 - p), or the closest float64 where the cdf is steeper than that.
    """
    enough = QUANTILE_TOLERANCE * np.minimum(p, 1 - p) + 1e-15 * (p > 0.5)  # above one half the cdf itself is rounded
    wanted = logit(p)
    r, last = start, high - low
    solved, rows = np.array(start), np.arange(len(start)) if start.ndim > 1 else None
    for _ in range(200):
        share = cdf(r)
        gap = share - p
        done = (np.abs(gap) < enough) | (high - low <= 1e-15 * np.maximum(np.abs(low), np.abs(high)))
        if done.all():
            break
        low, high = np.where(gap < 0, r, low), np.where(gap >= 0, r, high)
        with np.errstate(all="ignore"):  # a share of 0 or 1 gives no number, hence a halving
            newton = r - (np.log(share) - np.log1p(-share) - wanted) * share * (1 - share) * np.exp(-log_pdf(r))
            good = (newton > low) & (newton < high) & (np.abs(newton - r) < 0.5 * last)
        moved = np.where(done, r, np.where(good, newton, 0.5 * (low + high)))
        r, last = moved, np.abs(moved - r)
        if rows is not None and 2 * np.count_nonzero(left := ~done.all(axis=-1)) < len(rows):  # go on without the rest
            solved[rows] = r
            rows = rows[left]
            r, last, low, high, p, enough, wanted = (a[left] for a in (r, last, low, high, p, enough, wanted))
    if rows is None:
        return r
    solved[rows] = r
    return solved


@contextmanager
def one_thread() -> Iterator[None]:
    """Matrix products on one thread: ours are small, and threads wait for one another longer than they compute.

    Whoever has set the number of threads keeps it.
    """
    if any(os.environ.get(name) for name in _THREADS):
        yield
        return
    with _pools().limit(limits=1, user_api="blas"):
        yield


_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")


@cache
def _pools() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
