"""Measures with a direction: the shortfall is forecast, answers come back in the user's unit, within the bound."""

import numpy as np
import pytest
from scipy.integrate import trapezoid

import forescale as fs
from forescale import Curve, CurveError, read_curves
from forescale.curves.measure import Measure, direction_of

X = 10.0 ** np.arange(7, 12)
ACC = np.array([0.52, 0.58, 0.63, 0.68, 0.72])
METHODS = ("pfn", "m2", "line", "collapsed-m2", "last", "nsl-pfn")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("chance", [None, 0.5])
def test_a_forecast_of_accuracy_is_that_of_its_shortfall_turned_round(method, chance):
    curve = Curve(X, ACC, better="higher", best=1.0, chance=chance)
    f = fs.forecast(curve, [1e12, 1e14], method=method)
    short = fs.forecast(Curve(X, curve.shortfall), [1e12, 1e14], method=method)
    measure = curve.measure
    np.testing.assert_allclose(f.quantile(0.3), measure.value(short.quantile(0.7)), rtol=1e-12)
    np.testing.assert_allclose(f.cdf(0.75), 1 - short.cdf(measure.shortfall(0.75)), atol=1e-12)
    np.testing.assert_allclose(f.prob_above(0.75), f.prob_better(0.75))
    np.testing.assert_allclose(f.prob_better(0.75), short.prob_below(measure.shortfall(0.75)), atol=1e-12)
    lower, upper = f.interval(0.9)
    assert (np.all(lower < f.median), np.all(f.median < upper), np.all(upper <= 1.0)) == (True, True, True)
    assert f.sample(200, seed=1).max() <= 1.0
    assert (f.cdf(1.0).tolist(), f.cdf(1.5).tolist(), f.log_prob(1.1).tolist()) == ([1, 1], [1, 1], [-np.inf, -np.inf])
    if chance is not None:
        assert f.sample(200, seed=1).min() >= chance
        assert f.cdf(chance).tolist() == [0, 0]


@pytest.mark.parametrize("chance", [None, 0.25])
def test_the_density_of_accuracy_has_mass_one(chance):
    f = fs.forecast(Curve(X, ACC, better="higher", chance=chance), [1e12], method="collapsed-m2")
    y = np.linspace(0.2501, 1 - 1e-7, 400_001)[:, None]
    assert trapezoid(np.exp(f.log_prob(y))[:, 0], y[:, 0]) == pytest.approx(1, abs=2e-3)  # the grid's ends


def test_per_cent_and_shares_give_the_same_answer():
    share = fs.forecast(Curve(X, ACC, better="higher"), [1e13])
    percent = fs.forecast(Curve(X, 100 * ACC, better="higher"), [1e13])
    assert percent.context.best == 100
    np.testing.assert_allclose(percent.quantile([0.05, 0.5, 0.95]), 100 * share.quantile([0.05, 0.5, 0.95]), rtol=2e-5)


def test_a_negated_score_comes_back_negative():
    f = fs.forecast(Curve(X, [-5, -4, -3.3, -2.9, -2.7], better="higher", best=0.0), [1e12])
    positive = fs.forecast(Curve(X, [5, 4, 3.3, 2.9, 2.7]), [1e12])
    np.testing.assert_allclose(f.median, -positive.median, rtol=1e-12)
    assert np.isnan(f.log_mean).all()
    assert f.interval(0.9)[1][0] < 0


def test_a_floor_that_is_known_is_never_passed():
    f = fs.forecast(Curve(X, [3.0, 2.5, 2.2, 2.0, 1.9], best=1.69), [1e13, 1e15])
    assert f.quantile(1e-6).min() >= 1.69
    with pytest.raises(CurveError, match=r"y of at least 2, the best value, got 1.9 .*row 5"):
        Curve(X, [3.0, 2.5, 2.2, 2.0, 1.9], best=2.0)


