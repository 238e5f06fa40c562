"""What the next doublings buy: gains of drawn curves, in the user's unit, for either direction."""

import numpy as np
import pytest

import forescale as fs

X = 10.0 ** np.arange(6, 12)
CURVE = fs.Curve(X, 1.5 + 30 * X**-0.25, x_name="tokens", y_name="loss")


@pytest.mark.parametrize("method", ["pfn", "collapsed-m2", "line"])
def test_gains_are_differences_of_the_curve_at_doubled_x(method):
    answer = fs.doublings(CURVE, 3, method=method)
    assert answer.forecast.x.tolist() == [X[-1], 2 * X[-1], 4 * X[-1], 8 * X[-1]]
    fallen = -np.diff(answer.forecast.median)
    # medians of differences against differences of medians: the same but for the skew of the draws
    np.testing.assert_allclose([g.median for g in answer.gains], fallen, rtol=0.2)
    for gain, low in zip(answer.gains, (0, 1, 2), strict=True):
        assert gain.interval(0.9)[0] <= gain.median <= gain.interval(0.9)[1], low


def test_the_probability_of_a_gain_falls_with_what_is_asked():
    probs = [fs.doublings(CURVE, 2, threshold=t).prob_gain[0] for t in (0.0, 0.005, 0.01, 1.0)]
    assert probs == sorted(probs, reverse=True)
    assert probs[0] > 0.95
    assert probs[-1] == 0.0


def test_a_gain_of_accuracy_is_a_rise():
    answer = fs.doublings(fs.Curve(X, 1 - 3 * X**-0.15, better="higher"), 2)
    assert all(gain.median > 0 for gain in answer.gains)
    assert answer.forecast.median.max() < 1


def test_doublings_that_cannot_be_are_refused():
    for n in (0, 21):
        with pytest.raises(fs.CurveError, match=f"1 to 20 doublings, got {n}"):
            fs.doublings(CURVE, n)
    with pytest.raises(fs.CurveError, match="a finite threshold"):
        fs.doublings(CURVE, threshold=np.nan)


def test_the_page_has_a_row_for_each_doubling():
    answer = fs.doublings(CURVE, 2, threshold=0.01)
    rows = answer.rows()
    assert len(rows) == 3
    assert rows[0].get("gain") is None
    assert 0 < rows[1]["gain"] < 0.1
    assert "what the next doublings of tokens buy" in repr(answer)
