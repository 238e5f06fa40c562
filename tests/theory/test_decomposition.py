"""Checks 1–8 of docs/theory-proofs.md, §9, and the identities behind them on families drawn at random."""

import numpy as np
import pytest

from forescale.errors import CurveError
from forescale.theory import FiniteFamily, bernoulli_information

EXACT = 1e-10  # of printed digits
IDENTITY = 1e-12  # and for identities, a few hundred roundings
CLASS, WEIGHT, PROXY, T = [[0.2, 0.5], [0.7, 0.4]], [0.6, 0.4], [[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]], 6


@pytest.fixture
def toy() -> FiniteFamily:
    return FiniteFamily([0.5, 0.3, 0.2], [0.5, 0.5], [[0.1, 0.6], [0.5, 0.5], [0.8, 0.3]])


def test_1_irreducible_loss_of_the_toy(toy):
    assert toy.irreducible == pytest.approx(0.568594486827, abs=EXACT)


def test_2_bayes_regret_is_information_over_t(toy):
    regret = toy.mixture(T, toy.prior, toy.chance, np.eye(3)).regret
    assert regret == pytest.approx(0.070817396990, abs=EXACT)
    assert regret == pytest.approx(toy.information(T) / T, abs=IDENTITY)


def test_3_mixture_regret_is_information_plus_excess(toy):
    regret, excess = toy.mixture(T, WEIGHT, CLASS, PROXY).regret, toy.excess(T, WEIGHT, CLASS)
    assert regret == pytest.approx(0.078529777409, abs=EXACT)
    assert excess == pytest.approx(0.007712380419, abs=EXACT)
    assert regret == pytest.approx(toy.information(T) / T + excess, abs=IDENTITY)


def test_4_theorem_2_holds_term_by_term(toy):
    m = toy.mixture(T, WEIGHT, CLASS, PROXY)
    assert m.prior_kl == pytest.approx(0.031037822853, abs=EXACT)
    assert m.misspecification == pytest.approx(0.081539739164, abs=EXACT)
    assert m.posterior_kl == pytest.approx(0.034047784607, abs=EXACT)
    assert m.regret == pytest.approx(m.prior_kl + m.misspecification - m.posterior_kl, abs=IDENTITY)


def test_5_information_splits_into_proxy_and_beyond(toy):
    s = toy.split(T, [1, 0, 0])
    assert s.proxy == pytest.approx(0.056191591998, abs=EXACT)
    assert s.beyond == pytest.approx(0.014625804992, abs=EXACT)
    assert s.total == pytest.approx(toy.information(T) / T, abs=IDENTITY)


def test_6_fixed_class_terms(toy):
    terms = toy.fixed_class(T, WEIGHT, CLASS)
    assert terms.misspecification == pytest.approx(0.035077830183, abs=EXACT)
    assert terms.regret_bound == pytest.approx(0.151064316820, abs=EXACT)
    assert toy.mixture(T, WEIGHT, CLASS, PROXY).regret <= terms.regret_bound


def test_7_end_of_run_regret_never_increases(toy):
    r = toy.regrets(T)
    np.testing.assert_allclose(r, [0.10458819, 0.0858228, 0.07207957, 0.06167453, 0.05358447, 0.04715482], atol=1e-7)
    assert np.all(np.diff(r) < 0)


def test_8_bernoulli_information_equals_laplace():
    expected = {1: 0.193147180560, 10: 0.853997345529, 100: 1.900338189752, 1000: 3.037002927}
    for t, value in expected.items():
        assert bernoulli_information(t) == pytest.approx(value, abs=1e-9)
    # Laplace's rule, another road: after k ones in t draws predict (k+1)/(t+2); all k are equally likely
    total = 0.0
    for t in range(10):
        p = (np.arange(t + 1) + 1) / (t + 2)
        total += np.mean(-p * np.log(p) - (1 - p) * np.log(1 - p)) - 0.5  # E h(F) = 1/2 nat under a uniform rate
    assert bernoulli_information(10) == pytest.approx(total, abs=IDENTITY)


def test_identities_hold_for_random_families():
    rng = np.random.default_rng(0)
    for _ in range(5):
        f = FiniteFamily(rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(3)), rng.uniform(0.05, 0.95, (4, 3)))
        weight, chance = rng.dirichlet(np.ones(3)), rng.uniform(0.05, 0.95, (3, 3))
        m = f.mixture(3, weight, chance, rng.dirichlet(np.ones(3), size=4))
        assert m.regret == pytest.approx(m.prior_kl + m.misspecification - m.posterior_kl, abs=IDENTITY)
        assert m.regret == pytest.approx(f.information(3) / 3 + f.excess(3, weight, chance), abs=IDENTITY)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (([0.5, 0.4], [1.0], [[0.1], [0.2]]), "prior to sum to 1"),
        (([1.5, -0.5], [1.0], [[0.1], [0.2]]), "prior in"),
        (([1.0], [0.3, 0.3], [[0.1, 0.2]]), "inputs to sum to 1"),
        (([1.0], [1.0], [[1.0]]), "chance in"),
        (([1.0], [1.0], [[np.nan]]), "chance in"),
        (([1.0], [1.0], [[0.2, 0.3]]), "chance of shape"),
    ],
)
def test_unusable_probabilities_are_named(arguments, says):
    with pytest.raises(CurveError, match=says):
        FiniteFamily(*arguments)


def test_too_many_histories_are_refused(toy):
    with pytest.raises(CurveError, match=r"T = 300"):
        toy.information(300)


def test_a_loss_in_context_is_irreducible_within_the_task_and_meta_learning(toy):
    believed = [0.2, 0.2, 0.6]
    terms = toy.in_context(T, believed)
    regret = toy.mixture(T, believed, toy.chance, np.eye(3)).regret  # by another road: the prior's mistake in one sum
    assert sum(terms) == pytest.approx(toy.irreducible + regret, abs=IDENTITY)
    assert terms.meta_learning > 0
    assert toy.in_context(T, toy.prior).meta_learning == pytest.approx(0, abs=IDENTITY)


def test_both_errors_in_context_fade_with_a_longer_context(toy):
    within, meta = zip(*(toy.in_context(t, [0.2, 0.2, 0.6])[1:] for t in (1, 3, 6, 12)), strict=True)
    assert np.all(np.diff(within) < 0)
    assert np.all(np.diff(meta) < 0)


def test_more_tasks_in_pretraining_lower_the_meta_learning_error_only(toy, rng):
    errors = []
    for n_tasks in (30, 300, 3000):
        counts = rng.multinomial(n_tasks, toy.prior, size=200) + 1  # the learner's prior: Laplace's rule over tasks met
        errors.append([toy.in_context(4, row / row.sum()) for row in counts])
    irreducible, within, meta = np.mean(errors, axis=1).T
    np.testing.assert_allclose(np.ptp([irreducible, within], axis=1), 0, atol=IDENTITY)
    assert meta[0] > 5 * meta[1] > 25 * meta[2]  # falls about like 1/n_tasks
