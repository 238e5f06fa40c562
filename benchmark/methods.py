"""What the benchmark needs to know of a method: whether it can run here, is a network, or takes long."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import forescale as fs

NETWORKS = {"pfn": "base", "nsl-pfn": "paper"}
"""Method -> released weights; these answer many curves in one call."""
SLOW = ("mcmc-",)
"""Methods whose names begin so are left out unless they are asked for."""
Ask = Callable[[Mapping[str, fs.Curve], Mapping[str, Any]], Mapping[str, fs.Forecast]]


def names(text: str) -> list[str]:
    """A comma-separated option as a list."""
    return [part.strip() for part in text.split(",") if part.strip()]


def missing(method: str) -> str:
    """What has to be installed for it; empty where nothing is."""
    return fs.methods()[method].partition("[needs: ")[2].rstrip("]")


def chosen(asked: str = "", without: Iterable[str] = SLOW) -> list[str]:
    """The methods of a comma-separated option that can run here; with none asked, all but those left out.

    Raises:
        SystemExit: a name that is not a method.
    """
    listed = fs.methods()
    wanted = names(asked) or [name for name in listed if not name.startswith(tuple(without))]
    if unknown := [name for name in wanted if name not in listed]:
        raise SystemExit(f"expected methods among {', '.join(listed)}, got {', '.join(unknown)}. Check --methods.")
    return [name for name in wanted if not missing(name)]


@cache
def network(method: str, weights: str = "", *, read_twice: bool = True) -> fs.Forecaster:
    """The network behind a method, or a file of one's own.

    Raises:
        CheckpointError: the weights cannot be read.
    """
    return fs.Forecaster.load(weights or NETWORKS[method], method, read_twice=read_twice)


def reads_raw(method: str, weights: str = "") -> bool:
    """Whether a method reads y as it is, so that it is asked in the unit that the paper's authors ask in."""
    return bool(weights or method in NETWORKS) and network(method, weights).scaling == "raw"


def title(method: str, weights: str = "") -> str:
    return Path(weights).stem if weights else method


def ask_with(method: str, weights: str = "", *, read_twice: bool = True, kind: str = "run") -> Ask:
    """A function from many curves and their targets to their forecasts."""
    if weights or not read_twice:
        own = network(method, weights, read_twice=read_twice)
        return lambda curves, at: own.forecast_many(curves, at, kind=kind)
    return lambda curves, at: fs.forecast_many(curves, at, method=method, kind=kind)


def key_of(method: str, weights: str = "") -> dict[str, str]:
    """What has to agree for a stored row to stand: the method, the version and, for a network, its weights.

    Raises:
        CheckpointError: the weights cannot be read.
    """
    key = {"method": method, "forescale": fs.__version__}
    if weights or method in NETWORKS:
        key["weights"] = network(method, weights).weights.sha256[:16]
    return key
