"""The two forecasts that any method has to beat: the last value, and a log-log line through the last half.

Neither claims a law, so both carry the plug-in distribution of their residuals (see `laws.plugin`).
"""

from typing import final

import numpy as np

from ..curves.curve import Curve
from ..forecasts.forecast import Forecast, Kind
from ..laws.plugin import plug_in
from ..numerics import Floats
from .base import Method


@final
class Line(Method):
    """Log-log line through the last half of the points (at least 3, at 2 or more x)."""

    name = "line"
    summary = "log-log line through the last half of the context, plug-in"
    plug_in = True

    def ask(self, curve: Curve, at: Floats, kind: Kind, seed: int) -> Forecast:
        keep = max(3, curve.n // 2)
        while curve.x[-keep] == curve.x_max and keep < curve.n:
            keep += 1  # repeats of one x carry no slope
        u, v = np.log(curve.x[-keep:] / curve.x_max), np.log(curve.y[-keep:])
        design, design_T = (np.stack([np.ones_like(z), z], -1) for z in (u, np.log(at / curve.x_max)))
        level, slope = np.linalg.lstsq(design, v, rcond=None)[0]
        details = {"slope": float(slope), "n_points": int(keep)}
        residual, ahead = v - design @ (level, slope), design_T @ (level, slope)
        return plug_in(curve, at, kind, self.name, ahead, residual, design, design_T, details=details)


@final
class Last(Method):
    """The value at the largest x (the median of its repeats), with the spread of steps between neighbours."""

    name = "last"
    summary = "the last value, plug-in; kind 'run' only"
    kinds: tuple[Kind, ...] = ("run",)  # a last value knows no trend to be free of noise
    plug_in = True

    def ask(self, curve: Curve, at: Floats, kind: Kind, seed: int) -> Forecast:
        v = np.log(curve.y)
        last = float(np.median(v[curve.x == curve.x_max]))
        steps = np.diff(v)
        none = np.zeros((len(steps), 1))
        loc = np.full(len(at), last)
        return plug_in(curve, at, kind, self.name, loc, steps, none, np.zeros((len(at), 1)))
