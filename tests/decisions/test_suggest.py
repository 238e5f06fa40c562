"""Which run next: against the closed form of a linear law, within the budget, and plain where nothing helps."""

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

import forescale as fs
from forescale import Curve, CurveError, Forecaster
from forescale.cli import load
from forescale.decisions.acquire import ACQUISITIONS, InformationGain, Situation
from forescale.decisions.plans import HELPS

FEW = np.geomspace(1, 300, 9)


def gain_by_hand(toy, curve, x, at):
    """½ ln of the variance of the curve at `at`, before over after a reading at x: no outcome enters."""

    def variance(xs):
        phi = toy.design(np.array([at]))
        return (phi @ toy.posterior(xs, np.ones_like(xs))[1] @ phi.T).item()

    return 0.5 * np.log(variance(curve.x) / variance(np.append(curve.x, x)))


def test_the_gain_is_the_closed_form_of_a_linear_law(curve, toys):
    s = fs.suggest(curve, 1e4, candidates=list(FEW), method="toy")
    by_hand = [gain_by_hand(toys["toy"], curve, x, 1e4) for x in FEW]
    # exact nodes up to the 16 and 84 % levels, written with four digits
    np.testing.assert_allclose(s.scores, by_hand, rtol=1e-3)


def test_the_obviously_informative_run_is_chosen(curve):
    """A line is known best by its ends: near the target beats anything else."""
    s = fs.suggest(curve, 1e4, candidates=[20.0, 50.0, 5000.0], method="toy")
    assert [run.x for run in s.runs] == [5000.0]
    assert s.runs[0].narrows > 0.3


def test_greedy_takes_gain_per_cost_and_look_ahead_the_better_plan(curve, toys):
    ask = {"at": 1e4, "candidates": list(FEW), "cost": "x", "budget": 400, "n": 2, "method": "toy"}
    greedy, ahead = (fs.suggest(curve, strategy=name, **ask) for name in ("greedy", "look-ahead"))
    per_cost = [gain_by_hand(toys["toy"], curve, x, 1e4) / x for x in FEW]
    assert greedy.runs[0].x == FEW[np.argmax(per_cost)]
    assert ahead.gain >= greedy.gain - 2 * HELPS  # plans count as equal where their gains round alike


def test_gains_of_a_plan_add_up_to_the_gain_of_its_runs_together(curve, toys):
    s = fs.suggest(curve, 1e4, candidates=list(FEW), n=3, method="toy")
    toy, phi = toys["toy"], toys["toy"].design(np.array([1e4]))
    before, after = (
        (phi @ toy.posterior(xs, np.ones_like(xs))[1] @ phi.T).item()
        for xs in (curve.x, np.append(curve.x, [run.x for run in s.runs]))
    )
    np.testing.assert_allclose(s.gain, 0.5 * np.log(before / after), rtol=1e-3)
    width = [np.ptp(np.log(s.now.interval(0.9)))] + [np.ptp(np.log(run.interval)) for run in s.runs]
    np.testing.assert_allclose(np.log(width[0] / width[-1]), s.gain, rtol=1e-3)
    assert np.all(np.diff(width) < 0)


def test_a_plan_keeps_to_its_budget_and_measures_no_candidate_twice(curve):
    for budget in (2.0, 350.0):
        s = fs.suggest(curve, 1e4, candidates=list(FEW), cost="tokens", budget=budget, n=4, method="toy")
        assert s.spent <= budget
        assert len({run.x for run in s.runs}) == len(s.runs) <= 4
        assert np.all(s.costs <= budget)


def test_the_largest_affordable_run_stands_beside_the_plan(curve, toys):
    s = fs.suggest(curve, 1e4, candidates=list(FEW), cost="x", budget=150, n=2, method="toy")
    assert s.largest.x == max(x for x in FEW if x <= 150)
    assert s.largest.gain == pytest.approx(gain_by_hand(toys["toy"], curve, s.largest.x, 1e4), rel=1e-3)
    assert s.gain >= s.largest.gain - HELPS
    assert "largest" in s.answer
    assert [row["step"] for row in s.rows()][-1] == "largest"


def test_ten_thousand_candidates_are_read_between_few(curve):
    many = np.geomspace(1, 300, 10_000)
    every, some = (fs.suggest(curve, 1e4, candidates=list(x), method="toy").scores for x in (many[::100], many))
    np.testing.assert_allclose(some[::100], every, atol=1e-4)  # nats; linear in ln x between 100 of them


def test_nothing_that_helps_is_said_plainly(toys):
    """After a thousand readings one more at the smallest x tells nothing."""
    x = np.geomspace(1, 100, 90)
    s = fs.suggest(Curve(x, 8 * x**-0.2), 150.0, candidates=[9.0, 10.0], method="toy")
    assert s.runs == ()
    assert s.answer.startswith("nothing affordable helps")
    assert s.spent == s.gain == 0


def test_a_method_that_widens_its_interval_when_it_sees_a_point_says_so(curve, toys):
    """As a network may: its score is then a ranking, and the run is suggested all the same."""

    class Widening(type(toys["toy"])):
        def ask(self, curve, at, kind, seed):
            f = super().ask(curve, at, kind, seed)
            m = f.marginals
            return replace(f, marginals=replace(m, scale_TK=m.scale_TK * 4.0 ** (curve.n - 12)))

    toys["toy"] = Widening()
    s = fs.suggest(curve, 1e4, candidates=[5000.0], method="toy")
    assert "inconsistent" in [w.code for w in s.warnings]
    assert len(s.runs) == 1


