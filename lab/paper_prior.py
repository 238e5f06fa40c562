"""The paper's prior, step by step: its network trained on each, as its authors train, with two seeds.

Sizes and cuts are drawn by the prior, y is raw, 1,000 bars; all at one small size. Beside the five steps of the paper's
table: context regression and dropout on and off, and LC-PFN's prior. Training is apart from scoring, so that a machine
with a GPU can train everything at once: `train_all(folder, device="cuda", parallel=16)`, one process a network.
"""

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmark.markdown import rounded
from benchmark.methods import ask_with
from benchmark.score import score_all

from forescale.network.config import CONFIGS, TrainConfig, named_config
from forescale.prior import PaperConfig

from .ablation import slug, validation
from .experiment import Experiment, Task
from .paper_prior_page import KEPT, page
from .variants import settings

STEPS = ("m3", "m4", "m3+m4", "+breaks", "+up")
OTHERS = ("+up, later points only", "+up, dropout .2", "lc-pfn")
SEEDS = (0, 1)


def configurations(steps: int, width: int, depth: int, tokens: int, asked: int) -> dict[str, TrainConfig]:
    """`variant, seed n` -> what is trained."""

    def config(name: str, options: dict[str, Any] | None, dropout: float = 0.0) -> TrainConfig:
        network = replace(CONFIGS[name].network, width=width, depth=depth, dropout=dropout)
        return named_config(name, network=network, steps=steps, tokens_per_batch=tokens, prior_options=options)

    chosen = {"context_regression": True, "n_asked": asked}
    found = {step: config("nsl-pfn", of_step(step) | chosen) for step in STEPS}
    found["+up, later points only"] = config("nsl-pfn", chosen | {"context_regression": False})
    found["+up, dropout .2"] = config("nsl-pfn", chosen, dropout=0.2)
    found["lc-pfn"] = config("lc-pfn", None)
    return {f"{name}, seed {s}": config.with_overrides(seed=s) for s in SEEDS for name, config in found.items()}


def of_step(step: str) -> dict[str, Any]:
    """The prior's own options for a step of the paper's table."""
    return {k: v for k, v in PaperConfig.ablation(step).to_dict().items() if k != "name"}


def tasks(
    steps: int = 800,
    width: int = 64,
    depth: int = 3,
    tokens: int = 3_000,
    asked: int = 24,
    runs: str = "runs/paper-prior",
    only: str = "",
) -> dict[str, Task]:
    """A network for each variant and seed, trained where it is not yet, and its scores.

    Args:
        steps: of each training run.
        width: of the network.
        depth: of the network.
        tokens: in a batch.
        asked: targets of a curve, chosen among all its points.
        runs: folder of checkpoints and weights.
        only: variants with their seed, separated by semicolons.
    """
    listed = configurations(steps, width, depth, tokens, asked)
    reference = listed["+up, later points only, seed 0"]
    return {
        name: Task(partial(scored, name, config, reference, Path(runs)), {"settings": settings(config)})
        for name, config in listed.items()
        if not only or name in only.split(";")
    }


def scored(name: str, config: TrainConfig, reference: TrainConfig, runs: Path) -> dict[str, Any]:
    """What is stored of one network."""
    run = trained(name, config, runs, "cpu")
    weights = str(runs / slug(name) / "weights.safetensors")
    rows = score_all(ask_with("variant", weights), raw=True)
    suites = {suite: {key: [rounded(row[key]) for row in those] for key in KEPT} for suite, those in rows.items()}
    facts = {"train": run.config.to_dict(), "curves": run.curves, "seconds": round(run.seconds, 1)}
    return facts | {"validation": validation(run.network, config, reference)["run"], "suites": suites}


def trained(name: str, config: TrainConfig, runs: Path, device: str) -> Any:
    """The finished run of a variant: gone on with, where it was begun, and read where it is finished."""
    from forescale.training import train as training

    folder = runs / slug(name)
    began = (folder / training.CHECKPOINT).exists()
    run = training.train(config, folder, resume=began, device=device, progress=False)
    if not run.finished:
        raise SystemExit(f"Stopped after step {run.step} of {run.config.steps}; the same call goes on ({folder}).")
    return run


def train_all(runs: str, device: str = "cuda", parallel: int = 16, **sizes: int) -> None:
    """Train every variant, many at once, a process each; they are scored later, where the curves are.

    Args:
        runs: folder of checkpoints and weights.
        device: cuda or cpu.
        parallel: processes at once.
        sizes: steps, width, depth, tokens, asked: as for `tasks`, and to be repeated there.
    """
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    defaults = {"steps": 800, "width": 64, "depth": 3, "tokens": 3_000, "asked": 24}
    listed = configurations(**(defaults | sizes))
    with ProcessPoolExecutor(parallel, mp_context=get_context("spawn")) as pool:
        futures = {name: pool.submit(_train_one, name, config, runs, device) for name, config in listed.items()}
        for name, future in futures.items():
            print(f"{name}: {future.result():.0f} s", file=sys.stderr, flush=True)


def _train_one(name: str, config: TrainConfig, runs: str, device: str) -> float:
    return float(trained(name, config, Path(runs), device).seconds)


EXPERIMENT = Experiment(
    "paper-prior",
    "Trained as the paper trains, each step of its prior lowers the error, in the paper's order.",
    tasks,
    page,
    docs="paper.md",
)
