"""Make a release of a training run: weights, checksum and model card, scored on every suite on the way.

Writes src/forescale/weights/<name>.safetensors, .sha256 and .md. Nothing is chosen on the suites: the scores are
printed into the card of whatever the last checkpoint of the schedule is.
"""

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from textwrap import fill
from typing import Any

from benchmark.markdown import aligned
from benchmark.methods import ask_with, reads_raw
from benchmark.score import score_all, table

from forescale.network.checkpoint import Weights, export, load_weights
from forescale.network.surface_reader import RELEASE as OF_TABLES

HOME = Path(__file__).resolve().parents[1] / "src" / "forescale" / "weights"
CARD = """# {title}

{summary}

| | |
|---|---|
| network | {network} |
| parameters | {parameters:,} in {bytes_:,} bytes |
| prior | `{prior}`, settings below |
{stages}
| validation | {validation} nats per ln y on 25 fixed batches of its own prior |
| sha256 | `{sha256}` |

## Scores

Mean ± standard error over curves, full context, {asked}
(`python -m benchmark score --method {method}`). RMSLE, LL and MSCE as the paper computes them; LL of ln y has no unit.

```
{scores}
```

## Meant for

{meant}

## Settings

```json
{settings}
```
"""
STAGE = """| {stage}steps | {steps:,} of {batch:,} points on one cosine schedule, last checkpoint, seed {seed} |
| {stage}curves seen | {curves:,} |
| {stage}training time | {minutes:.0f} minutes on {machine} |"""
MEANT = (
    "Losses and error rates that fall with a resource, from 3 points up, one resource at a time. {trained_on} Longer "
    "contexts are {longer} 128 points. Not for accuracies (forecast 1 − accuracy), nor for curves whose cause of "
    "change lies outside the context."
)
AS_THE_PAPER = "y over its largest context value on Nano, DD and ColPret, as the paper does"


@dataclass(frozen=True)
class Release:
    """What a card says of a release that its weights do not hold."""

    title: str
    method: str
    summary: str
    trained_on: str
    asked: str = "no per-suite setting"


RELEASES = {
    "base": Release(
        "base: the released network behind `pfn`",
        "pfn",
        "Our prior, logarithms of x and y with closed-form fits beside them, one anchored mixture for the trend and "
        "the noise of a reading. A context of more than 20 distinct x is read a second time without its first 40 %, "
        "and both answers are averaged (truncation averaging).",
        "Trained on contexts of 3 to 128 points and targets up to e^6.9 ≈ 1000 times beyond them.",
    ),
    "nsl-pfn": Release(
        "nsl-pfn: the paper's configuration",
        "nsl-pfn",
        "The prior of arXiv 2505.23032, its sizes and cuts, raw y, every point a target and 1,000 bars, at our size "
        "and with our optimiser, trained by us: not its weights. What differs is in docs/departures.md.",
        "Trained on curves of 50 to 501 points, 10 to 90 % of them context, whose x spans a factor of 100 from the "
        "first point to the last: it has seen no target beyond that. y is read as it is up to 1.2, and in units of "
        "the largest context value above; asking another x can move an answer.",
        AS_THE_PAPER,
    ),
    "lc-pfn": Release(
        "lc-pfn: LC-PFN's prior",
        "lc-pfn",
        "The prior of arXiv 2310.20447 (accuracies over 100 epochs as sums of three curves), asked for 1 - accuracy "
        "at all later epochs, raw y and 1,000 bars, at our size and with our optimiser, trained by us: not its "
        "weights.",
        "Trained on runs of 100 evenly spaced epochs, cut after 3 to 99 of them. y is read as it is up to 1.2, and in "
        "units of the largest context value above; asking another x can move an answer.",
        AS_THE_PAPER,
    ),
}


