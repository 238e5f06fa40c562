"""A watch over one run: readings in as they come, now and then a forecast of its end.

    watch = fs.watch(total=10_000)
    for step in range(1, 10_001):
        loss = train_one_step()
        if (forecast := watch(step, loss)) is not None:
            print(forecast)

What it reads are means of ln(loss) in bins that are even in ln(step); what it answers is the *mean of later readings*
at the last step, not one noisy reading. What the rest of an unknown schedule gains is less certain than a curve tells:
the interval allows for that. How far it is true on real logs: docs/guides/during-training.md.
"""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from ..curves.curve import Curve
from ..curves.measure import Better
from ..errors import Caveat, CurveError, ForescaleError
from ..forecasts.forecast import Forecast
from ..method.registry import forecast
from ..numerics import Floats

WARM_UP = 0.02
"""Share of the run whose readings are skipped: the first steps obey no law."""
BINS = 48
"""At most so many means are read, even in ln(step)."""
GAIN_STD = 0.4
"""Standard deviation of the gain still to come over the gain that is forecast: a schedule that nobody told makes it
another. The smallest tenth at which 90 % intervals hold 90 % of the exact losses of SGD at a constant rate and one that
decays from the start, linearly or as a cosine, asked at 25, 50, 75 and 90 % of the run (`python -m lab during`)."""
DECAYED = 0.98
"""A rate below this share of its highest is one that decays."""


@dataclass
class Watch:
    """Call it with (step, reading); it answers every `every` of the run from `start` on, and is silent in between.

    Attributes:
        total: the last step of the run.
        start, every: shares of the run.
        warm_up: share of the run that is skipped.
        method: a name in `forescale.methods()`.
        name: what the reading is called.
        better: "lower", or "higher" for an accuracy.
        latest: the last answer, None before the first.
    """

    total: float
    start: float = 0.25
    every: float = 0.05
    warm_up: float = WARM_UP
    method: str = "pfn"
    name: str = "loss"
    better: Better = "lower"
    latest: Forecast | None = None
    _steps: list[float] = field(default_factory=list, repr=False)
    _values: list[float] = field(default_factory=list, repr=False)
    _rates: list[float] = field(default_factory=list, repr=False)
    _due: float = field(default=0.0, repr=False)

    def __post_init__(self) -> None:
        if not (math.isfinite(self.total) and self.total > 0):
            raise CurveError(f"expected the number of steps of the run as total, got {self.total}. Try total=10_000.")
        if not (0 < self.start < 1 and 0 < self.every <= 1 and 0 <= self.warm_up < self.start):
            raise CurveError(
                f"expected 0 ≤ warm_up < start < 1 and every in (0, 1], got warm_up={self.warm_up}, "
                f"start={self.start}, every={self.every}. Try start=0.25, every=0.05."
            )
        self._due = self.start * self.total * (1 - 1e-12)

    def __call__(self, step: float, value: float, rate: float | None = None) -> Forecast | None:
        """Notes a reading; answers where an answer is due, else None.

        Args:
            step: counted from 1 (a step 0 is skipped, as the warm-up is); one that falls is a run that began there
                again, and what was noted from it on is forgotten.
            value: the reading; one that is not positive and finite is skipped.
            rate: the learning rate, if it is at hand: a decaying one is said.
        """
        self.note(step, value, rate)
        if not self._due <= step < self.total:
            return None
        passed = math.floor((step / self.total - self.start) / self.every + 1e-9) + 1
        self._due = (self.start + passed * self.every) * self.total * (1 - 1e-12)
        try:
            return self.ask()
        except ForescaleError as error:  # a run is dearer than its forecast
            warnings.warn(f"no forecast at step {step:g}: {error}", stacklevel=2)
            return None

    def note(self, step: float, value: float, rate: float | None = None) -> None:
        """Notes a reading and answers nothing."""
        step, value = float(step), float(value)
        if self._steps and step < self._steps[-1]:
            kept = sum(s < step for s in self._steps)
            del self._steps[kept:], self._values[kept:]
        if step > self.warm_up * self.total and step > 0 and math.isfinite(value) and value > 0:
            self._steps.append(step)
            self._values.append(value)
        if rate is not None:
            self._rates.append(float(rate))

    def ask(self) -> Forecast | None:
        """The forecast of the end from what was read so far; None where three scales were not yet seen."""
        x, y = binned(np.array(self._steps), np.array(self._values))
        if len(np.unique(x)) < 3:
            return None
        better: Better | None = "higher" if self.better == "higher" else None
        curve = Curve(x, y, x_name="step", y_name=self.name, better=better)
        answer = forecast(curve, [self.total], method=self.method, kind="run")
        self.latest = allowing_for_schedule(answer).with_warnings(*self._caveats())
        return self.latest

    def _caveats(self) -> tuple[Caveat, ...]:
        notes = [Caveat("mean_of_readings", f"this is the mean of later readings of {self.name}, not one of them.")]
        if self._rates and self._rates[-1] < DECAYED * max(self._rates):
            text = "the learning rate is decaying: what that gains until the end is only partly in the readings."
            notes.append(Caveat("decay_ahead", text))
        return tuple(notes)


def watch(
    total: float,
    *,
    start: float = 0.25,
    every: float = 0.05,
    warm_up: float = WARM_UP,
    method: str = "pfn",
    name: str = "loss",
    better: Better = "lower",
) -> Watch:
    """A watch over a run of `total` steps: call it with (step, loss) and it forecasts the end now and then.

    Args:
        total: the last step.
        start: share of the run after which it first answers.
        every: share of the run between answers.
        warm_up: share of the run that it skips.
        method: a name in `forescale.methods()`.
        name: what the reading is called.
        better: "lower", or "higher" for an accuracy.

    Raises:
        CurveError: a total that is no number of steps, or shares that are none.
    """
    return Watch(total, start, every, warm_up, method, name, better)


def allowing_for_schedule(answer: Forecast) -> Forecast:
    """The answer, wider by GAIN_STD of what it gains from here on, in the scaled outcome of the method."""
    ask, curve = answer.ask, answer.context
    assert ask is not None
    here, there = (answer.scaling.to_scaled(f.median) for f in (ask(curve.x[-1:]), answer))
    gain_T = np.where(answer.x > curve.x_max, np.abs(there - here), 0.0)
    return replace(answer, marginals=answer.marginals.blurred(GAIN_STD * gain_T), ask=_Allowing(ask))


@dataclass(frozen=True)
class _Allowing:
    """The same question at other x, answered alike."""

    ask: Callable[[Floats], Forecast]

    def __call__(self, x: Floats) -> Forecast:
        return allowing_for_schedule(self.ask(x))


def binned(steps: Floats, values: Floats, n_bins: int = BINS) -> tuple[Floats, Floats]:
    """Geometric means of step and value in bins even in ln(step), (n',), n' ≤ n_bins; all rows where they are few."""
    if len(steps) <= n_bins:
        return steps, values
    u, v = np.log(steps), np.log(values)
    place = np.minimum((n_bins * (u - u[0]) / (u[-1] - u[0] or 1.0)).astype(int), n_bins - 1)
    count = np.bincount(place, minlength=n_bins)
    kept = count > 0
    mean_u = np.bincount(place, u, n_bins)[kept] / count[kept]
    mean_v = np.bincount(place, v, n_bins)[kept] / count[kept]
    return np.exp(mean_u), np.exp(mean_v)
