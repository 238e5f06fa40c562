"""Active learning on real curves: start from few points, acquire the rest of the context one by one, score each step.

python -m benchmark.active_learning                                every suite, rule and seed that is not stored yet
python -m benchmark.active_learning --report                       the table and the figure from what is stored
python -m benchmark.active_learning --weights mine.safetensors --results runs/mine

As in the paper's study (arXiv 2505.23032, section on Bayesian active learning), every run costs the same, so a budget
is a number of points. To keep it within minutes: of each context one reading at each of at most POOL distinct x,
evenly in rank, makes the pool; START of them, drawn by the seed, are known at first; scores are over at most SCORED
targets, and the rules look at AIMS of them. "cheapest" takes the smallest x, as a run there costs least.
"""

import argparse
import os
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np

import forescale as fs
from forescale.decisions.acquire import ACQUISITIONS, Ask, Situation

from . import active_report as report
from .suites import Problem, data_folder, load_suite

SUITES = ("ic", "nmt", "lm", "bb", "dd")
RULES = tuple(ACQUISITIONS)
POOL, START, SCORED, AIMS = 24, 4, 40, 3
SHARES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
"""Shares of the pool at which the forecast is scored."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suites", type=lambda t: t.split(","), default=list(SUITES))
    parser.add_argument("--seeds", type=int, default=2, help="number of starting sets for each curve")
    parser.add_argument("--every", type=int, default=1, help="only every so many-th curve of each suite")
    parser.add_argument("--weights", help="a .safetensors file instead of the released network")
    parser.add_argument("--data", help="folder of the CSV files")
    parser.add_argument("--results", default=str(Path(__file__).parent / "results" / "active"))
    parser.add_argument("--redo", action="store_true", help="forget what is stored, such as rows of other weights")
    parser.add_argument("--report", action="store_true", help="only the table and the figure")
    options = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    root = Path(options.results)
    if options.redo:
        for suite in options.suites:
            (root / f"{suite}.csv").unlink(missing_ok=True)
    if not options.report:
        run(root, options.suites, options.seeds, options.every, options.weights, data_folder(options.data))
    report.write(root, SUITES, RULES, SHARES)


def run(root: Path, suites: list[str], n_seeds: int, every: int, weights: str | None, folder: Path) -> None:
    """Every (curve, seed, rule) that is not stored yet; each is stored when it is done."""
    network = fs.Forecaster.load(weights or "base")
    ask: Ask = lambda curves, at, kind: network.forecast_many(curves, at, kind=kind)  # noqa: E731
    sha256 = network.weights.sha256
    for seed, suite in product(range(n_seeds), suites):  # seed by seed, so that a part of it is a whole experiment
        path, start = root / f"{suite}.csv", time.process_time()
        done = report.done(path, sha256)
        left = ((p, rule) for p in load_suite(suite, folder=folder)[::every] for rule in RULES)
        for problem, rule in left:
            if (problem.name, str(seed), rule) not in done:
                rows = acquire_all(pool_of(problem), rule, seed, ask)
                head = {"weights": sha256[:12], "curve": problem.name, "seed": seed, "rule": rule}
                report.append(path, [head | row for row in rows])
        print(f"seed {seed}, {suite}: {time.process_time() - start:.0f} s of processor time", flush=True)


def pool_of(problem: Problem) -> Problem:
    """One reading at each of at most POOL distinct x, and at most SCORED targets, both evenly in rank."""
    _, first = np.unique(problem.context.x, return_index=True)
    rows = first[_evenly(len(first), POOL)]
    context = fs.Curve(problem.context.x[rows], problem.context.y[rows])
    order = np.argsort(problem.x, kind="stable")[_evenly(len(problem.x), SCORED)]
    return Problem(problem.suite, problem.name, context, problem.x[order], problem.y[order], problem.unit)


def acquire_all(pool: Problem, rule: str, seed: int, ask: Ask) -> Iterator[dict[str, float]]:
    """Scores at each of SHARES while one rule acquires the pool."""
    rng = np.random.default_rng([seed, len(pool.context.x), *pool.name.encode()])  # the same start for every rule
    n = pool.context.n
    known = np.zeros(n, bool)
    known[rng.choice(n, min(START, n), replace=False)] = True
    aims = pool.x[_evenly(len(pool.x), AIMS)]
    due = [(share, max(round(share * n), int(known.sum()))) for share in SHARES]
    while True:
        context = fs.Curve(pool.context.x[known], pool.context.y[known])
        reached = [share for share, count in due if count == context.n]
        scores = score(pool, context, ask) if reached else {}
        for share in reached:
            yield {"share": share, "n": context.n} | scores
        left = np.flatnonzero(~known)
        if not len(left):
            return
        x = pool.context.x[left]
        now = Situation((context,), x, x, aims, ask, rng)
        known[left[np.argmax(ACQUISITIONS[rule].score(now))]] = True


def score(pool: Problem, context: fs.Curve, ask: Ask) -> dict[str, float]:
    f = ask({"": context}, pool.x, "run")[""]
    return {
        "rmsle": fs.metrics.rmsle(f, pool.y),
        "ll": fs.metrics.log_likelihood(f, pool.y) + float(np.log(pool.unit)),
        "ll_ln": fs.metrics.log_likelihood_log_y(f, pool.y),
    }


def _evenly(n: int, most: int) -> np.ndarray:
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(int))


if __name__ == "__main__":
    main()
