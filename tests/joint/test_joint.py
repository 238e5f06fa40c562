"""The joint law: published constants, a converged fit, a posterior that two samplers agree on, and honest refusals."""

import csv
import os
import time
from pathlib import Path

import numpy as np
import pytest

import forescale as fs
from forescale.joint import grid as joint_grid
from forescale.joint.fit import read_runs, robust_fit
from forescale.joint.grid import ExponentPrior, sample_posterior
from forescale.joint.model import fit_joint_recipes
from forescale.laws.chinchilla import Chinchilla

TRUTH = {"E": 1.8172, "A": 482.01, "B": 2085.43, "alpha": 0.3478, "beta": 0.3658}
BENCHMARK = Path(os.environ.get("FORESCALE_BENCHMARK", Path(__file__).parents[2] / ".." / "shared" / "benchmark"))


def simulate(rng, n=36, sigma=0.003, truth=TRUTH):
    """A square of runs over (N, D) with relative noise."""
    side = round(n**0.5)
    N, D = (a.ravel() for a in np.meshgrid(np.geomspace(1e8, 1e10, side), np.geomspace(1e9, 1e11, side)))
    return N, D, Chinchilla().loss(N, D, **truth) * np.exp(sigma * rng.normal(size=len(N)))


@pytest.fixture(scope="module")
def published():
    """The 240 runs of the replication."""
    path = BENCHMARK / "chinchilla.csv"
    if not path.exists():
        pytest.skip(f"needs {path.name}; set FORESCALE_BENCHMARK")
    with path.open() as file:
        rows = [row for row in csv.DictReader(file) if row["used_in_replication"] == "1"]
    assert len(rows) == 240
    return tuple(np.array([float(row[name]) for row in rows]) for name in ("params", "tokens", "loss"))


def test_the_replication_is_reproduced(published):
    fit = robust_fit(read_runs(*published))
    found = fit.constants
    assert found["E"] == pytest.approx(1.8172, abs=0.01)
    assert found["A"] == pytest.approx(482.01, rel=0.05)
    assert found["B"] == pytest.approx(2085.43, rel=0.05)
    assert found["alpha"] == pytest.approx(0.3478, abs=0.005)
    assert found["beta"] == pytest.approx(0.3658, abs=0.005)
    assert fit.a == pytest.approx(0.513, abs=0.01)


def test_the_fit_is_converged_from_every_start(published):
    fit = robust_fit(read_runs(*published))
    assert fit.gradient_norm < 1e-8  # of 1: the share of the largest slope possible
    assert fit.n_agreeing == fit.n_starts == 8


def test_fit_and_draws_are_fast(published):
    runs = read_runs(*published)
    started = time.process_time()
    fit = robust_fit(runs)
    fitted = time.process_time()
    sample_posterior(runs, fit, ExponentPrior(), 4000, np.random.default_rng(0))
    assert fitted - started < 1.0  # CPU seconds, the limits; measured 0.2 and 0.8
    assert time.process_time() - fitted < 2.0


def test_no_point_nearby_is_better_than_the_fit(rng):
    runs = read_runs(*simulate(rng))
    fit = robust_fit(runs)
    law = Chinchilla()

    def objective(constants):
        z = np.log(runs.loss) - np.log(law.loss(runs.params, runs.tokens, **constants))
        size = np.abs(z)
        return np.where(size <= fit.delta, 0.5 * z * z, fit.delta * (size - 0.5 * fit.delta)).sum()

    assert objective(fit.constants) == pytest.approx(fit.objective, rel=1e-9)
    for name in TRUTH:
        for step in (1 - 1e-3, 1 + 1e-3):
            assert objective(fit.constants | {name: fit.constants[name] * step}) > fit.objective


def test_posterior_holds_the_truth_and_is_not_vague(rng):
    joint = fs.fit_joint(*simulate(rng), method="chinchilla")
    for name, true in TRUTH.items():
        low, high = joint.parameters[name].interval(0.99)
        assert low < true < high
    low, high = joint.parameters["alpha"].interval(0.9)
    assert high - low < 0.06  # 36 runs of 0.3 % noise; the prior's own interval is 1.2 wide


def test_same_seed_same_draws_and_row_order_is_no_matter(rng):
    N, D, L = simulate(rng)
    order = rng.permutation(len(N))
    a, b = (
        fs.fit_joint(N, D, L, n_draws=200, method="chinchilla"),
        fs.fit_joint(N[order], D[order], L[order], n_draws=200, method="chinchilla"),
    )
    assert a.draws["E"].tolist() == b.draws["E"].tolist()


def test_units_change_nothing_but_the_units(rng):
    N, D, L = simulate(rng)
    base, scaled = (
        fs.fit_joint(N, D, L, method="chinchilla"),
        fs.fit_joint(N / 1e6, D / 1e9, L / np.log(2), method="chinchilla"),
    )
    # A draw compares sums, so rounding can move a few of them: medians agree to a tenth of their spread.
    for name, unit in (("E", np.log(2)), ("alpha", 1.0), ("beta", 1.0), ("sigma", 1.0)):
        q, r = base.parameters[name], scaled.parameters[name]
        assert r.median * unit == pytest.approx(q.median, abs=0.1 * (q.interval(0.9)[1] - q.interval(0.9)[0]))
    assert scaled.fit.alpha == pytest.approx(base.fit.alpha, rel=1e-6)


