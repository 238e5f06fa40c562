"""The one list of methods: name -> a function from Curve to Forecast. Adding a method is one file and one line.

Every method has the same face, `run(curve, at, kind, seed) -> Forecast`, and is imported when it is asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..curves.columns import Columns
from ..curves.curve import Curve
from ..curves.sources import as_curve
from ..errors import CurveError, MissingExtraError
from ..forecasts.forecast import Forecast, Kind, asked_of, check_kind, finished
from ..spelling import checked_keywords

Floats = NDArray[np.float64]
Run = Callable[[Curve, Floats, Kind, int], Forecast]


@dataclass(frozen=True)
class Method:
    """One line of the list.

    Attributes:
        summary: what it is, with its source.
        function: "module:name" inside forescale, called as (curve, at, kind, seed, **options).
        options: keywords the function gets, such as which law to fit.
        needs: extra and module it imports, for methods outside the default install.
        network: name or path of the weights behind it, if any; such methods answer many curves at once.
    """

    summary: str
    function: str
    options: Mapping[str, Any]
    needs: tuple[str, str] | None = None
    network: str | None = None

    @property
    def missing(self) -> str | None:
        """The extra that has to be installed first, if any."""
        return self.needs[0] if self.needs and find_spec(self.needs[1]) is None else None

    def run(self, name: str, curve: Curve, at: Floats, kind: Kind, seed: int) -> Forecast:
        if self.missing:
            raise MissingExtraError(
                f"expected the extra [{self.missing}] for method '{name}', got no module {self.needs[1]!r}. "  # type: ignore[index]
                f"Run: pip install 'forescale[{self.missing}]'."
            )
        module, function = self.function.split(":")
        run: Run = getattr(import_module(f"forescale.{module}"), function)
        return run(curve, at, kind, seed, **self.options)


def ask_network(curve: Curve, at: Floats, kind: Kind, seed: int, *, weights: str, method: str) -> Forecast:
    """Released weights, no fit and no chain; draws nothing, so the seed changes nothing."""
    from ..network.forecaster import released

    return released(weights, method).forecast(curve, at, kind=kind)


def _network(name: str, weights: str, summary: str) -> Method:
    return Method(summary, "method.registry:ask_network", {"weights": weights, "method": name}, network=weights)


def _least_squares(law: str, summary: str) -> Method:
    return Method(f"least squares of ln y, plug-in: {summary}", "laws.fit:forecast_law", {"law": law})


def _mcmc(law: str) -> Method:
    summary = f"posterior of {law} by emcee, with correlated noise (Foreman-Mackey et al. 2013, arXiv 1202.3665)"
    return Method(summary, "posterior.mcmc:forecast_mcmc", {"law": law})


def _collapsed(law: str) -> Method:
    summary = f"posterior of {law} on a grid of exponents, the rest integrated out, correlated noise (docs/laws.md)"
    return Method(summary, "posterior.collapsed:forecast_collapsed", {"law": law})


METHODS: dict[str, Method] = {
    "pfn": _network(
        "pfn", "base", "our prior-data fitted network: scale-free, nothing fitted per curve (docs/how-it-works.md)"
    ),
    "nsl-pfn": _network(
        "nsl-pfn", "paper", "the paper's prior, scaling and binned head at our size (arXiv 2505.23032)"
    ),
    "m1": _least_squares("m1", "power law (Hestness et al. 2017, arXiv 1712.00409)"),
    "m2": _least_squares("m2", "power law with a floor (Alabdulmohsin et al. 2022, arXiv 2209.06640)"),
    "m3": _least_squares("m3", "power law of a shifted inverse (Alabdulmohsin et al. 2022, arXiv 2209.06640)"),
    "m4": _least_squares("m4", "sigmoidal law (Alabdulmohsin et al. 2022, arXiv 2209.06640)"),
    "bnsl1": _least_squares("bnsl1", "broken law, one break (Caballero et al. 2022, arXiv 2210.14891)"),
    "bnsl2": _least_squares("bnsl2", "broken law, two breaks (Caballero et al. 2022, arXiv 2210.14891)"),
    "mcmc-m1": _mcmc("m1"),
    "mcmc-m2": _mcmc("m2"),
    "mcmc-m3": _mcmc("m3"),
    "mcmc-m4": _mcmc("m4"),
    "mcmc-bnsl1": _mcmc("bnsl1"),
    "collapsed-m1": _collapsed("m1"),
    "collapsed-m2": _collapsed("m2"),
    "gp": Method(
        "Gaussian process on log-log axes around a line, Matern-3/2 (Rasmussen and Williams 2006)",
        "posterior.gp:forecast_gp",
        {},
        needs=("bench", "sklearn"),
    ),
    "line": Method("log-log line through the last half of the context, plug-in", "method.baselines:forecast_line", {}),
    "last": Method("the last value, plug-in; kind 'run' only", "method.baselines:forecast_last", {}),
}


def methods() -> dict[str, str]:
    """Name -> one line with its source; methods whose extra is missing are listed too, saying which."""
    return {
        name: m.summary + (f" [needs: pip install 'forescale[{m.missing}]']" if m.missing else "")
        for name, m in METHODS.items()
    }


def find_method(name: str) -> Method:
    """The method of that name; the path of a .safetensors file is a network of one's own.

    Raises:
        CurveError: there is none.
    """
    if name.endswith(".safetensors"):
        return _network(Path(name).stem, name, "a network of one's own")
    if name not in METHODS:
        raise CurveError(f"expected a method among {', '.join(METHODS)}, got '{name}'. See `forescale methods`.")
    return METHODS[name]


@checked_keywords
def forecast(
    source: Any,
    at: ArrayLike,
    *,
    method: str = "pfn",
    kind: Kind = "run",
    seed: int = 0,
    **columns: Unpack[Columns],
) -> Forecast:
    """Forecast a curve at resource levels not measured yet.

    Reads the context only. Each point of `at` is answered on its own.

    Args:
        source: a Curve, a pair (x, y), or a table of one curve: path, data frame, Series, dict of columns.
        at: shape (T,), in the unit of x, any order.
        method: a name in `forescale.methods()`.
        kind: "run", what one new measurement would read; "curve", the noise-free trend.
        seed: of the methods that draw.
        columns: keywords of `read_curves` where `source` is a table.

    Returns:
        Forecast over T points, in the unit of y.

    Raises:
        CurveError: fewer than 3 points, unusable values, or an unknown method.
    """
    curve = as_curve(source, **columns)
    return forecast_many({"curve": curve}, at, method=method, kind=kind, seed=seed)["curve"]


@checked_keywords
def forecast_many(
    curves: Mapping[str, Curve],
    at: ArrayLike | Mapping[str, ArrayLike],
    *,
    method: str = "pfn",
    kind: Kind = "run",
    seed: int = 0,
) -> dict[str, Forecast]:
    """`forecast` for many curves; networks answer them in batches.

    Args:
        curves: name -> Curve.
        at: one array for all of them, or name -> array.

    Returns:
        dict name -> Forecast, in the order of `curves`.
    """
    chosen, kind, asked = find_method(method), check_kind(kind), asked_of(curves, at)
    if chosen.network is not None:
        from ..network.forecaster import released

        return released(chosen.network, chosen.options["method"]).forecast_many(curves, asked, kind=kind)
    return {
        name: finished(
            chosen.run(method, curve.as_context(), asked[name], kind, seed),
            ask=partial(forecast, curve, method=method, kind=kind, seed=seed),
        )
        for name, curve in curves.items()
    }
