"""The picture of joint-scores: three methods on Chinchilla's runs, and on a table where the law fails."""

from typing import Any

import numpy as np
from benchmark.look import save
from benchmark.suites.world import table as data_table

import forescale as fs

from .experiment import FIGURES

METHODS = ("chinchilla", "law", "pfn")
COLOURS = {"chinchilla": "#b4552d", "law": "#3b6fb6", "pfn": "#2f7d4f"}
BUDGET = 5.76e23


def draw(_found: Any) -> None:
    """Left: loss along a budget, from 240 runs. Right: dear runs of Farseer, predicted from the cheap ones."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.1), layout="constrained")
    _along(left)
    _hidden(right)
    save(figure, FIGURES / "joint-methods.png", dpi=130)


def _along(ax: Any) -> None:
    runs = data_table("chinchilla.csv", "")
    runs = runs[runs["used_in_replication"].astype(bool)]
    N = np.geomspace(3e9, 8e11, 40)
    for name in METHODS:
        model = fs.fit_joint(runs["params"], runs["tokens"], runs["loss"], method=name)  # type: ignore[arg-type]
        curve = model.predict(N, BUDGET / 6 / N, kind="curve")
        low, high = curve.interval(0.9)
        split = model.allocate(BUDGET)
        ax.fill_between(N, low, high, color=COLOURS[name], alpha=0.18, lw=0)
        ax.plot(N, curve.median, color=COLOURS[name], lw=1.6, label=name)
        ends, best = np.array([split.params.interval(0.9)]).T, split.params.median
        y = split.loss.median
        ax.errorbar(best, y, xerr=np.abs(ends - best), fmt="o", ms=4, capsize=3, color=COLOURS[name], lw=1.1)
    ax.set(xscale="log", xlabel="N, parameters", ylabel="loss", title=f"240 runs, along {BUDGET:g} FLOPs")
    ax.set_ylim(1.75, 2.35)
    ax.legend(frameon=False, title="median and 90 %; N* with its 90 %", fontsize=8, title_fontsize=8)


def _hidden(ax: Any) -> None:
    table = data_table("joint.csv", "")
    table = table[table["suite"] == "farseer"]
    seen, asked = (table[table["split"] == split].sort_values("C") for split in ("context", "target"))
    at = np.arange(len(asked))
    for i, name in enumerate(METHODS):
        model = fs.fit_joint(seen["N"], seen["D"], seen["loss"], method=name)  # type: ignore[arg-type]
        answer = model.predict(asked["N"], asked["D"])
        y = asked["loss"].to_numpy()
        middle, (low, high) = 100 * (answer.median / y - 1), (100 * (end / y - 1) for end in answer.interval(0.9))
        ax.errorbar(
            at + 0.25 * (i - 1), middle, yerr=[middle - low, high - middle], fmt="o", ms=2.5, lw=1, color=COLOURS[name],
            label=name,
        )  # fmt: skip
    ax.axhline(0, color="0.4", lw=0.8)
    ax.set(
        xlabel="hidden run, from the cheapest",
        ylabel="predicted over read, %",
        title="Farseer: dear runs from cheap ones",
    )
    ax.legend(frameon=False, fontsize=8, loc="upper left")
