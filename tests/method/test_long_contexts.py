"""Laws on very long contexts: some rows are fitted, it is said, and the answer is that of all of them."""

import numpy as np

import forescale as fs
from forescale.laws.fit import forecast_law
from forescale.method.laws import MOST_ROWS


def test_a_law_reads_evenly_spread_rows_of_a_long_log_and_says_so():
    n = 3 * MOST_ROWS
    x = np.geomspace(1e3, 1e6, n)
    y = (0.2 + 3 * x**-0.3) * np.exp(0.01 * np.random.default_rng(0).normal(size=n))
    curve = fs.Curve(x, y)
    f = fs.forecast(curve, [1e7], method="m2", kind="curve")
    assert [w.code for w in f.warnings if w.code == "thinned"] == ["thinned"]
    assert f.context.n == n
    whole = forecast_law(curve, np.array([1e7]), "curve", 0, law="m2")
    low, high = whole.interval(0.9)
    assert low[0] * (1 - 2e-3) < f.median[0] < high[0] * (1 + 2e-3)  # three times the rows, .6 of the standard error


def test_shorter_logs_are_read_whole():
    x = np.geomspace(1e3, 1e6, 2000)
    curve = fs.Curve(x, 0.2 + 3 * x**-0.3)
    assert "thinned" not in {w.code for w in fs.forecast(curve, [1e7], method="m2").warnings}
