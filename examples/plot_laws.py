"""One panel for each law: what its parameters do to the curve. Writes docs/figures/laws.png.

Usage: python examples/plot_laws.py [laws.png]
"""

import sys

import numpy as np

from forescale.laws import LAWS
from forescale.pages import picture as figures

X = np.geomspace(1e3, 1e9, 300)
BASE = {
    "m1": {"beta": 8.0, "c": -0.15},
    "m2": {"beta": 20.0, "c": -0.3, "eps_inf": 0.3},
    "m3": {"beta": 10.0, "gamma": 1e-7, "c": 0.18},
    "m4": {"eps_0": 0.95, "eps_inf": 0.15, "alpha": 0.4, "beta": 300.0, "c": -0.5},
    "bnsl1": {"a": 0.08, "b": 1.8, "c0": 0.06, "c1": 0.35, "d1": 1e6, "f1": 0.4},
    "bnsl2": {"a": 0.05, "b": 1.5, "c0": 0.04, "c1": 0.4, "d1": 3e5, "f1": 0.3, "c2": -0.3, "d2": 3e7, "f2": 0.3},
}
MOVES = {
    "m1": ("c", (-0.1, -0.15, -0.2)),
    "m2": ("eps_inf", (0.1, 0.3, 0.6)),
    "m3": ("gamma", (1e-8, 1e-7, 1e-6)),
    "m4": ("alpha", (0.1, 0.4, 1.0)),
    "bnsl1": ("f1", (0.1, 0.4, 2.0)),
    "bnsl2": ("c2", (-0.4, -0.3, 0.1)),
}


def main(path: str = "docs/figures/laws.png") -> None:
    figure, axes = figures.new_figure(2, 3, width=3.4, height=2.7)
    for ax, (name, law) in zip(axes.ravel(), LAWS.items(), strict=True):
        symbol, values = MOVES[name]
        for value, colour in zip(values, figures.COLOURS, strict=False):
            ax.loglog(X, law.y(X, **BASE[name] | {symbol: value}), color=colour, label=f"{symbol} = {value:g}")
        ax.set(title=name, xlabel="x", ylabel="y")
        ax.legend(fontsize=7, frameon=False)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main(*sys.argv[1:])
