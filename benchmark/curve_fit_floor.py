"""How often does a default least-squares fit of y = beta x^c + floor go wrong? SciPy's `curve_fit` on the IC curves.

    python benchmark/curve_fit_floor.py        # reads ../shared/benchmark, or $FORESCALE_BENCHMARK

Fits raw y, default start (1, 1, 1) and then (1, -0.5, 0.1), no bounds: what a first attempt looks like. Prints how
many fits stop with an error, end at a negative floor, or blow up, and what our own fit of the same law does.
"""

import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import curve_fit

import forescale as fs

FOLDER = Path(os.environ.get("FORESCALE_BENCHMARK", Path(__file__).resolve().parents[2] / "shared" / "benchmark"))
STARTS = {"default start (1, 1, 1)": None, "start (1, -0.5, 0.1)": (1.0, -0.5, 0.1)}


def law(x: np.ndarray, beta: float, c: float, floor: float) -> np.ndarray:
    return beta * x**c + floor


def main() -> None:
    curves = dict(list(pd.read_csv(FOLDER / "ic.csv").query("split == 'context'").groupby("curve")))
    for label, start in STARTS.items():
        stopped, negative = 0, 0
        for table in curves.values():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the warnings are what we count
                try:
                    (_, _, floor), _ = curve_fit(law, table.x.to_numpy(float), table.y.to_numpy(float), p0=start)
                except RuntimeError:
                    stopped += 1
                    continue
            negative += bool(floor < 0)
        print(f"curve_fit, {label}: {len(curves)} curves, {stopped} stop with an error, {negative} negative floors")
    ours = [fs.forecast(fs.Curve(t.x, t.y), [t.x.max() * 2], method="m2").details for t in curves.values()]
    negative = sum(d["parameters"]["eps_inf"] < 0 for d in ours)
    agree = sum(d["n_agree"] == d["n_starts"] for d in ours)
    print(f"forescale m2: {negative} negative floors, on {agree} of {len(curves)} curves all starts agree")


if __name__ == "__main__":
    main()