def test_prediction_covers_new_runs_and_curve_is_narrower_than_run(rng):
    joint = fs.fit_joint(*simulate(rng), method="chinchilla")
    N, D = np.array([3e8, 2e9, 3e10]), np.array([5e9, 5e10, 6e11])
    run, curve = joint.predict(N, D), joint.predict(N, D, kind="curve")
    true = Chinchilla().loss(N, D, **TRUTH)
    assert np.all((run.interval(0.99)[0] < true) & (true < run.interval(0.99)[1]))
    assert np.all(np.subtract(*run.interval(0.9)[::-1]) > np.subtract(*curve.interval(0.9)[::-1]))
    assert run.kind == "run"
    assert run.x.tolist() == (6 * N * D).tolist()


def test_fixed_exponents_stay_fixed_and_narrow_the_answer(rng):
    runs = simulate(rng)
    free, fixed = (
        fs.fit_joint(*runs, method="chinchilla"),
        fs.fit_joint(*runs, exponents=(0.3478, 0.3658), method="chinchilla"),
    )
    assert fixed.parameters["alpha"].interval(0.9) == pytest.approx((0.3478, 0.3478))
    width = {j: np.subtract(*j.parameters["E"].interval(0.9)[::-1]) for j in (free, fixed)}
    assert width[fixed] < 0.7 * width[free]


def test_shared_exponents_are_shared_and_floors_are_not(rng):
    N, D, L = simulate(rng)
    few = slice(None, None, 5)
    joints = fit_joint_recipes({"big": (N, D, L), "small": (N[few], D[few], 1.05 * L[few])}, method="chinchilla")
    assert list(joints) == ["big", "small"]
    assert joints["big"].draws["alpha"].tolist() == joints["small"].draws["alpha"].tolist()
    ratio = joints["small"].parameters["E"].median / joints["big"].parameters["E"].median
    assert ratio == pytest.approx(1.05, abs=0.01)  # its standard error is about 0.003


def test_exponent_prior_pulls_only_where_the_runs_are_silent(rng):
    N = np.geomspace(1e7, 1e10, 12)
    D = 20 * N
    L = Chinchilla().loss(N, D, **TRUTH) * np.exp(0.003 * rng.normal(size=12))
    vague, told = (
        fs.fit_joint(N, D, L, method="chinchilla"),
        fs.fit_joint(N, D, L, exponent_prior=(0.5, 0.02), method="chinchilla"),
    )
    spread = [np.subtract(*j.parameters["a"].interval(0.9)[::-1]) for j in (vague, told)]
    assert spread[1] < 0.08 < 0.15 < spread[0]  # a Gaussian of sd 0.02 alone has 0.066


@pytest.mark.parametrize(
    ("design", "code"),
    [("together", "not_identified"), ("one_level", "one_compute_level"), ("one_size", "not_identified")],
)
def test_a_design_that_cannot_tell_says_so_and_widens(rng, design, code):
    N = np.geomspace(1e8, 1e10, 15) if design != "one_size" else np.full(15, 1e9)
    D = {"together": 20 * N, "one_level": 2e20 / N, "one_size": np.geomspace(1e9, 1e11, 15)}[design]
    L = Chinchilla().loss(N, D, **TRUTH) * np.exp(0.003 * rng.normal(size=15))
    joint = fs.fit_joint(N, D, L, method="chinchilla")
    assert code in [w.code for w in joint.warnings]
    answer = joint.allocate(flops=1e24)
    assert code in [w.code for w in answer.warnings]
    good = fs.fit_joint(*simulate(rng, 16), method="chinchilla").allocate(flops=1e24)
    assert _decades(answer.loss) > 2 * _decades(good.loss)


def _decades(q) -> float:
    low, high = q.interval(0.9)
    return np.log10(high / low)


@pytest.mark.parametrize("n", [1, 3, 5])
def test_no_more_runs_than_parameters_is_refused(rng, n):
    N, D, L = (a[:n] for a in simulate(rng))
    with pytest.raises(fs.CurveError, match="more runs than the 5 parameters"):
        fs.fit_joint(N, D, L, method="chinchilla")


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
@pytest.mark.parametrize("column", ["params", "tokens", "loss"])
def test_values_that_are_not_positive_are_refused(rng, bad, column):
    runs = dict(zip(("params", "tokens", "loss"), simulate(rng), strict=True))
    runs[column] = np.append(runs[column][:-1], bad)
    with pytest.raises(fs.CurveError, match=f"positive, finite {column}"):
        fs.fit_joint(**runs, method="chinchilla")


def test_exact_runs_do_not_break_the_posterior(rng):
    joint = fs.fit_joint(*simulate(rng, sigma=0.0), method="chinchilla")
    assert joint.parameters["alpha"].median == pytest.approx(TRUTH["alpha"], abs=1e-3)


