"""The pieces of our prior by draw: parameters against their stated laws, everything moves its curve."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from forescale.prior import OursConfig
from forescale.prior.families import FAMILIES, Family, Span
from forescale.prior.filters import fit_monotone, keep_best
from forescale.prior.layouts import draw_contexts, draw_horizons, draw_targets, evenly_spaced
from forescale.prior.modifiers import MODIFIERS, Modifier, Size, size_of
from forescale.prior.noise import add_spikes, ar1, draw_noise, draw_sigma, round_digits
from forescale.prior.random import category, log_normal, log_uniform

CONFIG = OursConfig()
B = 400
UNIT = Size(np.ones((B, 1)), np.ones((B, 1)))
N = 4000  # draws for tests of a distribution
KS_MIN = 1e-4  # p-value: a seeded test, so this fails only when the law is wrong


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def make_span(n: int = B) -> Span:
    return Span(np.full((n, 1), 4.0), np.full((n, 1), 1.5))


def moves(base: np.ndarray, moved: np.ndarray) -> bool:
    """More than one curve in a hundred changes visibly somewhere."""
    return bool((np.abs(moved - base).max(axis=1) > 1e-6).mean() > 0.01)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
def test_every_parameter_of_a_family_moves_its_curve(family: Family, rng: np.random.Generator) -> None:
    params = family.draw(rng, make_span(), OursConfig())
    U = np.tile(np.linspace(-4.0, 1.5, 40), (B, 1))
    with np.errstate(over="ignore"):
        base = family.log_y(U, **params)
        for symbol, value in params.items():
            assert value.shape == (B, 1), symbol
            is_choice = set(np.unique(value)) <= {0.0, 1.0, 2.0}
            changed = value.max() - value if is_choice else value * 1.05
            assert moves(base, family.log_y(U, **{**params, symbol: changed})), symbol


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
def test_a_family_gives_each_curve_alone_what_it_gives_in_a_batch(family: Family, rng: np.random.Generator) -> None:
    params = family.draw(rng, make_span(20), OursConfig())
    U = np.tile(np.linspace(-4.0, 1.5, 12), (20, 1))
    together = family.log_y(U, **params)
    for b in range(20):
        alone = family.log_y(U[b : b + 1], **{k: v[b : b + 1] for k, v in params.items()})
        np.testing.assert_allclose(alone[0], together[b], rtol=1e-6, atol=1e-6)  # the solver's tolerance


@pytest.mark.parametrize("modifier", MODIFIERS, ids=lambda m: m.name)
def test_every_parameter_of_a_modifier_moves_its_curve(modifier: Modifier, rng: np.random.Generator) -> None:
    params = modifier.draw(rng, make_span(), Size(np.full((B, 1), 0.5), np.full((B, 1), 0.3)), OursConfig())
    U = np.tile(np.linspace(-4.0, 1.5, 40), (B, 1))
    base = modifier.apply(-0.3 * U, U, **params)
    assert moves(-0.3 * U, base)
    for symbol, value in params.items():
        changed = 1.0 - value if set(np.unique(value)) <= {0.0, 1.0} else value * 1.05
        assert moves(base, modifier.apply(-0.3 * U, U, **{**params, symbol: changed})), symbol


def test_learning_rate_decay_lowers_the_curve_and_then_leaves_it_shifted(rng: np.random.Generator) -> None:
    decay = next(m for m in MODIFIERS if m.name == "lr_decay")
    params = decay.draw(rng, make_span(), UNIT, OursConfig())
    U = np.tile(np.log([0.05, 3.6, 8.0]), (B, 1))  # before any start, after any end
    change = decay.apply(np.zeros((B, 3)), U, **params)
    np.testing.assert_allclose(change[:, 0], 0.0)
    np.testing.assert_allclose(change[:, 1:], -np.tile(params["size"], 2))


def test_a_saturated_curve_falls_to_its_level_and_no_further(rng: np.random.Generator) -> None:
    saturation = next(m for m in MODIFIERS if m.name == "saturation")
    params = saturation.draw(rng, make_span(), UNIT, OursConfig())
    g = np.tile([5.0, 0.0, -40.0], (B, 1))
    bent = saturation.apply(g, np.zeros((B, 3)), **params)
    assert (bent[:, 0] - 5.0 < 0.01).all()
    assert (bent[:, 1] - 0.0 <= np.log(2.0) / params["sharpness"][:, 0]).all()
    np.testing.assert_allclose(bent[:, 2], params["log_level"][:, 0])


def test_a_saturation_lies_below_the_end_by_spreads_or_by_e_folds_of_its_last_slope(rng: np.random.Generator) -> None:
    saturation = next(m for m in MODIFIERS if m.name == "saturation")
    config = OursConfig(saturation_depth=0.7, saturation_reach=2.5)
    size = Size(np.full((N, 1), 1e-3), np.full((N, 1), 10.0))
    depth = -saturation.draw(rng, make_span(N), size, config)["log_level"]
    by_spread = depth < 0.1  # 2e-5 to 7e-4 there, 1 to 25 by slope
    assert by_spread.mean() == pytest.approx(0.5, abs=0.03)
    assert 0.6e-3 < depth[by_spread].max() <= 0.7e-3
    assert 1.0 <= depth[~by_spread].min() < depth[~by_spread].max() <= 25.0


def test_the_size_of_a_context_is_its_spread_and_the_slope_of_its_end(rng: np.random.Generator) -> None:
    U = np.array([np.linspace(-8.0, 0.0, 33), np.linspace(-0.5, 0.0, 33)])  # ends of 2 e-folds, and all there is
    early, late = np.array([[0.1], [0.3]]), np.array([[0.4], [0.3]])
    g = np.where(U < -2.0, -early * (U + 2.0) + 2.0 * late, -late * U)
    size = size_of(U, g)
    np.testing.assert_allclose(size.slope, late)
    np.testing.assert_allclose(size.std, g.std(axis=1, keepdims=True))


def test_draw_helpers_follow_their_stated_laws(rng: np.random.Generator) -> None:
    log_u = np.log(log_uniform(rng, 0.01, 50.0, N))
    assert stats.kstest(log_u, "uniform", (np.log(0.01), np.log(5000.0))).pvalue > KS_MIN
    assert stats.kstest(np.log(log_normal(rng, 0.4, 0.8, N)), "norm", (np.log(0.4), 0.8)).pvalue > KS_MIN
    counts = np.bincount(category(rng, (0.2, 0.3, 0.5), N), minlength=3)
    assert stats.chisquare(counts, [0.2 * N, 0.3 * N, 0.5 * N]).pvalue > KS_MIN


@pytest.mark.parametrize(
    ("family", "symbol", "log_median", "log_std"),
    [
        ("m2", "b", np.log(CONFIG.exponent), CONFIG.exponent_std),
        ("m4", "alpha", 0.0, 0.6),
        ("m4", "c", np.log(CONFIG.m4_slope), 0.6),
        ("dub", "c1", np.log(0.2), 0.8),
        ("dub", "c2", np.log(CONFIG.after_peak), 0.6),
        ("steps", "b", np.log(0.25), 0.8),
        ("drift", "b", np.log(1.3 * CONFIG.exponent), CONFIG.exponent_std),
    ],
)
def test_log_normal_parameters_have_their_stated_median_and_spread(
    family: str, symbol: str, log_median: float, log_std: float, rng: np.random.Generator
) -> None:
    draw = next(f for f in FAMILIES if f.name == family).draw
    values = np.log(draw(rng, make_span(N), OursConfig(p_steep=0.0))[symbol][:, 0])
    assert stats.kstest(values, "norm", (log_median, log_std)).pvalue > KS_MIN


def test_floors_and_shares_have_their_stated_laws(rng: np.random.Generator) -> None:
    by_name = {f.name: f.draw(rng, make_span(N), OursConfig(p_any_share=0.0)) for f in FAMILIES}
    se = 4.0 * np.sqrt(0.25 / N)  # four standard errors of a share, at most
    assert (by_name["m2"]["floor"] == 0.0).mean() == pytest.approx(CONFIG.p_straight, abs=se)
    assert (by_name["powfl"]["floor"] == 0.0).mean() == pytest.approx(CONFIG.p_no_floor, abs=se)
    assert (by_name["m4"]["floor"] == 0.0).mean() == pytest.approx(CONFIG.p_m4_no_floor, abs=se)
    assert (by_name["powfl"]["amp2"] > 0.0).mean() == pytest.approx(CONFIG.p_second, abs=se)
    assert np.isfinite(by_name["powfl"]["log_tau"]).mean() == pytest.approx(CONFIG.p_late, abs=se)
    assert (by_name["dub"]["back"] == 1.0).mean() == pytest.approx(CONFIG.p_peak_returns, abs=se)
    assert stats.kstest(by_name["sigmoid_floor"]["share"][:, 0], "uniform", (0.1, 0.75)).pvalue > KS_MIN
    floor = by_name["m2"]["floor"]
    log_floor = np.log(floor[floor > 0.0])
    assert stats.kstest(log_floor, "uniform", (-np.log(50.0), np.log(2500.0))).pvalue > KS_MIN
    m2 = next(f for f in FAMILIES if f.name == "m2").draw(rng, make_span(N), OursConfig(p_any_share=1.0, p_steep=1.0))
    floor = m2["floor"][m2["floor"] > 0.0]
    assert stats.kstest(floor / (1.0 + floor), "uniform").pvalue > KS_MIN
    assert stats.kstest(np.log(m2["b"][:, 0]), "uniform", (np.log(1.5), np.log(4.0))).pvalue > KS_MIN


def test_drifting_curves_follow_the_integral_of_their_exponent(rng: np.random.Generator) -> None:
    drift = next(f for f in FAMILIES if f.name == "drift")
    params = drift.draw(rng, make_span(), OursConfig(p_drift_floor=0.0))
    U = np.tile(np.linspace(-4.8, 1.5, 2001), (B, 1))
    g = drift.log_y(U, **params)
    exponent = -np.diff(g, axis=1) / np.diff(U[0])
    assert exponent.min() > 0.0049  # never rises, and keeps the least exponent
    assert exponent.max() < 3.001
    i = np.searchsorted(U[0], 0.0)
    # through 0 there, with exponent b, which drifts by up to 3 x .9 x root .003 within the step of the grid, .003
    np.testing.assert_allclose(g[:, i] + params["b"][:, 0] * U[0, i], 0.0, atol=5e-4)
    jump = np.abs(np.diff(np.log(exponent), axis=1)).max(axis=1) / params["rate"][:, 0]
    assert jump.max() < 0.1  # a walk on 32 knots, joined by lines: no steps of its own at 2000 places


def test_behind_a_plateau_broken_laws_fall_as_fast_as_any(rng: np.random.Generator) -> None:
    bnsl = next(f for f in FAMILIES if f.name == "bnsl")
    params = bnsl.draw(rng, make_span(N), OursConfig(p_flat_start=1.0))
    assert np.median(params["s0"]) < 0.03
    falls = params["s1"][params["s1"] > 0.0]
    assert np.median(falls) == pytest.approx(CONFIG.onset, rel=0.1)


def test_recent_breaks_have_their_stated_share(rng: np.random.Generator) -> None:
    params = next(f for f in FAMILIES if f.name == "bnsl").draw(rng, make_span(N), OursConfig())
    places = np.concatenate([params[f"d{i}"] for i in (1, 2, 3)])
    recent = ((places > -0.35 * 4.0) & (places < 0.0)).mean()
    # of the rest: 75 % U(-4, -.2) and 25 % U(-4, 1.2) by their overlap with (-1.4, 0)
    share = CONFIG.p_recent_breaks
    expected = share + (1 - share) * (0.75 * 1.2 / 3.8 + 0.25 * 1.4 / 5.2)
    assert recent == pytest.approx(expected, abs=0.02)  # 4 standard errors of 12 000 draws


def test_contexts_rise_and_end_at_zero(rng: np.random.Generator) -> None:
    for n in (3, 8, 40):
        U = draw_contexts(rng, B, n, OursConfig())
        assert (np.diff(U, axis=1) >= 0.0).all()
        assert (U[:, -1] == 0.0).all()
        assert (U[:, 0] < 0.0).all()


def test_equal_steps_of_x_are_told_from_other_layouts(rng: np.random.Generator) -> None:
    x = np.stack([np.arange(3.0, 13.0), np.geomspace(1.0, 10.0, 10), np.repeat(np.arange(1.0, 6.0), 2)])
    np.testing.assert_array_equal(evenly_spaced(np.log(x / x[:, -1:])), [True, False, False])
    # 20 % steps and 17 % linear grids, less the repeated ones
    even = evenly_spaced(draw_contexts(rng, N, 20, OursConfig()))
    assert even.mean() == pytest.approx(0.37 * (1 - CONFIG.p_repeats), abs=4 * np.sqrt(0.25 / N))


def test_repeats_have_two_to_eight_readings_per_x(rng: np.random.Generator) -> None:
    for n in (8, 24):
        U = draw_contexts(rng, B, n, OursConfig(p_repeats=1.0))
        assert all(3 <= len(np.unique(row)) <= n // 2 for row in U)


def test_horizons_and_targets_have_their_stated_shares(rng: np.random.Generator) -> None:
    config = OursConfig()
    E = draw_horizons(rng, np.full((N, 1), 4.0), config)
    doubled = np.maximum(stats.norm.ppf(np.linspace(0.0005, 0.9995, 1000), np.log(2), 0.25), 0.1)
    expected = 0.40 * (doubled > 1.7).mean() + 0.35 * 5.2 / 6.4
    assert (E > 1.7).mean() == pytest.approx(expected, abs=4 * np.sqrt(0.25 / N))
    U = draw_contexts(rng, N, 12, config)
    targets = draw_targets(rng, U, E, 10, config)
    inside = (targets <= 0.0) & (targets >= U[:, :1])
    assert inside.mean() == pytest.approx(0.20, abs=4 * np.sqrt(0.16 / targets.size))
    below = targets < U[:, :1]
    assert below.mean() == pytest.approx(0.02, abs=4 * np.sqrt(0.02 / targets.size))
    assert (targets >= 1.2 * U[:, :1] - 1e-12).all()
    assert (targets <= E + 1e-12).all()
    last = targets[:, -1:]
    np.testing.assert_allclose(last[last > 0.0], E[last > 0.0])


def test_noise_has_median_zero_in_every_kind(rng: np.random.Generator) -> None:
    U = np.tile(np.linspace(-3.0, 1.0, 30), (N, 1))
    kinds = ("heavy_tails", "skewed", "autocorrelated", "outliers")
    for kind in kinds:
        config = OursConfig(**{f"p_{k}": float(k == kind) for k in kinds})
        noise = draw_noise(rng, U, np.ones_like(U), config)
        # curves are independent, so 4 standard errors of a share over N curves
        assert (noise[:, 5] > 0.0).mean() == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / N)), kind


def test_ar1_equals_its_recursion(rng: np.random.Generator) -> None:
    z, phi = rng.standard_normal((5, 37)), rng.uniform(0.3, 0.95, (5, 1))
    e = np.empty_like(z)
    e[:, 0] = z[:, 0]
    for i in range(1, 37):
        e[:, i] = phi[:, 0] * e[:, i - 1] + np.sqrt(1.0 - phi[:, 0] ** 2) * z[:, i]
    np.testing.assert_allclose(ar1(z, phi), e, atol=1e-12)


def test_clean_curves_are_measured_almost_exactly(rng: np.random.Generator) -> None:
    U = np.tile(np.linspace(-3.0, 0.0, 5), (N, 1))
    R, std = np.full((N, 1), 3.0), np.full((N, 1), 0.5)
    sigma = draw_sigma(
        rng, U, R, std, np.ones((N, 1), bool), np.zeros((N, 1), bool), 1.0, OursConfig(p_noise_trend=0.0)
    )
    ratio = sigma[:, 0] / 0.5
    assert (sigma >= 1e-7).all()
    few, most = np.log(ratio[(ratio > 2e-6) & (ratio < 3e-4)]), np.log(ratio[ratio >= 3e-4])
    assert stats.kstest(few, "uniform", (np.log(2e-6), np.log(3e-4 / 2e-6))).pvalue > KS_MIN
    assert stats.kstest(most, "uniform", (np.log(3e-4), np.log(0.06 / 3e-4))).pvalue > KS_MIN
    assert len(most) == pytest.approx(N / 2, abs=4 * np.sqrt(N / 4))


def test_filtered_readings_are_louder_by_what_is_asked(rng: np.random.Generator) -> None:
    U, R, std = np.zeros((N, 2)), np.ones((N, 1)), np.full((N, 1), 0.1)
    config = OursConfig(p_noise_trend=0.0)
    no = np.zeros((N, 1), bool)
    plain, filtered = (draw_sigma(rng, U, R, std, no, no, times, config) for times in (1.0, 3.0))
    assert np.median(filtered) == pytest.approx(3.0 * np.median(plain), rel=0.2)


def test_spikes_start_in_the_context_recover_and_reach_its_end_as_often_as_asked(
    rng: np.random.Generator,
) -> None:
    U = np.tile(np.log(np.arange(1, 61) / 40.0), (N, 1))  # 40 context points, then 20 steps beyond
    sigma = np.full_like(U, 1e-4)
    spikes = add_spikes(rng, np.zeros_like(U), U, sigma, 40, p_at_end=1.0)
    assert (np.abs(spikes[:, 37:40]).max(axis=1) > 0.0).all()
    assert (spikes[:, 39] > 0.0).mean() > 0.8  # mostly upward
    assert np.median(np.abs(spikes[:, 59])) < 1e-4 < np.median(np.abs(spikes[:, 39]))  # recovered later


def test_record_filter_equals_a_loop_over_curves(rng: np.random.Generator) -> None:
    U = np.sort(rng.uniform(-3.0, 0.0, (60, 80)), axis=1)
    y = -0.5 * U + 0.3 * rng.standard_normal((60, 80))
    U_kept, y_kept = keep_best(rng, U, y, 5, 1.0, 0.0)
    for b in range(60):
        records = [i for i in range(80) if i == 0 or y[b, i] < y[b, :i].min()]
        if len(records) >= 5:
            index = [records[int(np.round(j * (len(records) - 1) / 4))] for j in range(5)]
            np.testing.assert_array_equal(U_kept[b], U[b, index])
            np.testing.assert_array_equal(y_kept[b], y[b, index])
    assert (np.diff(y_kept, axis=1) <= 0.0).all()


def test_log_thinned_records_are_distinct_and_even_in_log_x(rng: np.random.Generator) -> None:
    U = np.tile(np.log(np.arange(1, 301) / 300.0), (N, 1))
    y = -0.5 * U + 0.02 * rng.standard_normal(U.shape)
    U_kept, y_kept = keep_best(rng, U, y, 20, 1.0, 1.0)
    assert (np.diff(U_kept, axis=1) > 0.0).all()  # no point twice
    assert (np.diff(y_kept, axis=1) < 0.0).all()  # records only
    gaps = np.diff(U_kept, axis=1)[:, 10:]  # the late ones, where there are records enough to choose from
    assert np.median(gaps.max(axis=1) / gaps.min(axis=1)) < 5.0


def test_a_monotone_fit_pools_rising_readings_into_their_mean(rng: np.random.Generator) -> None:
    U = np.tile(np.log(np.arange(1, 41) / 40.0), (60, 1))
    log_y = -0.5 * U + 0.2 * rng.standard_normal(U.shape)
    U_kept, fitted = fit_monotone(rng, U, log_y, 40, 0.0)  # as many as were read: nothing is thinned
    np.testing.assert_array_equal(U_kept, U)
    for y, level in zip(np.exp(log_y), np.exp(fitted), strict=True):
        pools = [[value, 1] for value in y]
        i = 0
        while i < len(pools) - 1:
            if pools[i][0] >= pools[i + 1][0]:
                i += 1
                continue
            (a, n), (b, m) = pools[i : i + 2]
            pools[i : i + 2] = [[(n * a + m * b) / (n + m), n + m]]
            i = max(i - 1, 0)
        np.testing.assert_allclose(level, [value for value, n in pools for _ in range(n)], rtol=1e-12)


def test_bins_of_a_monotone_fit_fall_over_many_decades_and_keep_the_order_of_x(rng: np.random.Generator) -> None:
    U = np.tile(np.log(np.arange(1, 301) / 300.0), (N, 1))
    log_y = -6.0 * U + 0.2 * rng.standard_normal(U.shape)
    U_kept, fitted = fit_monotone(rng, U, log_y, 20, 1.0)
    assert np.isfinite(fitted).all()
    assert (np.diff(fitted, axis=1) <= 0.0).all()
    assert (np.diff(U_kept, axis=1) > 0.0).all()
    at_first = U_kept[:, -1] == U_kept[:, -1].min()
    assert at_first.mean() == pytest.approx(0.5, abs=0.05)


def test_a_curve_that_never_falls_is_shown_as_means_of_its_readings(rng: np.random.Generator) -> None:
    U = np.tile(np.log(np.arange(1, 301) / 300.0), (60, 1))
    _, shown = fit_monotone(rng, U, U.copy(), 20, 0.0)  # y = x: one pool, which nobody would report
    assert (np.diff(shown, axis=1) > 0.0).all()
    np.testing.assert_allclose(shown[:, -1], np.log(np.mean(np.arange(285, 301) / 300.0)), atol=3e-3)


def test_rounding_is_what_a_table_prints(rng: np.random.Generator) -> None:
    y = np.tile([0.0521348, 7.3951267], (N, 1))
    small, large = (np.abs(round_digits(rng, y) - y)).T
    assert small.max() <= 0.5e-3  # half a unit of its second digit
    assert np.median(small) > 1e-7
    assert large.max() <= 0.5e-1
    assert 0.2 < np.mean(large > 1e-3) < 0.3  # 2 or 3 digits of its own; with the decimals of the small one never
