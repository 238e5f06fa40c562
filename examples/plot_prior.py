"""A page of curves per family: what the network is taught that scaling curves look like.

Usage: python examples/plot_prior.py [ours|paper] [prior.png] [seed]
Lines: the noise-free curve through the targets; dots: the context as shown; crosses: target readings.
"""

from __future__ import annotations

import sys

import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from forescale.prior import make_prior

N_PER_FAMILY = 6


def main(name: str = "ours", path: str = "prior.png", seed: str = "0") -> None:
    rng = np.random.default_rng(int(seed))
    prior = make_prior(name)
    batches = [prior.sample(rng, 120, n_context, 60) for n_context in (8, 20, 50)]
    families = batches[0].families
    size = (3.0 * N_PER_FAMILY, 2.2 * len(families))
    figure, axes = plt.subplots(len(families), N_PER_FAMILY, figsize=size)
    for row, family in zip(axes, range(len(families)), strict=True):
        for axis, i in zip(row, range(N_PER_FAMILY), strict=True):
            batch = batches[i % len(batches)]
            members = np.flatnonzero(batch.family_B == family)
            if i // len(batches) >= members.size:
                axis.set_axis_off()
                continue
            draw_curve(axis, batch, members[i // len(batches)])
        row[0].set_ylabel(families[family])
    figure.suptitle(f"prior '{name}': curve (line), context (dots), targets (crosses); log-log")
    figure.tight_layout(rect=(0, 0, 1, 0.98))
    figure.savefig(path, dpi=65)


def draw_curve(axis: plt.Axes, batch, b: int) -> None:
    """One curve in units of the end of its context, targets in order of x."""
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
