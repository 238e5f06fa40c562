"""forescale: Bayesian forecasts of neural scaling curves, and the decision that follows from them.

Curve in, Forecast out, Decision next. This is the face: names are handed on from the rooms that define them, and
each is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .pages import answer as _answer
from .version import __version__

_HOMES = {
    "Curve": "curves.curve",
    "read_curves": "curves.columns",
    "Caveat": "errors",
    "ForescaleError": "errors",
    "CurveError": "errors",
    "FitError": "errors",
    "ConfigError": "errors",
    "CheckpointError": "errors",
    "MissingExtraError": "errors",
    "Forecast": "forecasts.forecast",
    "Forecaster": "network.forecaster",
    "forecast": "method.registry",
    "forecast_many": "method.registry",
    "forecast_frame": "mass.frame",
    "methods": "method.registry",
    "find_method": "method.registry",
    "Method": "method.base",
    "metrics": "forecasts.metrics",
    "theory": "theory",
    "compare": "decisions.compare",
    "backtest": "decisions.backtest",
    "reach": "decisions.reach",
    "doublings": "decisions.doublings",
    "recipes": "decisions.recipes",
    "suggest": "decisions.suggest",
    "fit_joint": "joint.model",
    "fit_joint_recipes": "joint.model",
    "backtest_joint": "joint.backtest",
    "JointModel": "joint.model",
    "report": "presenters.whole",
    "watch": "integrations.watch",
}

_MODULES = ("metrics", "theory")
"""Names of the face that are rooms."""

__all__ = [*_HOMES, "__version__"]

if TYPE_CHECKING:
    from . import theory as theory
    from .curves.columns import read_curves as read_curves
    from .curves.curve import Curve as Curve
    from .decisions.backtest import backtest as backtest
    from .decisions.compare import compare as compare
    from .decisions.doublings import doublings as doublings
    from .decisions.reach import reach as reach
    from .decisions.recipes import recipes as recipes
    from .decisions.suggest import suggest as suggest
    from .errors import Caveat as Caveat
    from .errors import CheckpointError as CheckpointError
    from .errors import ConfigError as ConfigError
    from .errors import CurveError as CurveError
    from .errors import FitError as FitError
    from .errors import ForescaleError as ForescaleError
    from .errors import MissingExtraError as MissingExtraError
    from .forecasts import metrics as metrics
    from .forecasts.forecast import Forecast as Forecast
    from .integrations.watch import watch as watch
    from .joint.backtest import backtest_joint as backtest_joint
    from .joint.model import JointModel as JointModel
    from .joint.model import fit_joint as fit_joint
    from .joint.model import fit_joint_recipes as fit_joint_recipes
    from .mass.frame import forecast_frame as forecast_frame
    from .method.base import Method as Method
    from .method.registry import find_method as find_method
    from .method.registry import forecast as forecast
    from .method.registry import forecast_many as forecast_many
    from .method.registry import methods as methods
    from .network.forecaster import Forecaster as Forecaster
    from .presenters.whole import report as report

else:  # a type checker that saw it would take any slip for a name of the face

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module 'forescale' has no attribute {name!r}")
        module = import_module(f"forescale.{_HOMES[name]}")
        value = module if name in _MODULES else getattr(module, name)
        globals()[name] = value
        return value


_answer.present = lambda answer, levels: import_module("forescale.presenters").present(answer, levels)


def __dir__() -> list[str]:
    return sorted(__all__)