def test_a_budget_below_every_candidate_is_an_error(curve):
    with pytest.raises(
        CurveError, match=r"budget that pays for a candidate, got 0\.5; the cheapest, tokens 1, costs 1"
    ):
        fs.suggest(curve, 1e4, candidates=list(FEW), cost="x", budget=0.5, method="toy")
    with pytest.raises(CurveError, match="pays for a candidate"):
        fs.suggest(curve, 1e4, cost="x", budget=0.5, method="toy")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"budget": -1}, "positive budget"),
        ({"budget": np.nan}, "positive budget"),
        ({"n": 0}, "n of at least 1"),
        ({"candidates": [-1.0]}, "positive, finite candidates"),
        ({"candidates": []}, "at least one candidate"),
        ({"candidates": (10, 1)}, "low < high"),
        ({"cost": "flops"}, "columns tokens, x"),
        ({"cost": lambda x: 0 * x}, "positive, finite cost"),
        ({"acquisition": "magic"}, "acquisition among information"),
        ({"strategy": "magic"}, "strategy 'look-ahead' or 'greedy'"),
        ({"at": []}, "at least one target"),
    ],
)
def test_bad_input_is_one_sentence(curve, change, sentence):
    with pytest.raises(CurveError, match=sentence):
        fs.suggest(curve, **({"at": 1e4, "method": "toy"} | change))


@pytest.mark.parametrize("name", list(ACQUISITIONS))
def test_every_rule_plans_and_the_same_seed_gives_the_same_plan(curve, name):
    ask = {"candidates": list(FEW), "cost": "x", "budget": 200, "n": 3, "method": "toy", "acquisition": name}
    a, b = (fs.suggest(curve, 1e4, seed=3, **ask) for _ in range(2))
    assert [run.x for run in a.runs] == [run.x for run in b.runs]
    assert len(a.runs) == 3
    np.testing.assert_array_equal(a.scores, b.scores)


def test_simple_rules_do_what_their_names_say(curve):
    def first(name):
        return (
            fs.suggest(curve, 1e4, candidates=[2.0, 9.0, 2000.0], cost="1/x", method="toy", acquisition=name).runs[0].x
        )

    assert first("cheapest") == first("even") == first("max-variance") == 2000.0
    assert first("largest") == 2000.0


def test_a_range_is_a_grid_within_the_budget(curve):
    s = fs.suggest(curve, 1e4, candidates=(2, 5000), cost="x", budget=1000, method="toy", acquisition="cheapest")
    assert s.candidates[0] == 2
    assert 950 < s.candidates[-1] <= 1000
    assert np.all(np.diff(s.candidates) > 0)


def test_a_network_answers_all_imagined_runs_in_one_batch(tiny_checkpoint, curve):
    """Scores by one batch are those of one candidate at a time, to the network's float32."""
    network = Forecaster.load(tiny_checkpoint)
    sizes = []

    def ask(curves, at, kind):
        sizes.append(len(curves))
        return network.forecast_many(curves, at, kind=kind)

    def score(x):
        now = Situation((curve,), x, np.ones_like(x), np.array([1e4]), ask, np.random.default_rng(0))
        return InformationGain().score(now)

    together = score(FEW)
    assert max(sizes) == 16 * len(FEW)
    np.testing.assert_allclose(together, [score(FEW[i : i + 1])[0] for i in range(len(FEW))], atol=2e-4)


def test_long_contexts_are_thinned_before_anything_is_imagined():
    x = np.geomspace(1, 100, 150)
    s = fs.suggest(Curve(x, 8 * x**-0.2), 1e4, candidates=[1000.0], method="toy")
    assert "thinned" in [w.code for w in s.warnings]


def test_the_command_line_prints_all_three_ways(curve, tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text("tokens,loss\n" + "\n".join(f"{x},{y}" for x, y in zip(curve.x, curve.y, strict=True)))
    base = ["suggest", str(path), "--at", "1e4", "--cost", "2*tokens", "--budget", "500", "-n", "2", "--method", "toy"]
    listed = [*base, "--candidates", "10,100,200"]
    run = CliRunner().invoke
    human = run(load(), [*listed, "--plot", str(tmp_path / "out.png")])
    assert human.exit_code == 0, human.output
    assert "expected to narrow" in human.stdout.replace("\n", " ")
    assert (tmp_path / "out.png").stat().st_size > 0
    answer = json.loads(run(load(), [*listed, "--json"]).stdout)["suggestions"][0]
    assert answer["spent"] <= 500
    assert [c["cost"] for c in answer["candidates"]] == [20, 200, 400]
    csv = run(load(), [*listed, "--csv"]).stdout
    assert csv.startswith("group,step,x,cost,gain_nats,narrows,outcome_q05,outcome_q95,at,median,q05,q95,warnings")
    assert isinstance(run(load(), [*base, "--range", "1"]).exception, CurveError)


def test_the_figure_and_the_rows_hold_every_run(curve):
    s = fs.suggest(curve, [1e4, 2e4], candidates=list(FEW), n=2, method="toy")
    assert len(s.plot().axes) == 2
    assert len(s.rows()) == 2 * (1 + len(s.runs) + 1)


@pytest.mark.slow
def test_two_hundred_candidates_take_less_than_four_seconds(tiny_checkpoint, curve, toys):
    """The stated budget, in processor time, on 20 context points; with the tiny network, so a floor only."""
    import time

    x = np.geomspace(1, 100, 20)
    network = Forecaster.load(tiny_checkpoint)
    ask = lambda curves, at, kind: network.forecast_many(curves, at, kind=kind)  # noqa: E731
    candidates = np.geomspace(1, 1000, 200)
    now = Situation((Curve(x, 8 * x**-0.2),), candidates, candidates, np.array([1e4]), ask, np.random.default_rng(0))
    start = time.process_time()
    InformationGain().score(now)
    assert time.process_time() - start < 4
