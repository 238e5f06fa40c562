"""Active learning on real curves: start from few points, acquire the rest of the context one by one, score each step.

As in the paper's study (arXiv 2505.23032, section on Bayesian active learning), every run costs the same, so a budget
is a number of points. To keep it within minutes: of each context one reading at each of at most POOL distinct x,
evenly in rank, makes the pool; START of them, drawn by the seed, are known at first; scores are over at most SCORED
targets, and the rules look at AIMS of them. "cheapest" takes the smallest x, as a run there costs least.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np
from benchmark.markdown import rounded
from benchmark.methods import ask_with, network
from benchmark.problem import Problem
from benchmark.suites.papers import load_suite

import forescale as fs
from forescale.decisions.acquire import ACQUISITIONS, Ask, Situation

from .active_page import SHARES, draw, page
from .experiment import Experiment, Task

SUITES = ("ic", "nmt", "lm", "bb", "dd")
RULES = tuple(ACQUISITIONS)
POOL, START, SCORED, AIMS = 24, 4, 40, 3


def tasks(
    suites: str = ",".join(SUITES), seeds: int = 2, every: int = 1, weights: str = "", data: str = ""
) -> dict[str, Task]:
    """One rule that acquires one curve's pool from one start, for each of them.

    Args:
        suites: comma-separated.
        seeds: number of starting sets for each curve.
        every: only every so many-th curve of each suite.
        weights: a .safetensors file instead of the released network.
        data: folder of the CSV files.
    """
    key = {"weights": network("pfn", weights).weights.sha256[:12]}
    ask: Ask = lambda curves, at, kind: ask_with("pfn", weights, kind=kind)(curves, at)  # noqa: E731
    return {
        f"{suite}/{p.name}, seed {seed}, {rule}": Task(partial(acquire_all, pool_of(p), rule, seed, ask), key)
        for seed in range(seeds)  # seed by seed, so that a part of it is a whole experiment
        for suite in suites.split(",")
        for p in load_suite(suite, 1.0, data)[::every]
        for rule in RULES
    }


def pool_of(problem: Problem) -> Problem:
    """One reading at each of at most POOL distinct x, and at most SCORED targets, both evenly in rank."""
    _, first = np.unique(problem.context.x, return_index=True)
    rows = first[_evenly(len(first), POOL)]
    context = fs.Curve(problem.context.x[rows], problem.context.y[rows])
    order = np.argsort(problem.x, kind="stable")[_evenly(len(problem.x), SCORED)]
    return Problem(problem.suite, problem.name, context, problem.x[order], problem.y[order], problem.unit)


def acquire_all(pool: Problem, rule: str, seed: int, ask: Ask) -> list[dict[str, float]]:
    """Scores at each of SHARES while one rule acquires the pool, to the digits that are kept."""
    rows = acquired(pool, rule, seed, ask)
    return [{key: rounded(value, 5) for key, value in row.items()} for row in rows]


def acquired(pool: Problem, rule: str, seed: int, ask: Ask) -> Iterator[dict[str, float]]:
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


EXPERIMENT = Experiment(
    "active-learning",
    "Asking where the forecast learns most beats asking at random, at equal numbers of points.",
    tasks,
    page,
    docs="decisions.md",
    draw=draw,
)
