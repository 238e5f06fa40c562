"""Every experiment on the list has a claim, a command, tasks under keys, a page; what is stored is not done again."""

import inspect

import pytest
from benchmark.markdown import placed
from benchmark.store import RESULTS, Ledger
from lab.__main__ import EXPERIMENTS
from lab.experiment import DOCS, Experiment, Task, command_of, run

from lab import experiment

NAMES = sorted(EXPERIMENTS)
STORED = [name for name in NAMES if (RESULTS / f"{name}.jsonl").exists()]


@pytest.mark.parametrize("name", NAMES)
def test_an_experiment_says_what_would_refute_it_and_how_it_is_run(name):
    e = EXPERIMENTS[name]
    assert e.claim.endswith(".")
    assert len(e.claim.split()) >= 6
    assert e.command == f"python -m lab {name}"
    options = inspect.signature(e.tasks).parameters.values()
    assert all(p.default is not p.empty for p in options), "options have defaults: the bare command runs"
    told = inspect.getdoc(e.tasks) or ""
    assert all(f"{p.name}: " in told for p in options), "every option is explained"
    command_of(e)


@pytest.mark.parametrize("name", STORED)
def test_the_page_is_made_of_what_is_stored(name):
    e = EXPERIMENTS[name]
    page = e.page(e.store().facts())
    assert len(page) > 20
    if e.docs:
        assert page.strip() in (DOCS / e.docs).read_text(), f"{e.command} --report renews docs/{e.docs}"


def test_a_task_is_done_once_and_again_under_another_key(tmp_path):
    done, ledger = [], Ledger(tmp_path / "toy.jsonl")

    def tasks(n, version=1):
        return {
            f"task {i}": Task(lambda i=i: done.append(i) or {"square": i * i}, {"version": version}) for i in range(n)
        }

    toy = Experiment("toy", "Squares are what they are said to be.", tasks, str)
    assert run(toy, tasks(2), ledger) == {"task 0": {"square": 0}, "task 1": {"square": 1}}
    assert run(toy, tasks(3), ledger)["task 2"] == {"square": 4}
    assert done == [0, 1, 2]
    run(toy, tasks(1, version=2), ledger)
    run(toy, tasks(1, version=2), ledger, redo=True)
    assert done == [0, 1, 2, 0, 0]
    assert list(ledger.facts()) == ["task 0", "task 1", "task 2"]


def test_a_kill_in_the_middle_of_a_line_loses_that_line_only(tmp_path):
    ledger = Ledger(tmp_path / "toy.jsonl")
    ledger.add("a", {}, 1)
    with ledger.path.open("a") as file:
        file.write('{"task": "b", "ke')
    assert ledger.facts() == {"a": 1}
    ledger.tidy()
    ledger.add("b", {}, 2)
    assert ledger.facts() == {"a": 1, "b": 2}


def test_a_page_finds_its_place_between_its_marks():
    text = "before\n<!-- toy -->\nold\n<!-- end toy -->\nafter"
    assert placed(text, "toy", "new") == "before\n<!-- toy -->\n\nnew\n\n<!-- end toy -->\nafter"
    assert placed("no marks", "toy", "new") == "new"


def test_every_file_of_the_lab_is_an_experiment_or_serves_one():
    listed = {e.tasks.__module__ for e in EXPERIMENTS.values()}
    files = {f"lab.{p.stem}" for p in (DOCS.parent / "lab").glob("*.py") if "EXPERIMENT" in p.read_text()}
    assert files - {"lab.__main__", "lab.experiment"} <= listed
    assert experiment.RESULTS == RESULTS
