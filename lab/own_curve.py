"""Our own learning curve, forecast by itself: the loss of a training run, its later part hidden.

The loss is in nats per ln y and may be negative; what is forecast is its exponential, the spread in ln y that a density
of that height stands for. Logged means of 50 steps are noisy, so ten of them make a point.

python benchmark/own_curve.py --log runs/base/log.jsonl      # stores results/training/base.csv, draws the figure
python benchmark/own_curve.py                                # draws again from what is stored
"""

import argparse
import csv
import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import forescale as fs
from benchmark.store import RESULTS
from forescale.pages import picture as look

Floats = NDArray[np.float64]
LINES_A_POINT = 10
SEEN = (0.2, 0.4, 0.7)
DPI = 85


def read_log(path: Path) -> tuple[Floats, Floats]:
    """(steps, loss of run) of the training lines of a log."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    rows = [(line["step"], line["run"]) for line in lines if "run" in line]
    steps, loss = np.array(rows, float).T
    return steps, loss


def points(steps: Floats, loss: Floats) -> tuple[Floats, Floats]:
    """Means of neighbouring lines: the last step of each group, and exp of its mean loss."""
    n = len(steps) // LINES_A_POINT * LINES_A_POINT
    grouped = loss[:n].reshape(-1, LINES_A_POINT).mean(axis=1)
    return steps[:n].reshape(-1, LINES_A_POINT)[:, -1], np.exp(grouped)


def draw(stored: dict[str, tuple[Floats, Floats]], network: fs.Forecaster, path: Path) -> None:
    """A row for each run, a panel for each share of it that is seen."""
    figure, axes = look.new_figure(len(stored), len(SEEN), width=4.3, height=3.2)
    for row, (name, (x, y)) in zip(axes, stored.items(), strict=True):
        for ax, share in zip(row, SEEN, strict=True):
            seen = x <= share * x[-1]
            context = fs.Curve(x[seen], y[seen], x_name="steps", y_name="exp(loss)")
            run = network.forecast(context, np.geomspace(context.x_max, x[-1], 40))
            asked = network.forecast(context, x[~seen])
            look.draw_points(ax, x[seen], y[seen], "seen")
            look.draw_points(ax, x[~seen], y[~seen], "hidden", hidden=True)
            bands = {level: run.interval(level) for level in (0.5, 0.9)}
            look.draw_bands(ax, run.x, run.median, bands, "median", look.COLOURS[0])
            look.choose_axes(ax, x, y, "steps", "exp(loss in nats per ln y)")
            ax.xaxis.set_minor_formatter(lambda *_: "")
            ax.set_title(f"{name}, first {100 * share:.0f} % seen", fontsize=9, loc="left")
            error = float(np.log(asked.median[-1] / y[-1]))
            inside = fs.metrics.coverage(asked, y[~seen], 0.9)
            print(
                f"{name}, {100 * share:.0f} % seen: median at the end {error:+.3f} nats off, "
                f"{inside:.2f} of the hidden points in the 90 % band"
            )
    look.legend_outside(figure, axes.flat[0])
    figure.savefig(path, dpi=DPI)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--log", type=Path, action="append", default=[], help="a log.jsonl; stored by its folder's name"
    )
    parser.add_argument("--weights", default="base")
    parser.add_argument("--results", type=Path, default=RESULTS / "training")
    parser.add_argument("--figure", type=Path, default=Path(__file__).parents[1] / "docs" / "figures" / "own-curve.png")
    options = parser.parse_args()
    options.results.mkdir(parents=True, exist_ok=True)
    for log in options.log:
        with (options.results / f"{log.parent.name}.csv").open("w") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("steps", "loss"))
            writer.writerows((int(s), f"{v:.4f}") for s, v in zip(*read_log(log), strict=True))
    stored = {}
    for path in sorted(options.results.glob("*.csv")):
        steps, loss = np.loadtxt(path, delimiter=",", skiprows=1).T
        stored[path.stem] = points(steps, loss)
    draw(stored, fs.Forecaster.load(options.weights), options.figure)


if __name__ == "__main__":
    main()
