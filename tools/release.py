"""Make a release of a training run: weights, checksum and model card, scored on every suite on the way.

Writes src/forescale/weights/<name>.safetensors, .sha256 and .md. Nothing is chosen on the suites: the scores are
printed into the card of whatever the last checkpoint of the schedule is.
"""

import json
import platform
from pathlib import Path

from benchmark.markdown import aligned
from benchmark.methods import ask_with, reads_raw
from benchmark.score import score_all, table

from forescale.network.checkpoint import Weights, export

HOME = Path(__file__).resolve().parents[1] / "src" / "forescale" / "weights"
CARD = """# {title}

{summary}

| | |
|---|---|
| network | {network} |
| parameters | {parameters:,} in {bytes_:,} bytes |
| prior | `{prior}`, settings below |
| steps | {steps:,} of one cosine schedule, last checkpoint, seed {seed} |
| curves seen | {curves:,} |
| training time | {minutes:.0f} minutes on one thread of {machine}, other work beside it |
| validation | {validation} nats per ln y on 25 fixed batches of its own prior |
| sha256 | `{sha256}` |

## Scores

Mean ± standard error over curves, full context, no per-suite setting (`python -m benchmark score --method {method}`).
RMSLE, LL and MSCE as the paper computes them; LL of ln y has no unit.

```
{scores}
```

## Meant for

Losses and error rates that fall with a resource, from 3 points up, one resource at a time. Trained on contexts of
{n_min} to {n_max} points and targets up to e^6.9 ≈ 1000 times beyond them; longer contexts are thinned to 128 points.
Not for accuracies (forecast 1 − accuracy), nor for curves whose cause of change lies outside the context.

## Settings

```json
{settings}
```
"""
TITLES = {
    "base": (
        "base: the released network behind `pfn`",
        "pfn",
        "Our prior, logarithmic scaling, anchored mixture head. A context of more than 20 distinct x is read a second\n"
        "time without its first 40 %, and both answers are averaged (truncation averaging).",
    ),
    "paper": (
        "paper: the paper's configuration behind `nsl-pfn`",
        "nsl-pfn",
        "The prior, linear scaling and binned head of arXiv 2505.23032, at our size, trained by us: not its weights.",
    ),
}


def card(name: str, weights: Weights, bytes_: int, scores: str, machine: str) -> str:
    title, method, summary = TITLES[name]
    facts, config = weights.facts, weights.config
    return CARD.format(
        title=title,
        summary=summary,
        method=method,
        network=f"{config.depth} blocks of width {config.width}, {config.heads} heads, head `{config.head}`, "
        f"scaling `{config.scaling}`",
        parameters=sum(a.size for a in weights.arrays.values()),
        bytes_=bytes_,
        prior=facts["train"]["prior"],
        steps=facts["steps"],
        seed=facts["train"]["seed"],
        curves=facts["curves"],
        minutes=facts["seconds"] / 60,
        machine=machine,
        validation=", ".join(f"{k} {v:.3f}" for k, v in facts["validation"].items()),
        sha256=weights.sha256,
        scores=scores,
        n_min=facts["train"]["n_min"],
        n_max=facts["train"]["n_max"],
        settings=json.dumps(facts["train"], indent=1),
    )


def release(run: str, name: str, machine: str = f"a 2-core {platform.machine()} virtual machine") -> None:
    """Make a release of a finished training run.

    Args:
        run: its folder.
        name: which release it becomes: base or paper.
        machine: where it was trained, in words.
    """
    if name not in TITLES:
        raise SystemExit(f"expected a release among {', '.join(TITLES)}, got {name}.")
    path = HOME / f"{name}.safetensors"
    weights = export(Path(run) / "checkpoint.safetensors", path)
    scores = aligned(table(score_all(ask_with(name, str(path)), raw=reads_raw(name, str(path)))))
    print(scores)
    path.with_suffix(".md").write_text(card(name, weights, path.stat().st_size, scores, machine))