def card(name: str, weights: Weights, bytes_: int, scores: str, machine: str, began_on: str = "") -> str:
    """The card of a release; one whose training began with weights tells every stage."""
    about = RELEASES[name]
    facts, config = weights.facts, weights.config
    chain = stages(facts)
    places = [*([began_on] if began_on else []), *[machine] * len(chain)][: len(chain)]
    rows, settings = [], json.dumps(facts["train"], indent=1)
    for i, (of, place) in enumerate(zip(chain, places, strict=True)):
        rows.append(stage(of, place, f"stage {i + 1}: " if len(chain) > 1 else ""))
        if of is not facts:
            rows.append(f"| stage {i + 1}: its weights | `{of['sha256']}` |")
            told = json.dumps(differing(facts["train"], of["train"]), indent=1)
            settings += f"\n```\n\nStage {i + 1}, where it differed:\n\n```json\n{told}"
    if "averaged" in facts:
        rows.append(f"| weights | the mean of those after stages {len(chain) - 1} and {len(chain)} |")
    return CARD.format(
        title=about.title,
        summary=fill(about.summary, 118),
        method=about.method,
        asked=about.asked,
        meant=fill(
            MEANT.format(trained_on=about.trained_on, longer="pooled to at most" if name == "base" else "thinned to"),
            118,
        ),
        network=f"{config.depth} blocks of width {config.width}, {config.heads} heads, head `{config.head}`, "
        f"scaling `{config.scaling}`",
        parameters=sum(a.size for a in weights.arrays.values()),
        bytes_=bytes_,
        prior=facts["train"]["prior"],
        stages="\n".join(rows),
        validation=", ".join(f"{k} {v:.3f}" for k, v in facts["validation"].items()),
        sha256=weights.sha256,
        scores=scores,
        settings=settings,
    )


def stage(facts: Mapping[str, Any], machine: str, name: str = "") -> str:
    """The rows of one schedule."""
    return STAGE.format(
        stage=name,
        steps=facts["steps"],
        batch=facts["train"]["tokens_per_batch"],
        seed=facts["train"]["seed"],
        curves=facts["curves"],
        minutes=facts["seconds"] / 60,
        machine=machine,
    )


def stages(facts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What is known of each schedule, the first one first: a later one began with the weights of the one before."""
    return [*(stages(facts["began"]) if "began" in facts else []), facts]


def differing(now: Mapping[str, Any], then: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of an earlier stage that are not those of the last one; those of the prior that it did not know are
    left out."""
    out = {k: v for k, v in then.items() if k != "prior_options" and now.get(k) != v}
    prior = {k: v for k, v in then["prior_options"].items() if now["prior_options"].get(k) != v}
    return out | ({"prior_options": prior} if prior else {})


def taken(run: Path, path: Path) -> Weights:
    """The weights of a run at their place, from its checkpoint or, where only they came back, from its weights."""
    if (run / "checkpoint.safetensors").exists():
        return export(run / "checkpoint.safetensors", path)
    sha256 = load_weights(run / "weights.safetensors").sha256
    copyfile(run / "weights.safetensors", path)
    path.with_suffix(".sha256").write_text(f"{sha256}  {path.name}\n")
    return load_weights(path)


def release(
    run: str, name: str, machine: str = f"one thread of a 2-core {platform.machine()} machine", began_on: str = ""
) -> None:
    """Make a release of a finished training run.

    Args:
        run: its folder.
        name: which release it becomes: base, nsl-pfn, lc-pfn, or one of the networks of tables of runs, whose card
            is `python -m tools joint-card`.
        machine: where it was trained, in words.
        began_on: where the first stage was, of a run that began with weights.
    """
    known = (*RELEASES, *OF_TABLES)
    if name not in known:
        raise SystemExit(f"expected a release among {', '.join(known)}, got {name}.")
    path = HOME / f"{name}.safetensors"
    weights = taken(Path(run), path)
    if name in OF_TABLES:
        return
    scores = aligned(table(score_all(ask_with(name, str(path)), raw=reads_raw(name, str(path)))))
    print(scores)
    path.with_suffix(".md").write_text(card(name, weights, path.stat().st_size, scores, machine, began_on))
