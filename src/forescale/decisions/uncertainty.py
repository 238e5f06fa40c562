"""Where a forecast lies and how unsure it is, in ln y, for many forecasts at once."""

from collections.abc import Sequence

import numpy as np

from ..forecasts.forecast import Forecast, quantiles_of
from ..numerics import Floats


def centre_and_width(forecasts: Sequence[Forecast]) -> tuple[Floats, Floats]:
    """Median of ln y and half the distance of its 16 and 84 % quantiles, each (B, T): a normal's mean and deviation."""
    log_y = np.log(np.stack(quantiles_of(forecasts, [0.1587, 0.5, 0.8413]), axis=1))
    return log_y[1], (log_y[2] - log_y[0]) / 2
