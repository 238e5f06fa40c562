"""The two forecasts that any method has to beat: the last value, and a log-log line through the last half.

Neither claims a law, so both carry the plug-in distribution of their residuals (see `plugin`).
"""

from __future__ import annotations

import numpy as np

from ..curves.curve import Curve
from ..errors import CurveError
from ..forecasts.forecast import Forecast, Kind
from ..laws.base import FloatArray
from ..laws.plugin import plug_in


def forecast_line(curve: Curve, at: FloatArray, kind: Kind, seed: int) -> Forecast:
    """Log-log line through the last half of the points (at least 3, at 2 or more x); draws nothing."""
    keep = max(3, curve.n // 2)
    while curve.x[-keep] == curve.x_max and keep < curve.n:
        keep += 1  # repeats of one x carry no slope
    u, v = np.log(curve.x[-keep:] / curve.x_max), np.log(curve.y[-keep:])
    design, design_T = (np.stack([np.ones_like(z), z], -1) for z in (u, np.log(at / curve.x_max)))
    level, slope = np.linalg.lstsq(design, v, rcond=None)[0]
    details = {"slope": float(slope), "n_points": int(keep)}
    residual = v - design @ (level, slope)
    return plug_in(curve, at, kind, "line", design_T @ (level, slope), residual, design, design_T, details=details)


def forecast_last(curve: Curve, at: FloatArray, kind: Kind, seed: int) -> Forecast:
    """The value at the largest x (the median of its repeats), with the spread of steps between neighbours.

    Raises:
        CurveError: kind "curve": a last value knows no trend to be free of noise.
    """
    if kind == "curve":
        raise CurveError(
            f"expected kind 'run' for method 'last', got 'curve' ({curve.label}). It repeats one measurement; "
            "use 'line' for a trend."
        )
    v = np.log(curve.y)
    last = float(np.median(v[curve.x == curve.x_max]))
    steps = np.diff(v)
    none = np.zeros((len(steps), 1))
    loc = np.full(len(at), last)
    return plug_in(curve, at, kind, "last", loc, steps, none, np.zeros((len(at), 1)))
