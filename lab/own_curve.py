"""Our own learning curve, forecast by itself: the loss of a training run, its later part hidden.

The loss is in nats per ln y and may be negative; what is forecast is its exponential, the spread in ln y that a density
of that height stands for. Logged means of 50 steps are noisy, so ten of them make a point.
"""

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from benchmark.markdown import markdown
from benchmark.problem import Floats

import forescale as fs
from benchmark import look

from .experiment import FIGURES, Experiment, Found, Task

LINES_A_POINT = 10
SEEN = (0.2, 0.4, 0.7)


def tasks(log: str = "") -> dict[str, Task]:
    """The curve of a training run, kept; without one, use --report.

    Args:
        log: log.jsonl files, comma-separated; kept by the names of their folders.
    """
    return {Path(path).parent.name: Task(partial(read_log, Path(path))) for path in log.split(",") if path}


def read_log(path: Path) -> dict[str, list[float]]:
    """Steps and the loss of `run`, of the training lines of a log."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    rows = [(line["step"], line["run"]) for line in lines if "run" in line]
    return {"steps": [int(step) for step, _ in rows], "loss": [round(loss, 4) for _, loss in rows]}


def points(facts: dict[str, list[float]]) -> tuple[Floats, Floats]:
    """Means of neighbouring lines: the last step of each group, and exp of its mean loss."""
    steps, loss = np.array(facts["steps"], float), np.array(facts["loss"])
    n = len(steps) // LINES_A_POINT * LINES_A_POINT
    grouped = loss[:n].reshape(-1, LINES_A_POINT).mean(axis=1)
    return steps[:n].reshape(-1, LINES_A_POINT)[:, -1], np.exp(grouped)


def cut(x: Floats, y: Floats, share: float) -> tuple[fs.Curve, Floats, Floats]:
    """The part of a run that is seen, and the hidden points."""
    seen = x <= share * x[-1]
    return fs.Curve(x[seen], y[seen], x_name="steps", y_name="exp(loss)"), x[~seen], y[~seen]


def page(found: Found) -> str:
    """How far off the median at the end is, and how many hidden points the 90 % band holds."""
    table = [["run", "seen", "median at the end, nats off", "hidden points in the 90 % band"]]
    for name, facts in found.items():
        for share in SEEN:
            context, x, y = cut(*points(facts), share)
            asked = fs.forecast(context, x)
            off, inside = float(np.log(asked.median[-1] / y[-1])), fs.metrics.coverage(asked, y, 0.9)
            table.append([name, f"{100 * share:.0f} %", f"{off:+.3f}", f"{inside:.2f}"])
    return markdown(table)


def draw(found: Found, path: Path = FIGURES / "own-curve.png") -> None:
    """A row for each run, a panel for each share of it that is seen."""
    figure, axes = look.new_figure(len(found), len(SEEN), width=4.3, height=3.2)
    for row, (name, facts) in zip(axes, found.items(), strict=True):
        for ax, share in zip(row, SEEN, strict=True):
            panel(ax, *points(facts), share)
            ax.set_title(f"{name}, first {100 * share:.0f} % seen", fontsize=9, loc="left")
    look.legend_outside(figure, axes.flat[0])
    look.save(figure, path, dpi=85)


def panel(ax: Any, x: Floats, y: Floats, share: float) -> None:
    context, hidden_x, hidden_y = cut(x, y, share)
    run = fs.forecast(context, np.geomspace(context.x_max, x[-1], 40))
    look.draw_points(ax, context.x, context.y, "seen")
    look.draw_points(ax, hidden_x, hidden_y, "hidden", hidden=True)
    bands = {level: run.interval(level) for level in (0.5, 0.9)}
    look.draw_bands(ax, run.x, run.median, bands, "median", look.COLOURS[0])
    look.choose_axes(ax, x, y, "steps", "exp(loss in nats per ln y)")


EXPERIMENT = Experiment(
    "own-curve",
    "The released network forecasts the later part of its own training within its 90 % band.",
    tasks,
    page,
    draw=draw,
)