def test_truncated_gaussian_agrees_with_rejection(rng):
    mean = np.array([0.3, -0.2, 0.5])
    root = rng.normal(size=(3, 3))
    covariance = root @ root.T + 0.1 * np.eye(3)
    precision = np.linalg.inv(covariance)
    found_mean, factor, log_det, _ = joint_grid.gaussian(precision, precision @ mean)
    assert found_mean == pytest.approx(mean, abs=1e-8)
    assert log_det == pytest.approx(-np.linalg.slogdet(covariance)[1], abs=1e-8)
    x = rng.multivariate_normal(mean, covariance, size=200_000)
    kept = x[(x > 0).all(1)]
    log_p, _ = joint_grid.truncated(mean, factor, rng.uniform(size=(20_000, 3)))
    share = len(kept) / len(x)
    assert np.exp(log_p) == pytest.approx(share, rel=0.05)  # four standard errors of both
    many = np.broadcast_to(mean, (4000, 3))
    _, drawn = joint_grid.truncated(many, np.broadcast_to(factor, (4000, 3, 3)), rng.uniform(size=(64, 4000, 3)), rng)
    se = kept.std(0) / np.sqrt(4000)
    assert np.all(
        np.abs(drawn.mean(0) - kept.mean(0)) < 5 * se
    )  # 64 particles leave a bias of a few per cent of the spread


@pytest.mark.slow
def test_posterior_agrees_with_emcee(rng):
    """The same density, sampled by an ensemble in five dimensions with lambda integrated out (Student-t)."""
    emcee = pytest.importorskip("emcee")
    runs = read_runs(*simulate(rng, 25, 0.01))
    fit = robust_fit(runs)
    draws = sample_posterior(runs, fit, ExponentPrior(), 20_000, np.random.default_rng(0))
    scale, nu, typical = np.exp(fit.log_fitted), draws.nu, np.exp(np.mean(np.log(runs.loss)))

    def log_density(theta):
        log_alpha, log_beta, E, A, B, log_sigma = theta.T
        z = E[:, None] + A[:, None] * np.exp(-np.exp(log_alpha)[:, None] * runs.u)
        z = (runs.loss - z - B[:, None] * np.exp(-np.exp(log_beta)[:, None] * runs.v)) / scale
        t = z / np.exp(log_sigma)[:, None]
        out = -0.5 * (nu + 1) * np.log1p(t * t / nu).sum(1) - len(runs.u) * log_sigma
        out += ExponentPrior().log_density(log_alpha, log_beta)
        out -= 0.5 * (E**2 + A**2 + B**2) / (joint_grid.HALF_NORMAL * typical) ** 2
        # sigma² ~ inverse gamma(½, ½ floor²), as a density of ln sigma
        out += -log_sigma - 0.5 * joint_grid.SIGMA_FLOOR**2 * np.exp(-2 * log_sigma)
        return np.where((np.minimum(np.minimum(E, A), B) > 0) & np.isfinite(out), out, -np.inf)

    start = np.array([np.log(fit.alpha), np.log(fit.beta), fit.E[0], fit.A_ref[0], fit.B_ref[0], np.log(0.01)])
    # No snooker moves: on a Gaussian check of this density they came out a third too narrow.
    sampler = emcee.EnsembleSampler(40, 6, log_density, vectorize=True, moves=emcee.moves.DEMove())
    sampler.random_state = np.random.RandomState(1).get_state()
    sampler.run_mcmc(start * (1 + 1e-3 * rng.normal(size=(40, 6))), 12_000)
    chain = sampler.get_chain(discard=3000, thin=20, flat=True)
    mine = np.stack([np.log(draws.alpha), np.log(draws.beta), draws.E[:, 0], draws.A_ref[:, 0], draws.B_ref[:, 0],
                     np.log(draws.sigma)], 1)  # fmt: skip
    spread = chain.std(0)
    for level in (0.05, 0.25, 0.5, 0.75, 0.95):
        gap = (np.quantile(mine, level, axis=0) - np.quantile(chain, level, axis=0)) / spread
        assert np.all(np.abs(gap) < 0.15), (level, gap)  # Monte Carlo error of both, up to 0.1 in the tails


@pytest.mark.slow
def test_intervals_of_the_optimum_hold_the_truth_as_often_as_they_say():
    """A small version of benchmark/joint_coverage.py: one truth, 60 sets, 90 % intervals."""
    hits = {"params": 0, "loss": 0}
    best = Chinchilla().optimum(1e23, **TRUTH)
    for seed in range(60):
        runs = simulate(np.random.default_rng([7, seed]), 36, 0.005)
        answer = fs.fit_joint(*runs, n_draws=1000, seed=seed, method="chinchilla").allocate(flops=1e23)
        for name, true in (("params", best.n_params), ("loss", best.loss)):
            low, high = getattr(answer, name).interval(0.9)
            hits[name] += low <= true <= high
    for n in hits.values():
        assert 45 <= n <= 60  # 54 ± 2.3 expected; four standard errors below, and not above the possible
