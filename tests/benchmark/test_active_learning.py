"""The active-learning experiment: pools within their limits, one start for all rules, and a report that resumes."""

import numpy as np
import pytest
from benchmark.suites import Problem

import forescale as fs
from benchmark import active_learning, active_report


@pytest.fixture
def problem():
    x = np.geomspace(1, 1000, 40)
    y = 3 * x**-0.2
    return Problem(
        "ic", "toy", fs.Curve(x, y), np.geomspace(1100, 5000, 90), 3 * np.geomspace(1100, 5000, 90) ** -0.2, 1.0
    )


@pytest.fixture
def ask(tiny_checkpoint):
    network = fs.Forecaster.load(tiny_checkpoint)
    return lambda curves, at, kind: network.forecast_many(curves, at, kind=kind)


def test_the_pool_keeps_both_ends_and_its_limit(problem):
    pool = active_learning.pool_of(problem)
    assert pool.context.n == active_learning.POOL
    assert len(pool.x) == active_learning.SCORED
    assert (pool.context.x[0], pool.context.x_max) == (problem.context.x[0], problem.context.x_max)


def test_every_rule_starts_alike_and_ends_with_the_whole_pool(problem, ask):
    pool = active_learning.pool_of(problem)
    runs = {rule: list(active_learning.acquire_all(pool, rule, 0, ask)) for rule in ("random", "cheapest", "even")}
    for rows in runs.values():
        assert [row["share"] for row in rows] == list(active_learning.SHARES)
        assert rows[-1] == runs["random"][-1]
    other = list(active_learning.acquire_all(pool, "random", 1, ask))
    assert other[0]["ll_ln"] != runs["random"][0]["ll_ln"]


def test_the_report_resumes_and_refuses_other_weights(tmp_path):
    row = {
        "weights": "a" * 12,
        "curve": "c",
        "seed": 0,
        "rule": "random",
        "n": 4,
        "rmsle": 0.1,
        "ll": 1.0,
        "ll_ln": 1.0,
    }
    path = tmp_path / "ic.csv"
    active_report.append(path, [row | {"share": 0.5}])
    assert active_report.done(path, "a" * 64) == set(), "not at the end yet"
    active_report.append(path, [row | {"share": 1.0}])
    assert active_report.done(path, "a" * 64) == {("c", "0", "random")}
    with pytest.raises(SystemExit, match="Use another --results or --redo"):
        active_report.done(path, "b" * 64)
