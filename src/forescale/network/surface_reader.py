"""Tables of runs in, mixtures out: the released networks of surfaces in NumPy.

A table of more than MANY rows is read twice, whole and without its cheapest runs, whose law need not be that of the
dear ones, and both answers count. A table of more than MOST rows is read in parts that each span its compute. Densities
are averaged; so are those of the networks of a release, which differ in their seed alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import CheckpointError
from ..forecasts.distributions import Mixture
from ..numerics import Floats, evenly
from . import answers
from .checkpoint import Weights, load_weights
from .config import SURFACES
from .encodings import surfaces
from .encodings.surface_law import LawPosterior
from .forward import Forward

RELEASE = ("joint", "joint-2")
"""Names of the released networks: one configuration, two seeds; no seed was chosen."""
MOST = 160
MOST_PARTS = 4
MANY, STEPS = 20, 5
"""Tables with more runs are read twice; the second reading counts SHARE from MANY + STEPS runs on."""
CHEAP, SHARE = 0.4, 0.5
"""Share of the runs, by compute, that the second reading leaves out, and what it counts."""


@dataclass(frozen=True)
class Answers:
    """Of one table: mixtures of ln L at T questions (`run`, `curve`), of ln N*, ln L* and the slope at O budgets.

    laws: posterior of the law of the dear runs of each part, with ln N, ln D and ln L at its origin.
    """

    run: Mixture
    curve: Mixture
    best_u: Mixture
    best_loss: Mixture
    slope: Mixture
    laws: tuple[tuple[LawPosterior, float, float, float], ...]


@dataclass(frozen=True)
class SurfaceReader:
    """Networks that answer for tables of runs."""

    weights: tuple[Weights, ...]
    forwards: tuple[Forward, ...]

    @classmethod
    def load(cls, *paths: str | Path) -> SurfaceReader:
        """Networks of one's own by path, averaged.

        Raises:
            CheckpointError: no such weights, or of a network of curves.
        """
        found = tuple(load_weights(path) for path in paths)
        for weights in found:
            if weights.config.scaling != SURFACES:
                raise CheckpointError(
                    f"expected a network of tables of runs, got one of curves ({weights.name}). "
                    "Train one with the configuration 'joint'."
                )
        return cls(found, tuple(Forward(w.config, w.arrays) for w in found))

    def ask(self, u: Floats, v: Floats, y: Floats, ask_u: Floats, ask_v: Floats, c: Floats) -> Answers:
        """ln N, ln D and ln L of the runs (n,); of the questions (T,); ln N + ln D of the budgets (O,)."""
        order = np.lexsort((y, v, u))  # attention sums in float32: the order of rows may not move a digit
        u, v, y = u[order], v[order], y[order]
        found: dict[str, list[Mixture]] = {name: [] for name in answers.ANSWERS}
        laws: list[tuple[LawPosterior, float, float, float]] = []
        weights: list[float] = []
        for rows, weight in readings(u + v):
            tokens = surfaces.encode(u[rows][None], v[rows][None], y[rows][None], ask_u[None], ask_v[None], c[None])
            u0, v0, y0, s = (
                float(x[0, 0]) for x in (tokens.mean_u_B1, tokens.mean_v_B1, tokens.shift_B1, tokens.scale_B1)
            )
            laws.append((tokens.dear, u0, v0, y0))
            frames = {"run": (y0, s), "curve": (y0, s), "best_u": (u0, 1.0), "best_loss": (y0, s), "slope": (0.0, 1.0)}
            weights += [weight] * len(self.forwards)
            for forward in self.forwards:
                for name, raw in _raw(forward, tokens).items():
                    anchors = tokens.anchors[answers.ANCHORS_OF[name]]
                    found[name].append(answers.mixture(raw[0], anchors, 0, *frames[name]))
        return Answers(**{name: answers.pooled(m, weights) for name, m in found.items()}, laws=tuple(laws))


def readings(c: Floats) -> list[tuple[NDArray[np.intp], float]]:
    """Rows of each reading of a table with ln N + ln D (n,), and what it counts; the weights sum to one."""
    n = len(c)
    second = SHARE * min(1.0, max(n - MANY, 0) / STEPS)
    out = [(rows, 1 - second) for rows in parts(c)]
    out = [(rows, weight / len(out)) for rows, weight in out]
    if second:
        dear = np.sort(np.argsort(c, kind="stable")[int(CHEAP * n) :])
        late = parts(c[dear])
        out += [(dear[rows], second / len(late)) for rows in late]
    return out


def parts(c: Floats) -> list[NDArray[np.intp]]:
    """Rows of each part of a table, evenly over its compute: one where it has at most MOST rows."""
    n = len(c)
    order = np.argsort(c, kind="stable")
    if n > MOST * MOST_PARTS:
        order = order[evenly(MOST * MOST_PARTS, n)]
    k = -(-len(order) // MOST)
    return [np.sort(order[i::k]) for i in range(k)]


def installed() -> bool:
    """Whether the package has its networks of surfaces."""
    return all(_path(name).exists() for name in RELEASE)


@cache
def released() -> SurfaceReader:
    """The released networks, read once per process."""
    return SurfaceReader.load(*(_path(name) for name in RELEASE))


def _path(name: str) -> Path:
    return Path(str(files("forescale").joinpath("weights", f"{name}.safetensors")))


def _raw(forward: Forward, tokens: surfaces.SurfaceTokens) -> dict[str, NDArray[np.float32]]:
    """Raw outputs of each answer, (B, K, N_OUTPUTS)."""
    asked = (tokens.loss_BTF, tokens.optimum_BOF)
    ways_in = [(kind.way_in, t) for kind, t in zip(answers.KINDS, asked, strict=True)]
    raws = forward.answers(("row_in", tokens.context_BMF), ways_in, [kind.way_out for kind in answers.KINDS])
    out: dict[str, NDArray[np.float32]] = {}
    for kind, raw in zip(answers.KINDS, raws, strict=True):
        out |= dict(zip(kind.answers, np.split(raw, len(kind.answers), axis=-1), strict=True))
    return out
