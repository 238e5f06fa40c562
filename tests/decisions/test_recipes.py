"""Recipes: probabilities that mirror, multipliers against closed forms, crossings, seeds, and refusals."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import forescale as fs
from forescale.cli import load
from forescale.decisions.recipes import first_below, first_sign_change

X = np.geomspace(1e17, 1e20, 9)


def power(rng, E=0.0, A=1.0, b=0.1, sigma=0.002, x=X):
    return fs.Curve(x, (E + A * (x / 1e17) ** -b) * np.exp(sigma * rng.normal(size=len(x))), x_name="flops")


def test_probabilities_mirror_each_other_and_order_is_no_matter(rng):
    a, b = power(rng), power(rng, A=1.005)
    ab, ba = (fs.recipes(c, at=1e21, method="line") for c in ({"A": a, "B": b}, {"B": b, "A": a}))
    assert ab.prob_better("A", "B") + ab.prob_better("B", "A") == 1
    assert ab.prob_better("A", "B") == pytest.approx(ba.prob_better("A", "B"), abs=1e-9)
    assert 0.5 < ab.prob_better("A", "B") < 1


def test_a_recipe_against_itself_is_even(rng):
    a = power(rng)
    answer = fs.recipes({"A": a, "B": a}, at=1e21, method="line")
    assert answer.prob_better("A", "B") == pytest.approx(0.5, abs=1e-9)
    low, high = answer.duels[0].multiplier.interval(0.5)
    assert low < 1 < high


def test_units_of_x_and_y_move_nothing(rng):
    a, b = power(rng), power(rng, A=1.005)
    base = fs.recipes({"A": a, "B": b}, at=1e21, method="line")
    other = {n: fs.Curve(c.x / 1e15, c.y * 7) for n, c in (("A", a), ("B", b))}
    scaled = fs.recipes(other, at=1e6, method="line")
    assert scaled.prob_better("A", "B") == pytest.approx(base.prob_better("A", "B"), abs=1e-6)
    assert scaled.duels[0].multiplier.median == pytest.approx(base.duels[0].multiplier.median, rel=1e-6)


def test_multiplier_of_pure_power_laws_is_the_closed_form(rng):
    b = 0.1
    a, worse = power(rng, b=b, sigma=1e-4), power(rng, A=1.1, b=b, sigma=1e-4)
    duel = fs.recipes({"A": a, "B": worse}, at=1e20, method="line").duels[0]
    assert duel.multiplier.median == pytest.approx(1.1 ** (1 / b), rel=0.02)  # the slope is known to 1e-4


def test_crossing_is_found_where_the_laws_cross(rng):
    steep, flat = power(rng, A=1.0, b=0.12, sigma=3e-4), power(rng, A=0.7, b=0.08, sigma=3e-4)
    true = 1e17 * (1 / 0.7) ** (1 / 0.04)
    duel = fs.recipes({"steep": steep, "flat": flat}, at=1e22, method="line").duels[0]
    assert duel.prob_cross > 0.95
    low, high = duel.crossing.interval(0.99)
    assert low < true < high
    none = fs.recipes({"steep": steep, "flat": flat}, at=1e22, method="line", cross_range=(1e17, 1e18)).duels[0]
    assert none.prob_cross < 0.05


def test_a_loss_below_the_floor_of_b_is_out_of_reach(rng):
    a, b = power(rng, E=1.0), power(rng, E=2.0)
    duel = fs.recipes({"A": a, "B": b}, at=1e21, method="m2").duels[0]
    assert duel.prob_out_of_reach > 0.5
    assert duel.multiplier.median == np.inf


def test_solvers_read_piecewise_lines():
    log_x = np.array([0.0, 1.0, 2.0])
    y = np.array([[3.0, 2.0, 1.0], [3.0, 2.0, 1.0], [1.0, 2.0, 3.0], [5.0, 4.0, 4.0]])
    assert first_below(y, np.array([2.5, 1.0, 1.5, 3.0]), log_x).tolist() == [0.5, 2.0, 0.0, np.inf]
    gap = np.array([[1.0, -1.0, 1.0], [1.0, 1.0, 1.0], [-1.0, -1.0, 3.0]])
    assert first_sign_change(gap, log_x, 0.0, 2.0).tolist() == [0.5, np.inf, 1.25]
    assert first_sign_change(gap, log_x, 0.6, 2.0).tolist() == [1.5, np.inf, 1.25]


def test_more_seeds_make_the_answer_surer(rng):
    one = {n: power(rng, A=A, sigma=0.01) for n, A in (("A", 1.0), ("B", 1.03))}
    many = {n: power(rng, A=A, sigma=0.01, x=np.repeat(X, 16)) for n, A in (("A", 1.0), ("B", 1.03))}
    sure = [abs(fs.recipes(c, at=1e20, method="line").prob_better("A", "B") - 0.5) for c in (one, many)]
    assert sure[1] > 0.49
    assert fs.recipes(many, at=1e20, method="line").baseline[0].n_runs == 16


def test_three_recipes_have_ranks_that_sum_to_one(rng):
    answer = fs.recipes({n: power(rng, A=A) for n, A in (("A", 1.01), ("B", 1.0), ("C", 1.2))}, at=1e21, method="line")
    assert answer.rank_probs.sum(0) == pytest.approx(1)
    assert answer.rank_probs.sum(1) == pytest.approx(1)
    assert answer.ranking[-1] == "C"
    assert len(answer.duels) == 3


def test_baseline_ranks_by_the_largest_run_and_warns_where_scales_differ(rng):
    answer = fs.recipes({"small": power(rng, x=X[:6]), "large": power(rng, A=1.05)}, at=1e21, method="line")
    assert [run.name for run in answer.baseline] == ["large", "small"]
    assert answer.prob_better("small", "large") > 0.5
    assert "unequal_scales" in [w.code for w in answer.warnings]


def test_disjoint_ranges_are_told(rng):
    answer = fs.recipes({"A": power(rng, x=X[:4]), "B": power(rng, x=X[5:])}, at=1e21, method="line")
    assert "disjoint_ranges" in [w.code for w in answer.warnings]


@pytest.mark.parametrize(
    ("recipes", "at", "words"),
    [({"A": (X, X**-0.1)}, 1e21, "two recipes"), ({"A": (X, X**-0.1), "B": (X[:2], X[:2])}, 1e21, "at least 3"),
     ({"A": (X, X**-0.1), "B": (X, X**-0.1)}, -1.0, "positive"), ({"A": (X, X**-0.1), "B": (X, -X)}, 1e21, "positive")],
)  # fmt: skip
def test_unusable_recipes_are_refused(recipes, at, words):
    with pytest.raises(fs.CurveError, match=words):
        fs.recipes(recipes, at=at, method="line")


def test_the_command_prints_what_python_answers(rng, tmp_path):
    curves = {"A": power(rng), "B": power(rng, A=1.005)}
    path, figure = tmp_path / "runs.csv", tmp_path / "out.png"
    rows = [f"{n},{x!r},{y!r}\n" for n, c in curves.items() for x, y in zip(c.x.tolist(), c.y.tolist(), strict=True)]
    path.write_text("recipe,flops,loss\n" + "".join(rows))
    words = ["recipes", str(path), "--group", "recipe", "--at", "1e21", "--method", "line"]
    done = CliRunner().invoke(load(), [*words, "--json", "--plot", str(figure)])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["pairs"][0]["prob_a_better"] == fs.recipes(curves, at=1e21, method="line").prob_better("A", "B")
    assert figure.stat().st_size > 10_000
    assert "P(A better than B)" in CliRunner().invoke(load(), words).stdout
