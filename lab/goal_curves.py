"""What the goals of a release are measured on: world.csv as it is and thinned, and curves drawn from exact laws.

    ladders    5-12 runs evenly in ln x over 8-300 times, L = E + top x^-b, E U(.5, 2.2), b LN(.3, .4), top/E
               LU(.15, 2), noise LU(.1 %, 1 %), asked at 10 x_max
    straight   power laws without a floor, 8-30 points, noise .1 %, asked at 10 x_max
    log N      N rows at equal steps with 15 % noise about such a law, asked from the end to twice the log
    rounded    4-6 points of such a law with two decimals that a law with a floor fits to a tenth of a digit, at 12 and
               1250 x_max: the truth there

Those of hard_curves.py belong to no goal and stand in the same table. x is in units of the
largest context x. LU log-uniform, LN log-normal.
"""

from collections.abc import Callable, Iterator

import numpy as np
from benchmark.problem import Floats, Problem
from benchmark.suites.world import FEW, world

import forescale as fs

from . import hard_curves as hard
from .goal_draws import generator, ladder, law, log_uniform, measured

THINNED = (3, 4, 5)
ROWS = (100, 1_000, 10_000)


def groups(data: str = "", draw: int = 0) -> dict[str, Callable[[], list[Problem]]]:
    """Name -> its problems, made when asked; `draw` counts independent draws of what is drawn."""
    out: dict[str, Callable[[], list[Problem]]] = {"world": lambda: list(world(data or None))}
    for n in THINNED:
        out[f"thin {n}"] = lambda n=n: list(thinned(world(data or None), n))  # type: ignore[misc]
    out |= {f"{of.__name__}": lambda of=of, n=n: of(n, draw) for of, n in DRAWN}  # type: ignore[misc]
    for rows in ROWS:
        out[f"log {rows}"] = lambda rows=rows: logs(40, rows, draw)  # type: ignore[misc]
    out |= {"constant": lambda: hard.logs_of_runs(100, draw, annealed=False)}
    out |= {"annealed": lambda: hard.logs_of_runs(100, draw, annealed=True)}
    return out


def is_drawn(group: str) -> bool:
    """Whether its curves are drawn here, not measured."""
    return group != "world" and not group.startswith("thin")


def thinned(problems: Iterator[Problem], n: int) -> Iterator[Problem]:
    """Curves of the longer suites with n of their points, evenly in ln x, where they have more."""
    for p in problems:
        u = np.log(p.context.x)
        if p.suite in FEW or len(np.unique(u)) <= n:
            continue
        rows = np.unique([np.abs(u - wanted).argmin() for wanted in np.linspace(u[0], u[-1], n)])
        if len(rows) == n:
            yield Problem(p.suite, p.name, p.context.take(rows), p.x, p.y)


def ladders(n: int, draw: int = 0) -> list[Problem]:
    rng = generator(24, draw)
    return [measured(rng, "ladders", law(rng), ladder(rng, 5, 13), log_uniform(rng, 1e-3, 1e-2)) for _ in range(n)]


def straight(n: int, draw: int = 0) -> list[Problem]:
    rng, out = generator(25, draw), []
    for _ in range(n):
        b = 0.3 * np.exp(0.4 * rng.standard_normal())
        out.append(measured(rng, "straight", lambda x, b=b: x**-b, ladder(rng, 8, 31), 1e-3))
    return out


def logs(n: int, rows: int, draw: int = 0) -> list[Problem]:
    rng, x = generator(26, draw), np.arange(1, rows + 1) / rows
    at = np.exp(np.linspace(np.log(1.05), np.log(2.0), 8))
    return [measured(rng, f"log {rows}", law(rng), x, 0.15, at) for _ in range(n)]


def rounded(n: int, draw: int = 0) -> list[Problem]:
    rng, at = generator(27, draw), np.array([12.0, 1250.0])
    out: list[Problem] = []
    while len(out) < n:
        points = rng.integers(4, 7)
        x = 2.0 ** np.arange(points) if rng.random() < 0.5 else 10.0 ** (np.arange(points) / 2)
        truth, x = law(rng), x / x[-1]
        y = np.round(truth(x), 2)
        if len(np.unique(y)) == points and _misfit(x, y) < 5e-4:
            out.append(Problem("rounded", str(len(out)), fs.Curve(x, y), at, truth(at), truth=truth(at)))
    return out


DRAWN = ((ladders, 200), (straight, 150), (rounded, 150), (hard.steep, 100), (hard.plateau, 100), (hard.upturn, 100))
"""What is drawn, and how many of each."""


def _misfit(x: Floats, y: Floats) -> float:
    """Root mean square distance of the points from their law with a floor."""
    from forescale.network.encodings.closed import laws

    U, V = np.log(x)[None], np.log(y)[None]
    none = np.zeros((1, 1))
    return float(laws(U, V - V[:, -1:], [np.ones_like(U)], none, none)[0].rms[0, 0] * y[-1])
