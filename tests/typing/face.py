"""What a user writes, type-checked by `test_face.py`: every name of the face has a type, and a slip is an error.

A line that ends in `# type: ignore[...]` is one that a type checker must refuse: mypy runs with --warn-unused-ignores.
"""

from typing import assert_type

import numpy as np
from numpy.typing import NDArray

import forescale as fs
from forescale.decisions.backtest import Backtest
from forescale.decisions.compare import Comparison
from forescale.decisions.doublings import Doublings
from forescale.decisions.reach import Reach
from forescale.decisions.recipes import Recipes
from forescale.decisions.suggest import Suggestion
from forescale.joint.contract import JointModel

curve = fs.Curve([1.0, 2.0, 4.0], [3.0, 2.5, 2.2], x_name="tokens")
assert_type(fs.read_curves("runs.csv", x="tokens", y="loss", group="recipe"), dict[str, fs.Curve])

f = fs.forecast(curve, at=[8.0], method="pfn", kind="curve", seed=1)
assert_type(f, fs.Forecast)
assert_type(f.median, NDArray[np.float64])
assert_type(f.interval(0.9), tuple[NDArray[np.float64], NDArray[np.float64]])
assert_type(fs.forecast_many({"a": curve}, 8.0), dict[str, fs.Forecast])
assert_type(fs.forecast("runs.csv", 8.0, x="tokens", y="loss", drop_bad=True), fs.Forecast)
assert_type(fs.methods(), dict[str, str])
assert_type(fs.metrics.rmsle(f, [2.0]), float)

assert_type(fs.compare(curve, 8.0, methods=["pfn", "m2"]), Comparison)
assert_type(fs.backtest({"a": curve}, hold_out=0.3), Backtest)
assert_type(fs.reach(curve, target=2.0), Reach)
assert_type(fs.doublings(curve, 3), Doublings)
assert_type(fs.recipes("runs.csv", at=8.0, group="recipe"), Recipes)
assert_type(fs.suggest(curve, at=8.0, n=2), Suggestion)
assert_type(fs.fit_joint([1e8], [1e9], [3.0]), JointModel)
assert_type(fs.Forecaster.load("base"), fs.Forecaster)
assert_type(fs.find_method("pfn"), fs.Method)
assert_type(fs.find_method("pfn").name, str)
assert_type(fs.Caveat("code", "message").code, str)
assert_type(fs.__version__, str)
bound = fs.theory.bound_s(n=100.0, T=10.0, d=3.0, K=5.0)

for error in (fs.CurveError, fs.FitError, fs.ConfigError, fs.CheckpointError, fs.MissingExtraError):
    assert issubclass(error, fs.ForescaleError)

fs.forecast(curve, 8.0, knd="curve")  # type: ignore[call-arg]
fs.forecast(curve, 8.0, kind="mean")  # type: ignore[arg-type]
fs.reach(curve, 2.0, grup="recipe")  # type: ignore[call-arg]
fs.forcast(curve, 8.0)  # type: ignore[attr-defined]
