"""Splitting a budget: closed forms against numerical minimisation, serving, flatness, the three roads, the command."""

import json

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from typer.testing import CliRunner

import forescale as fs
from forescale.cli import load
from forescale.joint.allocation import NEAR, ComputeRule, near_optimal, optimum
from forescale.joint.approaches import compute_levels
from forescale.joint.surfaces import LawDraws
from forescale.laws.chinchilla import Chinchilla

REPLICATION = {"E": 1.8172, "A": 482.01, "B": 2085.43, "alpha": 0.3478, "beta": 0.3658}
HOFFMANN = {"E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.34, "beta": 0.28}


@pytest.fixture(scope="module")
def runs():
    """Seven IsoFLOP levels of seven runs, 0.3 % noise."""
    rng = np.random.default_rng(5)
    C = np.repeat(np.geomspace(1e18, 1e21, 7), 7)
    N = np.sqrt(C / 120) * np.tile(np.exp(np.linspace(-1.8, 1.8, 7)), 7)
    D = C / 6 / N
    return N, D, Chinchilla().loss(N, D, **REPLICATION) * np.exp(0.003 * rng.normal(size=49))


@pytest.fixture(scope="module")
def joint(runs):
    return fs.fit_joint(*runs, method="chinchilla")


@pytest.mark.parametrize(
    ("constants", "expected"),
    [(REPLICATION, (7.22487e10, 1.32874e12, 1.974441)), (HOFFMANN, (3.21899e10, 2.98231e12, 1.930748))],
)
def test_published_optima_at_the_budget_of_gopher(constants, expected):
    assert tuple(optimum(constants, 5.76e23)) == pytest.approx(expected, rel=1e-5)  # digits as printed


@pytest.mark.parametrize("rule", [ComputeRule(), ComputeRule(train=8.0), ComputeRule(served_tokens=3e13)])
def test_the_optimum_is_what_numerical_minimisation_finds(rule):
    C = 5.76e23

    def loss(log_n):
        D = (C / np.exp(log_n) - rule.serve * rule.served_tokens) / rule.train
        return float(Chinchilla().loss(np.exp(log_n), D, **REPLICATION)) if D > 0 else 1e9

    found = minimize_scalar(loss, bounds=(20.0, 27.0), method="bounded", options={"xatol": 1e-10})
    best = optimum(REPLICATION, C, rule)
    assert best.loss == pytest.approx(found.fun, rel=1e-12)
    assert np.log(best.n_params) == pytest.approx(found.x, abs=1e-5)  # a flat minimum: ln N to the root of 1e-10
    spent = rule.train * best.n_params * best.n_tokens + rule.serve * best.n_params * rule.served_tokens
    assert spent == pytest.approx(C, rel=1e-9)


def test_serving_makes_the_best_model_smaller(joint):
    alone, served = joint.allocate(1e23), joint.allocate(1e23, served_tokens=1e12)
    assert served.params.median < alone.params.median
    assert served.loss.median > alone.loss.median


def test_near_optimal_ends_lie_on_the_limit():
    best, rule = optimum(REPLICATION, 1e23), ComputeRule()
    ends = near_optimal(LawDraws.of(**REPLICATION), np.log(np.atleast_1d(best.n_params)), 1e23, rule)
    for end in ends:
        N = float(np.exp(end[0]))
        loss = Chinchilla().loss(N, 1e23 / 6 / N, **REPLICATION)
        assert loss == pytest.approx((1 + NEAR) * best.loss, rel=1e-9)
    assert ends[0] < np.log(best.n_params) < ends[1]


def test_intervals_hold_the_truth_and_nest(joint):
    answer, true = joint.allocate(1e23), Chinchilla().optimum(1e23, **REPLICATION)
    for q, value in ((answer.params, true.n_params), (answer.tokens, true.n_tokens), (answer.loss, true.loss)):
        (l50, h50), (l99, h99) = q.interval(0.5), q.interval(0.99)
        assert l99 < l50 < q.median < h50 < h99
        assert l99 < value < h99


def test_exponents_add_to_one_and_flatness_surrounds_the_optimum(joint):
    answer = joint.allocate(1e23)
    assert answer.exponents["a"].draws + answer.exponents["b"].draws == pytest.approx(1)
    low, high = answer.near_optimal
    assert low.median < answer.params.median < high.median
    assert high.median / low.median > 3  # optima of this law are flat


def test_a_budget_far_beyond_the_runs_says_so(joint):
    assert "far_extrapolation" in [w.code for w in joint.allocate(1e26).warnings]
    assert "far_extrapolation" not in [w.code for w in joint.allocate(1e22).warnings]


@pytest.mark.parametrize("budget", [0.0, -1e20, np.nan, np.inf])
def test_a_budget_that_is_none_is_refused(joint, budget):
    with pytest.raises(fs.CurveError, match="positive, finite flops"):
        joint.allocate(budget)


def test_three_roads_agree_within_their_intervals_and_report_bias(joint):
    roads = joint.approaches(1e22)
    assert list(roads) == ["envelope", "parabola", "parametric"]
    a = REPLICATION["beta"] / (REPLICATION["alpha"] + REPLICATION["beta"])
    for name in ("parabola", "parametric"):
        low, high = roads[name].a.interval(0.99)
        assert low < a < high
    assert abs(roads["parabola"].bias_a) < 0.05
    assert roads["parabola"].bias_params != 1.0


def test_parabola_is_biased_where_the_range_of_sizes_is_lopsided():
    C = np.repeat(np.geomspace(1e18, 1e21, 6), 8)
    N = np.sqrt(C / 120) * np.tile(np.exp(np.linspace(-0.7, 3.5, 8)), 6)
    L = Chinchilla().loss(N, C / 6 / N, **REPLICATION)
    road = fs.fit_joint(N, C / 6 / N, L, method="chinchilla").approaches(1e23)["parabola"]
    exact = Chinchilla().optimum(1e23, **REPLICATION).n_params
    assert road.params.median / exact == pytest.approx(road.bias_params, rel=0.02)
    assert abs(np.log(road.bias_params)) > 0.05  # 9 per cent of N*, from noise-free runs


def test_roads_that_the_runs_do_not_allow_say_why(joint):
    rng = np.random.default_rng(0)
    N, D = np.exp(rng.uniform(18, 23, 9)), np.exp(rng.uniform(21, 26, 9))
    roads = fs.fit_joint(N, D, Chinchilla().loss(N, D, **REPLICATION), method="chinchilla").approaches(1e23)
    assert roads["parabola"].a is None
    assert "compute levels" in roads["parabola"].note


def test_compute_levels_are_found_and_small_ones_left_out():
    log_c = np.log(np.concatenate([np.full(5, 1e18), np.full(6, 1e19), np.full(2, 1e20)]))
    assert [len(rows) for rows in compute_levels(log_c)] == [5, 6]


def test_the_command_prints_what_python_answers(runs, joint, tmp_path):
    path = tmp_path / "runs.csv"
    rows = zip(*runs, strict=True)
    path.write_text("N,D,loss\n" + "".join(f"{n!r},{d!r},{y!r}\n" for n, d, y in (map(float, row) for row in rows)))
    figure = tmp_path / "out.png"
    words = ["allocate", str(path), "--params", "N", "--tokens", "D", "--compute", "1e23", "--method", "chinchilla"]
    done = CliRunner().invoke(load(), [*words, "--json", "--plot", str(figure)])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    answer = joint.allocate(1e23)
    assert told["params"]["median"] == pytest.approx(answer.params.median, rel=1e-12)
    assert told["loss"]["intervals"]["90"] == pytest.approx(list(answer.loss.interval(0.9)), rel=1e-12)
    assert figure.stat().st_size > 10_000
    table = CliRunner().invoke(load(), words)
    assert "N*, parameters" in table.stdout
    assert "parabola" in table.stdout


def test_a_point_fit_beyond_float64_has_an_optimum():
    best = optimum({"E": 1.0, "A": 1e3, "B": float("inf"), "alpha": 0.4, "beta": 40.0}, 1e20)
    assert np.isfinite([best.n_params, best.n_tokens, best.loss]).all()


def test_a_reading_of_1e308_is_refused_in_a_sentence():
    N, D = np.tile([1e7, 3e7, 1e8], 3), np.repeat([1e9, 3e9, 1e10], 3)
    loss = np.where(np.arange(9) == 4, 1e308, 2 + (1e7 / N) ** 0.3 + (1e9 / D) ** 0.3)
    with pytest.raises(fs.CurveError, match="within a factor of"):
        fs.fit_joint(N, D, loss).allocate(1e20)
