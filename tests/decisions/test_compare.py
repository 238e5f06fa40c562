"""Methods side by side: disagreement is said, failure is a row, and too few points are called so."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import forescale as fs
from forescale import Curve, CurveError, FitError
from forescale.cli import load
from forescale.errors import Caveat


@pytest.fixture
def table(tmp_path, curve):
    """Two recipes in one CSV."""
    path = tmp_path / "runs.csv"
    rows = [f"{r},{x},{y * k}" for r, k in (("a", 1.0), ("b", 1.1)) for x, y in zip(curve.x, curve.y, strict=True)]
    path.write_text("\n".join(["recipe,tokens,loss", *rows]))
    return str(path)


def test_disagreement_is_flagged_and_agreement_is_not(curve):
    same = fs.compare(curve, [1e3], methods=["toy", "toy"])
    assert list(same.forecasts) == ["toy"]
    assert not same.warnings
    apart = fs.compare(curve, [1e3, 1e4], methods=["toy", "shifted"])
    assert [w.code for w in apart.warnings] == ["methods_disagree"]
    assert "toy and shifted" in apart.warnings[0].message


def test_the_method_that_differs_from_all_others_is_named_alone(curve, toys):
    toys["twin"] = type(toys["toy"])(noise=0.049)
    apart = fs.compare(curve, [1e3, 1e4], methods=["toy", "shifted", "twin"])
    assert [w.code for w in apart.warnings] == ["methods_disagree"]
    assert apart.warnings[0].message.startswith("shifted on one side and toy, twin on the other")
    assert "too sure" not in apart.warnings[0].message


def test_baselines_are_no_disagreement(curve, toys, monkeypatch):
    monkeypatch.setitem(toys, "line", toys["shifted"])
    assert not fs.compare(curve, [1e3, 1e4], methods=["toy", "line"]).warnings


def test_a_wide_interval_that_holds_the_other_median_is_no_disagreement(curve):
    wide = fs.compare(curve, [1e30], methods=["toy", "shifted"])  # toy's own interval spans the shift there
    assert not wide.warnings


def test_a_method_that_fails_is_a_row_and_stops_no_other(curve):
    c = fs.compare(curve, [1e3], methods=["failing", "toy"])
    assert "expected a fit" in c.failures["failing"]
    assert list(c.forecasts) == ["toy"]
    assert [r["method"] for r in c.rows()] == ["toy", "failing"]


def test_an_unknown_method_is_a_slip_and_not_a_failure(curve):
    with pytest.raises(CurveError, match="expected a method among"):
        fs.compare(curve, [1e3], methods=["toy", "nope"])


def test_backtest_ranks_the_true_law_first_and_says_so(curve):
    curves = {"a": curve, "b": curve.take(np.arange(1, 12)), "c": curve.take(np.arange(2, 12))}
    result = fs.backtest(curves, methods=["shifted", "toy"])
    assert [r.method for r in result.ranking] == ["toy", "shifted"]
    assert result.ranking[1].told_apart
    score = result.scores[1]
    f, (_, y) = result.forecasts["a"]["toy"], result.hidden["a"]
    assert score.rmsle == fs.metrics.rmsle(f, y)
    assert score.ll == fs.metrics.log_likelihood(f, y)
    assert score.n_context + score.n_targets == curve.n


def test_backtest_hides_the_largest_distinct_x(curve):
    result = fs.backtest(curve, 0.25, methods=["toy"])
    x, _ = result.hidden["curve"]
    np.testing.assert_array_equal(x, curve.x[-3:])


def test_too_few_hidden_points_are_called_so(curve):
    result = fs.backtest(curve, 0.1, methods=["toy", "shifted"])
    assert "too few points to tell" in result.verdict
    assert {"few_targets", "one_curve"} <= {w.code for w in result.warnings}
    assert not result.ranking[1].told_apart, "one hidden point has no spread"


def test_one_curve_tells_nothing_apart_however_many_points_it_hides(rng):
    x = np.geomspace(1, 100, 60)
    result = fs.backtest(Curve(x, 8 * x**-0.2 * np.exp(0.02 * rng.normal(size=60))), methods=["toy", "shifted"])
    assert sum(len(np.unique(hidden)) for hidden, _ in result.hidden.values()) >= 10
    assert not any(r.told_apart for r in result.ranking)
    assert "too few curves to tell" in result.verdict


def test_pfn_is_kept_until_ten_curves_put_another_first(rng, toys):
    x = np.geomspace(1, 100, 12)
    curves = {f"c{i}": Curve(x, 8 * x**-0.2 * np.exp(0.02 * rng.normal(size=12))) for i in range(10)}
    network = toys["pfn"]
    try:
        toys["pfn"] = toys["shifted"]  # a pfn that is wrong by a third
        few, enough = (fs.backtest(dict(list(curves.items())[:n]), methods=["toy", "pfn"]) for n in (9, 10))
    finally:
        toys["pfn"] = network
    assert few.ranking[0].method == enough.ranking[0].method == "toy"
    assert few.ranking[1].told_apart
    assert (few.keep, enough.keep) == ("pfn", "toy")
    assert "Keep pfn" in few.verdict
    assert "beyond noise" in enough.verdict


def test_a_reason_is_told_once_and_the_readers_warnings_are_kept(curve):
    noted = Curve(curve.x, curve.y, caveats=(Caveat("dropped_rows", "2 rows were dropped."),))
    result = fs.backtest({"long": noted, "short": curve.take(np.arange(3))}, methods=["toy", "shifted"])
    assert len(result.failures) == 1
    assert result.failures[0].startswith("every method failed on short: expected")
    assert result.warnings[0] == Caveat("dropped_rows", "long: 2 rows were dropped.")


def test_arithmetic_that_fails_is_a_row(curve, toys):
    class Singular(type(toys["toy"])):
        def ask(self, *args, **kwargs):
            raise np.linalg.LinAlgError("SVD did not converge")

    toys["singular"] = Singular()
    c = fs.compare(curve, [1e3], methods=["singular", "toy"])
    del toys["singular"]
    assert "SVD" in c.failures["singular"]
    assert list(c.forecasts) == ["toy"]


def test_equal_methods_are_within_noise(curve, toys):
    rng = np.random.default_rng(1)
    x = np.geomspace(1, 100, 60)
    noisy = {str(i): Curve(x, 8 * x**-0.2 * np.exp(0.05 * rng.normal(size=60))) for i in range(3)}
    toys["twin"] = type(toys["toy"])(noise=0.0505)
    result = fs.backtest(noisy, methods=["toy", "twin"], rank_by="rmsle")
    del toys["twin"]
    assert not result.ranking[1].told_apart
    assert "too close to tell" in result.verdict


def test_a_long_log_is_scored_at_a_thousand_of_its_hidden_readings(rng):
    x = np.geomspace(1, 1e4, 20_000)
    result = fs.backtest(Curve(x, 8 * x**-0.2 * np.exp(0.02 * rng.normal(size=20_000))), methods=["line", "last"])
    assert [s.n_targets for s in result.scores] == [1000, 1000]
    assert result.hidden["curve"][0][[0, -1]].tolist() == x[[14_000, -1]].tolist()
    assert "thinned" in [w.code for w in result.warnings]


def test_one_short_curve_among_several_is_a_row(curve):
    result = fs.backtest({"long": curve, "short": curve.take(np.arange(3))}, methods=["toy"])
    assert [s.failed != "" for s in result.scores] == [False, True]
    assert result.ranking[0].n_failed == 1
    with pytest.raises(CurveError, match="3 context points"):
        fs.backtest(curve.take(np.arange(3)), methods=["toy"])


def test_backtest_without_any_answer_says_why(curve):
    with pytest.raises(FitError, match="failing: expected a fit"):
        fs.backtest(curve, methods=["failing"])


def test_figures_show_every_method(curve):
    c = fs.compare(curve, [1e3, 1e4], methods=["toy", "shifted"])
    labels = {text.get_text() for text in c.plot().legends[0].get_texts()}
    assert "context" in labels
    assert all(any(label.startswith(name) for label in labels) for name in ("toy", "shifted"))
    assert fs.backtest(curve, methods=["toy"]).plot().axes


@pytest.mark.parametrize("command", [["compare", "--at", "1e3"], ["backtest"]])
def test_the_command_line_prints_table_json_and_csv(command, table, tmp_path):
    base = [command[0], table, *command[1:], "--group", "recipe", "--methods", "toy,failing"]
    run = CliRunner().invoke
    image = tmp_path / "out.png"
    human = run(load(), [*base, "--plot", str(image)])
    assert human.exit_code == 0, human.output
    assert "toy" in human.stdout
    assert "failing failed" in human.stdout.replace("\n", " ")
    assert image.stat().st_size > 0
    assert json.loads(run(load(), [*base, "--json"]).stdout)["forescale"] == fs.__version__
    assert "group" in run(load(), [*base, "--csv"]).stdout.splitlines()[0]


def test_no_answer_at_all_is_an_error(table):
    result = CliRunner().invoke(load(), ["compare", table, "--at", "1e3", "--group", "recipe", "--methods", "failing"])
    assert isinstance(result.exception, FitError)
