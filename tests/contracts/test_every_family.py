"""What every family of `FAMILIES`, and every prior, promises: a new one is tested by being listed."""

import numpy as np
import pytest

from forescale.prior import make_prior
from forescale.prior.config import OursConfig
from forescale.prior.families import FAMILIES, Span

PRIORS = ("ours", "paper", "lc-pfn")
N, M = 64, 30
U = np.linspace(-6.0, 4.0, M)


def drawn(family, seed=0):
    rng = np.random.default_rng(seed)
    span = Span(rng.uniform(1.0, 8.0, (N, 1)), rng.uniform(0.5, 5.0, (N, 1)))
    return span, family.draw(rng, span, OursConfig())


@pytest.fixture(params=FAMILIES, ids=lambda family: family.name)
def family(request):
    return request.param


def test_names_are_distinct():
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)


def test_a_familys_curves_are_finite_inside_and_beyond_the_context(family):
    span, params = drawn(family)
    log_y = family.log_y(U * (span.R + span.E) / 10, **params)
    assert log_y.shape == (N, M)
    assert np.isfinite(log_y).all()


def test_a_familys_parameters_have_a_row_for_each_curve(family):
    _, params = drawn(family)
    assert all(value.shape == (N, 1) for value in params.values())


def test_the_same_generator_draws_the_same_curves(family):
    first, second = drawn(family)[1], drawn(family)[1]
    for name, value in first.items():
        np.testing.assert_array_equal(second[name], value)


def test_a_curve_depends_on_its_own_parameters_alone(family):
    _, params = drawn(family)
    together = family.log_y(np.broadcast_to(U, (N, M)), **params)
    alone = family.log_y(U[None], **{name: value[3:4] for name, value in params.items()})
    np.testing.assert_allclose(alone[0], together[3], rtol=1e-12)  # float64


@pytest.mark.parametrize("name", PRIORS)
def test_a_prior_draws_sorted_positive_finite_batches_that_a_seed_repeats(name):
    prior = make_prior(name)
    first, second = (prior.sample(np.random.default_rng(5), 16, 12, 4) for _ in range(2))
    for batch in (first, second):
        for values in (batch.x_BM, batch.y_BM, batch.x_BT, batch.y_BT, batch.curve_BT):
            assert np.isfinite(values).all()
            assert (values > 0).all()
        assert (np.diff(batch.x_BM, axis=1) >= 0).all()
    np.testing.assert_array_equal(first.y_BM, second.y_BM)
    np.testing.assert_array_equal(first.y_BT, second.y_BT)


@pytest.mark.parametrize("name", PRIORS)
def test_a_priors_config_survives_a_round_trip(name):
    prior = make_prior(name)
    assert make_prior(prior.config.to_dict()).config == prior.config
