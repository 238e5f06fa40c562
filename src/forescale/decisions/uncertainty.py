"""Where a forecast lies and how unsure it is, in ln y, for many forecasts at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..forecasts.distributions import Mixture
from ..forecasts.forecast import Forecast
from ..forecasts.scaling import LogScaling

Floats = NDArray[np.float64]
N_NODES = 12
_ROWS_AT_ONCE = 256


def entropy(forecasts: Sequence[Forecast]) -> Floats:
    """Differential entropy of ln y, (B, T), of B forecasts over T points each.

    A fall by d nats is an interval narrower by the factor exp(-d), whatever the shape. Unlike a variance it is
    finite for every method and is not ruled by a far tail.
    """
    if _alike(forecasts):
        return _mixture_entropy(forecasts)
    return np.stack([_entropy_by_quantiles(f) for f in forecasts])


def centre_and_width(forecasts: Sequence[Forecast]) -> tuple[Floats, Floats]:
    """Median of ln y and half the distance of its 16 and 84 % quantiles, each (B, T): a normal's mean and deviation."""
    levels = np.array([0.1587, 0.5, 0.8413])
    if _alike(forecasts):
        n_targets = forecasts[0].marginals.n_targets
        r = _stacked(forecasts).quantile(levels[:, None]).reshape(3, len(forecasts), n_targets)
        scalings = [f.scaling for f in forecasts if isinstance(f.scaling, LogScaling)]
        shift, scale = (np.array([getattr(s, name) for s in scalings])[:, None] for name in ("shift", "scale"))
        log_y = shift + scale * r
    else:
        log_y = np.log(np.stack([f.quantile(levels) for f in forecasts], axis=1))
    return log_y[1], (log_y[2] - log_y[0]) / 2


def _alike(forecasts: Sequence[Forecast]) -> bool:
    """Whether all are mixtures of one shape over ln y, so that they can be stacked into one."""
    first = forecasts[0].marginals
    return all(
        isinstance(f.marginals, Mixture)
        and isinstance(f.scaling, LogScaling)
        and isinstance(first, Mixture)
        and f.marginals.loc_TK.shape == first.loc_TK.shape
        and (f.marginals.kernel, f.marginals.df) == (first.kernel, first.df)
        for f in forecasts
    )


def _stacked(forecasts: Sequence[Forecast]) -> Mixture:
    parts = [f.marginals for f in forecasts if isinstance(f.marginals, Mixture)]
    log_w, loc, scale = (
        np.concatenate([getattr(m, k) for m in parts]) for k in ("log_weight_TK", "loc_TK", "scale_TK")
    )
    return Mixture(parts[0].kernel, log_w, loc, scale, parts[0].df)


def _mixture_entropy(forecasts: Sequence[Forecast]) -> Floats:
    """- Σ_k w_k E_k[ln p], each expectation over N_NODES quantiles of component k: no root to find."""
    every = _stacked(forecasts)
    log_w, loc, scale = every.log_weight_TK, every.loc_TK, every.scale_TK
    z = _kernel_quantiles(every)
    rows = []
    for i in range(0, len(loc), _ROWS_AT_ONCE):
        part = slice(i, i + _ROWS_AT_ONCE)
        whole = Mixture(every.kernel, log_w[part], loc[part], scale[part], every.df)
        r_QTK = loc[part] + scale[part] * z[:, None, None]
        log_p = whole.log_pdf(np.moveaxis(r_QTK, 1, 2))  # (Q, K, T)
        rows.append(-np.einsum("tk,qkt->t", np.exp(log_w[part]), log_p) / len(z))
    log_unit = np.array([np.log(f.scaling.scale) for f in forecasts if isinstance(f.scaling, LogScaling)])
    return np.concatenate(rows).reshape(len(forecasts), -1) + log_unit[:, None]


def _kernel_quantiles(mixture: Mixture) -> Floats:
    from scipy.special import logit, ndtri, stdtrit

    p = (np.arange(N_NODES) + 0.5) / N_NODES
    if mixture.kernel == "student":
        return np.asarray(stdtrit(mixture.df, p))
    return np.asarray(logit(p) if mixture.kernel == "logistic" else ndtri(p))


def _entropy_by_quantiles(f: Forecast) -> Floats:
    y = f.quantile((np.arange(4 * N_NODES) + 0.5) / (4 * N_NODES))
    return -np.mean(f.log_prob(y) + np.log(y), axis=0)