@pytest.mark.parametrize(
    ("y", "options", "short", "code"),
    [
        ([0.5, 0.8, 0.95, 1.0, 1.0], {"better": "higher"}, [0.5, 0.2, 0.05, 0.025, 0.025], "zero_at_bound"),
        ([0.3, 0.1, 0.02, 0.0, 0.0], {"best": 0.0}, [0.3, 0.1, 0.02, 0.01, 0.01], "zero_at_bound"),
        ([0.24, 0.25, 0.30, 0.5], {"better": "higher", "chance": 0.25}, [29.0, 29.0, 14.0, 2.0], "at_chance"),
    ],
)
def test_readings_at_a_bound_are_placed_and_said(y, options, short, code):
    curve = Curve(np.arange(1, len(y) + 1), y, **options)
    np.testing.assert_allclose(curve.shortfall, short, rtol=1e-9)
    assert [c.code for c in curve.caveats if c.code != "repeated_rows"] == [code]
    f = fs.forecast(curve, [100.0])
    assert np.isfinite(f.quantile([0.05, 0.5, 0.95])).all()
    with pytest.raises(CurveError, match="away from its bound"):
        fs.forecast(Curve([1, 2, 4], [curve.best] * 3, better=curve.better, best=curve.best), 10)


def test_digits_of_an_accuracy_are_those_of_its_shortfall():
    curve = Curve([1, 2, 4, 8], [0.57, 0.62, 0.71, 0.83], better="higher")
    assert curve.shortfall.tolist() == [0.43, 0.38, 0.29, 0.17]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"better": "up"}, "better 'lower' or 'higher', got 'up'"),
        ({"better": "higher", "best": np.inf}, "a finite best"),
        ({"better": "higher", "chance": 1.5}, "chance on the worse side of best 1"),
        ({"better": "higher", "best": 0.6}, r"y of at most 0.6, the best value, got 0.63 .*rows 3, 4, 5"),
    ],
)
def test_bounds_that_cannot_be_are_refused(options, said):
    with pytest.raises(CurveError, match=said):
        Curve(X, ACC, **options)


def test_a_measure_without_a_known_bound_asks_for_it():
    with pytest.raises(CurveError, match="the best value that 'y' can reach, got values up to 1500"):
        Curve([1, 2, 3], [1000, 1300, 1500], better="higher")


NAMES = {
    "higher": "accuracy acc val_acc top1 Top-1 F1 f1_macro ROC_AUC auroc mAP map bleu sacrebleu R2 r^2 ndcg@10"
    " exact_match em win_rate eval/accuracy acc_norm pass@1 hits@10 precision recall mIoU dice mcc",
    "lower": "loss val_loss error accuracy_error 1-accuracy perplexity nll error_rate",
    None: "score reward value quality bits tokens",
}  # fmt: skip


@pytest.mark.parametrize(("name", "way"), [(name, way) for way, names in NAMES.items() for name in names.split()])
def test_names_say_which_way_is_better(name, way):
    assert direction_of(name) == way


def test_negated_scores_are_known_by_name_and_sign():
    assert direction_of("neg_mean_squared_error", -0.1) == "higher"
    assert direction_of("test_neg_log_loss", -0.1) == "higher"
    assert direction_of("neg_mean_squared_error", 0.1) is None
    frame = {"train_size": [100, 200, 400, 800], "neg_mean_squared_error": [-5.0, -4.0, -3.3, -2.9]}
    curve = read_curves(frame)["curve"]
    assert (curve.better, curve.best) == ("higher", 0.0)


def test_a_known_name_switches_it_on_and_says_so():
    frame = {"tokens": X, "accuracy": ACC}
    curve = read_curves(frame)["curve"]
    assert (curve.better, curve.best) == ("higher", 1.0)
    assert curve.caveats[-1].code == "better"
    assert "better='lower'" in curve.caveats[-1].message
    assert read_curves(frame, better="lower")["curve"].better == "lower"
    percent = {"tokens": X, "accuracy": [f"{100 * a:.1f}%" for a in ACC]}
    assert read_curves(percent)["curve"].best == 100
    told = read_curves({"tokens": X, "quality": ACC}, better="higher", best=1.0)["curve"]
    assert "better" not in {c.code for c in told.caveats}


