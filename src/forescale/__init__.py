"""forescale: Bayesian forecasts of neural scaling curves, and the decision that follows from them.

Curve in, Forecast out, Decision next. This is the face: names are handed on from the rooms that define them, and
each is imported when it is first used.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .version import __version__

_HOMES = {
    "Curve": "curves",
    "read_curves": "tables",
    "Caveat": "errors",
    "CurveError": "errors",
    "FitError": "errors",
    "CheckpointError": "errors",
    "Forecast": "forecast",
    "Forecaster": "forecaster",
    "forecast": "methods",
    "forecast_many": "methods",
    "methods": "methods",
    "metrics": "",
    "theory": "",
    "compare": "decisions.compare",
    "backtest": "decisions.backtest",
    "reach": "decisions.reach",
    "recipes": "decisions.recipes",
    "suggest": "decisions.suggest",
    "fit_joint": "decisions.joint",
}

__all__ = [*_HOMES, "__version__"]

if TYPE_CHECKING:
    from . import metrics as metrics
    from .curves import Curve as Curve
    from .errors import Caveat as Caveat
    from .errors import CheckpointError as CheckpointError
    from .errors import CurveError as CurveError
    from .errors import FitError as FitError
    from .forecast import Forecast as Forecast
    from .forecaster import Forecaster as Forecaster
    from .methods import forecast as forecast
    from .methods import forecast_many as forecast_many
    from .methods import methods as methods
    from .tables import read_curves as read_curves


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'forescale' has no attribute {name!r}")
    home = _HOMES[name]
    value = import_module(f"forescale.{name}") if not home else getattr(import_module(f"forescale.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


class _Face(ModuleType):
    """Keeps `forescale.forecast` the function: importing the room of that name would put the module in its place."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (_HOMES.get(name) and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face
