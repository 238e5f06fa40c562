"""Learning curves of other learners: what forests, kernels, boosted trees and small networks of scikit-learn do.

Most settings of the prior were found with the suites in view: what is a gain there and none in the world shows as none
here. (`p_buried` was chosen with a first draw of such curves in view: docs/research-log.md, 18.)

    OMP_NUM_THREADS=1 python -m benchmark.learners draw    # writes learners.csv; 10 minutes, extra [bench]
    python -m benchmark.learners [--methods pfn,m2]        # scores; what is stored is not computed again
    python -m benchmark.learners --methods m2 --weights runs/*/weights.safetensors

kind        x           y
examples    examples    test error or squared error, one training set for each x
averaged    examples    the same, mean over 5 training sets
epochs      epochs      test loss of a small network, one run
rounds      trees       test loss of boosting, one run
width       units       test loss of a small network, one run for each x
"""

import argparse
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import forescale as fs
from benchmark.score import ask_with, score_suite
from benchmark.scores import mean_and_error
from benchmark.store import RESULTS, digest, key_of, read_table, write_table
from benchmark.suites import Problem

Floats = NDArray[np.float64]
Data = tuple[NDArray[np.float64], NDArray[Any]]

CURVES = Path(__file__).parent / "learners.csv"
SHARES = (0.6, 0.35)
"""Share of a curve's points that a method reads; the others are its targets."""
METHODS = ("pfn", "m1", "m2", "m3", "m4", "bnsl1", "collapsed-m1", "collapsed-m2", "gp", "line", "last")
SCORES = ("rmsle", "ll_ln", "msce", "coverage90")
N_TEST, N_SIZES, N_REPEATS, FEWEST = 1500, 15, 5, 10


def draw() -> pd.DataFrame:
    """All curves, one row a point: kind, curve, x, y. One version of scikit-learn and one thread: the same curves."""
    warnings.simplefilter("ignore")  # a learner that has not converged is a learner all the same
    rows = []
    for kind, name, x, y in chain(_examples(), _runs()):
        keep = np.isfinite(y) & (y > 0)
        if keep.sum() >= FEWEST:
            rows.append(pd.DataFrame({"kind": kind, "curve": name, "x": x[keep], "y": y[keep]}))
            print(f"{kind} {name}", file=sys.stderr)
    return pd.concat(rows, ignore_index=True)


def _classification() -> dict[str, Data]:
    from sklearn import datasets as d

    make = partial(d.make_classification, 6000)
    return {
        "digits": d.load_digits(return_X_y=True),
        "cancer": d.load_breast_cancer(return_X_y=True),
        "four classes": make(20, n_informative=8, n_classes=4, random_state=1),
        "flipped labels": make(60, n_informative=5, flip_y=0.1, random_state=2),
        "moons": d.make_moons(6000, noise=0.3, random_state=0),
        "blobs": d.make_blobs(6000, centers=12, n_features=6, cluster_std=4.0, random_state=3),
    }


def _regression() -> dict[str, Data]:
    from sklearn import datasets as d

    return {
        "diabetes": d.load_diabetes(return_X_y=True),
        "friedman 1": d.make_friedman1(5000, noise=1.0, random_state=0),
        "friedman 2": d.make_friedman2(5000, noise=50.0, random_state=0),
    }


def _examples() -> Iterator[tuple[str, str, Floats, Floats]]:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.naive_bayes import GaussianNB
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
    from sklearn.neural_network import MLPClassifier
    from sklearn.svm import SVC, SVR
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    classifiers: dict[str, Callable[[int], Any]] = {
        "logistic": lambda seed: LogisticRegression(max_iter=300),
        "discriminant": lambda seed: LinearDiscriminantAnalysis(),
        "neighbours": lambda seed: KNeighborsClassifier(3),
        "forest": lambda seed: RandomForestClassifier(40, random_state=seed),
        "kernel": lambda seed: SVC(),
        "bayes": lambda seed: GaussianNB(),
        "tree": lambda seed: DecisionTreeClassifier(random_state=seed),
        "network": lambda seed: MLPClassifier((32,), max_iter=40, random_state=seed),
    }
    regressors: dict[str, Callable[[int], Any]] = {
        "ridge": lambda seed: Ridge(),
        "neighbours": lambda seed: KNeighborsRegressor(5),
        "forest": lambda seed: RandomForestRegressor(30, random_state=seed),
        "kernel": lambda seed: SVR(C=10.0),
        "tree": lambda seed: DecisionTreeRegressor(random_state=seed),
    }
    for tasks, learners in ((_classification(), classifiers), (_regression(), regressors)):
        for task, (X, y) in tasks.items():
            X, sizes = _standard(X), np.unique(np.geomspace(20, 0.7 * len(y), N_SIZES).astype(int))
            for learner, make in learners.items():
                errors = np.array([_errors(make, X, y, sizes, seed) for seed in range(1 + N_REPEATS)])
                x, name = sizes.astype(float), f"{task}, {learner}"
                yield "examples", name, x, errors[0]
                yield "averaged", name, x, errors[1:].mean(axis=0)


