"""The bent law: late starts and sigmoids that end in a floor, recovered and continued."""

import numpy as np

from forescale.bent import bent_floor_fit
from forescale.fits import power_floor_fit

U = np.linspace(-4.0, 0.0, 24)[None]
UT = np.array([[-1.0, 0.5, 1.5, 3.0]])
EQUAL = np.ones_like(U)


def late_start(U, c, u, floor):
    return np.log(floor + (np.exp(U) + np.exp(u)) ** -c)


def hill(U, c, u, floor):
    return np.log(floor + 1 / (1 + np.exp(c * (U - u))))


SHAPES = [(0.3, -2.0, 0.0), (0.9, -3.1, 0.2), (1.6, -1.5, 0.05)]


def worst(fit, truth):
    return np.abs(fit.predicted - truth).max()


def test_bent_laws_are_continued_where_the_straight_fit_is_lost():
    bent, straight = [], []
    for c, u, floor in SHAPES:
        for law in (late_start, hill):
            V, truth = law(U, c, u, floor), law(UT, c, u, floor)
            fit = bent_floor_fit(U, V, EQUAL, UT)
            assert fit.rms[0, 0] < 2e-2 * np.ptp(V)
            bent.append(worst(fit, truth))
            straight.append(worst(power_floor_fit(U, V, EQUAL, UT), truth))
    assert sum(bent) < 0.4 * sum(straight)
    assert np.median(bent) < 0.1 * np.median(straight)


def test_noise_widens_its_spread_and_far_targets_more_than_near_ones(rng):
    law = hill(U, 0.9, -2.0, 0.1)
    quiet, loud = (bent_floor_fit(U, law + s * rng.normal(size=U.shape), EQUAL, UT) for s in (1e-3, 5e-2))
    assert loud.rms[0, 0] > 5 * quiet.rms[0, 0]
    assert loud.spread[0, -1] > 2 * loud.spread[0, 0]
    assert (loud.spread[0, 1:] > quiet.spread[0, 1:]).all()


def test_a_curve_is_fitted_alone_and_its_unit_of_y_is_nothing(rng):
    V = np.concatenate([hill(U, 0.9, -2.0, 0.1), late_start(U, 0.4, -3.0, 0.3)]) + 0.01 * rng.normal(size=(2, 24))
    both = bent_floor_fit(np.repeat(U, 2, 0), V, np.ones((2, 24)), np.repeat(UT, 2, 0))
    alone = bent_floor_fit(U, V[1:] + 3.0, EQUAL, UT)
    np.testing.assert_allclose(alone.predicted - 3.0, both.predicted[1:], atol=1e-9)
    np.testing.assert_allclose(alone.spread, both.spread[1:], rtol=1e-6)
