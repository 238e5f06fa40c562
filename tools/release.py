"""Make a release of a training run: weights, checksum and model card, scored on every suite on the way.

python benchmark/release.py runs/base base [--machine "2-core x86-64 VM"]

Writes src/forescale/weights/<name>.safetensors, .sha256 and .md. Nothing is chosen on the suites: the scores are
printed into the card of whatever the last checkpoint of the schedule is.
"""

import argparse
import json
import platform
import sys
from pathlib import Path
from typing import Any

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmark.score import ask_with, score_suite, table
from benchmark.suites import SUITES, load_suite
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

Mean ± standard error over curves, full context, no per-suite setting (`python benchmark/score.py --method {method}`).
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


def score_all(path: Path, name: str) -> tuple[dict[str, Any], str]:
    """Rows of every suite and their printed table."""
    ask = ask_with(name, str(path))
    rows = {suite: score_suite(load_suite(suite, 1.0, None), ask) for suite in SUITES}
    return rows, table(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="folder of the finished training run")
    parser.add_argument("name", choices=sorted(TITLES), help="which release it becomes")
    parser.add_argument("--machine", default=f"a 2-core {platform.machine()} virtual machine")
    options = parser.parse_args()
    path = HOME / f"{options.name}.safetensors"
    weights = export(options.run / "checkpoint.safetensors", path)
    _, scores = score_all(path, options.name)
    print(scores)
    path.with_suffix(".md").write_text(card(options.name, weights, path.stat().st_size, scores, options.machine))


if __name__ == "__main__":
    main()
