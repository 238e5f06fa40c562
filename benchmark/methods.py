"""What the benchmark needs to know of a method: whether it can run here, is a network, or takes long."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import forescale as fs

Ask = Callable[[Mapping[str, fs.Curve], Mapping[str, Any]], Mapping[str, fs.Forecast]]


def names(text: str) -> list[str]:
    """A comma-separated option as a list."""
    return [part.strip() for part in text.split(",") if part.strip()]


def chosen(asked: str = "", without: Iterable[str] = ()) -> list[str]:
    """The methods of a comma-separated option that can run here; with none asked, the quick ones but those left out.

    Raises:
        CurveError: a name that is not a method.
    """
    listed = {name: fs.find_method(name) for name in names(asked) or fs.methods()}
    left_out = set(without)
    return [
        name
        for name, method in listed.items()
        if not method.missing and (asked or (method.cost == "quick" and name not in left_out))
    ]


def is_network(method: str, weights: str = "") -> bool:
    """Whether weights stand behind it: released ones, or a file of one's own."""
    return bool(weights) or hasattr(fs.find_method(method), "weights")


@cache
def network(method: str, weights: str = "", *, read_twice: bool = True) -> fs.Forecaster:
    """The network behind a method, or a file of one's own.

    Raises:
        CheckpointError: the weights cannot be read.
    """
    released = weights or fs.find_method(method).weights  # type: ignore[attr-defined]  # a network has weights
    return fs.Forecaster.load(released, method, read_twice=read_twice)


def reads_raw(method: str, weights: str = "") -> bool:
    """Whether a method reads y as it is, so that it is asked in the unit that the paper's authors ask in."""
    return is_network(method, weights) and network(method, weights).weights.config.scaling == "raw"


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
    if is_network(method, weights):
        key["weights"] = network(method, weights).weights.sha256[:16]
    return key
