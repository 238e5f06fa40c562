"""What scale buys: networks of several widths, each schedule of its own length, loss and scores against curves seen.

Every run is a whole cosine schedule, not a piece of a longer one; all are judged on the same batches of the prior.
The released run joins from its log with --release.

python benchmark/scale.py                                    # what is stored is not trained again; then the figure
python benchmark/scale.py --only 96/2000 --release runs/base/weights.safetensors
"""

import argparse
import json
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import forescale as fs
from benchmark.ablation import source, stored, suite_scores
from benchmark.store import RESULTS
from forescale.network.checkpoint import load_weights
from forescale.network.config import CONFIGS, TrainConfig, named_config
from forescale.pages import picture as look

WIDTHS = (32, 64, 96, 128)
STEPS = (500, 1_000, 2_000)
SHOWN = {"ic": "IC", "dd": "DD", "colpret": "ColPret"}
HOME = RESULTS / "scale"
FIGURE = Path(__file__).parents[1] / "docs" / "figures" / "scale.png"


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
    figure.savefig(path, dpi=90)


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", type=lambda t: t.split(","), help="runs as width/steps, separated by commas")
    parser.add_argument("--runs", type=Path, default=Path("runs/scale"), help="folder of checkpoints")
    parser.add_argument("--release", type=Path, help="weights of the released recipe, to be added")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    HOME.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        for steps in STEPS:
            path = HOME / f"{width}-{steps}.json"
            if options.only and f"{width}/{steps}" not in options.only:
                continue
            if (facts := stored(path, config(width, steps))) is None:
                facts = train_one(width, steps, options.runs)
                path.write_text(json.dumps(facts) + "\n")
            print(f"{width}/{steps}: val {facts['validation']['run']:.3f}", flush=True)
    if options.release:
        (HOME / "released.json").write_text(json.dumps(facts_of(options.release)) + "\n")
    rows = [json.loads(path.read_text()) for path in sorted(HOME.glob("*.json"))]
    draw(rows, FIGURE)
    if (HOME / "released.json").exists():
        print(forecast_itself(rows))


if __name__ == "__main__":
    main()
