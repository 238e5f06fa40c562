"""Learning curves of other learners: what forests, kernels, boosted trees and small networks of scikit-learn do.

Most settings of the prior were found with the papers' suites in view: what is a gain there and none in the world shows
as none here. (`p_buried` was chosen with a first draw of such curves in view: docs/log, 18.)

kind        x           y
examples    examples    test error or squared error, one training set for each x
averaged    examples    the same, mean over 5 training sets
epochs      epochs      test loss of a small network, one run
rounds      trees       test loss of boosting, one run
width       units       test loss of a small network, one run for each x
"""

from pathlib import Path

import pandas as pd

import forescale as fs

from ..problem import Problem

CURVES = Path(__file__).parent / "learners.csv"
SHARES = (0.6, 0.35)
"""Share of a curve's points that a method reads; the others are its targets."""


def learners(share: float) -> list[Problem]:
    """Every curve, its kind as the suite; the context is the first round(share n) points, targets are the others."""
    found = []
    for (kind, name), rows in pd.read_csv(CURVES).groupby(["kind", "curve"], sort=False):
        x, y = rows["x"].to_numpy(float), rows["y"].to_numpy(float)
        n = round(share * len(x))
        found.append(Problem(str(kind), f"{kind}, {name}", fs.Curve(x[:n], y[:n]), x[n:], y[n:]))
    return found
