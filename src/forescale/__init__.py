"""forescale: Bayesian forecasts of neural scaling curves, and the decision that follows from them.

Curve in, Forecast out, Decision next. This is the face: names are handed on from the rooms that define them, and
each is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .version import __version__

_HOMES = {
    "Curve": "curves.curve",
    "read_curves": "curves.columns",
    "Caveat": "errors",
    "CurveError": "errors",
    "FitError": "errors",
    "CheckpointError": "errors",
    "Forecast": "forecasts.forecast",
    "Forecaster": "network.forecaster",
    "forecast": "method.registry",
    "forecast_many": "method.registry",
    "methods": "method.registry",
    "metrics": "forecasts.metrics",
    "theory": "",
    "compare": "decisions.compare",
    "backtest": "decisions.backtest",
    "reach": "decisions.reach",
    "recipes": "decisions.recipes",
    "suggest": "decisions.suggest",
    "fit_joint": "joint.model",
}

_MODULES = ("metrics", "theory")
"""Names of the face that are rooms."""

__all__ = [*_HOMES, "__version__"]

if TYPE_CHECKING:
    from .curves.columns import read_curves as read_curves
    from .curves.curve import Curve as Curve
    from .errors import Caveat as Caveat
    from .errors import CheckpointError as CheckpointError
    from .errors import CurveError as CurveError
    from .errors import FitError as FitError
    from .forecasts import metrics as metrics
    from .forecasts.forecast import Forecast as Forecast
    from .method.registry import forecast as forecast
    from .method.registry import forecast_many as forecast_many
    from .method.registry import methods as methods
    from .network.forecaster import Forecaster as Forecaster


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'forescale' has no attribute {name!r}")
    home = _HOMES[name]
    value = (
        import_module(f"forescale.{home or name}")
        if name in _MODULES
        else getattr(import_module(f"forescale.{home}"), name)
    )
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
