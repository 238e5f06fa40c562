"""What the contexts of IC show of their readings: the best so far, or an isotonic regression?

The readings behind a context are not published, but the targets are raw. So each curve is drawn again: a smoothing
spline through context and targets, noise as loud as the targets' and white, read at every step up to the cutoff, and
shown in bins between a hundred edges of ln x as (a) the lowest reading so far and (b) the mean of the isotonic
regression. Three numbers say which of the two the context looks like, each the mean over the curves of a task:

    ties    share of neighbours that are equal
    rough   median of the absolute second difference of ln y in the later half, over the noise of the targets
    below   how far the later context lies below a quadratic in ln x through it and the targets, over that noise
"""

import numpy as np
from benchmark.markdown import markdown
from benchmark.problem import Floats, Problem
from benchmark.suites.papers import load_suite
from benchmark.suites.truths import bins_of
from scipy.interpolate import make_smoothing_spline
from scipy.optimize import isotonic_regression

from .experiment import Experiment, Found, Task

FACTS = ("ties", "rough", "below")
UNIT = 4_096_000  # examples between two readings: x of the first reading of most curves, and steps of the targets
RECENT = -0.8  # ln(x / x_last): the later context


def noise_of(ln_y: Floats) -> float:
    """Standard deviation of white noise on raw readings, from their first differences."""
    return float(np.diff(ln_y).std() / np.sqrt(2))


def facts(U: Floats, V: Floats, Ut: Floats, Vt: Floats) -> tuple[float, float, float]:
    """ties, rough, below; of a context (U, V) and raw readings behind it (Ut, Vt), U = ln(x / x_last), V = ln y."""
    noise = noise_of(Vt)
    late = U > RECENT
    u, v = np.concatenate([U[late], Ut]), np.concatenate([V[late], Vt])
    shown = np.concatenate([np.ones(late.sum()), np.zeros(len(Ut))])
    below = -np.linalg.lstsq(np.stack([np.ones_like(u), u, u**2, shown], axis=1), v)[0][3] / noise
    bend = np.abs(np.diff(V, 2))
    return float(np.mean(np.abs(np.diff(V)) < 1e-9)), float(np.median(bend[len(bend) // 2 :]) / noise), float(below)


def drawn_again(p: Problem, rng: np.random.Generator) -> dict[str, tuple[Floats, Floats]]:
    """Name of a filter -> (U, ln y) of a context that it would show of this curve, U against its real last x."""
    k, kt = p.context.x / UNIT, p.x / UNIT
    ln_k, first = np.unique(np.log(np.concatenate([k, kt])), return_index=True)
    ln_y = np.log(np.concatenate([p.context.y, p.y]))[first]
    law = make_smoothing_spline(ln_k, ln_y, w=np.where(ln_k <= np.log(k[-1]), 4.0, 1.0), lam=0.05)
    steps = np.arange(1, int(kt[-1] / 2) + 1)
    read = np.exp(law(np.log(steps)) + noise_of(np.log(p.y)) * rng.standard_normal(len(steps)))
    edge, bin_of = bins_of(steps)  # the first ones are missing in some tables
    late = edge >= k[0] * (1 - 1e-9)
    lowest, fitted = np.minimum.accumulate(read), isotonic_regression(read, increasing=False).x
    shown = {
        "best so far": np.array([lowest[bin_of == i][-1] for i in range(len(edge))]),
        "isotonic": np.array([fitted[bin_of == i].mean() for i in range(len(edge))]),
    }
    return {name: (np.log(edge[late] * UNIT / p.context.x[-1]), np.log(y[late])) for name, y in shown.items()}


def tasks(data: str = "") -> dict[str, Task]:
    """All curves of IC with at least ten targets.

    Args:
        data: folder of the CSV files.
    """
    return {"ic": Task(lambda: of_tasks(load_suite("ic", 1.0, data)))}


def of_tasks(problems: list[Problem]) -> dict[str, dict[str, list[tuple[float, ...]]]]:
    """Task of image classification -> filter -> (ties, rough, below) of each curve, four digits."""
    rng = np.random.default_rng(0)
    rows: dict[str, dict[str, list[tuple[float, ...]]]] = {}
    for p in (p for p in problems if len(p.x) >= 10):
        Ut, Vt = np.log(p.x / p.context.x[-1]), np.log(p.y)
        seen = {"real": (np.log(p.context.x / p.context.x[-1]), np.log(p.context.y))} | drawn_again(p, rng)
        for name, (U, V) in seen.items():
            of_task = rows.setdefault(p.name.split("_")[0], {})
            of_task.setdefault(name, []).append(tuple(round(v, 4) for v in facts(U, V, Ut, Vt)))
    return rows


def page(found: Found) -> str:
    """The mean of each fact over the curves of a task."""
    table = [["task", "filter", "curves", *FACTS]]
    for task, of_task in found["ic"].items():
        for name, values in of_task.items():
            table.append([task, name, str(len(values)), *(f"{v:.2f}" for v in np.mean(values, axis=0))])
    return markdown(table)


EXPERIMENT = Experiment(
    "observed",
    "IC's contexts are isotonic regressions of their readings, not the best so far.",
    tasks,
    page,
)