def test_an_error_of_0_lies_at_the_bound_and_a_loss_of_0_is_refused():
    frame = {"tokens": [1, 2, 4, 8], "error": [0.3, 0.1, 0.02, 0.0]}
    assert read_curves(frame)["curve"].caveats[-1].code == "zero_at_bound"
    with pytest.raises(CurveError, match=r"loss=0 .*best=0.0, or drop"):
        read_curves({"tokens": [1, 2, 4, 8], "loss": [0.3, 0.1, 0.02, 0.0]})
    with pytest.raises(CurveError, match=r"better='higher' and best=0.0"):
        read_curves({"tokens": [1, 2, 4, 8], "loss": [-3.0, -2.0, -1.5, -1.2]})


def test_recipes_and_reach_work_upwards_and_refuse_to_guess():
    two = {"plain": Curve(X, ACC - 0.05, better="higher"), "better": Curve(X, ACC, better="higher")}
    answer = fs.recipes(two, at=1e13)
    assert answer.ranking == ("better", "plain")
    assert answer.prob_better("better", "plain") > 0.8
    assert [run.name for run in answer.baseline] == ["better", "plain"]
    assert answer.forecasts["better"].median.max() < 1
    when = fs.reach(two["better"], target=0.8)
    assert 1e11 < when.median < 1e14
    assert when.below[-1] > when.below[0]
    with pytest.raises(CurveError, match=r"Did you mean 0.8\?"):
        fs.reach(two["better"], target=80)
    unnamed = {name: Curve(c.x, c.y, y_name="quality") for name, c in two.items()}
    with pytest.raises(CurveError, match="2 curves that all rise. If more is better, say so with better='higher'"):
        fs.recipes(unnamed, at=1e13)
    with pytest.raises(CurveError, match="a curve that rises"):
        fs.reach(unnamed["plain"], target=0.8)
    lower = {name: Curve(c.x, c.y, better="lower") for name, c in two.items()}
    assert fs.recipes(lower, at=1e13).ranking == ("plain", "better")
    with pytest.raises(CurveError, match="recipes measured alike"):
        fs.recipes({"a": two["plain"], "b": lower["better"]}, at=1e13)


def test_scores_of_a_forecast_of_accuracy_are_those_of_its_shortfall():
    curve = Curve(X, ACC, better="higher")
    context, x, y = curve.hold_out(0.3)
    f = fs.forecast(context, x)
    short, _, miss = Curve(X, 1 - ACC).hold_out(0.3)
    g = fs.forecast(short, x)
    for name in ("rmsle", "log_likelihood", "coverage", "msce"):
        assert getattr(fs.metrics, name)(f, y) == pytest.approx(getattr(fs.metrics, name)(g, miss), rel=1e-6)
    assert np.isfinite(fs.metrics.rmsle(f, [1.0, 0.9]))


def test_every_command_takes_a_measure_with_a_direction():
    curve, at = Curve(X, ACC, better="higher", y_name="acc"), [1e12]
    assert all(np.all(f.median <= 1) for f in fs.compare(curve, at, methods=["m2", "line"]).forecasts.values())
    assert len(fs.backtest(curve, methods=["m2", "line"]).ranking) == 2
    assert fs.suggest(curve, at=1e13, n=1, method="m2").now.median[0] > 0.72
    pair = fs.forecast((X, ACC), at, better="higher", method="line")
    assert pair.median[0] > 0.72
    by_dict = fs.recipes({"a": (X, ACC), "b": (X, ACC - 0.1)}, at=1e13, better="higher", method="line")
    assert by_dict.ranking[0] == "a"


def test_short_recipes_are_a_caveat_where_two_others_are_left():
    two = {"a": Curve(X, ACC, better="higher"), "b": Curve(X, ACC - 0.1, better="higher")}
    answer = fs.recipes({**two, "c": Curve(X[:2], ACC[:2], better="higher", name="c")}, at=1e13, method="line")
    assert answer.names == ("a", "b")
    assert "short_group" in {w.code for w in answer.warnings}


def test_a_measure_is_a_value():
    assert Measure("higher", 1.0) == Measure("higher", 1.0)
    assert Curve(X, ACC, better="higher").take(np.arange(3)).better == "higher"
    assert "better higher" in repr(Curve(X, ACC, better="higher"))
