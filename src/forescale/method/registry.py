"""The one list of methods, and the front door: Curve in, Forecast out. A new method is one file and one line here."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Unpack

from numpy.typing import ArrayLike

from ..curves.columns import Columns
from ..curves.curve import Curve
from ..curves.sources import as_curve
from ..errors import CurveError
from ..forecasts.forecast import Forecast, Kind, asked_of, check_kind, check_seed
from ..laws import LAWS
from ..spelling import checked_keywords, nearest
from .base import Method
from .baselines import Last, Line
from .laws import LeastSquares
from .networks import Network
from .posteriors import Chains, GaussianProcess, Grid, LearntFeatures

METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Network(
            "pfn", "base", "our prior-data fitted network: scale-free, nothing fitted per curve (docs/how-it-works.md)"
        ),
        Network("nsl-pfn", "nsl-pfn", "the paper's prior, training and binned head at our size (arXiv 2505.23032)"),
        Network("lc-pfn", "lc-pfn", "LC-PFN's prior of learning curves, trained alike (arXiv 2310.20447)"),
        *(LeastSquares(law) for law in LAWS),
        *(Chains(name) for name, law in LAWS.items() if law.form.chain_steps),
        Grid("m1"),
        Grid("m2"),
        GaussianProcess(),
        LearntFeatures("blr"),
        LearntFeatures("dkgp"),
        Line(),
        Last(),
    )
}


def methods() -> dict[str, str]:
    """Name -> one line with its source; methods whose extra is missing are listed too, saying which."""
    return {
        name: m.summary + (f" [needs: pip install 'forescale[{m.missing}]']" if m.missing else "")
        for name, m in METHODS.items()
    }


def find_method(name: str) -> Method:
    """The method of that name, with what it can do as fields; a .safetensors path is a network of one's own.

    Raises:
        CurveError: there is none.
    """
    if name in METHODS:
        return METHODS[name]
    if name.endswith(".safetensors"):
        return Network(Path(name).stem, name)
    right = nearest(name, METHODS)
    hint = f"Did you mean '{right}'?" if right else "See `forescale methods`."
    raise CurveError(f"expected a method among {', '.join(METHODS)}, got '{name}'. {hint}")


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
    return find_method(method).ask_many(curves, asked_of(curves, at), check_kind(kind), check_seed(seed))
