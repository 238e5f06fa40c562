"""The card of the released networks of tables of runs: from their weights and the scores that the lab stored.

`python -m tools release RUN joint` puts a run's weights in place, `python -m lab joint-scores --methods pfn` scores
what is there, `python -m tools joint-card` writes the card of all of them. Nothing is chosen on the way.
"""

import json
from collections.abc import Iterator
from typing import Any

from benchmark.joint_page import joint_page
from benchmark.store import RESULTS, Ledger

from forescale.network import surface_reader
from forescale.network.checkpoint import Weights, load_weights

from .release import HOME

METHOD = "pfn"
CARD = """# {names}: the released networks behind `fit_joint(method="{method}")`

{count} networks of one configuration, of two seeds; their densities are averaged. A table of more than {many} runs is
read a second time without the cheapest {cheap:.0%} of them, and both answers are averaged.

| | |
|---|---|
| network | {network} |
| parameters | {parameters:,} in {bytes_:,} bytes, each |
| prior | `joint`, settings below |
{facts}

No seed and no checkpoint was chosen on real tables. Validation is in nats per ln L (N\\* per e-fold, a as it is), on 25
fixed batches of the prior that the last steps were trained on.

## Scores

`python -m lab joint-scores --methods {method}`.

{scores}

## Meant for

Losses of finished runs over parameters and tokens, from 3 runs up; trained on {n_min} to {n_max} runs, questions up to
e^7 times the dearest compute. More runs are read in parts. Checkpoints of unfinished runs are understood only as far as
a column of their own is not needed: there is none. Not for several recipes at once, known exponents or serving (the
method `law`).

## Settings

```json
{settings}
```
"""


def joint_card() -> None:
    """Write src/forescale/weights/joint.md from the released weights and the stored scores."""
    (HOME / "joint.md").write_text(card(Ledger(RESULTS / "joint-scores.jsonl").facts()))


def card(stored: dict[str, Any]) -> str:
    """The card; `stored`: facts of `lab joint-scores`, of which the network's are shown."""
    every = [load_weights(HOME / f"{name}.safetensors") for name in surface_reader.RELEASE]
    config, train = every[0].config, every[0].facts["train"]
    return CARD.format(
        names=", ".join(w.name for w in every),
        method=METHOD,
        count={1: "One", 2: "Two"}.get(len(every), len(every)),
        many=surface_reader.MANY,
        cheap=surface_reader.CHEAP,
        network=f"{config.depth} blocks of width {config.width}, {config.heads} heads, encoding `{config.scaling}`, "
        "two kinds of question (`network/answers.py`)",
        parameters=sum(a.size for a in every[0].arrays.values()),
        bytes_=(HOME / f"{every[0].name}.safetensors").stat().st_size,
        facts="\n".join(f"| {w.name} | {about(w)} |" for w in every),
        scores=joint_page({label: facts for label, facts in stored.items() if label.endswith(f", {METHOD}")}),
        n_min=train["n_min"],
        n_max=train["n_max"],
        settings=json.dumps({k: v for k, v in train.items() if k != "seed"}, indent=1),
    )


def about(weights: Weights) -> str:
    """How one network was trained, its validation and its sha256."""
    facts = weights.facts
    validation = ", ".join(f"{name} {value:.3f}" for name, value in facts["validation"].items())
    stages = "; then, each from the weights before it, ".join(_steps(stage) for stage in reversed(list(_stages(facts))))
    return f"seed {facts['train']['seed']}; {stages}; validation {validation}; sha256 `{weights.sha256}`"


def _stages(facts: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The last stage of the training first."""
    yield facts
    if "began" in facts:
        yield from _stages(facts["began"])


def _steps(facts: dict[str, Any]) -> str:
    minutes = facts["seconds"] / 60
    return f"{facts['steps']:,} steps of one cosine schedule ({facts['curves']:,} tables, {minutes:.0f} minutes)"
