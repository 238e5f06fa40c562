"""Where a network's loss in context comes from, measured: irreducible, within the task, meta-learning.

On the family of `bayes_gap.py`, whose best predictive is known: irreducible is the loss of who knows the law and the
noise, within the task what the best predictive loses beside it, meta-learning what the network loses beside the best.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from benchmark.markdown import Table, markdown
from benchmark.methods import key_of, network

from .bayes_gap import bayes_gap
from .experiment import Experiment, Task


def tasks(methods: str = "pfn", curves: int = 400) -> dict[str, Task]:
    """One network.

    Args:
        methods: comma-separated.
        curves: of the family.
    """
    return {
        method: Task(partial(measured, method, curves), key_of(method) | {"curves": curves})
        for method in methods.split(",")
    }


def measured(method: str, curves: int) -> dict[str, Any]:
    return bayes_gap(network(method), curves)


def page(found: Mapping[str, Any]) -> str:
    """A table for each network, a row for each distance of the question."""
    if not found:
        return "Not stored yet: `python -m lab in-context`.\n"
    text = []
    for method, facts in found.items():
        said = (
            f'`{method}` on {facts["curves"]} curves "{facts["family"]}", nats per ln y (`python -m lab in-context`):'
        )
        text += [said, "", markdown(table(facts)), ""]
    return "\n".join(text).rstrip() + "\n"


def table(facts: Mapping[str, Any]) -> Table:
    lines = [["question", "irreducible", "within the task", "meta-learning", "the network's loss"]]
    for name, group in facts["groups"].items():
        within, meta = (f"{group[k]:.3f} ± {group[e]:.3f}" for k, e in (("within", "within_se"), ("gap", "se")))
        lines.append([name, f"{-group['truth']:.3f}", within, meta, f"{-group['network']:.3f}"])
    return lines


EXPERIMENT = Experiment(
    "in-context",
    "Most of what the network loses beside the truth is within the task, not meta-learning.",
    tasks,
    page,
    docs="theory.md",
)
