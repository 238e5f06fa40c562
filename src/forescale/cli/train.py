"""`forescale train`: a network of one's own; needs the extra [train]."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import MissingExtraError
from .command import app


@app.command()
def train(
    out: Annotated[Path, typer.Option("--out", help="Folder for checkpoints and the log.", show_default=False)],
    config: Annotated[
        str, typer.Option("--config", help="tiny, base, base-continued, joint, joint-continued, nsl-pfn or lc-pfn.")
    ] = "base",
    resume: Annotated[bool, typer.Option("--resume", help="Continue from the last checkpoint in --out.")] = False,
    start: Annotated[
        Path | None, typer.Option("--from", help="Weights to begin with, on a schedule of this run's own.")
    ] = None,
    steps: Annotated[
        int | None, typer.Option("--steps", help="Optimiser steps (default: the configuration's).")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed of weights and data.")] = None,
    threads: Annotated[int, typer.Option("--threads", help="CPU threads; one is often fastest.")] = 1,
    device: Annotated[str | None, typer.Option("--device", help="cpu or cuda (default: cuda where it is).")] = None,
    workers: Annotated[int, typer.Option("--workers", help="Processes that draw curves ahead, beside a GPU.")] = 0,
) -> None:
    """Train a network on endless synthetic curves; Ctrl-C leaves a checkpoint that --resume continues exactly."""
    if find_spec("torch") is None:
        raise MissingExtraError("expected the extra [train], got no torch. Run: pip install 'forescale[train]'.")
    from ..training.train import train as run

    options: dict[str, Any] = {"steps": steps, "seed": seed, "threads": threads, "device": device, "workers": workers}
    run(config, out, resume=resume, start=start, **options)
