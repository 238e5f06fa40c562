"""The real curves of the papers that every method is scored on, and the unit in which each suite's LL is written down.

suite    curves  LL is per unit of
ic           72  y                    image classification, few-shot error
nmt           5  y                    machine translation
lm            5  y                    language modelling
bb           10  y                    BIG-Bench
nano         24  max(context y)       nanoGPT-Bench
dd           16  max(context y)       deep double descent
colpret     192  max(context y)       pretraining losses of Choshen et al. 2024
"""

from pathlib import Path

import numpy as np

import forescale as fs

from ..problem import Problem
from .folder import data_folder

SUITES = ("ic", "nmt", "lm", "bb", "nano", "dd", "colpret")
COUNTS = {"ic": 72, "nmt": 5, "lm": 5, "bb": 10, "nano": 24, "dd": 16, "colpret": 192}
"""Curves in each file, so that a table knows when it is complete without the files."""
RELATIVE_UNIT = frozenset({"nano", "dd", "colpret"})
CUTS = (1.0, 0.8, 0.6, 0.4, 0.2)
MIN_POINTS = 3
TITLES = {
    "ic": "IC",
    "nmt": "NMT",
    "lm": "LM",
    "bb": "BB",
    "nano": "Nano",
    "nlp+nano": "NLP+Nano",
    "dd": "DD",
    "colpret": "ColPret",
}
GROUPS = {s: (s,) for s in ("ic", "nmt", "lm", "bb", "nano")}
GROUPS |= {"nlp+nano": ("nmt", "lm", "bb", "nano"), "dd": ("dd",), "colpret": ("colpret",)}
"""The paper's groupings: "NLP+Nano" pools the curves of four suites."""
HEADLINE = ("ic", "nlp+nano", "dd", "colpret")


def load_suite(suite: str, cut: float = 1.0, folder: str | Path | None = None) -> list[Problem]:
    """The curves of one suite, each with the first `cut` of its context points (see `first_points`).

    Raises:
        MissingData: the folder is not there.
    """
    import pandas as pd

    table = pd.read_csv(data_folder(folder) / f"{suite}.csv")
    problems = []
    for name, rows in table.groupby("curve", sort=False):
        seen, hidden = rows[rows["split"] == "context"], rows[rows["split"] == "target"]
        context = fs.Curve(seen["x"].to_numpy(), seen["y"].to_numpy(), name=str(name))
        unit = float(context.y.max()) if suite in RELATIVE_UNIT else 1.0
        part = first_points(context, cut)
        problems.append(Problem(suite, str(name), part, hidden["x"].to_numpy(float), hidden["y"].to_numpy(float), unit))
    return problems


def first_points(curve: fs.Curve, cut: float) -> fs.Curve:
    """The first round(cut · n) points in order of (x, y): at least 3, and at least 3 distinct x where there are."""
    distinct, first = np.unique(curve.x, return_index=True)
    enough = first[min(MIN_POINTS, len(distinct)) - 1] + 1
    n = max(round(cut * curve.n), enough, min(MIN_POINTS, curve.n))
    if n >= curve.n:
        return curve
    return fs.Curve(curve.x[:n], curve.y[:n], x_name=curve.x_name, y_name=curve.y_name, name=curve.name)
