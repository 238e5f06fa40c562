"""The hidden points that evidence.py asks for: the suites at four cuts, curves of other sources, and the checks.

ic@100, ic@40, ...   a suite (NLP+Nano pooled as "nlp") with so much of its context
demo                 our networks on digits, the larger 30 and 50 % of the examples hidden
students             the students of docs/theory.md, the larger half hidden
chinchilla           loss against tokens at about one model size, the larger 40 % hidden
check ...            curves whose truth is known (truths.py)
"""

from collections.abc import Iterator
from importlib.resources import files

import numpy as np
import pandas as pd
from benchmark.problem import Floats, Problem
from benchmark.suites.papers import GROUPS, SUITES, load_suite
from benchmark.suites.students import students
from benchmark.suites.truths import checks
from benchmark.suites.world import table

import forescale as fs
from forescale.curves import thinning

CUTS = (1.0, 0.4, 0.2)
CHECKS = {"noise 0.0001", "noise 0.001", "floor 10-40 %", "cosine", "final drop"}
N_CHECKS = 80
WEIGHTS = {
    **{f"{suite}@100": 1.0 for suite in ("ic", "nlp", "colpret")},
    **{f"{suite}@{cut}": 0.6 for suite in ("ic", "colpret") for cut in (40, 20)},
    **{"nlp@40": 0.5, "nlp@20": 0.4, "dd@100": 0.4, "dd@40": 0.25, "dd@20": 0.25},
    **{"demo": 0.4, "students": 0.6, "chinchilla": 0.6},
}
"""What the mean over the curves of a set counts in the climb; .25 where nothing is said. DD is 16 curves, 11 of them
independent; few points and far targets count, since that is where users live."""
SAME_SIZE = 0.06
"""Largest step of ln(parameters) between runs that count as one model size."""


def hidden_curves(folder: str) -> list[Problem]:
    """All sets.

    Raises:
        MissingData: the folder of the suites is not there.
    """
    return [*_suites(folder), *_others(folder), *_checks()]


def _seen(name: str, curve: fs.Curve, at: Floats, read: Floats) -> Problem:
    """The context as the network reads it: copies once, thinned."""
    k = thinning.distinct(curve.x, curve.y)
    x, y = curve.x[k], curve.y[k]
    k = thinning.thin(x)
    return Problem(name, curve.name, fs.Curve(x[k], y[k]), np.asarray(at, float), np.asarray(read, float))


def _suites(folder: str) -> Iterator[Problem]:
    for cut in CUTS:
        for suite in SUITES:
            pool = "nlp" if suite in GROUPS["nlp+nano"] else suite
            for p in load_suite(suite, cut, folder):
                yield _seen(f"{pool}@{100 * cut:.0f}", p.context, p.x, p.y)


def _others(folder: str) -> Iterator[Problem]:
    demo = pd.read_csv(str(files("forescale") / "data" / "demo.csv"))
    for _, runs in demo.groupby("recipe"):
        for column in ("loss", "error"):
            for share in (0.3, 0.5):
                yield from _held_out("demo", runs["examples"], runs[column], share)
    for axis, fixed in (("T", "n"), ("n", "T")):
        for p in students(axis, fixed):
            yield _seen("students", p.context, p.x, p.y)
    joint = table("chinchilla.csv", folder)
    joint = joint[joint["used_in_replication"] == 1].sort_values("params")
    size = np.cumsum(np.diff(np.log(joint["params"]), prepend=np.nan) > SAME_SIZE)
    for _, runs in joint.groupby(size):
        if len(runs) >= 5:
            yield from _held_out("chinchilla", runs["tokens"], runs["loss"], 0.4)


def _held_out(name: str, x: "pd.Series[float]", y: "pd.Series[float]", share: float) -> Iterator[Problem]:
    """The curve without the largest `share` of its distinct x, where at least 3 remain."""
    if round((1 - share) * x.nunique()) >= 3:
        yield _seen(name, *fs.Curve(x, y).hold_out(share))


def _checks() -> Iterator[Problem]:
    for check, variant, questions in checks(N_CHECKS):
        if variant in CHECKS or check == "far":
            for q in questions:
                yield _seen(f"check {variant}", q.context, q.x, q.y)
