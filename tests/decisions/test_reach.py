"""When a target is reached: against closed forms, on curves that rise again, and where it never is."""

import json

import numpy as np
import pytest
from scipy.special import ndtr, ndtri
from typer.testing import CliRunner

import forescale as fs
from forescale import Curve, CurveError
from forescale.cli import load
from forescale.decisions.reach import BEYOND, N_GRID

GRID_ERROR = 1e-4
"""Linear interpolation of a smooth cdf between 200 points over its rise."""


def test_the_distribution_is_the_closed_form_where_the_curve_falls(curve, toys):
    toy = toys["toy"]
    mean, cov = toy.posterior(curve.x, curve.y)
    r = fs.reach(curve, 2.0, method="toy")
    x = np.geomspace(200, 50_000, 30)
    phi = toy.design(x)
    exact = ndtr((np.log(2.0) - phi @ mean) / np.sqrt(np.einsum("ti,ij,tj->t", phi, cov, phi)))
    np.testing.assert_allclose(r.prob_by(x), exact, atol=GRID_ERROR)
    assert r.exact
    assert r.prob_never < 1e-6


def test_quantiles_invert_the_distribution_and_rise(curve):
    r = fs.reach(curve, 2.0, method="toy")
    p = np.linspace(0.001, 0.999, 77)
    np.testing.assert_allclose(r.prob_by(r.quantile(p)), p, atol=1e-9)
    assert np.all(np.diff(r.quantile(p)) > 0)
    assert np.all(np.diff(r.reached) >= 0)
    low, high = r.interval(0.9)
    assert low < r.median < high


def test_a_curve_that_rises_again_keeps_what_it_reached(curve):
    """The valley's distribution of ln g at its floor, x = 10, is normal(0, 0.1)."""
    valley = Curve(np.geomspace(1, 5, 8), np.geomspace(3, 1.5, 8))
    r = fs.reach(valley, np.exp(0.05), x_range=(1, 1000), method="valley")
    assert not r.exact
    assert "lower_bound" in [w.code for w in r.warnings]
    np.testing.assert_allclose(r.prob_by([10.0, 100.0, 1000.0]), ndtr(0.5), atol=GRID_ERROR)
    assert r.below[-1] < 1e-6
    np.testing.assert_allclose(r.prob_never, 1 - ndtr(0.5), atol=GRID_ERROR)
    # before the floor it is exact: ln g = ½ ln²(x/10) + 0.1 z ≤ 0.05
    x = 10 * np.exp(-np.sqrt(2 * (0.05 - 0.1 * ndtri(0.3))))
    np.testing.assert_allclose(r.quantile(0.3), x, rtol=2e-3)


def test_what_is_not_reached_is_said_with_its_probability(curve):
    r = fs.reach(curve, 0.05, x_range=(1, 1e4), method="toy")
    assert r.median == np.inf
    assert r.interval(0.9)[1] == np.inf
    assert r.prob_never > 0.99
    assert "not_within" in [w.code for w in r.warnings]


def test_where_an_end_is_not_within_ten_times_the_largest_x_is_told(curve):
    r = fs.reach(curve, 0.9, x_range=(1, 1e5), method="toy")
    assert r.interval(0.9)[1] == np.inf
    assert r.prob_by_ten == pytest.approx(float(r.prob_by(10 * curve.x_max)))
    assert r.rows()[0]["prob_by_ten"] == r.prob_by_ten
    assert "prob_by_ten" not in fs.reach(curve, 2.5, method="toy").rows()[0]
    assert fs.reach(curve, 0.9, x_range=(1, 100), method="toy").prob_by_ten is None


def test_a_quantile_at_the_start_of_the_range_is_told_as_a_bound(curve):
    r = fs.reach(curve, 5.0, x_range=(50, 1e4), method="toy")
    assert r.median == 50
    assert "50 or before" in repr(r)


def test_the_default_range_is_stated(curve):
    r = fs.reach(curve, 2.0, method="toy")
    assert r.x_range == (curve.x[0], BEYOND * curve.x_max)
    assert (r.x[0], r.x[-1]) == pytest.approx(r.x_range)
    assert len(r.x) >= N_GRID


def test_a_target_already_reached_is_a_caveat(curve):
    r = fs.reach(curve, 5.0, method="toy")
    (caveat,) = [w for w in r.warnings if w.code == "already_reached"]
    assert "measurements read 5 or less" in caveat.message
    assert r.median < curve.x_max


def test_a_unit_change_of_x_moves_the_answer_with_it(curve):
    a = fs.reach(curve, 2.0, method="toy")
    b = fs.reach(curve, 2.0, x_range=(a.x_range[0], 2 * a.x_range[1]), method="toy")
    np.testing.assert_allclose(a.median, b.median, rtol=1e-3)


def test_the_loss_at_a_budget_is_the_forecast_there(curve):
    r = fs.reach(curve, 2.0, method="toy")
    f = fs.forecast(curve, [1e4], method="toy", kind="curve")
    np.testing.assert_allclose(r.loss_at(1e4).quantile(0.2), f.quantile(0.2))
    np.testing.assert_allclose(r.prob_by(1e4), f.prob_below(2.0)[0], atol=GRID_ERROR)


@pytest.mark.parametrize("target", [0.0, -1.0, np.nan, np.inf])
def test_a_target_that_is_no_loss_is_refused(curve, target):
    with pytest.raises(CurveError, match="positive, finite target"):
        fs.reach(curve, target, method="toy")


@pytest.mark.parametrize("ends", [(5, 5), (0, 10), (10, 1), (1, np.inf)])
def test_a_range_that_is_none_is_refused(curve, ends):
    with pytest.raises(CurveError, match="0 < low < high"):
        fs.reach(curve, 2.0, x_range=ends, method="toy")


def test_an_x_outside_the_range_is_refused(curve):
    with pytest.raises(CurveError, match="Widen"):
        fs.reach(curve, 2.0, method="toy").prob_by(1e9)


def test_the_command_line_prints_all_three_ways(curve, tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text("tokens,loss\n" + "\n".join(f"{x},{y}" for x, y in zip(curve.x, curve.y, strict=True)))
    base = ["reach", str(path), "--target", "2.0", "--method", "toy"]
    run = CliRunner().invoke
    human = run(load(), [*base, "--budget", "1e4", "--plot", str(tmp_path / "out.png")])
    assert human.exit_code == 0, human.output
    assert (tmp_path / "out.png").stat().st_size > 0
    answer = json.loads(run(load(), [*base, "--range", "1,300", "--json"]).stdout)["curves"][0]
    assert answer["intervals"]["90"][1] is None, "an end that is not within is null, not infinity"
    assert answer["prob_never"] > 0.9
    assert run(load(), [*base, "--csv"]).stdout.startswith("group,target,method,kind,median,q05,q25,q75,q95")


def test_the_figure_shows_curve_and_probability(curve):
    assert len(fs.reach(curve, 2.0, method="toy").plot().axes) == 2
