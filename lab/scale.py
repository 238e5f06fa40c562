"""What scale buys: networks of several widths, each schedule of its own length, loss and scores against curves seen.

Every run is a whole cosine schedule, not a piece of a longer one; all are judged on the same batches of the prior.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import forescale as fs
from benchmark import look
from forescale.network.checkpoint import load_weights
from forescale.network.config import CONFIGS, TrainConfig, named_config

from .ablation import source, suite_scores
from .experiment import FIGURES, Experiment, Found, Task
from .variants import settings

WIDTHS = (32, 64, 96, 128)
STEPS = (500, 1_000, 2_000)
SHOWN = {"ic": "IC", "dd": "DD", "colpret": "ColPret"}
RELEASED = "released"


def tasks(only: str = "", runs: str = "runs/scale", release: str = "") -> dict[str, Task]:
    """A training run for each width and length of the schedule.

    Args:
        only: runs as width/steps, separated by commas.
        runs: folder of checkpoints.
        release: weights of the released recipe, to be added.
    """
    found = {}
    for width in WIDTHS:
        for steps in STEPS:
            key = {"settings": settings(config(width, steps))}
            found[f"{width}/{steps}"] = Task(partial(train_one, width, steps, Path(runs)), key)
    if release:
        found[RELEASED] = Task(partial(facts_of, Path(release)), {"settings": settings(CONFIGS["base"])})
    return {label: task for label, task in found.items() if not only or label in only.split(",")}


def config(width: int, steps: int) -> TrainConfig:
    """The released recipe with another width and another length of its schedule."""
    return named_config("base", network=replace(CONFIGS["base"].network, width=width), steps=steps)


def train_one(width: int, steps: int, runs: Path) -> dict[str, Any]:
    """Train one network, or go on with it; its facts."""
    from forescale.training import train as training

    folder = runs / f"{width}-{steps}"
    began = (folder / training.CHECKPOINT).exists()
    training.train(config(width, steps), folder, resume=began, device="cpu", progress=False)
    return facts_of(folder / training.WEIGHTS)


def facts_of(path: Path) -> dict[str, Any]:
    """Of a finished run: parameters, curves, the validation it closed with, and scores on the suites."""
    weights = load_weights(path)
    facts = {k: weights.facts[k] for k in ("train", "curves", "seconds", "validation")}
    facts["suites"] = {"100": suite_scores(str(path), 1.0)}
    return facts | {"parameters": sum(a.size for a in weights.arrays.values()), "source": source()}


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Validation loss, then LL on three suites, against curves seen; a line for each number of parameters."""
    figure, axes = look.new_figure(1, 1 + len(SHOWN), width=3.6, height=3.2)
    for i, size in enumerate(sorted({row["parameters"] for row in rows})):
        same = sorted((r for r in rows if r["parameters"] == size), key=lambda r: r["curves"])
        curves = [r["curves"] for r in same]
        style = {"marker": "o", "ms": 4, "lw": 1.4, "color": look.COLOURS[i], "label": f"{size:,} parameters"}
        axes[0, 0].plot(curves, [r["validation"]["run"] for r in same], **style)
        for ax, suite in zip(axes[0, 1:], SHOWN, strict=True):
            ll = [np.array(r["suites"]["100"][suite]["ll"]) for r in same]
            ax.plot(curves, [v.mean() for v in ll], **style)
    titles = ["validation, nats per ln y", *(f"LL, {title}" for title in SHOWN.values())]
    for ax, title in zip(axes.flat, titles, strict=True):
        ax.set_xscale("log")
        ax.set_xlabel("curves seen")
        ax.set_title(title, fontsize=9, loc="left")
    look.legend_outside(figure, axes[0, 0])
    look.save(figure, path, dpi=90)


def forecast_itself(rows: list[dict[str, Any]]) -> str:
    """The released network on its own law: shorter schedules of its width in, the released one asked for."""
    width = CONFIGS["base"].network.width
    same = sorted((r for r in rows if r["train"]["network"]["width"] == width), key=lambda r: r["curves"])
    x, loss = [r["curves"] for r in same], [r["validation"]["run"] for r in same]
    context = fs.Curve(x[:-1], np.exp(loss[:-1]), x_name="curves", y_name="exp(loss)")
    low, middle, high = np.log(fs.forecast(context, x[-1:]).quantile([0.05, 0.5, 0.95]).ravel())
    return (
        f"{len(x) - 1} schedules up to {x[-2]:,} curves -> {x[-1]:,} curves: {middle:.3f} "
        f"({low:.3f} to {high:.3f}), measured {loss[-1]:.3f} nats"
    )


def page(found: Found) -> str:
    """A line a run, and the network's forecast of itself."""
    lines = [f"{label}: validation {facts['validation']['run']:.3f} nats per ln y" for label, facts in found.items()]
    return "\n".join([*lines, forecast_itself(list(found.values()))] if RELEASED in found else lines)


EXPERIMENT = Experiment(
    "scale",
    "More curves and more width lower the loss on the prior, and real scores follow.",
    tasks,
    page,
    draw=lambda found: draw(list(found.values()), FIGURES / "scale.png"),
)
