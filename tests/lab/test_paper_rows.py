"""The paper's comparisons: chains by their length, methods that choose their own points, later points as targets."""

import numpy as np
import pytest
from benchmark.problem import Problem

import forescale as fs
from lab import active_methods, context_size, mcmc_length, paper_reading


@pytest.fixture
def problem():
    x = np.geomspace(1, 1e3, 14)
    y = 2 * x**-0.3 + 0.5
    return Problem("ic", "a", fs.Curve(x[:12], y[:12]), x[12:], y[12:])


def test_by_the_papers_protocol_every_later_point_is_a_target(problem):
    cut = context_size.all_later(problem, 0.5)
    assert cut.context.n == 6
    np.testing.assert_array_equal(cut.x, [*problem.context.x[6:], *problem.x])
    np.testing.assert_array_equal(cut.y, [*problem.context.y[6:], *problem.y])


def test_a_method_acquires_the_point_it_is_least_sure_of_until_it_has_nine(problem):
    rows = active_methods.acquired("collapsed-m2", problem, seed=0)
    assert [row["n"] for row in rows] == [4, 5, 6, 7, 8, 9]
    assert rows[-1]["ll_ln"] > rows[0]["ll_ln"]  # a clean law of the method's own family


def test_methods_are_compared_on_the_same_curves():
    rows = lambda level: [{"n": n, "rmsle": 0.1, "ll_ln": level} for n in range(4, 10)]  # noqa: E731
    found = {f"ic, ic/{c}, seed 0, pfn": rows(2.0) for c in "abc"} | {"ic, ic/a, seed 0, gp": rows(1.5)}
    page = active_methods.page(found)
    assert "IC: 3 curves" in page
    assert "+0.50" in page


def test_chains_of_the_papers_length_say_whether_they_mixed(problem, monkeypatch):
    monkeypatch.setattr(mcmc_length, "LENGTHS", {30: 1 / 3, 60: 0.4})
    facts = mcmc_length.at_each_length("m2", problem)
    assert set(facts) == {"30", "60"}
    assert facts["30"]["r_hat"] > 1
    page = mcmc_length.page({"m2, ic/a": facts, "m2, ic/b": facts})
    assert "`mcmc-m2` | 30 | 2" in page


def test_a_plateau_is_shown_once_only_where_the_context_never_rises():
    def of(y):
        return Problem("bb", "a", fs.Curve([1, 2, 3, 4, 5], y), np.array([6.0]), np.array([0.5]))

    assert list(paper_reading.plateaus_once(of([0.9, 0.8, 0.8, 0.7, 0.7])).context.x) == [1, 2, 4]
    assert paper_reading.plateaus_once(of([0.9, 0.8, 0.8, 0.9, 0.7])).context.n == 5


def test_the_chains_curves_are_a_draw_that_grows():
    few, more = (mcmc_length.drawn(list(range(20)), n) for n in (3, 8))
    assert more[:3] == few
    assert len(set(more)) == 8
