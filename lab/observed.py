"""What the contexts of IC show of their readings: the best so far, or an isotonic regression?

    python -m benchmark.observed

The readings behind a context are not published, but the targets are raw. So each curve is drawn again: a smoothing
spline through context and targets, noise as loud as the targets' and white, read at every step up to the cutoff, and
shown in bins between a hundred edges of ln x as (a) the lowest reading so far and (b) the mean of the isotonic
regression. Three numbers say which of the two the context looks like, each the mean over the curves of a task:

    ties    share of neighbours that are equal
    rough   median of the absolute second difference of ln y in the later half, over the noise of the targets
    below   how far the later context lies below a quadratic in ln x through it and the targets, over that noise
"""

import argparse

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_smoothing_spline
from scipy.optimize import isotonic_regression

from .suites import Problem, load_suite
from .truths import bins_of

Floats = NDArray[np.float64]

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


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    rng = np.random.default_rng(0)
    rows: dict[str, dict[str, list[tuple[float, float, float]]]] = {}
    for p in load_suite("ic", 1.0):
        if len(p.x) < 10:
            continue
        Ut, Vt = np.log(p.x / p.context.x[-1]), np.log(p.y)
        seen = {"real": (np.log(p.context.x / p.context.x[-1]), np.log(p.context.y))} | drawn_again(p, rng)
        of_task = rows.setdefault(p.name.split("_")[0], {})
        for name, (U, V) in seen.items():
            of_task.setdefault(name, []).append(facts(U, V, Ut, Vt))
    for task, of_task in rows.items():
        for name, values in of_task.items():
            ties, rough, below = np.mean(values, axis=0)
            print(f"{task:5} {name:12} {len(values):3} curves   ties {ties:.2f}  rough {rough:.2f}  below {below:+.2f}")


if __name__ == "__main__":
    main()
