"""Posteriors of laws on curves: collapsed against quadrature and chains, coverage, symmetries, bad input."""

import numpy as np
import pytest

import forescale as fs
from forescale.laws import LAWS
from forescale.method.registry import METHODS
from forescale.posterior.collapsed import CollapsedPosterior, _draw_positive, _log_positive
from forescale.posterior.mcmc import LONGEST, LawPosterior
from forescale.posterior.noise import CorrelatedNoise

QUICK = ["collapsed-m1", "collapsed-m2"]
CHAINS = ["mcmc-m1", "mcmc-m2", "mcmc-m3", "mcmc-m4", "mcmc-bnsl1"]
X = np.geomspace(1e4, 1e7, 20)


def m2_curve(noise: float = 0.01, seed: int = 0, x: np.ndarray = X) -> fs.Curve:
    y = LAWS["m2"].y(x, beta=30.0, c=-0.35, eps_inf=0.4)
    return fs.Curve(x, y * np.exp(noise * np.random.default_rng(seed).normal(size=len(x))), name="m2")


def run(method: str, curve: fs.Curve, at, kind: str = "run", seed: int = 0) -> fs.Forecast:
    return METHODS[method].ask(curve, np.asarray(at, float), kind, seed)


@pytest.fixture
def few_steps(monkeypatch):
    """Chains long enough to run every line, not to be precise."""
    for law in LAWS.values():
        monkeypatch.setattr(law.form, "chain_steps", 30)


def test_noise_likelihood_is_the_dense_student_t():
    U = np.array([-3.0, -1.0, -1.0, -0.2, 0.0])
    noise, r = CorrelatedNoise.at(U), np.random.default_rng(0).normal(size=(3, 5))
    value = noise.log_likelihood(r)
    for g in (0, 7, 33):
        kernel, length, white = noise.node[g]
        d = np.abs(U[:, None] - U) / length
        K = np.exp(-d) if kernel == 0 else (1 + np.sqrt(3) * d) * np.exp(-np.sqrt(3) * d)
        C = (1 - white) * K + white * np.eye(5)
        square = np.einsum("si,ij,sj->s", r, np.linalg.inv(C), r)
        dense = -0.5 * np.linalg.slogdet(C)[1] - (0.5 + 2.5) * np.log(0.5e-6 + 0.5 * square)
        np.testing.assert_allclose(value[:, g], dense, rtol=1e-9)


def test_positive_share_of_a_student_t_agrees_with_draws():
    rng = np.random.default_rng(0)
    mean, cov, df = np.array([[0.5, 0.3]]), np.array([[[1.0, -0.7], [-0.7, 0.8]]]), 5.0
    z = rng.multivariate_normal([0, 0], cov[0], size=200_000) / np.sqrt(rng.chisquare(df, size=(200_000, 1)) / df)
    draws = mean + z
    inside = draws[(draws > 0).all(1)]
    share = len(inside) / len(draws)
    assert np.exp(_log_positive(mean, cov, df))[0] == pytest.approx(share, abs=0.005)  # 4 standard errors
    ours = _draw_positive(np.repeat(mean, 20_000, 0), np.repeat(cov, 20_000, 0), df, rng)
    np.testing.assert_allclose(
        np.quantile(ours, [0.1, 0.5, 0.9], 0), np.quantile(inside, [0.1, 0.5, 0.9], 0), atol=0.04
    )


