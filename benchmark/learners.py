"""Every method on learning curves of other learners (suites/learners.py)."""

import warnings
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from .markdown import Table, aligned, shown
from .methods import ask_with, key_of, names
from .score import score_suite
from .store import RESULTS, digest, kept
from .suites.learners import CURVES, SHARES
from .suites.learners import learners as problems

METHODS = ("pfn", "m1", "m2", "m3", "m4", "bnsl1", "collapsed-m1", "collapsed-m2", "gp", "line", "last")
SCORES = ("rmsle", "ll_ln", "msce", "coverage90")


def score(method: str, weights: str = "") -> pd.DataFrame:
    """One row for each share of the context and curve."""
    ask, rows = ask_with(method, weights), []
    for share in SHARES:
        asked = problems(share)
        for p, row in zip(asked, score_suite(asked, ask), strict=True):
            rows.append({"share": share, "kind": p.suite, "curve": p.name} | {key: row[key] for key in SCORES})
    return pd.DataFrame(rows)


def key_of_rows(method: str) -> dict[str, str]:
    """What has to agree for stored rows to stand: the method's key, and the curves."""
    return key_of(method) | {"curves": digest(CURVES)}


def stored(method: str, root: Path = RESULTS) -> Path:
    """Where the rows of `score` lie."""
    return root / "learners" / f"{method}.csv"


def table(results: Mapping[str, pd.DataFrame], share: float) -> Table:
    """A line a method: means over curves ± standard error at one share of the context, and LL of ln y for each kind."""
    kinds = list(dict.fromkeys(next(iter(results.values()))["kind"]))
    lines = [["method", "RMSLE", "median", "LL of ln y", "MSCE", "coverage 90", *kinds]]
    for method, rows in results.items():
        seen = rows[rows["share"] == share]
        rmsle, *others = (shown(seen[key], 3) for key in SCORES)
        of_kind = (f"{seen['ll_ln'][seen['kind'] == kind].mean():.2f}" for kind in kinds)
        lines.append([f"`{method}`", rmsle, f"{seen['rmsle'].median():.3f}", *others, *of_kind])
    return lines


def learners(methods: str = ",".join(METHODS), weights: str = "") -> None:
    """Every method on learning curves of scikit-learn's models; what is stored is not computed again.

    Args:
        methods: comma-separated.
        weights: .safetensors files beside the methods, comma-separated; nothing of them is stored.
    """
    warnings.simplefilter("ignore")  # a method's caveats would bury the table
    results = {Path(path).parent.name + "/" + Path(path).stem: score("own", path) for path in names(weights)}
    for method in names(methods):
        results[method] = kept(stored(method), key_of_rows(method), lambda method=method: score(method))
    for share in SHARES:
        print(f"\n{100 * share:.0f} % of the points read", aligned(table(results, share)), sep="\n")
