"""Which x to measure next: one abstract contract, and the rules that keep it.

information   expected fall of the entropy of the noise-free curve at the targets (ours)
max-variance  where one new reading is most uncertain
random        any
cheapest      the least cost
even          farthest, in ln x, from what is measured
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..curves import Curve
from ..errors import CurveError
from ..forecast import Forecast, Kind
from .uncertainty import entropy

Floats = NDArray[np.float64]
Ask = Callable[[Mapping[str, Curve], Floats, Kind], Mapping[str, Forecast]]


@dataclass(frozen=True)
class Situation:
    """What is known before a choice.

    Attributes:
        worlds: equally likely contexts: the measurements, each with other outcomes of runs planned already.
        candidates, costs: (C,).
        targets: (T,), where the curve should become known.
        ask: forecasts of many curves in one batch: (curves, at, kind) -> name -> Forecast.
        rng: for rules that draw.
        n_nodes: imagined outcomes of each candidate, over all worlds.
    """

    worlds: tuple[Curve, ...]
    candidates: Floats
    costs: Floats
    targets: Floats
    ask: Ask
    rng: np.random.Generator
    n_nodes: int = 16

    @property
    def nodes_per_world(self) -> int:
        return max(1, self.n_nodes // len(self.worlds))


class Acquisition(ABC):
    """A rule that scores candidates; the largest score is measured next."""

    per_cost: bool = False
    """Whether a score is an amount, so that score per cost means something."""

    @abstractmethod
    def score(self, now: Situation) -> Floats:
        """(C,), in the order of the candidates."""


class InformationGain(Acquisition):
    """Expected fall, in nats, of the entropy of the curve at the targets.

    The outcomes of a candidate are imagined at fixed quantiles of its forecast, which serve as quadrature nodes;
    each joins the context, and one batch answers for all of them.

    Source: Lindley 1956, "On a measure of the information provided by an experiment".
    """

    per_cost = True

    def score(self, now: Situation) -> Floats:
        return np.asarray((entropy_now(now)[:, None] - entropy_after(now)).mean(axis=0))


class MaxVariance(Acquisition):
    """The width of the forecast of one new reading, in ln y: 16 to 84 per cent, so that it is finite."""

    def score(self, now: Situation) -> Floats:
        answers = now.ask(_named(now.worlds), now.candidates, "run").values()
        return np.mean([np.diff(np.log(f.quantile([0.16, 0.84])), axis=0)[0] for f in answers], axis=0)


class Random(Acquisition):
    """A draw."""

    def score(self, now: Situation) -> Floats:
        return now.rng.uniform(size=len(now.candidates))


class CheapestFirst(Acquisition):
    """Minus the cost."""

    def score(self, now: Situation) -> Floats:
        return -now.costs


class EvenlySpaced(Acquisition):
    """Distance in ln x to the nearest measurement."""

    def score(self, now: Situation) -> Floats:
        measured = np.log(now.worlds[0].x)
        return np.abs(np.log(now.candidates)[:, None] - measured).min(axis=1)


ACQUISITIONS: dict[str, Acquisition] = {
    "information": InformationGain(),
    "max-variance": MaxVariance(),
    "random": Random(),
    "cheapest": CheapestFirst(),
    "even": EvenlySpaced(),
}


def find_acquisition(name: str) -> Acquisition:
    """The rule of that name.

    Raises:
        CurveError: there is none.
    """
    if name not in ACQUISITIONS:
        raise CurveError(f"expected an acquisition among {', '.join(ACQUISITIONS)}, got '{name}'. Choose one.")
    return ACQUISITIONS[name]


def entropy_now(now: Situation) -> Floats:
    """Entropy of the curve, mean over the targets, in each world: (W,)."""
    return entropy(list(now.ask(_named(now.worlds), now.targets, "curve").values())).mean(axis=1)


def entropy_after(now: Situation) -> Floats:
    """Expected entropy once a candidate is measured, (W, C), mean over targets and imagined outcomes."""
    levels = midpoints(now.nodes_per_world)
    answers = now.ask(_named(now.worlds), now.candidates, "run").values()
    imagined = [
        extended(world, x, y)
        for world, f in zip(now.worlds, answers, strict=True)
        for x, outcomes in zip(now.candidates, f.quantile(levels).T, strict=True)
        for y in outcomes
    ]
    after = entropy(list(now.ask(_named(imagined), now.targets, "curve").values())).mean(axis=1)
    return after.reshape(len(now.worlds), len(now.candidates), len(levels)).mean(axis=2)


def extended(curve: Curve, x: float, y: float) -> Curve:
    """The curve with one more measurement."""
    return Curve(
        np.append(curve.x, x), np.append(curve.y, y), x_name=curve.x_name, y_name=curve.y_name, name=curve.name
    )


def midpoints(n: int) -> Floats:
    """n equally likely levels: the midpoints of n equal shares."""
    return (np.arange(n) + 0.5) / n


def _named(curves: tuple[Curve, ...] | list[Curve]) -> dict[str, Curve]:
    return {str(i): curve for i, curve in enumerate(curves)}
