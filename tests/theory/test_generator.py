"""Checks 9–14 and 25 of docs/theory-proofs.md, §9: Monte Carlo, seeded, at 5 of its own standard errors."""

import numpy as np
import pytest

from forescale import theory
from forescale.errors import CurveError
from forescale.theory.generator import weight_moments
from forescale.theory.learners import quantise_circle, urn

SIGMAS = 5.0


def assert_mean(values, expected):
    """The mean over independent draws agrees with `expected` within 5 of its own standard errors."""
    error = values.std(ddof=1) / np.sqrt(len(values))
    assert abs(values.mean() - expected) < SIGMAS * error, (values.mean(), expected, error)


def draw(rng, K, d, size, n_inputs=8, **options):
    teachers = theory.draw_teachers(rng, size, d=d, K=K, **options)
    return teachers, rng.standard_normal((size, n_inputs, d))


def test_9_second_moment_is_a_half(rng):
    teachers, x = draw(rng, 5, 16, 20_000)
    assert_mean((teachers.logit(x) ** 2).mean(axis=1), 0.5)


@pytest.mark.parametrize(("K", "d", "expected"), [(1, 2, 1.75), (5, 16, 1.416295), (20, 32, 1.034956)])
def test_10_fourth_moment(rng, K, d, expected):
    assert theory.fourth_moment(K, d) == pytest.approx(expected, rel=1e-6)
    teachers, x = draw(rng, K, d, 20_000, error=1e-5)
    assert_mean((teachers.logit(x) ** 4).mean(axis=1), expected)


@pytest.mark.parametrize(("K", "M", "expected"), [(1, 5, 0.002058), (5, 10, 0.017286), (20, 40, 0.011047)])
def test_11_truncation_error_is_exact(rng, K, M, expected):
    assert theory.truncation_error(K, M) == pytest.approx(expected, abs=5e-7)
    teachers, x = draw(rng, K, 4, 20_000, error=1e-6)
    head = theory.Teachers(teachers.output_BM[:, :M], teachers.direction_BMD[:, :M], K, 0.0, 0.0)
    assert_mean(((teachers.logit(x) - head.logit(x)) ** 2).mean(axis=1), expected)


SAMPLED = [(1, 2, 4, 0.125, 0.01260), (5, 2, 10, 0.25, 0.02485), (5, 16, 50, 0.05, 0.00523),
           (20, 32, 200, 0.05, 0.00545), (50, 8, 50, 0.5, None)]  # fmt: skip


@pytest.mark.parametrize(("K", "d", "n", "squared", "kl"), SAMPLED)
def test_12_13_sampled_learner_errors(rng, K, d, n, squared, kl):
    teachers, x = draw(rng, K, d, 4_000, error=1e-6)
    truth = teachers.logit(x)
    learned = theory.sample_learners(rng, teachers, n).logit(x)
    assert_mean(((truth - learned) ** 2).mean(axis=1), squared)
    if kl is not None:
        lost = theory.kl_logits(truth, learned).mean(axis=1)
        assert lost.mean() <= K / (16 * n)
        assert 0.75 < lost.mean() / (K / (16 * n)) < 0.92  # 0.80 to 0.87 measured
        assert abs(lost.mean() - kl) < SIGMAS * lost.std() / np.sqrt(len(lost)) + 0.03 * kl  # its value carries 1–2 %


@pytest.mark.parametrize(("K", "n", "m", "expected"), [(5, 20, 8, 0.14891), (20, 100, 16, 0.10621)])
def test_14_quantised_learner_errors(rng, K, n, m, expected):
    teachers, x = draw(rng, K, 2, 6_000, error=1e-6)
    truth = teachers.logit(x)
    learned = quantise_circle(theory.sample_learners(rng, teachers, n), m).logit(x)
    assert_mean(((truth - learned) ** 2).mean(axis=1), expected)
    eps = 2 * np.sin(np.pi / (2 * m))
    assert theory.kl_logits(truth, learned).mean() <= K / (16 * n) + eps**2 / 16


def test_16_distinct_atoms_of_the_urn(rng):
    first = urn(rng, 40_000, 50, 5)
    distinct = (first == np.arange(50)).sum(axis=1).astype(float)
    assert_mean(distinct, theory.expected_atoms(50, 5))


def test_law_of_a_sampled_learner_is_the_urns(rng):
    teachers, x = draw(rng, 3, 4, 20_000, error=1e-6)
    one, other = theory.sample_learners(rng, teachers, 6).logit(x), theory.draw_learners(rng, 20_000, 6, d=4, K=3)
    a, b = (one**2).mean(axis=1), (other.logit(x) ** 2).mean(axis=1)
    assert abs(a.mean() - b.mean()) < SIGMAS * np.hypot(a.std(), b.std()) / np.sqrt(20_000)
    assert_mean(b, 0.5 + 3 / 12)  # E F_n² = E F² + K/(2n): an unbiased sample


