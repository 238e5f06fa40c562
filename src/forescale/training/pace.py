"""A run that is to end at a time: its steps follow from the pace that is measured.

The learning rate needs to know how many steps there will be. They are set once the pace is known and corrected later
where it changed, so that one cosine ends when the time does. The warm-up keeps its length in steps.
"""

from __future__ import annotations

import time

from ..network.config import TrainConfig

FIRST = 20.0
"""Seconds of steps before the first plan; those of the first half are not counted, the machine warms up."""
LATER = (0.3, 0.55, 0.75, 0.88, 0.95)
"""Shares of the time after which a plan is corrected."""
SPARE = 8.0
"""Seconds kept for the last validation and for writing."""


class Pace:
    """Counts steps against the clock of `time.time`."""

    def __init__(self, until: float) -> None:
        self.until = until
        self.began: float | None = None
        self._mark = (0.0, 0)
        self._marks: list[float] = []

    def plan(self, config: TrainConfig, step: int) -> TrainConfig | None:
        """The configuration with another number of steps, when it is time for a plan."""
        now = time.time()
        if self.began is None:
            self.began, left = now, self.until - SPARE - now
            first = min(FIRST, 0.15 * left)
            self._marks = [now + 0.5 * first, now + first, *(now + share * left for share in LATER)]
        if now < self._marks[0]:
            return None
        self._marks = self._marks[1:] or [float("inf")]
        (since, from_step), self._mark = self._mark, (now, step)
        if from_step == 0 or step == from_step:
            return None
        rate = (step - from_step) / (now - since)
        steps = max(step + 1, round(step + rate * (self.until - SPARE - now)))
        n_warmup = max(1, round(config.warmup * config.steps))
        return config.with_overrides(steps=steps, warmup=min(0.5, n_warmup / steps))
