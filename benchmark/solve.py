"""One worker's part: ask a method about curves, score the answers, time it; an error becomes a row, never a stop."""

import time
import warnings
from functools import cache
from typing import Any

import numpy as np

import forescale as fs

from .methods import ask_with, network, reads_raw
from .problem import Problem, contexts, targets
from .scores import failed, score
from .store import Job
from .suites.papers import load_suite

ASKED = (0.05, 0.5, 0.95)
"""Quantile levels that belong to an answer, and so to its time."""


@cache
def problems(suite: str, cut: float, folder: str) -> dict[str, Problem]:
    """Name -> Problem, read once a process."""
    return {p.name: p for p in load_suite(suite, cut, folder)}


def solve(job: Job, names: list[str], folder: str) -> list[dict[str, Any]]:
    """A row for each curve; networks answer all of them in one call and are timed one by one."""
    warnings.simplefilter("ignore")  # a curve's caveats are kept in its row; a worker's stderr would tear the bar
    chosen = [problems(job.suite, job.cut, folder)[name] for name in names]
    if reads_raw(job.method, job.weights):
        chosen = [problem.in_units() for problem in chosen]
    if job.is_network:
        warm_up(job)
    start = time.process_time()
    batch = ask_batch(job, chosen) if job.is_network else {}
    for answer in batch.values():
        answer.quantile(list(ASKED))
    each = (time.process_time() - start) / len(chosen) if batch else float("nan")
    return [row_of(job, p, batch.get(p.name), each) for p in chosen]


def warm_up(job: Job) -> None:
    """Read the weights: that is no curve's time."""
    ask(job, Problem("", "", fs.Curve([1, 2, 3], [3, 2, 1]), np.array([4.0]), np.array([1.0])))


def row_of(job: Job, problem: Problem, answer: fs.Forecast | None, each: float) -> dict[str, Any]:
    """Seconds are those of this process's CPU, from Curve to the median and the 90 % interval at every target."""
    start = time.process_time()
    try:
        alone = ask(job, problem)
        alone.quantile(list(ASKED))
        seconds = time.process_time() - start
        return score(problem, answer or alone, seconds, each)
    except Exception as error:  # whatever a method does wrong on one curve belongs in that curve's row
        return failed(problem, error, time.process_time() - start)


def ask(job: Job, problem: Problem) -> fs.Forecast:
    if job.weights:
        return network(job.method, job.weights).forecast(problem.context, problem.x)
    return fs.forecast(problem.context, problem.x, method=job.method)


def ask_batch(job: Job, chosen: list[Problem]) -> dict[str, fs.Forecast]:
    """All curves in one call; nothing where a curve in it is refused, so that each is then asked alone."""
    try:
        return dict(ask_with(job.method, job.weights)(contexts(chosen), targets(chosen)))
    except Exception:
        return {}