def test_collapsed_m2_agrees_with_brute_force_quadrature():
    curve = m2_curve(0.02)
    U, V = np.log(curve.x / curve.x_max), np.log(curve.y) - np.log(curve.y).mean()
    ours = CollapsedPosterior("m2", U, V)
    e = np.linspace(0, len(ours.exponents) - 1, 5).astype(int)
    A, B = np.meshgrid(np.linspace(1e-3, 1.2, 120), np.linspace(1e-3, 1.2, 120), indexing="ij")
    brute = []
    for log_b in ours.exponents[e]:
        b = np.exp(log_b)
        level = A.ravel()[:, None] + B.ravel()[:, None] * np.exp(-b * U)
        nodes = ours.noise.log_likelihood(1 - level * np.exp(-V))
        log_prior = np.log(np.expm1(-b * U[0])) - 0.5 * ((log_b - np.log(0.4)) / 0.7) ** 2
        brute.append(np.exp(nodes + log_prior - 100).sum())
    brute, by_grid = np.array(brute), ours.weight_EG.sum(1)[e]
    np.testing.assert_allclose(brute / brute.sum(), by_grid / by_grid.sum(), atol=0.01)  # steps of the brute grid


@pytest.mark.parametrize("method", QUICK)
def test_units_leave_the_posterior_unmoved(method):
    curve, at = m2_curve(), np.array([2e7, 1e8])
    other = fs.Curve(curve.x / 1e6, curve.y * 37.0)
    np.testing.assert_allclose(
        run(method, other, at / 1e6).quantile([0.05, 0.5, 0.95]) / 37.0,
        run(method, curve, at).quantile([0.05, 0.5, 0.95]),
        rtol=1e-6,  # same draws, up to rounding
    )


@pytest.mark.parametrize("method", [*QUICK, "mcmc-m4"])
def test_same_seed_gives_the_same_digits(method, few_steps):
    curve = m2_curve()
    a, b = run(method, curve, [2e7], seed=3), run(method, curve, [2e7], seed=3)
    assert a.median[0] == b.median[0]


@pytest.mark.parametrize("method", [*QUICK, *CHAINS])
def test_a_question_leaves_the_others_unmoved_and_trends_are_narrower(method, few_steps):
    curve = m2_curve()
    both, one = run(method, curve, [2e7, 1e8]), run(method, curve, [1e8])
    assert both.median[1] == pytest.approx(one.median[0], rel=1e-9)
    trend, reading = (run(method, curve, [2e7], kind).interval(0.9) for kind in ("curve", "run"))
    assert trend[1] - trend[0] < reading[1] - reading[0]


def test_collapsed_m2_covers_simulated_curves():
    inside = []
    for seed in range(14):
        context, x, y = m2_curve(0.02, seed, np.geomspace(1e4, 4e6, 26)).cut(1e6)
        inside.append(fs.metrics.coverage(run("collapsed-m2", context, x), y, 0.9))
    assert 0.75 < np.mean(inside) <= 1.0  # 14 curves: standard error about 0.05


def test_chains_that_have_not_converged_say_so_after_going_on_for_long(few_steps):
    f = run("mcmc-bnsl1", m2_curve(), [2e7])
    assert "not_converged" in [w.code for w in f.warnings]
    assert f.details["steps"] == 30 * LONGEST


def test_chains_that_have_converged_stop(monkeypatch):
    f = run("mcmc-m1", m2_curve(), [2e7])
    assert "not_converged" not in [w.code for w in f.warnings]
    assert f.details["steps"] == LAWS["m1"].form.chain_steps
    assert f.details["ess"] > 400


