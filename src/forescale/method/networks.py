"""Networks: released ones by name, and the file of one's own by path; many curves are one forward pass."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, final

from ..curves.curve import Curve
from ..forecasts.forecast import Forecast, Kind
from ..numerics import Floats
from .base import Method

if TYPE_CHECKING:
    from ..network.forecaster import Forecaster


@final
class Network(Method):
    """A trained network; draws nothing, so the seed changes nothing.

    Args:
        name, summary: as every method's.
        weights: a released name, or the path of a .safetensors file.
    """

    batched = True
    any_shape = True
    steady_from = 3  # two x carry no curvature: the fits among the inputs are then decided by rounding

    def __init__(self, name: str, weights: str, summary: str = "a network of one's own") -> None:
        self.name, self.weights, self.summary = name, weights, summary

    @property
    def forecaster(self) -> "Forecaster":
        """The network as it stands on disk now, read once for each content."""
        from ..network.forecaster import recall

        return recall(self.weights, self.name)

    @property
    def reads_targets(self) -> bool:
        return self.forecaster.reads_targets

    @property
    def fingerprint(self) -> str:
        return self.forecaster.weights.sha256

    @property
    def reads_units(self) -> bool:
        return self.forecaster.reads_units

    def ask(self, curve: Curve, at: Floats, kind: Kind, seed: int) -> Forecast:
        return self.forecaster.forecast(curve, at, kind=kind)

    def ask_many(
        self, curves: Mapping[str, Curve], at: Mapping[str, Floats], kind: Kind, seed: int
    ) -> dict[str, Forecast]:
        self.check(kind)
        return self.forecaster.answer_many(curves, at, kind)
