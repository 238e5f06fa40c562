"""Gaussian process on log-log axes around a straight line: no law, only smoothness. Needs the extra [bench].

    ln y = a + m ln x + g(ln x) + noise,   g ~ GP(0, σ² Matern-3/2),   a, m ~ Normal(0, 10²) in standardised units

The line is integrated out as a linear kernel; amplitude, length and noise maximise the marginal likelihood
(scikit-learn, restarts from seeded draws). Far from the data the forecast returns to a line, with the spread of g:
it never learns of a floor.

Source: Rasmussen and Williams 2006, ch. 2 and 5; the baseline of shared benchmark tables.
"""

from __future__ import annotations

import warnings

import numpy as np

from ..curves.curve import Curve
from ..curves.thinning import MAX_CONTEXT, thin
from ..errors import Caveat
from ..forecasts.distributions import Mixture
from ..forecasts.forecast import Forecast, Kind
from ..forecasts.scaling import LogScaling
from ..numerics import Floats

LEAST_SPREAD = 1e-3
"""In ln y: a context that does not move at all (a plateau of best-so-far values) is no proof of a noiseless world."""


def forecast_gp(curve: Curve, at: Floats, kind: Kind, seed: int) -> Forecast:
    """Fit the process to the context and read it at the targets.

    Args:
        kind: "run" includes the white noise of one reading; "curve" leaves it out.
        seed: of the optimiser's restarts.
    """
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, DotProduct, Matern, WhiteKernel

    kept = thin(curve.as_context().x, MAX_CONTEXT)
    u, v = np.log(curve.x[kept] / curve.x_max), np.log(curve.y[kept])
    ut = np.log(at / curve.x_max)
    wide, unit, centre = float(u.std()), max(float(v.std()), LEAST_SPREAD), float(v.mean())
    line = ConstantKernel(100.0, "fixed") * DotProduct(1.0, "fixed")
    smooth = ConstantKernel(1.0, (1e-4, 1e3)) * Matern(1.0, (3e-2, 1e2), nu=1.5)
    kernel = line + smooth + WhiteKernel(1e-2, (1e-8, 1e1))
    process = GaussianProcessRegressor(kernel, alpha=1e-10, n_restarts_optimizer=2, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a hyperparameter at its bound is reported in `details`
        process.fit((u / wide)[:, None], (v - centre) / unit)
        mean, std = process.predict((ut / wide)[:, None], return_std=True)
    amplitude, length, noise = np.exp(process.kernel_.theta)
    variance = np.maximum(std**2 - (0.0 if kind == "run" else noise), 0.0)
    loc = centre + unit * mean
    scale = np.maximum(unit * np.sqrt(variance), LEAST_SPREAD)
    details = {"amplitude": float(unit * np.sqrt(amplitude)), "length": float(wide * length)}
    details |= {"noise": float(unit * np.sqrt(noise))}
    caveats = []
    if len(kept) < curve.n:
        caveats.append(Caveat("thinned", f"gp reads {len(kept)} of {curve.n} context points."))
    marginals = Mixture("normal", np.zeros((len(at), 1)), loc[:, None], scale[:, None])
    return Forecast(at, marginals, LogScaling(), kind, "gp", curve, warnings=tuple(caveats), details=details)
