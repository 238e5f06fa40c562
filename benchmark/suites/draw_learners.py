"""Draws learners.csv: 10 minutes on one thread, extra [bench]; `python -m benchmark draw-learners`."""

import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..problem import Floats
from .learners import CURVES

Data = tuple[Floats, NDArray[Any]]
N_TEST, N_SIZES, N_REPEATS, FEWEST = 1500, 15, 5, 10


def draw_learners() -> None:
    """Train scikit-learn's learners and write their learning curves; one version of it, one thread: the same curves."""
    warnings.simplefilter("ignore")  # a learner that has not converged is a learner all the same
    rows = []
    for kind, name, x, y in chain(_examples(), _runs()):
        keep = np.isfinite(y) & (y > 0)
        if keep.sum() >= FEWEST:
            rows.append(pd.DataFrame({"kind": kind, "curve": name, "x": x[keep], "y": y[keep]}))
            print(f"{kind} {name}", file=sys.stderr)
    pd.concat(rows, ignore_index=True).to_csv(CURVES, index=False, float_format="%.6g")


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
