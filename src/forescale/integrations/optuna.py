"""Optuna: `optuna.create_study(pruner=ForecastPruner(n_steps=40))`; a trial ends when it will hardly beat the best.

A trial that has reported `start` of its steps is forecast at its last step; it is pruned where
P(its last reading beats the best finished trial) is below `threshold`.
"""

from typing import Any

import numpy as np
from optuna.pruners import BasePruner
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from ..curves.curve import Curve
from ..errors import CurveError, ForescaleError
from ..method.registry import forecast
from .watch import binned


class ForecastPruner(BasePruner):
    """Prunes by a forecast of the trial's own curve.

    Args:
        n_steps: the last step that a trial reports.
        threshold: below this probability of beating the best a trial ends.
        start: share of the steps before which none ends.
        method: a name in `forescale.methods()`.
        options: what `Curve` takes beside the readings, such as best=1.0; the direction is the study's.
    """

    def __init__(
        self, n_steps: float, *, threshold: float = 0.05, start: float = 0.1, method: str = "pfn", **options: Any
    ):
        if not (n_steps > 0 and 0 < threshold < 1 and 0 < start < 1):
            raise CurveError(
                f"expected n_steps > 0 and threshold and start in (0, 1), got {n_steps}, {threshold}, {start}. "
                "Try n_steps=100, threshold=0.05, start=0.1."
            )
        self.n_steps, self.threshold, self.start, self.method, self.options = n_steps, threshold, start, method, options

    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        """Whether the trial should end now; never where its curve cannot be read."""
        best = _best(study)
        steps = np.array(sorted(trial.intermediate_values), float)
        if best is None or len(steps) == 0 or not self.start * self.n_steps <= steps[-1] < self.n_steps:
            return False
        values = np.array([trial.intermediate_values[int(step)] for step in steps])
        try:
            return self._beats(steps, values, best, study.direction) < self.threshold
        except ForescaleError:
            return False

    def _beats(self, steps: np.ndarray, values: np.ndarray, best: float, direction: StudyDirection) -> float:
        """P(the last reading is better than `best`)."""
        higher = direction == StudyDirection.MAXIMIZE
        steps = steps + 1 if steps[0] == 0 else steps
        curve = Curve(*binned(steps, values), better="higher" if higher else "lower", **self.options)
        return float(forecast(curve, [self.n_steps], method=self.method).prob_better(best)[0])


def _best(study: Study) -> float | None:
    """The best value of a finished trial, None before the first."""
    finished = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    values = [trial.value for trial in finished if trial.value is not None]
    if not values:
        return None
    return float(max(values) if study.direction == StudyDirection.MAXIMIZE else min(values))
