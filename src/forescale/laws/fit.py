"""Least squares of a law to a context, without starting values, and the plug-in forecast that follows.

The objective is the squared error of ln y: what RMSLE measures, and the one that noise in proportion to y asks for
(docs/laws.md compares it with relative and raw error). Starts are a grid computed from the data, where all but the
bent coordinates are solved linearly; the most promising are polished by Levenberg-Marquardt with analytic
Jacobians (MINPACK through SciPy), and the best is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..curves import Curve
from ..errors import Caveat, CurveError, FitError
from ..forecast import Forecast, Kind
from .base import FloatArray
from .forms import FORMS, Form
from .plugin import plug_in

Objective = Literal["log", "relative", "raw"]

N_POLISHED = {"m1": 1, "m2": 4, "m3": 3, "m4": 8, "bnsl1": 10, "bnsl2": 10}
"""How many of the starts are polished; more changed no curve's score by a printed digit."""
RIDGE = 1e-4
"""Pull of each coordinate towards its start, in nats of ln y per unit: decides only what the data leave open."""
SAME = 1e-3
"""Two polished starts agree where their root mean squared errors differ by less than this share."""


@dataclass(frozen=True)
class LawFit:
    """The best of many starts.

    Attributes:
        theta: coordinates of `forms`, (P,).
        parameters: the law's own, in the user's units.
        objective: root mean squared error over the context (of ln y, unless told otherwise).
        gradient_norm: largest |dθ-gradient| of the mean squared error: about 0 at a stationary point.
        n_starts, n_agree: how many starts were polished, and how many ended at the same objective.
        jacobian: dV/dθ at the context, (M, P).
        residual: ln y minus the fitted ln y, (M,).
    """

    form: Form
    theta: FloatArray
    parameters: dict[str, float]
    objective: float
    gradient_norm: float
    n_starts: int
    n_agree: int
    jacobian: FloatArray
    residual: FloatArray
    centre: tuple[float, float]

    def log_y(self, x: FloatArray) -> FloatArray:
        """Fitted ln y at x (T,)."""
        return self.centre[1] + self.form.value(self.theta, np.log(x) - self.centre[0])

    def details(self) -> dict[str, Any]:
        """What a Forecast reports of the fit."""
        return {
            "parameters": self.parameters,
            "objective": self.objective,
            "gradient_norm": self.gradient_norm,
            "n_starts": self.n_starts,
            "n_agree": self.n_agree,
        }


def fit_law(law: str, curve: Curve, *, objective: Objective = "log") -> LawFit:
    """Fit a law to all points of a curve.

    Args:
        law: m1, m2, m3, m4, bnsl1 or bnsl2.
        curve: at least 3 points at 2 or more distinct x; may hold fewer points than the law has parameters.
        objective: error that is squared: of ln y, relative to the measured y, or of y itself.

    Raises:
        CurveError: no such law.
        FitError: no start ended at finite values; `.best` holds the closest attempt, or None.
    """
    if law not in FORMS:
        raise CurveError(f"expected a law among {', '.join(FORMS)}, got '{law}'. See `forescale methods`.")
    form = FORMS[law]
    log_x, log_y = np.log(curve.as_context().x), np.log(curve.y)
    centre = (float(log_x[-1]), float(log_y.mean()))
    U, V = log_x - centre[0], log_y - centre[1]
    with np.errstate(all="ignore"):
        results = [_polish(form, start, U, V, objective) for start in _promising(form, U, V)]
    finite = sorted((cost, tuple(theta)) for cost, theta in results if np.isfinite(cost) and np.all(np.isfinite(theta)))
    if not finite:
        raise FitError(
            f"expected a finite fit of {law}, got none of {len(results)} starts ({curve.label}). Try 'line'."
        )
    best, theta = finite[0][0], np.array(finite[0][1])
    rms = [np.sqrt(cost) for cost, _ in finite]
    with np.errstate(all="ignore"):
        error, slope = _residual(form, theta, U, V, objective), _slope(form, theta, U, V, objective)
        fit = LawFit(
            form=form,
            theta=theta,
            parameters=form.parameters(theta, *centre),
            objective=float(np.sqrt(best)),
            gradient_norm=float(np.abs(2 * slope.T @ error / len(V)).max()),
            n_starts=len(results),
            n_agree=int(sum(value <= rms[0] * (1 + SAME) + 1e-9 for value in rms)),
            jacobian=form.jacobian(theta, U),
            residual=V - form.value(theta, U),
            centre=centre,
        )
    if not (np.all(np.isfinite(fit.jacobian)) and np.all(np.isfinite(fit.residual))):
        raise FitError(f"expected a finite fit of {law}, got a degenerate one ({curve.label}). Try 'line'.", best=fit)
    return fit