def _errors(make: Callable[[int], Any], X: Floats, y: NDArray[Any], sizes: NDArray[np.int64], seed: int) -> Floats:
    """Test error (labels) or squared error for each number of examples; nan where too few classes were drawn."""
    rng, errors = np.random.default_rng(seed), []
    for n in sizes:
        order = rng.permutation(len(y))
        seen, test = order[:n], order[n:][:N_TEST]
        try:
            answer = make(seed).fit(X[seen], y[seen]).predict(X[test])
        except ValueError:
            errors.append(np.nan)
            continue
        wrong = answer != y[test] if y.dtype.kind == "i" else (answer - y[test]) ** 2
        errors.append(float(np.mean(wrong)))
    return np.array(errors)


def _runs() -> Iterator[tuple[str, str, Floats, Floats]]:
    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.metrics import log_loss
    from sklearn.neural_network import MLPClassifier

    for task, (X, y) in _classification().items():
        X, order = _standard(X), np.random.default_rng(0).permutation(len(y))
        seen, test = order[: len(y) * 3 // 5], order[len(y) * 3 // 5 :]
        loss = lambda model, test=test, X=X, y=y: log_loss(y[test], model.predict_proba(X[test]))  # noqa: E731
        for rate in (1e-3, 3e-4):
            for units in ((32,), (128, 64)):
                model, losses = MLPClassifier(units, learning_rate_init=rate, random_state=0), []
                for _ in range(60):
                    model.partial_fit(X[seen], y[seen], classes=np.unique(y))
                    losses.append(loss(model))
                yield "epochs", f"{task}, {units} at {rate:g}", np.arange(1.0, 61.0), np.array(losses)
        few = seen[:1500]
        boosted = GradientBoostingClassifier(n_estimators=120, max_depth=2, subsample=0.7, random_state=0)
        steps = boosted.fit(X[few], y[few]).staged_predict_proba(X[test])
        yield "rounds", task, np.arange(1.0, 121.0), np.array([log_loss(y[test], p) for p in steps])
        widths = np.unique(np.geomspace(2, 256, 14).astype(int))
        networks = (MLPClassifier((int(w),), max_iter=40, random_state=int(w)).fit(X[seen], y[seen]) for w in widths)
        yield "width", task, widths.astype(float), np.array([loss(network) for network in networks])


def _standard(X: Floats) -> Floats:
    """Each feature with mean 0 and standard deviation 1, constants left at 0."""
    return (X - X.mean(axis=0)) / np.maximum(X.std(axis=0), 1e-12)


def problems(share: float) -> list[Problem]:
    """Every curve, its kind as the suite; the context is the first round(share n) points, targets are the others."""
    found = []
    for (kind, name), rows in pd.read_csv(CURVES).groupby(["kind", "curve"], sort=False):
        x, y = rows["x"].to_numpy(float), rows["y"].to_numpy(float)
        n = round(share * len(x))
        found.append(Problem(str(kind), f"{kind}, {name}", fs.Curve(x[:n], y[:n]), x[n:], y[n:], unit=1.0))
    return found


def score(method: str, weights: str | None = None) -> pd.DataFrame:
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


def table(results: Mapping[str, pd.DataFrame], share: float) -> list[list[str]]:
    """A line a method: means over curves ± standard error at one share of the context, and LL of ln y for each kind."""
    kinds = list(dict.fromkeys(next(iter(results.values()))["kind"]))
    lines = [["method", "RMSLE", "median", "LL of ln y", "MSCE", "coverage 90", *kinds]]
    for method, rows in results.items():
        seen = rows[rows["share"] == share]
        rmsle, *others = ("{:.3f} ± {:.3f}".format(*mean_and_error(seen[key])) for key in SCORES)
        of_kind = (f"{seen['ll_ln'][seen['kind'] == kind].mean():.2f}" for kind in kinds)
        lines.append([f"`{method}`", rmsle, f"{seen['rmsle'].median():.3f}", *others, *of_kind])
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="?", choices=("draw", "score"), default="score")
    parser.add_argument("--methods", type=lambda text: text.split(","), default=METHODS, help="comma-separated")
    parser.add_argument("--weights", nargs="*", default=[], help="files beside the methods; nothing of them is stored")
    options = parser.parse_args()
    if options.what == "draw":
        draw().to_csv(CURVES, index=False, float_format="%.6g")
        return
    warnings.simplefilter("ignore")  # a method's caveats would bury the table
    results = {path: score("pfn", path) for path in options.weights}
    for method in options.methods:
        key = key_of_rows(method)
        rows = read_table(stored(method), key)
        if rows is None:
            rows = score(method)
            write_table(stored(method), key, rows)
        results[method] = rows
    for share in SHARES:
        print(f"\n{100 * share:.0f} % of the points read")
        for line in table(results, share):
            print(line[0][-32:].ljust(34) + "".join(text.rjust(16) for text in line[1:]))


if __name__ == "__main__":
    main()
