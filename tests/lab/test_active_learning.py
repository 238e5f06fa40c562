"""The active-learning experiment: pools within their limits, one start for all rules."""

import numpy as np
import pytest
from benchmark.problem import Problem

import forescale as fs
from lab import active_learning, active_page


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
    runs = {rule: active_learning.acquire_all(pool, rule, 0, ask) for rule in ("random", "cheapest", "even")}
    for rows in runs.values():
        assert [row["share"] for row in rows] == list(active_page.SHARES)
        assert rows[-1] == runs["random"][-1]
    other = active_learning.acquire_all(pool, "random", 1, ask)
    assert other[0]["ll_ln"] != runs["random"][0]["ll_ln"]
