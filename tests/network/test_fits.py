"""The closed-form fits that the network reads and is anchored on: exact laws are met, and their limits."""

import numpy as np
import pytest

from forescale.network.encodings.fits import fit_weighted, line_fit, power_floor_fit

N = 400
WEIGHTS = [lambda U, R: np.ones_like(U), lambda U, R: np.exp(8 * U / R), lambda U, R: np.exp(2 * U)]
"""As the features have them."""


@pytest.fixture
def laws(rng):
    """U (N, 7), targets up to 30 times away, and ln(A + B e^{-bU}) at both: laws like those of the clean checks."""
    b, floor, R = rng.uniform(0.2, 1.2, (N, 1)), np.exp(rng.uniform(-3, 1.5, (N, 1))), rng.uniform(2, 4, (N, 1))
    U = -R * np.concatenate([np.ones((N, 1)), np.sort(rng.random((N, 5)), 1)[:, ::-1], np.zeros((N, 1))], axis=1)
    Ut = np.tile(np.linspace(0.1, np.log(30.0), 9), (N, 1))
    return U, np.log(floor + np.exp(-b * U)), R, Ut, np.log(floor + np.exp(-b * Ut))


@pytest.mark.parametrize("weights_of", WEIGHTS)
def test_a_power_law_with_a_floor_is_found_whatever_its_constants(laws, weights_of):
    U, V, R, Ut, truth = laws
    fit = power_floor_fit(U, V, weights_of(U, R), Ut)
    worst = np.abs(fit.predicted - truth).max(axis=1)
    assert worst.max() < 2e-3
    assert np.median(worst) < 1e-4
    assert np.abs(fit.fitted - V).max() < 1e-3


def test_fits_with_several_weights_in_one_call_are_those_of_each_alone(laws):
    U, V, R, Ut, _ = laws
    V = V + 0.05 * np.sin(37 * U)
    weights = [weights_of(U, R) for weights_of in WEIGHTS]
    for fit in (line_fit, power_floor_fit):
        for w, one in zip(weights, fit_weighted(fit, U, V, weights, Ut), strict=True):
            alone = fit(U, V, w, Ut)
            np.testing.assert_allclose(one.predicted, alone.predicted, rtol=1e-12, atol=1e-12)


def test_the_line_is_the_weighted_least_squares_one(laws, rng):
    U, V, _, Ut, _ = laws
    w = rng.uniform(0.1, 1.0, U.shape)
    fit = line_fit(U, V, w, Ut)
    for i in range(5):
        slope, level = np.polyfit(U[i], V[i], 1, w=np.sqrt(w[i]))
        np.testing.assert_allclose(fit.predicted[i], level + slope * Ut[i], rtol=1e-9)


def test_uncertainty_of_the_law_grows_with_noise_and_distance(laws, rng):
    U, V, _, Ut, _ = laws
    noise = rng.standard_normal(V.shape)
    quiet, loud = (power_floor_fit(U, V + s * noise, np.ones_like(U), Ut) for s in (1e-3, 3e-2))
    assert (np.median(loud.spread, axis=0) > 5 * np.median(quiet.spread, axis=0)).all()
    assert (np.diff(np.median(loud.spread, axis=0)) > 0).all()
