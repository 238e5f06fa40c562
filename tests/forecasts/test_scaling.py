"""Both scalings are invertible and bring their Jacobian."""

import numpy as np
import pytest

from forescale.forecasts.scaling import LinearScaling, LogScaling

Y = np.geomspace(1e-12, 1e12, 25)


@pytest.mark.parametrize("scaling", [LogScaling(1.3, 0.2), LogScaling(), LinearScaling(4.5)])
def test_there_and_back_with_the_jacobian_of_the_way(scaling):
    r = scaling.to_scaled(Y)
    assert np.all(np.diff(r) > 0)
    assert np.allclose(scaling.to_units(r), Y, rtol=1e-12)
    slope = (scaling.to_scaled(Y * (1 + 1e-6)) - scaling.to_scaled(Y * (1 - 1e-6))) / (2e-6 * Y)
    assert np.allclose(np.log(slope), scaling.log_jacobian(Y), atol=1e-7)  # a central difference in float64


def test_outcomes_stay_positive_and_finite():
    y = LogScaling(0.0, 1.0).to_units(np.array([-1e6, 1e6]))
    assert np.all(np.isfinite(y) & (y > 0))
