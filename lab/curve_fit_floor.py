"""How often does a default least-squares fit of y = beta x^c + floor go wrong? SciPy's `curve_fit` on the IC curves.

    python benchmark/curve_fit_floor.py        # reads ../shared/benchmark, or $FORESCALE_BENCHMARK

Fits raw y without bounds, from the default start (1, 1, 1) and from a sensible one, (1, -0.5, 0), with the default
number of steps and with 20,000: what a first attempt looks like. Prints how many fits stop with an error or end at a
negative floor, and what our own fit of the same law does.
"""

import os
import warnings
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import curve_fit

import forescale as fs

FOLDER = Path(os.environ.get("FORESCALE_BENCHMARK", Path(__file__).resolve().parents[2] / "shared" / "benchmark"))
STARTS = {"default start (1, 1, 1)": None, "start (1, -0.5, 0)": (1.0, -0.5, 0.0)}


def law(x: np.ndarray, beta: float, c: float, floor: float) -> np.ndarray:
    return beta * x**c + floor


def main() -> None:
    curves = dict(list(pd.read_csv(FOLDER / "ic.csv").query("split == 'context'").groupby("curve")))
    for (label, start), n_steps in product(STARTS.items(), (0, 20_000)):
        stopped, negative = 0, 0
        for table in curves.values():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the warnings are what we count
                try:
                    found, _ = curve_fit(
                        law, table.x.to_numpy(float), table.y.to_numpy(float), p0=start, maxfev=n_steps
                    )
                except RuntimeError:
                    stopped += 1
                    continue
            negative += bool(found[2] < 0)
        steps = f"{n_steps} steps" if n_steps else "default steps"
        print(f"curve_fit, {label}, {steps}: {len(curves)} curves, {stopped} stop, {negative} negative floors")
    ours = [fs.forecast(fs.Curve(t.x, t.y), [t.x.max() * 2], method="m2").details for t in curves.values()]
    negative = sum(d["parameters"]["eps_inf"] < 0 for d in ours)
    agree = sum(d["n_agree"] == d["n_starts"] for d in ours)
    print(f"forescale m2: {negative} negative floors, on {agree} of {len(curves)} curves all starts agree")


if __name__ == "__main__":
    main()
