"""Numbers at the edge: refused in a sentence, or answered with numbers; never NaN, never a traceback."""

import numpy as np
import pytest

import forescale as fs
from forescale import Curve, CurveError
from forescale.cli import main
from forescale.pages.data import quantile_name
from forescale.pages.page import percent

X = np.geomspace(1e6, 1e9, 6)
CURVE = Curve(X, 2 + 30 * X**-0.3)


@pytest.mark.parametrize("seed", [-1, 123456789012345678901234567890, 0.5, "0", None])
def test_what_is_no_seed_is_refused_by_every_question(seed):
    other = Curve(X, 2.1 + 30 * X**-0.3)
    asks = (
        lambda: fs.forecast(CURVE, 1e10, seed=seed),
        lambda: fs.compare(CURVE, 1e10, seed=seed),
        lambda: fs.backtest(CURVE, seed=seed),
        lambda: fs.reach(CURVE, 2.2, seed=seed),
        lambda: fs.recipes({"a": CURVE, "b": other}, 1e10, seed=seed),
        lambda: fs.suggest(CURVE, 1e10, seed=seed),
    )
    for ask in asks:
        with pytest.raises(CurveError, match="expected a whole seed"):
            ask()


def test_spans_beyond_float64_are_refused_at_the_door():
    far = np.array([1e-300, 1.0, 1e300])
    with pytest.raises(CurveError, match="expected x within a factor of 1e\\+100"):
        Curve(far, [3, 2, 1])
    with pytest.raises(CurveError, match="expected y within a factor of 1e\\+100"):
        Curve([1, 2, 3], far[::-1])
    for at in (1e-300, 1e300):
        with pytest.raises(CurveError, match="targets and x within"):
            fs.forecast(CURVE, at)
        with pytest.raises(CurveError, match="targets and x within"):
            fs.recipes({"a": CURVE, "b": CURVE}, at)
    with pytest.raises(CurveError, match="targets and x within"):
        fs.reach(CURVE, 2.2, x_range=(1e-300, 1e300))


@pytest.mark.parametrize("method", ["pfn", "nsl-pfn", "m2", "m4", "bnsl1", "line", "last", "collapsed-m2"])
@pytest.mark.parametrize("scale", [1e-90, 1e90])
def test_what_is_let_in_is_answered_with_numbers(method, scale):
    for curve in (Curve(X * scale, CURVE.y), Curve(X, CURVE.y * scale)):
        f = fs.compare(curve, [curve.x_max * 10], methods=[method])
        assert list(f.forecasts) == [method], f.failures
        assert np.isfinite(f.forecasts[method].quantile([0.05, 0.5, 0.95])).all()


def test_targets_far_below_the_smallest_x_are_no_interpolation():
    codes = [w.code for w in fs.forecast(CURVE, 10.0).warnings]
    assert "below_range" in codes
    assert "interpolation" not in codes


def test_no_level_below_one_is_called_100():
    assert [percent(level) for level in (0.5, 0.9, 0.29, 0.9999999999)] == ["50", "90", "29", "99.99999999"]
    assert [quantile_name(p) for p in (0.05, 0.5, 0.975, 0.9999999)] == ["q05", "q50", "q97.5", "q99.99999"]


def test_the_shell_says_it_in_a_sentence(tmp_path, capsys):
    path = tmp_path / "runs.csv"
    path.write_text("x,y\n" + "".join(f"{x!r},{y!r}\n" for x, y in zip(X.tolist(), CURVE.y.tolist(), strict=True)))
    import sys

    for words in (["--seed", "-1"], ["--seed", "1" * 30]):
        sys.argv = ["forescale", "forecast", str(path), "--at", "1e10", *words]
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 2
        assert "expected a whole --seed" in capsys.readouterr().err
