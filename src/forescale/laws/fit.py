"""Least squares of a law to a context, without starting values, and the plug-in forecast that follows.

The objective is the squared error of ln y, what RMSLE measures, with weight (x / x_max)^TILT: no law holds over
decades, and a forecast leaves from the right end (docs/laws.md has the numbers, also for relative and raw error, and
for no tilt). Starts are a grid computed from the data, where all but the
bent coordinates are solved linearly; the most promising are polished by Levenberg-Marquardt with analytic
Jacobians (MINPACK through SciPy), and the best is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, cast
from weakref import WeakKeyDictionary

import numpy as np

from ..curves.curve import Curve
from ..curves.thinning import thin
from ..errors import Caveat, CurveError, FitError
from ..forecasts.forecast import Forecast, Kind
from ..numerics import Floats
from . import LAWS
from .coordinates import Form
from .plugin import plug_in

Objective = Literal["log", "relative", "raw"]

TILT = 0.5
"""Weight of a squared error is (x / x_max)^TILT: a point at a tenth of x_max counts a third."""
MANY = 2_000
"""Points beyond which starts are looked for among a part of them; the fit itself reads all."""
RIDGE = 1e-4
"""Pull of each coordinate towards its start, in nats of ln y per unit: decides only what the data leave open."""
SAME = 1e-3
"""Two polished starts agree where their root mean squared errors differ by less than this share."""


@dataclass(frozen=True)
class LawFit:
    """The best of many starts.

    Attributes:
        theta: of `coordinates`, (P,).
        parameters: the law's own, in the user's units.
        objective: weighted root mean squared error over the context (of ln y, unless told otherwise).
        gradient_norm: largest |dθ-gradient| of the mean squared error: about 0 at a stationary point.
        n_starts, n_agree: how many starts were polished, and how many ended at the same objective.
        jacobian, residual, root_weight: at the context: dV/dθ (M, P), ln y minus the fitted ln y (M,), and the
            roots of the weights (M,), 1 at x_max.
        centre: ln x_max and mean ln y, where the coordinates have their origin.
    """

    form: Form
    theta: Floats
    parameters: dict[str, float]
    objective: float
    gradient_norm: float
    n_starts: int
    n_agree: int
    jacobian: Floats
    residual: Floats
    root_weight: Floats
    centre: tuple[float, float]

    def log_y(self, x: Floats) -> Floats:
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


def fit_law(law: str, curve: Curve, *, objective: Objective = "log", tilt: float = TILT) -> LawFit:
    """Fit a law to all points of a curve.

    Args:
        law: m1, m2, m3, m4, bnsl1 or bnsl2.
        curve: at least 3 points at 2 or more distinct x; may hold fewer points than the law has parameters.
        objective: error that is squared: of ln y, relative to the measured y, or of y itself.
        tilt: weight of a squared error is (x / x_max)^tilt; 0 is plain least squares.

    Raises:
        CurveError: no such law.
        FitError: no start ended at finite values; `.best` holds the closest attempt, or None.
    """
    if law not in LAWS:
        raise CurveError(f"expected a law among {', '.join(LAWS)}, got '{law}'. See `forescale methods`.")
    form = LAWS[law].form
    log_x, log_y = np.log(curve.as_context().x), np.log(curve.y)
    centre = (float(log_x[-1]), float(log_y.mean()))
    problem = _Problem(form, U := log_x - centre[0], log_y - centre[1], np.exp(0.5 * tilt * U), objective)
    with np.errstate(all="ignore"):
        n_starts, ended = _polished(problem)
        if not ended:
            raise FitError(
                f"expected a finite fit of {law}, got none of {n_starts} starts ({curve.label}). Try 'line'."
            )
        best, theta = ended[0]
        rms = [np.sqrt(cost) for cost, _ in ended]
        fit = LawFit(
            form=form,
            theta=theta,
            parameters=form.parameters(theta, *centre),
            objective=float(np.sqrt(best)),
            gradient_norm=float(np.abs(2 * problem.slope(theta).T @ problem.error(theta)).max()),
            n_starts=n_starts,
            n_agree=int(sum(value <= rms[0] * (1 + SAME) + 1e-9 for value in rms)),
            jacobian=form.jacobian(theta, U),
            residual=problem.V - form.value(theta, U),
            root_weight=problem.root_weight,
            centre=centre,
        )
    if not (np.all(np.isfinite(fit.jacobian)) and np.all(np.isfinite(fit.residual))):
        raise FitError(f"expected a finite fit of {law}, got a degenerate one ({curve.label}). Try 'line'.", best=fit)
    return fit


_FITS: WeakKeyDictionary[Curve, dict[str, LawFit]] = WeakKeyDictionary()
"""Fits of curves that are still in use: a figure asks its forecasts again on a grid."""


def forecast_law(curve: Curve, at: Floats, kind: Kind, seed: int, *, law: str) -> Forecast:
    """Least-squares fit of a law with its plug-in distribution; draws nothing.

    Raises:
        FitError: see `fit_law`; also where the fit is not finite at a target.
    """
    fits = _FITS.setdefault(curve, {})
    fit = fits[law] = fits[law] if law in fits else fit_law(law, curve)
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
        root_weight=fit.root_weight,
        details=fit.details(),
        caveats=tuple(caveats),
    )


@dataclass(frozen=True)
class _Problem:
    """One context as (U, V) of M points with the roots of their weights (1 at x_max)."""

    form: Form
    U: Floats
    V: Floats
    root_weight: Floats
    objective: Objective

    @property
    def share(self) -> Floats:
        """Root of each point's share of the weight, so that the squared norm of `error` is a weighted mean."""
        return cast("Floats", self.root_weight / np.sqrt(np.sum(self.root_weight**2)))

    def thinned(self) -> _Problem:
        """At most `MANY` of its points: enough to tell good starts from bad ones, few enough for all at once."""
        if len(self.U) <= MANY:
            return self
        kept = thin(np.exp(self.U), MANY)
        return replace(self, U=self.U[kept], V=self.V[kept], root_weight=self.root_weight[kept])

    @property
    def is_determined(self) -> bool:
        """Whether there are more distinct x than parameters."""
        return len(np.unique(self.U)) > self.form.n_parameters

    def told(self, cost: Any) -> Any:
        """Mean squared errors as far as they tell fits apart.

        With as many parameters as distinct x many fits meet the points exactly, and what is left of the error is
        rounding, which moves with the unit: there the order of the starts decides.
        """
        return cost if self.is_determined else np.round(cost, 10)

    def error(self, theta: Floats) -> Floats:
        """(..., M)"""
        error = self.form.value(theta, self.U) - self.V
        if self.objective != "log":
            error = np.expm1(np.minimum(error, 300.0)) * (np.exp(self.V) if self.objective == "raw" else 1.0)
        return error * self.share

    def slope(self, theta: Floats) -> Floats:
        """Derivative of `error` at one θ, (M, P)."""
        slope = self.form.jacobian(theta, self.U) * self.share[:, None]
        if self.objective == "log":
            return slope
        value = self.form.value(theta, self.U) - (self.V if self.objective == "relative" else 0.0)
        return slope * np.exp(np.minimum(value, 300.0))[:, None]


