"""R-hat and ESS of chains whose mixing is known."""

import numpy as np
import pytest

from forescale.posterior.mixing import bulk_ess, r_hat


def autoregressive(rho, n_chains, n, seed=0):
    """Stationary chains (C, N, 1) of z_t = rho z_(t-1) + noise."""
    rng = np.random.default_rng(seed)
    z = np.empty((n_chains, n))
    z[:, 0] = rng.normal(size=n_chains) / np.sqrt(1 - rho**2)
    for t in range(1, n):
        z[:, t] = rho * z[:, t - 1] + rng.normal(size=n_chains)
    return z[..., None]


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_the_effective_number_is_that_of_an_autoregression(rho):
    chains = autoregressive(rho, 16, 4000)
    exact = chains.size * (1 - rho) / (1 + rho)
    assert bulk_ess(chains) == pytest.approx(exact, rel=0.15)  # its own error from 64,000 draws
    assert r_hat(chains) < 1.01


def test_chains_that_disagree_in_place_or_in_spread_are_seen():
    apart = autoregressive(0.0, 8, 500)
    assert r_hat(apart) < 1.02
    apart[0] += 3
    assert r_hat(apart) > 1.1
    wide = autoregressive(0.0, 8, 500)
    wide[0] *= 10
    assert r_hat(wide) > 1.1


def test_ranks_let_no_heavy_tail_hide_a_difference():
    chains = np.random.default_rng(0).standard_cauchy((8, 500, 1))
    assert r_hat(chains) < 1.02
    chains[:4] += 5
    assert r_hat(chains) > 1.1


def test_the_worst_coordinate_counts_and_a_stuck_one_is_worth_one_draw():
    good, bad = autoregressive(0.0, 8, 400), autoregressive(0.95, 8, 400, 1)
    assert bulk_ess(np.concatenate([good, bad], -1)) == bulk_ess(bad) < bulk_ess(good) / 10
    assert bulk_ess(np.ones((8, 400, 1))) == 1.0


@pytest.mark.parametrize("rho", [0.0, 0.8, 0.97])
def test_both_agree_with_arviz(rho):
    array_stats = pytest.importorskip("arviz_stats.base").array_stats
    chains = np.exp(autoregressive(rho, 64, 300, 2))
    arviz = {name: getattr(array_stats, name)(chains[..., 0], chain_axis=0, draw_axis=1, method=method)
             for name, method in (("rhat", "rank"), ("ess", "bulk"))}  # fmt: skip
    assert r_hat(chains) == pytest.approx(float(arviz["rhat"]), rel=1e-6)
    assert bulk_ess(chains) == pytest.approx(float(arviz["ess"]), rel=0.02)  # the last pair is cut another way
