"""Curves on which every method is poor, drawn with a known truth: what bands have to know of.

    steep      power laws without a floor and with exponents LU(2, 6), 5-12 runs over 4-30 times, noise LU(.1 %, 1 %),
               asked at 10 and 100 x_max
    constant   a log of 6-20 rows at equal steps of a law with a floor, noise LU(.03 %, .3 %), asked up to four times it
    annealed   the same with a learning rate that falls to nothing by then: by half a cosine from the first step, or
               by a line over the last U(.2, .6) of the run; it wins LU(1 %, 10 %)
    plateau    8-30 points of a plateau that falls like x^-LU(.3, 1.5) from U(.7, 1.5) x_max on, 1 % noise, to 3 x_max
    upturn     8-30 points of a law with a floor; from U(.7, 2) x_max on it rises like over-fitting does, to 4 x_max

x is in units of the largest context x.
"""

from collections.abc import Callable

import numpy as np
from benchmark.problem import Floats, Problem

from .goal_draws import generator, ladder, law, log_uniform, measured


def steep(n: int, draw: int = 0) -> list[Problem]:
    rng, out = generator(30, draw), []
    for _ in range(n):
        b, x = log_uniform(rng, 2.0, 6.0), ladder(rng, 5, 13, 4.0, 30.0)
        noise = log_uniform(rng, 1e-3, 1e-2)
        out.append(measured(rng, "steep", lambda x, b=b: x**-b, x, noise, np.array([10.0, 100.0])))
    return out


def logs_of_runs(n: int, draw: int = 0, *, annealed: bool) -> list[Problem]:
    rng, out = generator(31, draw), []
    at = np.linspace(1.25, 4.0, 12)
    for _ in range(n):
        rows = rng.integers(6, 21)
        wins = log_uniform(rng, 0.01, 0.1) * annealed
        fallen = _cosine if rng.random() < 0.5 else _late_line(rng.uniform(0.2, 0.6))
        of, noise = law(rng), log_uniform(rng, 3e-4, 3e-3)
        bent = lambda x, of=of, wins=wins, fallen=fallen: of(x) * np.exp(-wins * fallen(x / 4.0))  # noqa: E731
        out.append(measured(rng, "log of a run", bent, np.arange(1, rows + 1) / rows, noise, at))
    return out


def _cosine(share: Floats) -> Floats:
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.minimum(share, 1.0)))


def _late_line(length: float) -> Callable[[Floats], Floats]:
    return lambda share: np.clip((share - 1.0 + length) / length, 0.0, 1.0)


def plateau(n: int, draw: int = 0) -> list[Problem]:
    rng, out, at = generator(32, draw), [], np.linspace(1.1, 3.0, 8)
    for _ in range(n):
        slope, start, x = log_uniform(rng, 0.3, 1.5), rng.uniform(0.7, 1.5), ladder(rng, 8, 31, 8.0, 300.0)
        falls = lambda x, b=slope, start=start: (1.0 + (x / start) ** 8) ** (-b / 8)  # noqa: E731
        out.append(measured(rng, "plateau", falls, x, 1e-2, at))
    return out


def upturn(n: int, draw: int = 0) -> list[Problem]:
    rng, out, at = generator(33, draw), [], np.linspace(1.25, 4.0, 8)
    for _ in range(n):
        of, start, x = law(rng), rng.uniform(0.7, 2.0), ladder(rng, 8, 31, 8.0, 300.0)
        rise = log_uniform(rng, 0.03, 0.3)
        turned = lambda x, of=of, a=rise, s=start: of(x) * np.exp(a * np.maximum(x / s - 1.0, 0.0))  # noqa: E731
        out.append(measured(rng, "upturn", turned, x, log_uniform(rng, 1e-3, 1e-2), at))
    return out
