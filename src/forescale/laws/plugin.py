"""The plug-in distribution around a fitted line or law: Student-t in ln y, as if its parameters were nearly linear.

    ln y ~ fitted + t_{n-p} · s sqrt(1 + j C jᵀ),   s² = Σ w r² / Σ w · n / (n - p),   j = dV/dθ at the target

C is the covariance of the (weighted) least-squares estimate under noise of unit variance, H Hᵀ with H = (√w J)⁺ √w.

"run" as written; "curve" without the 1. It is a first-order answer that trusts the law and takes the noise as
independent; `mcmc-*` methods do neither. Source: any text on non-linear regression, e.g. Bates and Watts 1988, ch. 2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..curves.curve import Curve
from ..errors import Caveat
from ..forecasts.distributions import Mixture
from ..forecasts.forecast import Forecast, Kind
from ..forecasts.scaling import LogScaling
from ..numerics import Floats

LEAST_SPREAD = 1e-6
"""Smallest standard deviation of ln y: noise-free data give a density, not a spike."""
MOST_SPREAD = 5.0
"""Largest parameter spread in ln y: beyond it the linearisation says nothing but that it knows nothing."""


def plug_in(
    curve: Curve,
    at: Floats,
    kind: Kind,
    method: str,
    loc: Floats,
    residual: Floats,
    jacobian: Floats,
    sensitivity: Floats,
    *,
    root_weight: Floats | None = None,
    details: dict[str, Any] | None = None,
    caveats: tuple[Caveat, ...] = (),
) -> Forecast:
    """A Forecast from a fit.

    Args:
        loc: fitted ln y at the targets, (T,).
        residual: ln y minus the fitted ln y at the fitted points, (n,).
        jacobian, sensitivity: dV/dθ at the fitted points (n, P) and at the targets (T, P).
        root_weight: roots of the weights of the fit, (n,); ones by default.
    """
    n, p = jacobian.shape
    df = max(n - p, 1)
    root = np.ones(n) if root_weight is None else root_weight
    s2 = float(np.sum((root * residual) ** 2) / np.sum(root**2)) * n / df
    s = max(np.sqrt(s2), _wiggle(curve) if n <= p else 0.0, LEAST_SPREAD)
    # Scaled columns, so that the cut of the pseudo-inverse does not depend on coordinates.
    weighted = root[:, None] * jacobian
    length = np.maximum(np.sqrt((weighted**2).sum(0)), 1e-150)
    estimate = np.linalg.pinv(weighted / length, rcond=1e-6) * root
    ahead = sensitivity / length
    leverage = np.einsum("tp,pq,tq->t", ahead, estimate @ estimate.T, ahead)  # never targets times rows at once
    spread = np.minimum(s * np.sqrt(np.maximum(leverage, 0.0)), MOST_SPREAD)
    scale = np.sqrt(spread**2 + (s**2 if kind == "run" else 0.0))
    scale = np.maximum(scale, LEAST_SPREAD)[:, None]
    marginals = Mixture("student", np.zeros_like(scale), loc[:, None], scale, df=float(df))
    return Forecast(at, marginals, LogScaling(), kind, method, curve, warnings=caveats, note="plug-in", details=details)


def _wiggle(curve: Curve) -> float:
    """Residual spread of a log-log line, for a law that leaves no degree of freedom to measure its own."""
    u, v = np.log(curve.x / curve.x_max), np.log(curve.y)
    line = np.polyfit(u, v, 1)
    return float(np.sqrt(np.mean((v - np.polyval(line, u)) ** 2)))
