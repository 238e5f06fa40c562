"""The examples run."""

import csv
import runpy
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.mark.parametrize("name", ["ours", "paper"])
def test_the_page_of_prior_curves_is_drawn(tmp_path, monkeypatch, name):
    monkeypatch.setattr(sys, "argv", ["plot_prior.py", name, str(tmp_path / "prior.png")])
    runpy.run_path(str(EXAMPLES / "plot_prior.py"), run_name="__main__")
    assert (tmp_path / "prior.png").stat().st_size > 10_000


def test_a_run_of_the_demo_is_what_its_script_measures():
    pytest.importorskip("sklearn")
    script = runpy.run_path(str(EXAMPLES / "make_demo_runs.py"))
    with script["TABLE"].open() as file:
        row = next(r for r in csv.DictReader(file) if (r["width"], r["examples"], r["seed"]) == ("8", "100", "2"))
    pool, test = script["load_pool_and_test"]()
    loss, _ = script["measure"](8, script["draw"](pool, 8, 100, 2), test, 2)
    assert loss == pytest.approx(float(row["loss"]), rel=0.05)  # the last digits of L-BFGS are the machine's
