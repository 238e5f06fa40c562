"""The scores of the benchmark are those of its README, and what is stored is enough to get them back."""

import numpy as np
import pytest
from benchmark.problem import Problem
from benchmark.suites.folder import MissingData, data_folder
from benchmark.suites.papers import COUNTS, SUITES, first_points, load_suite

import forescale as fs
from benchmark import scores


@pytest.fixture
def problem(curve) -> Problem:
    x = curve.x_max * np.array([1.5, 2.0, 4.0])
    return Problem("dd", "one", curve, x, 0.5 + 60 * x**-0.25, float(curve.y.max()))


def test_ll_is_the_log_density_in_units_of_the_largest_context_y(problem):
    forecast = fs.forecast(problem.context, problem.x, method="line")
    row = scores.score(problem, forecast, 0.1)
    scaled = fs.Curve(problem.context.x, problem.context.y / problem.unit)
    in_units = fs.forecast(scaled, problem.x, method="line").log_prob(problem.y / problem.unit)
    assert row["ll"] == pytest.approx(in_units.mean(), abs=1e-8)  # float64, two roads
    assert row["ll_ln"] == pytest.approx(np.mean(forecast.log_prob(problem.y) + np.log(problem.y)), abs=1e-12)


def test_rmsle_by_hand(problem):
    forecast = fs.forecast(problem.context, problem.x, method="last")
    by_hand = np.sqrt(np.mean((np.log(forecast.median) - np.log(problem.y)) ** 2))
    assert scores.score(problem, forecast, 0.0)["rmsle"] == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize("level", fs.metrics.MSCE_LEVELS)
def test_coverage_is_read_off_the_histogram_exactly(rng, level):
    pit = rng.uniform(size=500) ** 1.7
    assert scores.coverage_from(scores.pit_counts(pit), level) == np.mean(np.abs(pit - 0.5) <= level / 2)


def test_counts_survive_as_text(rng):
    counts = scores.pit_counts(rng.beta(4, 4, size=30))
    assert counts.sum() == 30
    assert np.array_equal(scores.read_counts(scores.write_counts(counts)), counts)


def test_a_cut_keeps_three_distinct_x_even_where_rows_are_copies():
    x = np.repeat([1.0, 2.0, 3.0, 4.0, 5.0], 4)
    part = first_points(fs.Curve(x, 1 / x), 0.2)
    assert list(np.unique(part.x)) == [1.0, 2.0, 3.0]
    assert first_points(fs.Curve(np.arange(1, 11), np.ones(10)), 0.4).n == 4


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(MissingData, match="--data or FORESCALE_BENCHMARK"):
        data_folder(tmp_path)


def test_the_real_suites_have_their_curves_and_the_last_value_its_known_error():
    try:
        folder = data_folder()
    except MissingData as reason:
        pytest.skip(str(reason))
    assert {suite: len(load_suite(suite, 1.0, folder)) for suite in SUITES} == COUNTS
    errors = [np.sqrt(np.mean((np.log(p.context.y[-1]) - np.log(p.y)) ** 2)) for p in load_suite("ic", 1.0, folder)]
    assert np.mean(errors) == pytest.approx(0.0880, abs=5e-5)  # as the suites' README prints it