BAD = {
    "three points": ([1.0, 2.0, 4.0], [1.0, 0.9, 0.85]),
    "constant": ([1.0, 2.0, 4.0, 8.0, 16.0], [0.5] * 5),
    "rising": ([1.0, 2.0, 4.0, 8.0, 16.0, 32.0], [0.1, 0.2, 0.3, 0.5, 0.7, 1.1]),
    "repeats at two x": ([1.0, 1.0, 1.0, 2.0, 2.0, 2.0], [1.0, 1.1, 0.9, 0.8, 0.7, 0.75]),
    "spike": (np.arange(1.0, 21.0), np.where(np.arange(20) == 10, 1e6, 1.0)),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("method", [*QUICK, "mcmc-m2", "mcmc-m4", "mcmc-bnsl1", "gp"])
@pytest.mark.parametrize("case", BAD)
def test_bad_curves_give_a_finite_forecast_or_a_named_error(method, case, few_steps):
    if METHODS[method].missing:
        pytest.skip("the extra [bench] is not installed")
    x, y = BAD[case]
    curve = fs.Curve(x, y, name="odd")
    try:
        f = run(method, curve, [curve.x_max * 2, curve.x_max * 100])
    except fs.FitError as error:
        message = str(error)
    else:
        message = f"{method} 'odd'" if np.all(np.isfinite([np.log(f.median), f.log_prob(curve.y[0])])) else "not finite"
    assert method.removeprefix("mcmc-") in message
    assert "'odd'" in message


def test_a_long_context_is_thinned_and_says_so():
    f = run("collapsed-m1", m2_curve(x=np.geomspace(1e4, 1e7, 300)), [2e7])
    assert "thinned" in [w.code for w in f.warnings]


@pytest.mark.slow
def test_chains_and_grid_agree_on_the_same_model(monkeypatch):
    """emcee on M2's coordinates with the collapsed prior and the relative residual: the same posterior twice.

    With a finer grid than the method's 33 nodes, which stand a third of a standard deviation apart: quantiles of a
    discrete exponent are no sharper than that.
    """
    import emcee

    monkeypatch.setattr("forescale.posterior.collapsed.N_NODES", 257)

    curve = m2_curve(0.02)
    U, V = np.log(curve.x / curve.x_max), np.log(curve.y) - np.log(curve.y).mean()
    ours = CollapsedPosterior("m2", U, V)

    def log_density(theta):  # A, B, ln b
        level = theta[:, :1] + theta[:, 1:2] * np.exp(-np.exp(theta[:, 2:]) * U)
        nodes = ours.noise.log_likelihood(1 - level * np.exp(-V))
        top = nodes.max(1)
        prior = np.log(np.expm1(-np.exp(theta[:, 2]) * U[0])) - 0.5 * ((theta[:, 2] - np.log(0.4)) / 0.7) ** 2
        inside = (theta[:, :2] > 0).all(1) & (np.abs(theta[:, 2]) < 5)
        return np.where(inside, top + np.log(np.exp(nodes - top[:, None]).sum(1)) + prior, -np.inf)

    exponent, linear, _ = ours.sample(np.random.default_rng(0), 4000)
    start = np.column_stack([linear, exponent])[:32]
    sampler = emcee.EnsembleSampler(32, 3, log_density, vectorize=True, moves=emcee.moves.DEMove())
    sampler.random_state = np.random.RandomState(0).get_state()
    sampler.run_mcmc(start, 3000, skip_initial_state_check=True)
    chain = sampler.get_chain(discard=1000, flat=True)
    spread = chain.std(0)
    for p in (0.1, 0.5, 0.9):
        gap = np.quantile(chain, p, axis=0) - np.quantile(np.column_stack([linear, exponent]), p, axis=0)
        assert np.all(np.abs(gap) < 0.15 * spread)  # about 600 effective draws on one side, 4000 on the other


@pytest.mark.slow
@pytest.mark.parametrize("method", ["mcmc-m2", "mcmc-m4"])
def test_chains_mix_and_cover_simulated_curves(method):
    inside = []
    for seed in range(12):
        context, x, y = m2_curve(0.02, seed, np.geomspace(1e4, 4e6, 26)).cut(1e6)
        f = run(method, context, x)
        assert f.details["r_hat"] < 1.1 or "not_converged" in [w.code for w in f.warnings]
        inside.append(fs.metrics.coverage(f, y, 0.9))
    assert np.mean(inside) > 0.75  # 12 curves: standard error about 0.05


def test_log_density_is_minus_infinity_outside_the_prior():
    curve = m2_curve()
    posterior = LawPosterior(LAWS["m2"].form, np.log(curve.x / curve.x_max), np.log(curve.y) - np.log(curve.y).mean())
    assert posterior.log_density(np.array([[50.0, 0.0, 0.0]]))[0] == -np.inf
