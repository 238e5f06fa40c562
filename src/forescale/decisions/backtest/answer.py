"""What `backtest` answers: scores, a ranking, and what it is worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...errors import Caveat
from ...forecasts.forecast import Forecast
from ...numerics import Floats
from ...pages.answer import Answer

Measure = Literal["ll", "rmsle"]
ENOUGH_TARGETS = 10
"""Below this many hidden distinct x no method is told apart, and a ranking says that it rests on few."""
MAX_HIDDEN = 1000
"""Hidden readings of a curve that are scored, evenly spread over them; a log of a million hides more than it tells."""
PRIOR, ENOUGH_CURVES = "pfn", 10
"""The method that is kept until this many curves put another before it, beyond noise."""
SURE = 0.975
"""A method is told apart from the first when a one-sided paired t-test is this sure of the gap."""


@dataclass(frozen=True)
class Score:
    """One method on one curve; every score is of the hidden points, kind "run".

    Attributes:
        rmsle: of the median, of what y misses to its best value (y itself for a loss); no unit.
        ll: mean log density of the loss, nats per unit of y.
        coverage: share of hidden points inside the 90 % interval.
        msce: mean squared calibration error over `metrics.MSCE_LEVELS`.
        seconds: wall time of the answer.
        failed: why there is no answer; the numbers are then NaN.
    """

    group: str
    method: str
    n_context: int
    n_targets: int
    rmsle: float = np.nan
    ll: float = np.nan
    coverage: float = np.nan
    msce: float = np.nan
    seconds: float = np.nan
    failed: str = ""


@dataclass(frozen=True)
class Rank:
    """One line of the ranking: means over the curves that the method answered.

    Attributes:
        gap, gap_se: how much worse than the first, on the curves both answered, with its standard error: over
            curves, or over the hidden x of a single curve (optimistic: neighbours share their error); NaN for one.
        told_apart: whether the gap is beyond noise at the level `SURE`; never from one curve, nor from fewer than
            `ENOUGH_TARGETS` hidden x; False for the first itself.
    """

    method: str
    n_curves: int
    n_failed: int
    rmsle: float
    ll: float
    coverage: float
    msce: float
    seconds: float
    gap: float
    gap_se: float
    told_apart: bool


@dataclass(frozen=True, repr=False)
class Backtest(Answer):
    """Scores of every method on the hidden scales, ranked.

    Attributes:
        ranking: best first; methods that failed on more curves stand below those that failed on fewer.
        scores: one for each curve and method.
        keep: the method to go on with: `PRIOR`, unless `ENOUGH_CURVES` curves put the first before it, beyond noise.
        verdict: who is first, whether that can be told, and which method to keep.
        warnings: those of the curves, `few_targets`, `one_curve`, `within_noise`, `failed_methods`.
        forecasts: group -> method -> Forecast of the hidden points.
        hidden: group -> x and y of the hidden points.
    """

    ranking: tuple[Rank, ...]
    scores: tuple[Score, ...]
    keep: str
    verdict: str
    warnings: tuple[Caveat, ...]
    rank_by: Measure
    hold_out: float
    forecasts: Mapping[str, Mapping[str, Forecast]]
    hidden: Mapping[str, tuple[Floats, Floats]]

    @property
    def failures(self) -> tuple[str, ...]:
        """Each reason of a failure once, with the methods and curves it is about."""
        about: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
        for s in self.scores:
            if s.failed:
                methods, groups = about.setdefault(s.failed, ({}, {}))
                methods[s.method], groups[s.group] = None, None
        n_methods, n_groups = (len({getattr(s, key) for s in self.scores}) for key in ("method", "group"))
        out = []
        for reason, (methods, groups) in about.items():
            who = "every method" if len(methods) == n_methods > 1 else ", ".join(methods)
            where = "" if len(groups) == n_groups else f" on {', '.join(groups)}"
            out.append(f"{who} failed{where}: {reason}")
        return tuple(out)
