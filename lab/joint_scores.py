"""Are the answers about tables of runs true? Every joint method on real tables, real subsamples, exact laws, students.

tables      joint.csv, the cheap runs given and the dear ones asked: mean of the groups of a suite, then of the suites
cut         Chinchilla's runs below a tenth of the largest compute given, the others asked
N*          50 subsamples of Chinchilla's 240 runs, N* at 5.76e23 FLOPs against the fit to all of them
exact       simulated tables of the law itself (`joint_coverage`), N* and L* at 100 times the largest compute
students    50 subsamples of the cheaper half of simulated students: the allocation exponent
"""

import time
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from benchmark.joint_page import METHODS, PARTS, joint_page
from benchmark.suites.world import table as data_table

import forescale as fs
from forescale.laws.chinchilla import Chinchilla

from .experiment import Experiment, Task
from .joint_coverage import draw_runs, draw_truth
from .joint_picture import draw
from .students import SIZES, _students, _subsamples

GOPHER, REFERENCE = 5.76e23, 7.08e10
"""A budget in FLOPs, and N* there from the posterior of the law given all 240 runs: known to ± 15 % under that law."""
DRAWS = 1000


def tasks(
    methods: str = ",".join(METHODS), parts: str = ",".join(PARTS), sets: int = 100, data: str = ""
) -> dict[str, Task]:
    """Scores of joint methods.

    Args:
        methods: comma-separated.
        parts: comma-separated.
        sets: how many simulated tables of the exact law.
        data: folder of joint.csv and chinchilla.csv.
    """
    made = {
        "tables": partial(tables, data), "cut": partial(cut, data), "N*": partial(subsamples, data),
        "exact": partial(exact, sets), "students": students, "seconds": seconds,
    }  # fmt: skip
    key = {"forescale": fs.__version__, "sets": sets}
    return {
        f"{part}, {method}": Task(partial(made[part], method), key | weights_of(method))
        for part in parts.split(",")
        for method in methods.split(",")
    }


def weights_of(method: str) -> dict[str, Any]:
    """What else stored facts depend on."""
    if method != "pfn":
        return {}
    from forescale.network.surface_reader import released

    return {"weights": [w.sha256 for w in released().weights]}


def fitted(method: str, runs: pd.DataFrame, names: tuple[str, str, str] = ("N", "D", "loss")) -> fs.JointModel:
    return fs.fit_joint(*(runs[name] for name in names), method=method, n_draws=DRAWS)  # type: ignore[arg-type]


def scored(answer: fs.Forecast, loss: np.ndarray) -> dict[str, float]:
    """Of ln L: error, log density, coverage and width of the 90 % interval, bias."""
    log_y = np.log(loss)
    low, high = answer.interval(0.9)
    miss = np.log(answer.median) - log_y
    return {
        "rmsle": float(np.sqrt(np.mean(miss**2))),
        "density": float(np.mean(answer.log_prob(loss) + log_y)),
        "coverage": float(np.mean((low <= loss) & (loss <= high))),
        "width": float(np.mean(np.log(high / low))),
        "bias": float(np.mean(miss)),
    }


def tables(data: str, method: str) -> dict[str, Any]:
    """Means over the groups of each suite."""
    found: dict[str, list[dict[str, float]]] = {}
    for (suite, _), group in data_table("joint.csv", data).groupby(["suite", "group"]):
        context, asked = (group[group["split"] == split] for split in ("context", "target"))
        answer = fitted(method, context).predict(asked["N"], asked["D"])
        found.setdefault(str(suite), []).append(scored(answer, asked["loss"].to_numpy()))
    return {suite: pd.DataFrame(rows).mean().round(5).to_dict() for suite, rows in found.items()}


def cut(data: str, method: str) -> dict[str, Any]:
    """Chinchilla's runs, cut at a tenth of the largest compute."""
    runs = _chinchilla(data)
    cheap = runs["C"] <= runs["C"].max() / 10
    answer = fitted(method, runs[cheap]).predict(runs["N"][~cheap], runs["D"][~cheap])
    return {name: round(value, 5) for name, value in scored(answer, runs["loss"][~cheap].to_numpy()).items()}


