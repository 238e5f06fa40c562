"""Truncation averaging: which contexts are read twice, what the second answer counts, and that promises survive it."""

import numpy as np
import pytest
from scipy.integrate import trapezoid

import forescale as fs
from forescale.network import truncation
from forescale.network.forecaster import Forecaster
from forescale.network.truncation import EARLY, MANY, SHARE

LONG = np.geomspace(1e6, 1e9, 40)


def long_curve(seed=0):
    return fs.Curve(LONG, (0.3 + 30 * LONG**-0.25) * np.exp(0.01 * np.random.default_rng(seed).normal(size=40)))


@pytest.fixture(scope="module")
def network():
    return Forecaster.load("base")


def test_a_context_with_few_places_is_read_once():
    x = np.repeat(np.geomspace(1, 100, MANY), 3)
    assert truncation.late_part(fs.Curve(x, np.arange(1.0, len(x) + 1))) is None


def test_a_long_context_is_read_again_without_its_first_places():
    x = np.repeat(np.geomspace(1, 100, MANY + 5), 3)
    late = truncation.late_part(fs.Curve(x, np.arange(1.0, len(x) + 1)))
    places = np.unique(x)
    assert np.array_equal(np.unique(late.x), places[round(EARLY * len(places)) :])
    assert late.n == 3 * len(np.unique(late.x))  # repeats stay together


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_a_plateau_is_not_read_alone(levels):
    y = LONG**-0.3
    y[14:] = y[14] * np.linspace(1, 0.98, levels)[np.arange(26) * levels // 26]
    assert (truncation.late_part(fs.Curve(LONG, y)) is None) == (levels < 3)


def test_the_second_answer_counts_where_it_has_begun():
    curve = long_curve()
    late = truncation.late_part(curve)
    x = np.array([LONG[0], late.x[0], np.sqrt(late.x[0] * late.x_max), late.x_max, 1e12])
    assert truncation.late_share(curve, late, x) == pytest.approx([0, 0, SHARE / 2, SHARE, SHARE])


@pytest.mark.parametrize("more", [1, 2, 4, 9])
def test_one_more_point_is_no_jump(more):
    curve = long_curve().take(np.arange(MANY + more))
    late = truncation.late_part(curve)
    assert truncation.late_share(curve, late, np.array([1e12])) == pytest.approx([min(0.1 * more, SHARE)])


def test_the_answer_is_the_average_of_two_answers(network):
    curve, at = long_curve(), np.array([LONG[1], 3e9, 1e11])
    late = truncation.late_part(curve)
    once = Forecaster(network.weights, read_twice=False)
    y = np.array([0.9, 0.5, 0.4])
    share = truncation.late_share(curve, late, at)
    expected = (1 - share) * once.forecast(curve, at).cdf(y) + share * once.forecast(late, at).cdf(y)
    answer = network.forecast(curve, at)
    assert answer.cdf(y) == pytest.approx(expected, abs=1e-6)
    before = once.forecast(curve, at).log_prob(y)[0]
    assert answer.log_prob(y)[0] == pytest.approx(before, rel=1e-12)  # the second reading has not begun there
    assert not np.allclose(answer.cdf(y)[1:], once.forecast(curve, at).cdf(y)[1:], atol=1e-3)


def test_an_answer_has_no_step_where_the_second_reading_begins(network):
    late = truncation.late_part(long_curve())
    median = network.forecast(long_curve(), late.x[0] * np.array([1 - 1e-6, 1 + 1e-6])).median
    assert median[0] == pytest.approx(median[1], rel=1e-4)


def test_promises_hold_for_contexts_that_are_read_twice(network):
    curve, at, y = long_curve(), np.array([2e9, 1e11]), np.array([0.5, 0.4])
    plain = network.forecast(curve, at)
    units = network.forecast(fs.Curve(curve.x * 1e3, curve.y * 7), at * 1e3)
    assert units.median == pytest.approx(7 * plain.median, rel=1e-6)
    order = np.random.default_rng(0).permutation(curve.n)
    assert np.array_equal(network.forecast(fs.Curve(curve.x[order], curve.y[order]), at).median, plain.median)
    more = network.forecast(curve, [*at, 5e12, LONG[3]])
    assert more.median[:2] == pytest.approx(plain.median, rel=1e-6)
    grid = np.linspace(plain.quantile(1e-6)[0], plain.quantile(1 - 1e-6)[0], 20_001)
    density = np.exp(network.forecast(curve, np.full(grid.size, at[0])).log_prob(grid))
    assert trapezoid(density, grid) == pytest.approx(1, abs=1e-3)
    assert plain.cdf(plain.quantile(0.3)) == pytest.approx([0.3, 0.3])
    batched = network.forecast_many({"long": curve, "short": curve.take(np.arange(9))}, at)
    assert batched["long"].log_prob(y) == pytest.approx(plain.log_prob(y), rel=1e-5)
    assert np.all(np.isfinite(plain.log_mean))


def test_the_papers_network_reads_once():
    assert not Forecaster.load("nsl-pfn").read_twice
