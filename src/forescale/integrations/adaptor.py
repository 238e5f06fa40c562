"""What the adaptors share: an answer as the flat numbers that loggers take."""

from ..forecasts.forecast import Forecast
from .watch import Watch


def as_metrics(answer: Forecast, name: str) -> dict[str, float]:
    """`forecast/NAME`, and the ends of its 90 % interval as `forecast/NAME_q05` and `forecast/NAME_q95`."""
    lower, upper = answer.interval(0.9)
    key = f"forecast/{name.replace('/', '_')}"
    return {key: float(answer.median[0]), f"{key}_q05": float(lower[0]), f"{key}_q95": float(upper[0])}


def noted(watch: Watch, step: float, value: float, rate: float | None = None) -> dict[str, float]:
    """A reading handed to the watch; the numbers of its answer, empty where none was due."""
    answer = watch(step, value, rate)
    return {} if answer is None else as_metrics(answer, watch.name)