def _promising(problem: _Problem) -> Floats:
    """The starts with the smallest error, skipping near copies of a better one, (S, P)."""
    form = problem.form
    starts = form.starts(problem.U, problem.V)
    error = problem.told((problem.error(starts) ** 2).sum(-1))
    order = np.argsort(np.where(np.isfinite(error), error, np.inf), kind="stable")
    ranked = starts[order[np.isfinite(error[order])]]
    kept: list[int] = []
    for i, theta in enumerate(ranked):
        if all(np.abs(theta - ranked[j]).max() > 0.2 for j in kept):
            kept.append(i)
        if len(kept) == form.n_polished:
            break
    return cast("Floats", ranked[kept])


def _polished(problem: _Problem) -> tuple[int, list[tuple[float, Floats]]]:
    """How many starts there were, and where those that stayed finite ended, the best first."""
    ends = [_polish(problem, start) for start in _promising(problem.thinned())]
    finite = [(cost, theta) for cost, theta in ends if np.isfinite(cost) and np.all(np.isfinite(theta))]
    return len(ends), sorted(finite, key=lambda end: float(problem.told(end[0])))  # stable: the order of starts


def _polish(problem: _Problem, start: Floats) -> tuple[float, Floats]:
    """Levenberg-Marquardt from one start: weighted mean squared error of the data, and θ (P,)."""
    from scipy.optimize import least_squares

    pull = RIDGE * np.eye(len(start))

    def residual(theta: Floats) -> Floats:
        error = np.concatenate([problem.error(theta), pull @ (theta - start)])
        return np.where(np.isfinite(error), np.clip(error, -1e6, 1e6), 1e6)

    def jacobian(theta: Floats) -> Floats:
        slope = np.concatenate([problem.slope(theta), pull])
        return np.where(np.isfinite(slope), slope, 0.0)

    result = least_squares(residual, start, jac=jacobian, method="lm", xtol=1e-9, ftol=1e-11, gtol=1e-12, max_nfev=150)
    theta = np.asarray(result.x)
    return float(np.sum(problem.error(theta) ** 2)), theta
