"""LC-PFN's prior: shapes, rejection, the three curves by hand, and the distribution of its noise."""

from __future__ import annotations

import numpy as np
import pytest

from forescale.prior import LearningCurveConfig, LearningCurvePrior, make_prior
from forescale.prior.learning_curves import ilog2, janoschek, pow3


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.mark.parametrize(("n_context", "n_targets"), [(3, 10), (60, 1), (128, 50)])
def test_batches_are_positive_finite_and_rising_in_x(n_context: int, n_targets: int, rng: np.random.Generator) -> None:
    batch = make_prior("lc-pfn").sample(rng, 50, n_context, n_targets)
    assert batch.x_BM.shape == batch.y_BM.shape == (50, n_context)
    assert batch.x_BT.shape == batch.y_BT.shape == batch.curve_BT.shape == (50, n_targets)
    for values in (batch.x_BM, batch.y_BM, batch.x_BT, batch.y_BT):
        assert np.isfinite(values).all()
        assert (values > 0.0).all()
    assert (np.diff(np.concatenate([batch.x_BM, batch.x_BT], axis=1), axis=1) > 0.0).all()


def test_noise_free_losses_stay_in_the_unit_interval(rng: np.random.Generator) -> None:
    curve = make_prior("lc-pfn").sample(rng, 500, 5, 95).curve_BT
    assert curve.min() >= 0.0
    assert curve.max() <= 1.0


def test_losses_fall_on_the_whole(rng: np.random.Generator) -> None:
    batch = make_prior(LearningCurveConfig(log_noise_mean=-20.0)).sample(rng, 500, 2, 98)
    assert (batch.curve_BT[:, -1] < batch.y_BM[:, 0]).all()


def test_the_same_seed_gives_the_same_batch() -> None:
    a, b = (LearningCurvePrior().sample(np.random.default_rng(5), 20, 30, 10) for _ in range(2))
    np.testing.assert_array_equal(a.y_BM, b.y_BM)
    np.testing.assert_array_equal(a.x_BT, b.x_BT)


def test_noise_is_log_normal_around_the_curve(rng: np.random.Generator) -> None:
    batch = make_prior("lc-pfn").sample(rng, 1000, 10, 90)
    log_std = 0.5 * np.log(np.mean((batch.y_BT - batch.curve_BT) ** 2, axis=1))
    # Rejecting readings that are not positive lowers the mean of -4 a little: by at most a fifth of its spread of 1.
    assert -4.25 < log_std.mean() < -3.9
    assert log_std.std() == pytest.approx(1.0, abs=0.12)


def test_each_curve_approaches_its_asymptote(rng: np.random.Generator) -> None:
    late = np.array([1e10, 1e20])
    assert np.ptp(pow3(rng, late, 200), axis=1).max() < 0.7  # a slow power of at most .6 in size is all that is left
    assert np.abs(np.diff(ilog2(rng, late, 200), axis=1)).max() < 0.5 / np.log(1e10)
    level = janoschek(rng, late, 200)[:, 1]
    assert level.min() >= 0.0
    assert level.max() <= 1.0


def test_settings_survive_a_round_trip_and_refuse_the_unknown() -> None:
    config = LearningCurveConfig(n_epochs=50)
    assert LearningCurveConfig.from_dict(config.to_dict()) == config
    assert make_prior(config.to_dict()).config == config
    with pytest.raises(ValueError, match="unknown"):
        make_prior({"name": "lc-pfn", "n_steps": 3})


def test_a_run_is_cut_after_any_epoch_from_the_third_on(rng: np.random.Generator) -> None:
    sizes = np.array([LearningCurvePrior().draw_sizes(rng) for _ in range(3000)])
    assert (sizes.sum(axis=1) == 100).all()
    assert set(sizes[:, 0]) == set(range(3, 100))
    assert LearningCurvePrior().n_asked(40, 60) == 60