def subsamples(data: str, method: str) -> dict[str, Any]:
    """ln N* at GOPHER from 15 and 40 runs, at random and from the cheaper half."""
    out: dict[str, Any] = {}
    for design in ("random", "cheaper half"):
        for size in SIZES:
            rows = []
            for picked, _ in _subsamples(_chinchilla(data), size, cheap=design != "random"):
                q = fitted(method, picked).allocate(GOPHER).params
                rows.append([q.median, *q.interval(0.9)])
            out[f"{design}, {size}"] = interval_scores(np.log(np.array(rows)), np.log(REFERENCE))
    return out


def interval_scores(rows: np.ndarray, true: np.ndarray | float) -> dict[str, float]:
    """Of 90 % intervals (n, 3: median, low, high): coverage, width, error of the median, and the factor about the
    median that would make them hold 90 %."""
    middle, low, high = rows.T
    side = np.where(true > middle, high - middle, middle - low)
    needed = np.quantile(np.abs(true - middle) / np.maximum(side, 1e-9), 0.9)
    return {
        "coverage": float(np.mean((low <= true) & (true <= high))),
        "width": float(np.mean(high - low)),
        "error": float(np.mean(np.abs(middle - true))),
        "factor": float(needed),
    }


def exact(sets: int, method: str) -> dict[str, Any]:
    """Coverage and width of ln N* and ln L* where the law holds."""
    rows: dict[str, list[list[float]]] = {"params": [], "loss": []}
    true: dict[str, list[float]] = {"params": [], "loss": []}
    for seed in range(sets):
        rng = np.random.default_rng([20251122, seed])
        truth = draw_truth(rng)
        n, d, loss = draw_runs(truth, rng)
        budget = 100 * float(np.max(6 * n * d))
        found = fs.fit_joint(n, d, loss, method=method, n_draws=DRAWS, seed=seed).allocate(budget)  # type: ignore[arg-type]
        best = Chinchilla().optimum(budget, **truth)
        for name, value in (("params", best.n_params), ("loss", best.loss)):
            q = getattr(found, name)
            rows[name].append(np.log([q.median, *q.interval(0.9)]).tolist())
            true[name].append(float(np.log(value)))
    out = {name: interval_scores(np.array(rows[name]), np.array(true[name])) for name in rows}
    for name, found_rows in rows.items():
        out[name]["median width"] = float(np.median(np.diff(np.array(found_rows)[:, 1:], axis=1)))
    return out


def students(method: str) -> dict[str, Any]:
    """The allocation exponent from 15 and 40 runs of the cheaper half of one teacher's students."""
    runs, true = _students()
    out: dict[str, Any] = {}
    for size in SIZES:
        rows = []
        for picked, _ in _subsamples(runs, size, cheap=True):
            model = fitted(method, picked, ("p", "T", "loss"))
            at = 6 * float(picked["C"].max())
            q = model.allocate(at).exponents["a"] if method == "pfn" else model.parameters["a"]
            rows.append([q.median, *q.interval(0.9)])
        out[f"{size}"] = interval_scores(np.array(rows), true)
    return out


def seconds(method: str) -> dict[str, Any]:
    """CPU time of a fit of 240 runs (4,000 draws) and one split, the least of three."""
    rng = np.random.default_rng(0)
    N, D = np.exp(rng.uniform(17, 23, 240)), np.exp(rng.uniform(20, 26, 240))
    loss = Chinchilla().loss(N, D, E=1.8, A=482, B=2085, alpha=0.35, beta=0.36) * np.exp(0.004 * rng.normal(size=240))
    least = np.inf
    for _ in range(3):
        began = time.process_time()
        fs.fit_joint(N, D, loss, method=method).allocate(1e24)  # type: ignore[arg-type]
        least = min(least, time.process_time() - began)
    return {"fit and split, 240 runs": round(least, 4)}


def _chinchilla(data: str) -> pd.DataFrame:
    runs = data_table("chinchilla.csv", data)
    runs = runs[runs["used_in_replication"].astype(bool)].rename(columns={"params": "N", "tokens": "D"})
    return runs.assign(C=runs["N"] * runs["D"])


EXPERIMENT = Experiment(
    "joint-scores",
    "On real tables the 90 % intervals of the joint methods `law` and `pfn` hold 82 to 95 % of dearer runs, and N* of "
    "the full table.",
    tasks,
    joint_page,
    docs="allocate.md",
    draw=draw,
)
