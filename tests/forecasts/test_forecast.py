"""What every forecast promises, tested on weights that nobody trained, with both scalings and both heads."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from forescale import Curve, CurveError, Forecaster, forecast
from forescale.forecasts.distributions import Mixture
from forescale.forecasts.forecast import Forecast
from forescale.forecasts.scaling import LogScaling
from forescale.pages.data import quantile_name

AT = np.array([2e9, 5e10, 3e8, 1e12])
STABLE = 1e-4
"""Of ln y: the network answers in float32."""


@pytest.fixture
def answer(untrained, curve) -> Forecast:
    return untrained.forecast(curve, AT)


@pytest.fixture(scope="module")
def ours(tiny_checkpoint) -> Forecaster:
    return Forecaster.load(tiny_checkpoint, "tiny")


def log_quantiles(f: Forecast) -> np.ndarray:
    return np.log(f.quantile([0.05, 0.25, 0.5, 0.75, 0.95]))


def test_quantiles_rise_and_match_the_cdf(answer):
    levels = np.array([1e-6, 0.01, 0.05, 0.5, 0.95, 0.999])
    y = answer.quantile(levels)
    assert y.shape == (6, 4)
    assert np.all(np.diff(y, axis=0) > 0)
    assert np.allclose(answer.cdf(y), levels[:, None], atol=1e-9)
    assert np.allclose(answer.quantile(0.05), y[2])
    assert np.allclose(answer.interval(0.9), y[[2, 4]])
    assert np.allclose(answer.median, y[3])
    assert np.allclose(answer.prob_below(answer.median), 0.5)


def test_densities_are_finite_wherever_y_is_positive(answer):
    for y in (1e-300, 1e-12, 1.0, 1e12, 1e300):
        assert np.all(np.isfinite(answer.log_prob(y)))
    assert np.all(answer.log_prob(0.0) == -np.inf)
    assert np.all(answer.log_prob(-1.0) == -np.inf)
    assert np.all(answer.cdf(0.0) == 0)
    assert np.all(answer.cdf(1e300) > 1 - 1e-9)
    assert np.all(np.isnan(answer.cdf(np.nan)))


def test_the_mass_over_y_is_one(answer):
    steps = getattr(answer.marginals, "edges", np.zeros(0))[1:]  # cells end where the bars do
    smooth = np.geomspace(answer.quantile(1e-7).min(), answer.quantile(1 - 1e-7).max(), 20_000)
    grid = np.unique(np.concatenate([smooth, answer.scaling.to_units(steps)]))[:, None]
    mass = np.sum(np.exp(answer.log_prob(0.5 * (grid[1:] + grid[:-1]))) * np.diff(grid, axis=0), axis=0)
    assert np.allclose(mass, 1, atol=1e-4)  # midpoint rule


@settings(max_examples=20, deadline=None)
@given(unit_x=st.floats(1e-6, 1e6), unit_y=st.floats(1e-6, 1e6))
def test_units_change_nothing_but_the_unit(untrained, unit_x, unit_y):
    curve = a_curve()
    plain = untrained.forecast(curve, AT)
    scaled = untrained.forecast(Curve(curve.x * unit_x, curve.y * unit_y), AT * unit_x)
    assert np.allclose(log_quantiles(scaled), log_quantiles(plain) + np.log(unit_y), atol=STABLE)
    # a density per unit of y; the bars of the paper's head have steps, so ask where none is near
    if isinstance(scaled.marginals, Mixture):
        assert np.allclose(scaled.log_prob(unit_y), plain.log_prob(1.0) - np.log(unit_y), atol=10 * STABLE)


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(12)))
def test_the_order_of_rows_changes_nothing(untrained, order):
    curve = a_curve()
    plain = untrained.forecast(curve, AT)
    shuffled = untrained.forecast(Curve(curve.x[order], curve.y[order]), AT)
    assert np.array_equal(log_quantiles(shuffled), log_quantiles(plain))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(1e6, 1e14), min_size=1, max_size=12))
def test_extra_questions_leave_forecasts_unmoved(ours, more):
    curve = a_curve()
    together = ours.forecast(curve, [*AT, *more])
    assert np.allclose(log_quantiles(together)[:, :4], log_quantiles(ours.forecast(curve, AT)), atol=STABLE)


def test_the_order_of_questions_is_kept(untrained, curve):
    backwards = untrained.forecast(curve, AT[::-1])
    assert backwards.x.tolist() == AT[::-1].tolist()
    assert np.allclose(log_quantiles(backwards)[:, ::-1], log_quantiles(untrained.forecast(curve, AT)), atol=STABLE)


def test_the_papers_scaling_says_that_it_reads_the_targets(untrained, answer):
    says = any(w.code == "depends_on_targets" for w in answer.warnings)
    assert says == (not untrained.encoding.in_logs)


def test_a_copied_row_counts_once_and_is_said(untrained, curve):
    twice = Curve(np.repeat(curve.x, 2), np.repeat(curve.y, 2))
    f = untrained.forecast(twice, AT)
    assert [w.code for w in f.warnings].count("repeated_rows") == 1
    assert f.context.n == 24
    once = untrained.forecast(curve, AT)
    assert np.array_equal(f.median, once.median) == (untrained.encoding.in_logs)  # the paper's counts each


def test_batching_changes_nothing(untrained, rng):
    curves, at = {}, {}
    for i in range(40):
        x = np.sort(rng.uniform(1, 1000, rng.integers(3, 30)))
        curves[f"c{i}"] = Curve(x, 1 + 10 * x**-0.5)
        at[f"c{i}"] = x[-1] * rng.uniform(0.5, 20, rng.integers(1, 9))
    together = untrained.forecast_many(curves, at)
    assert list(together) == list(curves)
    for name, f in together.items():
        alone = untrained.forecast(curves[name], at[name])
        assert np.array_equal(f.x, at[name])
        assert np.allclose(log_quantiles(f), log_quantiles(alone), atol=STABLE)


def test_the_same_question_has_the_same_digits(untrained, curve):
    assert np.array_equal(untrained.forecast(curve, AT).median, untrained.forecast(curve, AT).median)


def test_run_and_curve_are_different_questions(untrained, curve):
    run, trend = (untrained.forecast(curve, AT, kind=kind) for kind in ("run", "curve"))
    assert (run.kind, trend.kind) == ("run", "curve")
    assert not np.allclose(run.median, trend.median)


def test_samples_follow_the_forecast(answer):
    draws = answer.sample(4000, seed=1)
    assert draws.shape == (4000, 4)
    assert np.array_equal(draws, answer.sample(4000, seed=1))
    assert np.allclose((draws < answer.median).mean(0), 0.5, atol=4 * 0.5 / np.sqrt(4000))  # 4 standard errors
    order = np.argsort(draws[:, 0])
    assert np.all(np.diff(draws[order], axis=0) >= 0)  # rows share one level


def test_moments_of_ln_y_agree_with_draws(answer):
    log_y = np.log(answer.sample(20_000, seed=0))
    assert np.allclose(answer.log_mean, log_y.mean(0), atol=5 * log_y.std(0).max() / np.sqrt(20_000))
    assert np.allclose(answer.log_std, log_y.std(0), rtol=0.1)  # heavy tails: the spread of a spread


def test_extreme_curves_have_finite_answers(untrained):
    x = np.geomspace(1, 1e3, 6)
    for y in (np.ones(6), 1e-200 / x, 1e200 / x, 5 - 1e-12 * x, np.exp(-x / 30), x):
        f = untrained.forecast(Curve(x, y), [1.0, 2e3, 1e12])
        assert np.all(np.isfinite(f.quantile([0.01, 0.5, 0.99])))
        assert np.all(f.quantile(0.01) > 0)


def test_a_hundred_thousand_points_are_thinned_and_answered(untrained):
    x = np.arange(1.0, 100_001.0)
    f = untrained.forecast(Curve(x, 1 + x**-0.3), [2e5])
    assert [w.code for w in f.warnings if w.code == "thinned"] == ["thinned"]
    assert f.context.n == 100_000
    assert np.isfinite(f.median[0])


@pytest.mark.parametrize(
    ("x", "y", "at", "code"),
    [
        ([1, 2, 4], [3, 2, 1.5], [8], "few_points"),
        ([1, 2, 4, 8, 9], [3, 2, 1.5, 1, 0.9], [9e3], "far_extrapolation"),
        ([1, 2, 4, 8, 9], [3, 2, 1.5, 1, 0.9], [5, 90], "interpolation"),
        ([1, 2, 4, 8, 9], [0.1, 0.3, 0.5, 0.6, 0.8], [20], "not_decreasing"),
        ([1, 2, 2, 8, 9], [3, 2, 2, 1, 0.9], [20], "repeated_rows"),
    ],
)
def test_warnings_are_data(ours, x, y, at, code):
    (caveat,) = ours.forecast(Curve(x, y), at).warnings
    assert caveat.code == code
    assert caveat.message.endswith(".")


def test_a_falling_curve_close_by_has_no_warning(ours, curve):
    assert ours.forecast(curve, [2e9]).warnings == ()


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        ([], "at least one target"),
        ([[1, 2]], "1-D targets"),
        ([1, -2], "positive, finite targets, got -2"),
        ([np.nan], "got nan"),
        ("soon", "expected numbers in targets"),
        (None, "1-D targets|expected numbers"),
    ],
)
def test_unusable_questions_are_named(ours, curve, at, sentence):
    with pytest.raises(CurveError, match=sentence):
        ours.forecast(curve, at)


def test_questions_may_be_one_number_or_text(ours, curve):
    assert ours.forecast(curve, 2e9).x.tolist() == [2e9]
    assert ours.forecast(curve, ["7B", 1e12]).x.tolist() == [7e9, 1e12]


def test_unusable_contexts_kinds_and_levels_are_named(ours, curve, answer):
    with pytest.raises(CurveError, match="at least 3 context points, got 2"):
        ours.forecast(Curve([1, 2], [2, 1]), [3])
    with pytest.raises(CurveError, match="kind 'run' or 'curve', got 'mean'"):
        ours.forecast(curve, [3], kind="mean")
    with pytest.raises(CurveError, match=r"targets for every curve, got none for \['b'\]"):
        ours.forecast_many({"a": curve, "b": curve}, {"a": [1e10]})
    for level in (0, 1, 90):
        with pytest.raises(CurveError, match="inside"):
            answer.interval(level)
        with pytest.raises(CurveError, match="inside"):
            answer.quantile(level)


def exact() -> Forecast:
    """ln y is normal with mean ln 2 and ln 4, and standard deviation 0.1."""
    marginals = Mixture("normal", np.zeros((2, 1)), np.log([[2.0], [4.0]]), np.full((2, 1), 0.1))
    context = Curve([1, 2, 5], [3, 2, 1], x_name="tokens", y_name="loss", name="a")
    return Forecast(np.array([10.0, 20.0]), marginals, LogScaling(), "run", "exact", context)


def test_a_log_normal_by_hand():
    f = exact()
    assert np.allclose(f.median, [2, 4])
    assert np.allclose(f.log_mean, np.log([2, 4]))
    assert np.allclose(f.log_std, 0.1)
    assert np.allclose(f.log_prob(2.0)[0], -np.log(0.1 * np.sqrt(2 * np.pi)) - np.log(2))
    assert np.allclose(f.interval(0.9)[1], [2 * np.exp(0.164485363), 4 * np.exp(0.164485363)])
    assert f.extrapolation_ratio.tolist() == [2, 4]
    told = "group a, tokens 10, loss (median) 2, 90 % interval 1.697 to 2.358, x / largest seen 2×; and 1 more row"
    assert repr(f) == f"Forecast(exact: one new measurement (run): {told})"


def test_rows_and_frame_have_the_columns_of_the_csv():
    frame = exact().to_frame()
    columns = "group,x,method,kind,median,q05,q25,q75,q95,extrapolation_ratio,warnings"
    assert list(frame.columns) == columns.split(",")
    assert frame["x"].tolist() == [10, 20]
    assert frame["group"].tolist() == ["a", "a"]
    assert list(exact().to_frame([0.8]).columns)[4:7] == ["median", "q10", "q90"]


def test_quantile_columns_are_named_by_their_per_cent():
    names = [quantile_name(p) for p in (0.05, 0.5, 0.025, 0.975, 0.0005, 0.95, (1 - 0.9) / 2)]
    assert names == ["q05", "q50", "q02.5", "q97.5", "q00.05", "q95", "q05"]


def a_curve() -> Curve:
    """The fixture `curve` without its noise, for tests that draw their own examples."""
    x = np.geomspace(1e6, 1e9, 12)
    return Curve(x, 0.5 + 60 * x**-0.25)


X4 = [1.0, 2.0, 4.0, 8.0]


def test_digits_that_are_the_floor_of_the_noise_are_said():
    def codes(y):
        return [c.code for c in forecast((X4, y), 50.0).warnings]

    assert "rounded" in codes([4.60, 4.35, 4.20, 4.11])  # a law meets them exactly
    assert "rounded" not in codes([4.63, 4.31, 4.20, 4.02])
    assert "rounded" not in codes([4.6012, 4.3523, 4.2011, 4.1106])


def test_a_slope_that_the_network_was_hardly_taught_is_said():
    said = {c.code: c.message for c in forecast((X4, [9.0, 1.2, 0.14, 0.02]), 50.0).warnings}
    assert "to the power -3" in said["outside_prior"]
