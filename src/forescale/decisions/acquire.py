"""Which x to measure next: one abstract contract, and the rules that keep it.

information   expected fall of the entropy of the noise-free curve at the targets (ours)
max-variance  where one new reading is most uncertain
random        any
cheapest      the least cost
even          farthest, in ln x, from what is measured
largest       the largest x that the budget pays for
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from ..curves.curve import Curve
from ..errors import CurveError
from ..forecasts.forecast import Forecast, Kind
from ..numerics import Floats
from .uncertainty import centre_and_width

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
    smooth: bool = False
    """Whether it is a smooth function of x that takes forecasts, so that many candidates are read between few."""

    def score_all(self, now: Situation, few: int) -> Floats:
        """`score`, (C,); of a smooth rule at `few` of the candidates at most, linear in ln x between them."""
        log_x = np.log(now.candidates)
        if not self.smooth or len(log_x) <= few:
            return self.score(now)
        even = np.searchsorted(log_x, np.linspace(log_x[0], log_x[-1], few))
        asked = np.unique(np.clip(even, 0, len(log_x) - 1))
        told = self.score(replace(now, candidates=now.candidates[asked], costs=now.costs[asked]))
        return np.interp(log_x, log_x[asked], told)

    @abstractmethod
    def score(self, now: Situation) -> Floats:
        """(C,), in the order of the candidates."""


class InformationGain(Acquisition):
    """Expected information of a run about the curve at the targets, in nats, mean over the targets.

    The outcomes of a candidate are imagined at fixed quantiles of its forecast, which serve as quadrature nodes;
    each joins the context, and one batch answers for all of them. With m and v the medians and squared widths of
    ln y that result,

        gain = ½ ln(1 + Var(m) / E(v)),

    the mutual information of outcome and curve where both are normal. It compares the imagined forecasts with their
    own mixture and not with the forecast before: the two are equal for an exact posterior, and an approximate one
    that widens when it sees a point would otherwise score a run by that.

    Source: Lindley 1956, "On a measure of the information provided by an experiment".
    """

    per_cost = smooth = True

    def score(self, now: Situation) -> Floats:
        return self.of(now, imagined(now))

    def of(self, now: Situation, then: Sequence[Forecast]) -> Floats:
        """The score, (C,), where the imagined forecasts are at hand already."""
        median, width = centre_and_width(then)
        nodes = (len(now.worlds), len(now.candidates), now.nodes_per_world, len(now.targets))
        return cast("Floats", gains(median.reshape(nodes), width.reshape(nodes)).mean(axis=(0, 2)))


class MaxVariance(Acquisition):
    """The width of the forecast of one new reading, in ln y: 16 to 84 per cent, so that it is finite."""

    smooth = True

    def score(self, now: Situation) -> Floats:
        answers = now.ask(named(now.worlds), now.candidates, "run").values()
        return cast("Floats", np.mean([np.diff(np.log(f.quantile([0.16, 0.84])), axis=0)[0] for f in answers], axis=0))


class Random(Acquisition):
    """A draw."""

    def score(self, now: Situation) -> Floats:
        return now.rng.uniform(size=len(now.candidates))


class CheapestFirst(Acquisition):
    """Minus the cost."""

    def score(self, now: Situation) -> Floats:
        return -now.costs


class LargestFirst(Acquisition):
    """The x itself: nearest to the targets, where all runs cost alike."""

    def score(self, now: Situation) -> Floats:
        return now.candidates


class EvenlySpaced(Acquisition):
    """Distance in ln x to the nearest measurement."""

    def score(self, now: Situation) -> Floats:
        measured = np.log(now.worlds[0].x)
        return cast("Floats", np.abs(np.log(now.candidates)[:, None] - measured).min(axis=1))


ACQUISITIONS: dict[str, Acquisition] = {
    "information": InformationGain(),
    "max-variance": MaxVariance(),
    "random": Random(),
    "cheapest": CheapestFirst(),
    "even": EvenlySpaced(),
    "largest": LargestFirst(),
}


def find_acquisition(name: str) -> Acquisition:
    """The rule of that name.

    Raises:
        CurveError: there is none.
    """
    if name not in ACQUISITIONS:
        raise CurveError(f"expected an acquisition among {', '.join(ACQUISITIONS)}, got '{name}'. Choose one.")
    return ACQUISITIONS[name]


def imagined(now: Situation) -> list[Forecast]:
    """Forecasts of the curve at the targets after each outcome of each candidate in each world, in this order."""
    levels = midpoints(now.nodes_per_world)
    answers = now.ask(named(now.worlds), now.candidates, "run").values()
    after = [
        extended(world, x, y)
        for world, f in zip(now.worlds, answers, strict=True)
        for x, outcomes in zip(now.candidates, f.quantile(levels).T, strict=True)
        for y in outcomes
    ]
    return list(now.ask(named(after), now.targets, "curve").values())


def gains(median: Floats, width: Floats) -> Floats:
    """½ ln(1 + Var(m) / E(v)) over the nodes of (..., nodes, T), giving (..., T)."""
    from scipy.special import ndtri

    nodes_variance = np.mean(ndtri(midpoints(median.shape[-2])) ** 2)  # a normal's at the nodes; 1 for many of them
    return cast("Floats", 0.5 * np.log1p(median.var(axis=-2) / nodes_variance / np.mean(width**2, axis=-2)))


def extended(curve: Curve, x: float, y: float) -> Curve:
    """The curve with one more measurement."""
    return Curve(
        np.append(curve.x, x), np.append(curve.y, y), x_name=curve.x_name, y_name=curve.y_name, name=curve.name
    )


def midpoints(n: int) -> Floats:
    """n equally likely levels: the midpoints of n equal shares."""
    return (np.arange(n) + 0.5) / n


def named(curves: Sequence[Curve]) -> dict[str, Curve]:
    """Curves as the dict that `ask` takes."""
    return {str(i): curve for i, curve in enumerate(curves)}
