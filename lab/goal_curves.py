"""What the goals of a release are measured on: world.csv as it is and thinned, and curves drawn from exact laws.

    ladders    5-12 runs evenly in ln x over 8-300 times, L = E + top x^-b, E U(.5, 2.2), b LN(.3, .4), top/E
               LU(.15, 2), noise LU(.1 %, 1 %), asked at 10 x_max
    straight   power laws without a floor, 8-30 points, noise .1 %, asked at 10 x_max
    log N      N rows at equal steps with 15 % noise about such a law, asked from the end to twice the log
    rounded    4-6 points of such a law with two decimals that a law with a floor fits to a tenth of a digit, at 12 and
               1250 x_max: the truth there

x is in units of the largest context x. LU log-uniform, LN log-normal.
"""

from collections.abc import Callable, Iterator

import numpy as np
from benchmark.problem import Floats, Problem
from benchmark.suites.world import FEW, world

import forescale as fs

Rng = np.random.Generator
THINNED = (3, 4, 5)
ROWS = (100, 1_000, 10_000)


def groups(data: str = "") -> dict[str, Callable[[], list[Problem]]]:
    """Name -> its problems, drawn when asked."""
    out: dict[str, Callable[[], list[Problem]]] = {"world": lambda: list(world(data or None))}
    for n in THINNED:
        out[f"thin {n}"] = lambda n=n: list(thinned(world(data or None), n))  # type: ignore[misc]
    out |= {"ladders": lambda: ladders(200), "straight": lambda: straight(150), "rounded": lambda: rounded(150)}
    for rows in ROWS:
        out[f"log {rows}"] = lambda rows=rows: logs(40, rows)  # type: ignore[misc]
    return out


def thinned(problems: Iterator[Problem], n: int) -> Iterator[Problem]:
    """Curves of the longer suites with n of their points, evenly in ln x, where they have more."""
    for p in problems:
        u = np.log(p.context.x)
        if p.suite in FEW or len(np.unique(u)) <= n:
            continue
        rows = np.unique([np.abs(u - wanted).argmin() for wanted in np.linspace(u[0], u[-1], n)])
        if len(rows) == n:
            yield Problem(p.suite, p.name, p.context.take(rows), p.x, p.y)


def ladders(n: int) -> list[Problem]:
    rng = np.random.default_rng(24)
    return [_measured(rng, "ladders", _law(rng), _ladder(rng, 5, 13), _log_uniform(rng, 1e-3, 1e-2)) for _ in range(n)]


def straight(n: int) -> list[Problem]:
    rng, out = np.random.default_rng(25), []
    for _ in range(n):
        b = 0.3 * np.exp(0.4 * rng.standard_normal())
        out.append(_measured(rng, "straight", lambda x, b=b: x**-b, _ladder(rng, 8, 31), 1e-3))
    return out


def logs(n: int, rows: int) -> list[Problem]:
    rng, x = np.random.default_rng(26), np.arange(1, rows + 1) / rows
    at = np.exp(np.linspace(np.log(1.05), np.log(2.0), 8))
    return [_measured(rng, f"log {rows}", _law(rng), x, 0.15, at) for _ in range(n)]


def rounded(n: int) -> list[Problem]:
    rng, at = np.random.default_rng(27), np.array([12.0, 1250.0])
    out: list[Problem] = []
    while len(out) < n:
        points = rng.integers(4, 7)
        x = 2.0 ** np.arange(points) if rng.random() < 0.5 else 10.0 ** (np.arange(points) / 2)
        law, x = _law(rng), x / x[-1]
        y = np.round(law(x), 2)
        if len(np.unique(y)) == points and _misfit(x, y) < 5e-4:
            out.append(Problem("rounded", str(len(out)), fs.Curve(x, y), at, law(at), truth=law(at)))
    return out


def _law(rng: Rng) -> Callable[[Floats], Floats]:
    E, b = rng.uniform(0.5, 2.2), 0.3 * np.exp(0.4 * rng.standard_normal())
    top = E * _log_uniform(rng, 0.15, 2.0)
    return lambda x: E + top * x**-b


def _ladder(rng: Rng, fewest: int, end: int) -> Floats:
    return np.geomspace(1 / _log_uniform(rng, 8.0, 300.0), 1.0, rng.integers(fewest, end))


def _measured(
    rng: Rng, suite: str, law: Callable[[Floats], Floats], x: Floats, noise: float, at: Floats | None = None
) -> Problem:
    at = np.array([10.0]) if at is None else at
    y, later = (law(where) * np.exp(noise * rng.standard_normal(len(where))) for where in (x, at))
    return Problem(suite, "drawn", fs.Curve(x, y), at, later, truth=law(at))


def _misfit(x: Floats, y: Floats) -> float:
    """Root mean square distance of the points from their law with a floor."""
    from forescale.network.encodings.closed import laws

    U, V = np.log(x)[None], np.log(y)[None]
    none = np.zeros((1, 1))
    return float(laws(U, V - V[:, -1:], [np.ones_like(U)], none, none)[0].rms[0, 0] * y[-1])


def _log_uniform(rng: Rng, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