@pytest.mark.parametrize(("s", "K", "n", "expected"), [(0.25, 5, 4, 0.042214), (0.5, 1, 16, 0.001880)])
def test_25_pitman_yor_tail(rng, s, K, n, expected):
    assert theory.tail_weight(K, n, discount=s) == pytest.approx(expected, abs=5e-7)
    teachers = theory.draw_teachers(rng, 20_000, d=1, K=K, discount=s, error=3e-5)
    weight = np.abs(teachers.output_BM) * np.sqrt((1 - s) / (K + 1))
    rest = theory.tail_weight(K, teachers.n_sticks, discount=s)
    assert_mean((weight[:, n:] ** 2).sum(axis=1), expected - rest)


def test_pitman_yor_keeps_the_second_moment_and_a_power_law_tail(rng):
    teachers, x = draw(rng, 2, 3, 20_000, discount=0.5, error=1e-3)
    assert_mean((teachers.logit(x) ** 2).mean(axis=1), 0.5 - teachers.error)
    slope = np.log(theory.tail_weight(2, 4000, discount=0.5) / theory.tail_weight(2, 2000, discount=0.5)) / np.log(2)
    assert slope == pytest.approx(1 - 2 / 0.5, abs=0.01)
    assert theory.tail_weight(3, 7) == pytest.approx((3 / 5) ** 7 / 4, rel=1e-12)


def test_weight_moments(rng):
    w = np.abs(theory.draw_teachers(rng, 40_000, d=1, K=3, error=1e-8).output_BM) / 2
    second, fourth, cross = weight_moments(3)
    squares = (w**2).sum(axis=1)
    assert_mean(squares, second)
    assert_mean((w**4).sum(axis=1), fourth)
    assert_mean(squares**2 - (w**4).sum(axis=1), cross)


def test_sticks_meet_the_error_and_no_more():
    for K, s, error in [(5, 0, 1e-6), (16, 0, 1e-9), (2, 0.5, 1e-4)]:
        M = theory.sticks_needed(K, error, discount=s)
        assert theory.truncation_error(K, M, discount=s) <= error < theory.truncation_error(K, M - 1, discount=s)
    assert theory.sticks_needed(5, 1e-6) == np.ceil(np.log(1 / 2e-6) / np.log(1 + 2 / 5))


def test_same_seed_same_teachers_and_labels():
    a, b = (theory.draw_teachers(np.random.default_rng(3), 4, d=3, K=2) for _ in range(2))
    np.testing.assert_array_equal(a.output_BM, b.output_BM)
    (x, y), (x2, y2) = (t.sample(np.random.default_rng(4), 100) for t in (a, b))
    np.testing.assert_array_equal(x, x2)
    np.testing.assert_array_equal(y, y2)
    assert set(np.unique(y)) == {0.0, 1.0}
    assert sum(len(y[0]) for _, y in a.batches(np.random.default_rng(5), 250, size=100)) == 250


def test_labels_follow_the_teachers(rng):
    teachers = theory.draw_teachers(rng, 200, d=4, K=3)
    x, y = teachers.sample(rng, 400)
    truth = 1 / (1 + np.exp(-teachers.logit(x)))
    assert_mean((y - truth).mean(axis=1), 0.0)


def test_kl_is_below_an_eighth_of_the_squared_gap(rng):
    a, b = rng.normal(0, 3, 1000), rng.normal(0, 3, 1000)
    kl = theory.kl_logits(a, b)
    assert np.all(kl >= -1e-15)
    assert np.all(kl <= (a - b) ** 2 / 8 + 1e-15)
    p, q = 1 / (1 + np.exp(-a)), 1 / (1 + np.exp(-b))
    np.testing.assert_allclose(kl, p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q)), atol=1e-11)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"K": 0}, "K > 0"),
        ({"K": np.nan}, "finite K"),
        ({"d": 0}, "d ≥ 1"),
        ({"d": 2.5}, "whole d"),
        ({"n_teachers": 0}, "n_teachers ≥ 1"),
        ({"error": 0}, "error > 0"),
        ({"error": 1e-9, "max_sticks": 50}, "50 sticks reach at K = 5"),
        ({"discount": 1.0}, "discount in"),
        ({"discount": 0.9, "error": 1e-9}, "truncation error of at least"),
    ],
)
def test_bad_generators_are_named(rng, options, says):
    with pytest.raises(CurveError, match=says):
        theory.draw_teachers(rng, **({"n_teachers": 2, "d": 3, "K": 5} | options))
