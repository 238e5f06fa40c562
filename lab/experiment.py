"""What an experiment is: a claim, the command that could refute it, facts kept under a key, and a page made of them.

To add one:

1. a file `lab/NAME.py` with a function `tasks(...)`; its keyword arguments, all with defaults, become options;
2. it returns label -> `Task(make, key)`: `make()` gives what JSON holds, `key` says what has to agree for it to stand;
3. `page(found)` writes label -> facts as Markdown (`benchmark.markdown` has the one writer of tables);
4. `EXPERIMENT = Experiment("NAME", "one sentence that the facts could contradict", tasks, page)`;
5. one line in `lab/__main__.py`. Then `python -m lab NAME` goes on from what is stored, and its tests run on the list.
"""

import inspect
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark.markdown import placed
from benchmark.store import RESULTS, Ledger, write

DOCS = Path(__file__).resolve().parents[1] / "docs"
FIGURES = DOCS / "figures"
Found = Mapping[str, Any]


@dataclass(frozen=True)
class Task:
    """A piece of work that is kept when it is done.

    Attributes:
        make: gives the facts: anything that JSON holds.
        key: what has to agree for stored facts to stand, such as `benchmark.methods.key_of(method)`.
    """

    make: Callable[[], Any]
    key: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Experiment:
    """A claim and what could refute it.

    Attributes:
        name: the command is `python -m lab NAME`; facts lie in benchmark/results/NAME.jsonl.
        claim: one sentence that the facts could contradict.
        tasks: label -> Task, in the order of the page; its keyword arguments are options of the command.
        page: label -> facts, as Markdown.
        docs: the file under docs/ that is the page, or holds it between `<!-- NAME -->` and `<!-- end NAME -->`.
        draw: writes the pictures, from the same facts.
    """

    name: str
    claim: str
    tasks: Callable[..., Mapping[str, Task]]
    page: Callable[[Found], str]
    docs: str = ""
    draw: Callable[[Found], None] | None = None

    @property
    def command(self) -> str:
        return f"python -m lab {self.name}"

    def store(self, results: Path = RESULTS) -> Ledger:
        return Ledger(results / f"{self.name}.jsonl")


def run(experiment: Experiment, tasks: Mapping[str, Task], store: Ledger, *, redo: bool = False) -> dict[str, Any]:
    """Do what is not stored under its key yet, each task kept as it is done; the facts of all tasks asked."""
    found = {} if redo else store.facts(lambda label: tasks[label].key if label in tasks else None)
    for label, task in tasks.items():
        if label not in found:
            start = time.process_time()
            found[label] = task.make()
            store.add(label, task.key, found[label])
            print(f"{label}: {time.process_time() - start:.1f} s of processor time", file=sys.stderr)
    store.tidy()
    return {label: found[label] for label in tasks}


def publish(experiment: Experiment, found: Found) -> None:
    """Write the page into its place in the docs, and draw its pictures."""
    if experiment.docs:
        place = DOCS / experiment.docs
        write(place, placed(place.read_text() if place.exists() else "", experiment.name, experiment.page(found)))
    if experiment.draw is not None:
        experiment.draw(found)


def command_of(experiment: Experiment) -> Callable[..., None]:
    """The experiment as a function of its options and of those that all share, for the shell."""

    def shared(results: str = str(RESULTS), redo: bool = False, report: bool = False) -> None:
        """
        Args:
            results: where facts are stored.
            redo: forget what is stored for what is asked.
            report: do nothing new; write the docs and the pictures from all that is stored.
        """

    def command(results: str, redo: bool, report: bool, **options: Any) -> None:
        warnings.simplefilter("ignore")  # a method's caveats would bury the page
        store = experiment.store(Path(results))
        if report:
            found = store.facts()
            publish(experiment, found)
        else:
            found = run(experiment, experiment.tasks(**options), store, redo=redo)
        print(experiment.page(found))

    own, common = (inspect.signature(f).parameters.values() for f in (experiment.tasks, shared))
    arguments = [(inspect.getdoc(f) or "").partition("Args:\n")[2] for f in (experiment.tasks, shared)]
    command.__doc__ = f"{experiment.claim}\n\nArgs:\n" + "\n".join(arguments)
    command.__signature__ = inspect.Signature([*own, *common])  # type: ignore[attr-defined]  # the shell reads it
    return command
