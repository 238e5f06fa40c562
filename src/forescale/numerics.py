"""Small arithmetic that several rooms need: logarithms of sums, sigmoids, each without overflow; float64."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def log_sum_exp(terms: Floats, *, keepdims: bool = False) -> Floats:
    """ln Σ e^terms over the last axis; -inf where all terms are."""
    top = terms.max(axis=-1, keepdims=True)
    safe = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):  # ln 0 of terms that are all -inf
        total = safe + np.log(np.exp(terms - safe).sum(axis=-1, keepdims=True))
    return total if keepdims else total[..., 0]


def log_softmax(terms: Floats) -> Floats:
    """Terms minus ln Σ e^terms over the last axis: logarithms of weights that sum to one."""
    below = terms - terms.max(axis=-1, keepdims=True)
    return below - np.log(np.exp(below).sum(axis=-1, keepdims=True))


def softplus(z: Floats) -> Floats:
    """ln(1 + e^z)."""
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def log_sigmoid(z: Floats) -> Floats:
    """ln of 1 / (1 + e^-z)."""
    return np.minimum(z, 0.0) - np.log1p(np.exp(-np.abs(z)))


def sigmoid(z: Floats) -> Floats:
    """1 / (1 + e^-z)."""
    return np.exp(log_sigmoid(z))
