"""The steps of the paper's prior: what is trained, and what the page says of what came out."""

import numpy as np
import pytest
from benchmark.problem import Problem
from benchmark.suites.papers import COUNTS

import forescale as fs
from forescale.network.config import named_config
from lab import paper_prior, paper_prior_page


@pytest.fixture
def listed():
    return paper_prior.configurations(steps=5, width=16, depth=2, tokens=300, asked=8)


def test_every_step_of_the_papers_table_is_trained_as_the_paper_trains_with_two_seeds(listed):
    assert len(listed) == 2 * (len(paper_prior.STEPS) + len(paper_prior.OTHERS))
    for name, config in listed.items():
        assert config.sizes == "prior"
        assert (config.network.scaling, config.network.n_bins) == ("raw", 1000)
        assert config.prior_options.get("context_regression", False) == ("later" not in name and "lc-pfn" not in name)
    first = {name: paper_prior.settings(config) for name, config in listed.items()}
    assert len(set(first.values())) == len(first)


def test_networks_train_in_processes_of_their_own_and_are_found_again(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    one = {"a, seed 0": named_config("tiny", steps=2)}
    monkeypatch.setattr(paper_prior, "configurations", lambda **_: one)
    paper_prior.train_all(str(tmp_path), device="cpu", parallel=1)
    assert paper_prior.trained("a, seed 0", one["a, seed 0"], tmp_path, "cpu").finished


def _facts(seed, level):
    rng = np.random.default_rng(seed)
    suites = {s: {k: list(level + 0.01 * rng.random(n)) for k in paper_prior_page.KEPT} for s, n in COUNTS.items()}
    train = {"network": {"width": 8, "depth": 1}, "steps": 5, "prior_options": {}}
    return {"train": train, "curves": 1000, "seconds": 1.0, "validation": [0.1, 0.2], "suites": suites}


def test_the_page_tells_a_clear_reversal_from_an_order_that_agrees():
    levels = {"m3": 0.5, "m4": 0.1, "m3+m4": 0.4, "+breaks": 0.3, "+up": 0.2}
    found = {f"{name}, seed {s}": _facts(s, level) for name, level in levels.items() for s in (0, 1)}
    page = paper_prior_page.page(found)
    assert page == paper_prior_page.page(found)
    assert "IC: m4 < +up < +breaks < m3+m4 < m3; in the paper +up < +breaks < m3+m4 < m4 < m3." in page
    assert "7 of 10 pairs stand in the paper's order" in page
    assert "+up < m4 (-0.1" in page
    partly = {k: v for k, v in found.items() if not k.startswith("m3,")}
    assert "not all stored" in paper_prior_page.page(partly)


def test_a_method_that_reads_y_as_it_is_gets_the_unit_of_the_suite():
    problem = Problem("dd", "a", fs.Curve([1, 2, 4], [8.0, 6, 4]), np.array([8.0]), np.array([2.0]), unit=8.0)
    asked = problem.in_units()
    np.testing.assert_allclose(asked.context.y, [1, 0.75, 0.5])
    assert (asked.y[0], asked.unit) == (0.25, 1.0)
    one, other = (fs.forecast(p.context, p.x, method="m2") for p in (problem, asked))
    assert fs.metrics.rmsle(one, problem.y) == pytest.approx(fs.metrics.rmsle(other, asked.y), rel=1e-4)