def forecast_law(curve: Curve, at: FloatArray, kind: Kind, seed: int, *, law: str) -> Forecast:
    """Least-squares fit of a law with its plug-in distribution; draws nothing.

    Raises:
        FitError: see `fit_law`; also where the fit is not finite at a target.
    """
    fit = fit_law(law, curve)
    Ut = np.log(at) - fit.centre[0]
    with np.errstate(all="ignore"):
        loc = fit.log_y(at)
        sensitivity = fit.form.jacobian(fit.theta, Ut)
    if not (np.all(np.isfinite(loc)) and np.all(np.isfinite(sensitivity)) and np.abs(loc).max() < 600):
        raise FitError(
            f"expected a finite forecast of {law}, got ln y up to {np.abs(loc).max():.3g} ({curve.label}). "
            "Ask nearer to the data, or try 'line'.",
            best=fit,
        )
    caveats = []
    if curve.n <= fit.form.n_parameters:
        text = f"{law} has {fit.form.n_parameters} parameters for {curve.n} points: the data cannot check it."
        caveats.append(Caveat("underdetermined", text))
    return plug_in(
        curve,
        at,
        kind,
        law,
        loc,
        fit.residual,
        fit.jacobian,
        sensitivity,
        details=fit.details(),
        caveats=tuple(caveats),
    )


def _promising(form: Form, U: FloatArray, V: FloatArray) -> FloatArray:
    """The starts with the smallest error, skipping near copies of a better one, (S, P)."""
    starts = form.starts(U, V)
    value = form.value(starts, U)
    error = np.where(np.isfinite(value), (value - V) ** 2, np.inf).mean(-1)
    order = np.argsort(error, kind="stable")
    ranked = starts[order[np.isfinite(error[order])]]
    kept: list[int] = []
    for i, theta in enumerate(ranked):
        if all(np.abs(theta - ranked[j]).max() > 0.2 for j in kept):
            kept.append(i)
        if len(kept) == N_POLISHED[form.law]:
            break
    return ranked[kept]


def _residual(form: Form, theta: FloatArray, U: FloatArray, V: FloatArray, objective: Objective) -> FloatArray:
    value = form.value(theta, U)
    if objective == "log":
        return value - V
    relative = np.expm1(np.minimum(value - V, 300.0))
    return relative if objective == "relative" else relative * np.exp(V)


def _slope(form: Form, theta: FloatArray, U: FloatArray, V: FloatArray, objective: Objective) -> FloatArray:
    """Derivative of `_residual`, (M, P)."""
    jacobian = form.jacobian(theta, U)
    if objective == "log":
        return jacobian
    value = np.minimum(form.value(theta, U), 300.0)
    return jacobian * np.exp(value - V if objective == "relative" else value)[:, None]


def _polish(
    form: Form, start: FloatArray, U: FloatArray, V: FloatArray, objective: Objective
) -> tuple[float, FloatArray]:
    """Levenberg-Marquardt from one start: mean squared error of the data, and θ (P,)."""
    from scipy.optimize import least_squares

    if form.law == "m1" and objective == "log":
        return float(np.mean((form.value(start, U) - V) ** 2)), start
    weight = 1 / np.sqrt(len(V))
    pull = RIDGE * weight * np.eye(len(start))

    def residual(theta: FloatArray) -> FloatArray:
        error = np.concatenate([weight * _residual(form, theta, U, V, objective), pull @ (theta - start)])
        return np.where(np.isfinite(error), np.clip(error, -1e6, 1e6), 1e6)

    def jacobian(theta: FloatArray) -> FloatArray:
        slope = np.concatenate([weight * _slope(form, theta, U, V, objective), pull])
        return np.where(np.isfinite(slope), slope, 0.0)

    result = least_squares(residual, start, jac=jacobian, method="lm", xtol=1e-9, ftol=1e-11, gtol=1e-12, max_nfev=150)
    theta = np.asarray(result.x)
    return float(np.mean(_residual(form, theta, U, V, objective) ** 2)), theta
