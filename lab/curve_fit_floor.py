"""How often does a default least-squares fit of y = beta x^c + floor go wrong? SciPy's `curve_fit` on the IC curves.

Fits raw y without bounds, from the default start (1, 1, 1) and from a sensible one, (1, -0.5, 0), with the default
number of steps and with 20,000: what a first attempt looks like; and our own fit of the same law beside it.
"""

import warnings

import numpy as np
from benchmark.markdown import markdown
from benchmark.problem import Floats
from benchmark.suites.papers import load_suite

import forescale as fs

from .experiment import Experiment, Found, Task

STARTS = {"default start (1, 1, 1)": None, "start (1, -0.5, 0)": (1.0, -0.5, 0.0)}
OURS = "forescale m2"


def law(x: Floats, beta: float, c: float, floor: float) -> Floats:
    return beta * x**c + floor


def tasks(data: str = "") -> dict[str, Task]:
    """SciPy from two starts and with two limits, and ours.

    Args:
        data: folder of the CSV files.
    """
    scipys = {
        f"curve_fit, {label}, {f'{n_steps:,} steps' if n_steps else 'default steps'}": Task(
            lambda start=start, n_steps=n_steps: with_scipy(start, n_steps, data)
        )
        for label, start in STARTS.items()
        for n_steps in (0, 20_000)
    }
    return scipys | {OURS: Task(lambda: with_ours(data), {"forescale": fs.__version__})}


def with_scipy(start: tuple[float, ...] | None, n_steps: int, data: str) -> dict[str, int]:
    """How many fits stop with an error, and how many end at a negative floor."""
    from scipy.optimize import curve_fit

    curves = [p.context for p in load_suite("ic", 1.0, data)]
    stopped, negative = 0, 0
    for curve in curves:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the warnings are what we count
            try:
                found, _ = curve_fit(law, curve.x, curve.y, p0=start, maxfev=n_steps)
            except RuntimeError:
                stopped += 1
                continue
        negative += bool(found[2] < 0)
    return {"curves": len(curves), "stopped": stopped, "negative": negative}


def with_ours(data: str) -> dict[str, int]:
    """The same of `m2`, and on how many curves all its starts agree."""
    curves = [p.context for p in load_suite("ic", 1.0, data)]
    details = [fs.forecast(curve, [np.max(curve.x) * 2], method="m2").details for curve in curves]
    negative = sum(bool(d["parameters"]["eps_inf"] < 0) for d in details)
    agree = sum(bool(d["n_agree"] == d["n_starts"]) for d in details)
    return {"curves": len(curves), "stopped": 0, "negative": negative, "agree": agree}


def page(found: Found) -> str:
    table = [["fit", "curves", "stop", "negative floor", "all starts agree"]]
    for label, f in found.items():
        table.append([label, *(str(f.get(key, "")) for key in ("curves", "stopped", "negative", "agree"))])
    return markdown(table)


EXPERIMENT = Experiment(
    "curve-fit-floor",
    "A first attempt with SciPy's defaults stops or ends at a negative floor on many real curves.",
    tasks,
    page,
)
