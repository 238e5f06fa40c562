"""What a forecast is made of: mass one, quantiles exact in the far tails, densities finite everywhere."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from forescale.forecasts.distributions import Bars, Marginals, Mixture

T, K = 5, 7
LEVELS = np.concatenate([10.0 ** -np.arange(1, 13), 1 - 10.0 ** -np.arange(1, 12), [0.3, 0.5, 0.7]])


def mixture(kernel, rng, df=3.0) -> Mixture:
    scale = 10 ** rng.uniform(-3, 1, size=(T, K))
    return Mixture(kernel, 3 * rng.normal(size=(T, K)), rng.normal(size=(T, K)), scale, df)


def bars(rng) -> Bars:
    return Bars(np.concatenate([[0.0], np.sort(rng.uniform(0.1, 2, 20))]), 3 * rng.normal(size=(T, 21)), 0.4)


@pytest.fixture(params=["logistic", "normal", "student", "bars"])
def marginals(request, rng) -> Marginals:
    return bars(rng) if request.param == "bars" else mixture(request.param, rng)


def test_one_component_is_the_textbook_distribution():
    one = np.ones((1, 1))
    r = np.linspace(-30, 30, 13)[:, None]
    for kernel, df, law in (
        ("logistic", 0, stats.logistic(2, 3)),
        ("normal", 0, stats.norm(2, 3)),
        ("student", 4, stats.t(4, 2, 3)),
    ):
        m = Mixture(kernel, 5 * one, 2 * one, 3 * one, df)
        assert np.allclose(m.log_pdf(r), law.logpdf(r), rtol=1e-12)
        assert np.allclose(m.cdf(r), law.cdf(r), rtol=1e-11)
        assert np.allclose(np.ravel(m.moments()), [2, law.std()])


def test_bars_by_hand():
    three = Bars(np.array([0.0, 1.0, 3.0]), np.log([[0.5, 0.3, 0.2]]), 0.5)
    assert np.allclose(
        three.cdf(np.array([[-1.0], [0.0], [0.5], [1.0], [2.0], [3.0]]))[:, 0], [0, 0, 0.25, 0.5, 0.65, 0.8]
    )
    assert np.allclose(three.cdf(3.5), 0.8 + 0.2 * (2 * stats.norm.cdf(1) - 1))
    assert np.allclose(three.log_pdf([0.5]), np.log(0.5))
    assert np.allclose(three.log_pdf([2.0]), np.log(0.15))
    assert np.allclose(three.log_pdf([3.5]), np.log(0.2) + stats.halfnorm.logpdf(0.5, scale=0.5))
    assert three.log_pdf([-0.1]) == -np.inf
    assert np.allclose(three.quantile(0.65), 2.0)


def test_quantiles_are_exact_far_into_the_tails(marginals):
    r = marginals.quantile(LEVELS[:, None])
    assert r.shape == (len(LEVELS), T)
    assert np.all(np.abs(marginals.cdf(r) - LEVELS[:, None]) < 1e-10)
    assert np.all(np.diff(r[np.argsort(LEVELS)], axis=0) >= 0)


def test_small_quantiles_are_exact_relative_to_their_level(rng):
    m = mixture("logistic", rng)
    for p in (1e-8, 1e-20, 1e-100):
        assert np.allclose(m.cdf(m.quantile(p)), p, rtol=1e-9, atol=0)


def test_many_levels_are_the_same_quantiles_as_few(rng):
    levels = ((np.arange(1000) + 0.5) / 1000)[:, None]
    for m in (mixture("student", rng), Mixture("normal", np.zeros((2, 1)), np.ones((2, 1)), np.full((2, 1), 0.1))):
        many, few = m.quantile(levels), m.quantile(levels[::50])
        assert np.all(np.abs(m.cdf(many) - levels) < 1e-10)
        assert np.all(np.abs(m.cdf(many[::50]) - m.cdf(few)) < 2e-10)  # solved from another start, to the same promise


def test_a_narrow_component_inside_a_wide_one_is_solved():
    m = Mixture("logistic", np.zeros((1, 2)), np.array([[0.0, 4.0]]), np.array([[1e-4, 50.0]]))
    p = np.linspace(0.01, 0.99, 99)[:, None]
    assert np.all(np.abs(m.cdf(m.quantile(p)) - p) < 1e-10)


def test_the_mass_is_one_and_the_density_is_the_slope_of_the_cdf(marginals):
    low, high = marginals.quantile(1e-9)[0], marginals.quantile(1 - 1e-9)[0]
    edges = list(marginals.edges[1:]) if isinstance(marginals, Bars) else list(np.sort(marginals.loc_TK[0]))
    mass = quad(lambda r: np.exp(marginals.log_pdf(r)[0]), low, high, points=edges, limit=500)[0]
    assert mass == pytest.approx(1, abs=1e-6)  # quadrature, and 2e-9 left outside


def test_densities_are_finite_at_every_positive_outcome(marginals):
    r = np.array([1e-300, 1e-10, 1.0, 1e10, 1e300])[:, None]
    assert np.all(np.isfinite(marginals.log_pdf(r)))
    assert np.all(np.diff(marginals.cdf(r), axis=0) >= 0)


def test_samples_follow_the_cdf(marginals):
    u = np.stack([marginals.cdf(r) for r in marginals.sample_rows(np.random.default_rng(0), 2000)])
    assert stats.kstest(u[:, 0], "uniform").pvalue > 1e-3
    assert np.allclose(u, u[:, :1], atol=1e-9)  # comonotone: one level a row


def test_joint_samples_keep_to_one_component():
    loc = np.array([[0.0, 10.0], [100.0, 200.0]])
    m = Mixture("normal", np.log([[0.25, 0.75]] * 2), loc, np.full((2, 2), 1e-6), joint=True)
    rows = m.sample_rows(np.random.default_rng(0), 4000)
    first = rows[:, 0] < 5
    assert np.array_equal(first, rows[:, 1] < 150)
    assert abs(first.mean() - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 4000)  # 4 standard errors


def test_weights_need_no_normalising(rng):
    m = mixture("logistic", rng)
    shifted = Mixture("logistic", m.log_weight_TK + 700.0, m.loc_TK, m.scale_TK)
    assert np.allclose(m.cdf(0.3), shifted.cdf(0.3), rtol=1e-9)


def test_a_moved_mixture_is_the_distribution_of_the_moved_outcome(rng):
    m, r = mixture("logistic", rng), rng.normal(size=(9, T))
    moved = m.moved(2.0, 3.0)
    assert np.allclose(moved.cdf(2 + 3 * r), m.cdf(r), rtol=1e-12)
    assert np.allclose(moved.log_pdf(2 + 3 * r), m.log_pdf(r) - np.log(3), rtol=1e-9, atol=1e-12)


def test_a_blend_adds_up_densities_and_may_leave_one_out(rng):
    one, other, r = mixture("logistic", rng), mixture("logistic", rng), rng.normal(size=(9, T))
    share = np.array([0.0, 0.25, 0.5, 0.9, 1.0])
    blend = one.blend(other, share)
    expected = (1 - share) * np.exp(one.log_pdf(r)) + share * np.exp(other.log_pdf(r))
    assert np.allclose(np.exp(blend.log_pdf(r)), expected, rtol=1e-9)
    assert np.allclose(blend.cdf(r), (1 - share) * one.cdf(r) + share * other.cdf(r), rtol=1e-9)
    assert np.allclose(blend.cdf(blend.quantile(0.2)), 0.2, atol=1e-10)
    assert np.all(np.isfinite(blend.moments()))


@pytest.mark.parametrize("kernel", ["logistic", "normal"])
def test_a_blurred_mixture_has_the_variances_of_both(kernel, rng):
    k = 3
    mixture = Mixture(kernel, rng.normal(size=(2, k)), rng.normal(size=(2, k)), np.full((2, k), 0.4))
    std = np.array([0.0, 1.3])
    (mean, wide), (before, narrow) = mixture.blurred(std).moments(), mixture.moments()
    np.testing.assert_allclose(mean, before, atol=1e-12)
    np.testing.assert_allclose(wide**2, narrow**2 + std**2, rtol=1e-12)


def test_blurred_bars_keep_their_mass_and_add_the_variance(rng):
    edges = np.linspace(0, 4, 201)
    inside = np.exp(-0.5 * ((edges[1:] - 2) / 0.2) ** 2)
    bars = Bars(edges, np.log(np.append(inside, 1e-12) + 1e-300)[None].repeat(2, 0), 0.5)
    levels = (np.arange(4000)[:, None] + 0.5) / 4000
    before, after = (b.quantile(levels) for b in (bars, bars.blurred(np.array([0.0, 0.3]))))
    np.testing.assert_allclose(after[:, 0], before[:, 0], atol=1e-6)
    # an error of .3 on bars of .02, whose readings are taken at their centres
    np.testing.assert_allclose(after[:, 1].std() ** 2, before[:, 1].std() ** 2 + 0.09, rtol=0.01)
    np.testing.assert_allclose(after[:, 1].mean(), before[:, 1].mean(), rtol=1e-3)
