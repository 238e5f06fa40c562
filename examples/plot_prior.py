"""A page of curves: what the network is taught that scaling curves look like.

Usage: python examples/plot_prior.py [ours|paper|mechanisms] [prior.png] [seed]
A row per family, or ("mechanisms") a row per thing that can happen to a power law, each on its own.
Orange line: the noise-free curve at the targets; dots: the context as shown; red crosses: target readings.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from forescale.prior import Batch, OursConfig, make_prior

N_COLUMNS = 6
CONTEXT_SIZES, SIZES = (8, 20, 50), {"plain_table": (4, 8, 12), "recipe": (3, 4), "pooled": (64, 100, 128)}
MECHANISMS = ("clean", "prelude", "reversal", "saturation", "transient", "lr_decay", "annealing")
MECHANISMS += ("recipe", "wiggle", "upturn", "onset")
MECHANISMS += ("buried", "skewed", "autocorrelated", "spikes", "quantised", "rounded")
MECHANISMS += ("filtered", "monotone", "repeats", "plain_table", "pooled")
Curve = tuple[Batch, int]


def main(page: str = "ours", path: str = "prior.png", seed: str = "0") -> None:
    rng = np.random.default_rng(int(seed))
    rows = mechanism_rows(rng) if page == "mechanisms" else family_rows(page, rng)
    size = (3.0 * N_COLUMNS, 2.2 * len(rows))
    figure, axes = plt.subplots(len(rows), N_COLUMNS, figsize=size)
    for row, (label, curves) in zip(axes, rows.items(), strict=True):
        row[0].set_ylabel(label)
        for axis, curve in zip(row, curves, strict=True):
            draw_curve(axis, *curve)
    figure.suptitle(f"prior, {page}: curve (line), context (dots), targets (crosses); log-log")
    figure.tight_layout(rect=(0, 0, 1, 0.98))
    figure.savefig(path, dpi=65)


def family_rows(name: str, rng: np.random.Generator) -> dict[str, list[Curve]]:
    """The first members of each family, context sizes in turn."""
    batches = [make_prior(name).sample(rng, 400, n, 60) for n in CONTEXT_SIZES]
    return {
        family: [
            (batch, int(np.flatnonzero(batch.family_B == code)[i // len(batches)]))
            for i in range(N_COLUMNS)
            for batch in [batches[i % len(batches)]]
        ]
        for code, family in enumerate(batches[0].families)
    }


def mechanism_rows(rng: np.random.Generator) -> dict[str, list[Curve]]:
    """Power laws with one mechanism in every curve and the others in none."""
    off = {key: 0.0 for key in OursConfig().to_dict() if key.startswith("weight_")} | {"weight_powfl": 1.0}
    off |= {f"p_{m}": 0.0 for m in (*MECHANISMS, "noise_trend", "heavy_tails", "outliers", "clean_m2", "plain")}
    off |= {"times_in_logs": 1.0, "times_in_tables": 1.0}
    quiet = replace(OursConfig(), **off)
    rows = {}
    for m in MECHANISMS:
        on = {f"p_{m}": 1.0} | ({"p_filtered": 1.0} if m == "monotone" else {})
        prior = make_prior(replace(quiet, **on))
        batches = [prior.sample(rng, N_COLUMNS, n, 60) for n in SIZES.get(m, CONTEXT_SIZES)]
        rows[m] = [(batches[i % len(batches)], i // len(batches)) for i in range(N_COLUMNS)]
    return rows


def draw_curve(axis: plt.Axes, batch: Batch, b: int) -> None:
    """One curve over x in units of the end of its context."""
    x_end = batch.x_BM[b, -1]
    order = np.argsort(batch.x_BT[b])
    x, run, curve = (a[b][order] for a in (batch.x_BT, batch.y_BT, batch.curve_BT))
    axis.plot(x / x_end, curve, color="tab:orange", lw=1.5)
    axis.plot(x / x_end, run, "x", color="tab:red", ms=3, alpha=0.6)
    axis.plot(batch.x_BM[b] / x_end, batch.y_BM[b], "o", color="black", ms=2.5)
    axis.axvline(1.0, color="grey", lw=0.5)
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.tick_params(labelsize=6)
    axis.minorticks_off()


if __name__ == "__main__":
    main(*sys.argv[1:])
