"""A number that is not known exactly: posterior draws with a median and intervals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import CurveError
from ..numerics import Floats


@dataclass(frozen=True, eq=False)
class Quantity:
    """S equally weighted draws of one number; infinite draws are allowed and count in every quantile.

    Attributes:
        draws: (S,).
        unit: of the draws, for tables.
    """

    draws: Floats
    unit: str = ""

    @property
    def median(self) -> float:
        return float(self.quantile(0.5))

    def quantile(self, p: ArrayLike) -> Floats:
        """The value below which a share p of the draws lies; an order statistic where a neighbour is infinite."""
        if np.isfinite(self.draws).all():
            return np.asarray(np.quantile(self.draws, np.asarray(p, float)))
        return np.asarray(np.quantile(self.draws, np.asarray(p, float), method="nearest"))

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """Central interval that holds a share `level` of the draws."""
        if not 0 < level < 1:
            raise CurveError(f"expected an interval level inside (0, 1), got {level}. Try 0.9.")
        low, high = self.quantile([(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)

    def to_dict(self, levels: tuple[float, ...] = (0.5, 0.9)) -> dict[str, object]:
        """median and intervals, as `--json` prints them; infinite ends become null."""
        return {
            "median": _finite(self.median),
            "intervals": {f"{100 * level:g}": [_finite(v) for v in self.interval(level)] for level in levels},
        }

    def __repr__(self) -> str:
        low, high = self.interval(0.9)
        return f"Quantity({self.median:.4g}, 90 % {low:.4g} to {high:.4g}{' ' if self.unit else ''}{self.unit})"


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
