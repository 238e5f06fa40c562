"""The runner loses nothing: a kill costs the curve in hand, a failing curve costs itself."""

import csv

import numpy as np
import pytest
from benchmark.solve import solve
from benchmark.store import Job
from benchmark.suites.papers import CUTS

from benchmark import page, run, store

KEY = {"method": "line", "forescale": "test"}


@pytest.fixture
def folder(tmp_path, rng):
    """Four curves of one suite; the third has too few points to be forecast."""
    with (tmp_path / "ic.csv").open("w") as file:
        writer = csv.writer(file)
        writer.writerow(["curve", "x", "y", "split"])
        for name, n in (("a", 10), ("b", 12), ("short", 2), ("d", 9)):
            x = np.arange(1, n + 4)
            y = x**-0.3 * np.exp(0.01 * rng.normal(size=len(x)))
            rows = [(name, x[i], y[i], "context" if i < n else "target") for i in range(len(x))]
            writer.writerows(rows)
    return tmp_path


def test_a_failing_curve_becomes_a_row_and_stops_nobody(folder):
    rows = solve(Job("line", "ic", 1.0), ["a", "b", "short", "d"], str(folder))
    assert [row["curve"] for row in rows] == ["a", "b", "short", "d"]
    assert "3 context points" in rows[2]["error"]
    assert all(np.isfinite(rows[i]["ll"]) for i in (0, 1, 3))


def test_only_what_is_missing_is_planned(folder):
    job, names = Job("line", "ic", 1.0), ["a", "b", "short", "d"]
    plan = lambda **how: run.plan([job], {"line": KEY}, {job: names}, folder, **how)  # noqa: E731
    for row in solve(job, ["a", "short"], str(folder)):
        store.append_row(job.path(folder), KEY, row)
    with job.path(folder).with_suffix(".part").open("a") as file:
        file.write('{"key": {"method": "line"')  # what a kill in the middle of a line leaves
    assert plan(redo=False, retry=False) == [(job, ["b"]), (job, ["d"])]
    assert plan(redo=False, retry=True) == [(job, ["b"]), (job, ["short"]), (job, ["d"])]
    other = {"line": KEY | {"forescale": "other"}}
    assert len(run.plan([job], other, {job: names}, folder, redo=False, retry=False)) == 4
    assert len(plan(redo=True, retry=False)) == 4


def test_a_finished_file_reads_back(folder):
    job, names = Job("line", "ic", 1.0), ["a", "b", "short", "d"]
    path = job.path(folder)
    rows = solve(job, list(reversed(names)), str(folder))
    for row in rows:
        store.append_row(path, KEY, row)
    store.finish(path, KEY, names)
    stored = store.read_rows(path, KEY)
    assert list(stored) == names
    assert not path.with_suffix(".part").exists()
    assert stored["a"]["pit"] == rows[-1]["pit"]
    assert stored["a"]["rmsle"] == pytest.approx(rows[-1]["rmsle"], rel=1e-3)  # kept to four digits


def test_tables_come_out_the_same_twice_and_hold_the_papers_numbers(folder):
    for cut in CUTS:
        job = Job("line", "ic", cut)
        for row in solve(job, ["a", "b", "d"], str(folder)):
            store.append_row(job.path(folder), KEY, row)
    text = page.page(folder, {})
    assert text == page.page(folder, {})
    assert "(3 of 72)" in text
    assert "0.0280" in text
    assert "3.330" in text


@pytest.mark.slow
def test_the_command_goes_on_from_what_is_stored(folder, tmp_path):
    asked = {"methods": "line,last", "suites": "ic", "cuts": "100,40", "jobs": 1}
    asked |= {"data": str(folder), "results": str(tmp_path / "results")}
    run.run(**asked)
    files = sorted((tmp_path / "results").rglob("*.csv"))
    assert len(files) == 4
    before = [f.stat().st_mtime_ns for f in files]
    run.run(**asked)
    assert [f.stat().st_mtime_ns for f in files] == before
