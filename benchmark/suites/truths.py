"""Curves whose truth is known: what the synthetic checks ask. Formulas are written here once more, on purpose: a
check must not share code with what it checks.

    clean      power law with a floor, 5-8 points, noise 0 to 1e-3, targets to 30 times the context
    concave    a sigmoid in ln x, seen while it still steepens, that ends in a floor of 10-40 % of its start
    decay      a training log whose learning rate decays: cosine (begun in the context) or a final drop, half seen
    far        targets 10-1000 times away; truths are a power law with a floor, a sigmoid, a broken power law
    inside     the truths of `far`, asked inside the context's range
    rounded    power law with a floor, its context printed with two digits or two decimals
    monotone   power law with a floor, its context the isotonic regression of noisy readings, in bins of ln x

x is in units of the largest context x. U(a, b) uniform, LU(a, b) log-uniform.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

import forescale as fs

from ..problem import Floats, Problem

Rng = np.random.Generator
Truth = Callable[[Floats], Floats]

CLEAN_NOISE = (0.0, 1e-6, 1e-5, 1e-4, 1e-3)


def checks(n_curves: int, seed: int = 0) -> Iterator[tuple[str, str, list[Problem]]]:
    """(check, variant, its curves); the same curves for the same seed, whatever is asked of them."""
    for noise in CLEAN_NOISE:
        yield "clean", f"noise {noise:g}", _many(clean, n_curves, (seed, 1, int(1e6 * noise)), noise)
    yield "concave", "floor 10-40 %", _many(concave, n_curves, (seed, 2))
    for kind in ("cosine", "final drop"):
        yield "decay", kind, _many(decay, n_curves, (seed, 3, len(kind)), kind)
    for i, (name, draw) in enumerate(LAWS.items()):
        yield "far", name, _many(far, n_curves, (seed, 4, i), draw)
    for i, (name, draw) in enumerate(LAWS.items()):
        yield "inside", name, _many(inside, n_curves, (seed, 5, i), draw)
    for name, decimals in (("2 digits", False), ("2 decimals", True)):
        yield "rounded", name, _many(rounded, n_curves, (seed, 6), decimals)
    yield "monotone", "raw readings behind it", _many(monotone, n_curves, (seed, 7))


@cache
def fingerprint() -> str:
    """Twelve hex digits of what the checks draw, to six digits: rows stand as long as the same curves are drawn."""
    drawn = [a for _, _, ps in checks(2) for p in ps for a in (p.context.x, p.context.y, p.x, p.y, p.truth)]
    text = " ".join(f"{v:.6g}" for a in drawn if a is not None for v in a)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def clean(rng: Rng, noise: float) -> Problem:
    """n 5..8 on a geometric grid of range LU(4, 100); 5 targets at 2-30 times."""
    x = np.geomspace(1 / _log_uniform(rng, 4, 100), 1, rng.integers(5, 9))
    return _measure(rng, power_floor(rng, 0.0), x, np.array([2.0, 4.0, 8.0, 15.0, 30.0]), noise)


def concave(rng: Rng) -> Problem:
    """y = f + (1 - f)(1 + (x/d)^k)^-m: f U(.1, .4), k LU(.6, 1.5), m LU(.5, 2); 25-70 % of the fall is left at x = 1.

    n 8..30 over a range LU(10, 300), 6 targets at 1.5-10 times, noise LU(.003, .03).
    """
    f, k, m, left = (
        rng.uniform(0.1, 0.4),
        _log_uniform(rng, 0.6, 1.5),
        _log_uniform(rng, 0.5, 2),
        rng.uniform(0.25, 0.7),
    )
    d = (left ** (-1 / m) - 1) ** (-1 / k)  # so that (1 + d^-k)^-m = left
    x = np.geomspace(1 / _log_uniform(rng, 10, 300), 1, rng.integers(8, 31))
    truth = lambda at: f + (1 - f) * (1 + (at / d) ** k) ** -m  # noqa: E731
    return _measure(rng, truth, x, np.geomspace(1.5, 10, 6), _log_uniform(rng, 0.003, 0.03))


def decay(rng: Rng, kind: str) -> Problem:
    """ln y = ln(power law with floor) - A h(x / end), A LU(.02, .15); log lines at equal steps, n 10..40.

    cosine: h = (1 - cos(pi x / end))/2, the context ends at U(.3, .7) of the run. final drop: h falls linearly over
    the last 25 % of the run, of which the context has seen U(.3, .7). 6 targets from there to the end of the run.
    """
    trend, size, seen = power_floor(rng, 0.0), _log_uniform(rng, 0.02, 0.15), rng.uniform(0.3, 0.7)
    end = 1 / seen if kind == "cosine" else 1 / (0.75 + 0.25 * seen)

    def truth(at: Floats) -> Floats:
        share = at / end
        drop = (1 - np.cos(np.pi * share)) / 2 if kind == "cosine" else np.clip((share - 0.75) / 0.25, 0, 1)
        return trend(at) * np.exp(-size * drop)

    n = int(rng.integers(10, 41))
    return _measure(rng, truth, np.arange(1, n + 1) / n, np.linspace(1, end, 7)[1:], _log_uniform(rng, 0.002, 0.01))


def far(rng: Rng, draw: Callable[[Rng, float], Truth]) -> Problem:
    """n 8..30 over a range LU(30, 1000); 5 targets at 10-1000 times, noise LU(.002, .02)."""
    reach = np.log(_log_uniform(rng, 30, 1000))
    x = np.geomspace(np.exp(-reach), 1, rng.integers(8, 31))
    return _measure(rng, draw(rng, reach), x, np.geomspace(10, 1000, 5), _log_uniform(rng, 0.002, 0.02))


def inside(rng: Rng, draw: Callable[[Rng, float], Truth]) -> Problem:
    """The same contexts; 6 targets at random between the smallest and the largest context x."""
    reach = np.log(_log_uniform(rng, 30, 1000))
    x = np.geomspace(np.exp(-reach), 1, rng.integers(8, 31))
    at = np.exp(np.sort(rng.uniform(-reach, 0, 6)))
    return _measure(rng, draw(rng, reach), x, at, _log_uniform(rng, 0.002, 0.02))


def rounded(rng: Rng, decimals: bool) -> Problem:
    """A floor LU(.02, .7); n 6..20 over a range LU(10, 300), rounded and positive; 3 targets at 2-10 times, which are
    not rounded, noise LU(.001, .01). Both variants print the same curves."""
    law, floor, reach = power_floor(rng, 0.0), _log_uniform(rng, 0.02, 0.7), _log_uniform(rng, 10, 300)
    x = np.geomspace(1 / reach, 1, rng.integers(6, 21))
    asked = _measure(rng, lambda at: floor * law(at), x, np.array([2.0, 4.0, 10.0]), _log_uniform(rng, 0.001, 0.01))
    y = asked.context.y
    unit = 0.01 if decimals else 10 ** (np.floor(np.log10(y)) - 1)
    return replace(asked, context=fs.Curve(x, np.maximum(np.round(y / unit), 1) * unit))


def monotone(rng: Rng) -> Problem:
    """y = 1 + rho x^-c, c LU(.15, 1), rho LU(.3, 10) at the last of N LU(20, 300) equal steps, all of them read with
    noise LU(.003, .05). The context is their isotonic regression, averaged between a hundred edges from the first step
    to the last and shown at the left ones (as the tables of IC are: observed.py); 8 raw targets at 1.05-2 times."""
    c, rho = _log_uniform(rng, 0.15, 1), _log_uniform(rng, 0.3, 10)
    n = int(_log_uniform(rng, 20, 300))
    steps = np.arange(1.0, n + 1)
    read = _measure(
        rng, lambda k: 1 + rho * (k / n) ** -c, steps, n * np.geomspace(1.05, 2, 8), _log_uniform(rng, 0.003, 0.05)
    )
    fitted = isotonic_regression(read.context.y, increasing=False).x
    edge, bin_of = bins_of(steps)
    return replace(read, context=fs.Curve(edge, np.array([fitted[bin_of == i].mean() for i in range(len(edge))])))


def bins_of(steps: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """Bins between a hundred edges, even in ln x from the first step to the last, which belongs to the last bin: the
    left edge of each bin that holds a step, and which of these a step lies in."""
    edges = np.geomspace(steps[0], steps[-1], 100)
    in_all = np.minimum(np.searchsorted(edges * (1 - 1e-12), steps, side="right") - 1, 98)
    filled, bin_of = np.unique(in_all, return_inverse=True)
    return edges[filled], bin_of


def power_floor(rng: Rng, reach: float) -> Truth:
    """y = 1 + rho x^-c: c LU(.15, 1.2), rho LU(.03, 10) what is left to gain at x = 1 over the floor."""
    c, rho = _log_uniform(rng, 0.15, 1.2), _log_uniform(rng, 0.03, 10)
    return lambda x: 1 + rho * x**-c


def sigmoid(rng: Rng, reach: float) -> Truth:
    """M4: z / (1 - z)^a = (x/d)^-c, y = f + (1 - f) z: a LU(.6, 1.6), c LU(.2, 1), d in the older half of the
    context, f LU(.003, .3)."""
    a, c = _log_uniform(rng, 0.6, 1.6), _log_uniform(rng, 0.2, 1)
    log_d, f = rng.uniform(-reach, -0.3 * reach), _log_uniform(rng, 0.003, 0.3)

    def truth(x: Floats) -> Floats:
        goal = -c * (np.log(x) - log_d)
        low, high = np.full_like(goal, -60.0), np.full_like(goal, 60.0)  # of logit z, in which the left side rises
        for _ in range(70):
            s = (low + high) / 2
            above = -np.logaddexp(0, -s) + a * np.logaddexp(0, s) > goal
            low, high = np.where(above, low, s), np.where(above, s, high)
        return f + (1 - f) / (1 + np.exp(-(low + high) / 2))

    return truth


def broken(rng: Rng, reach: float) -> Truth:
    """BNSL-1: slope c0 LU(.1, .6) up to a break in the context's older 80 %, then c0 LU(.3, 3); width LU(.1, .8)
    in ln x; floor LU(.003, .3) of y at x = 1."""
    c0, ratio, f = _log_uniform(rng, 0.1, 0.6), _log_uniform(rng, 0.3, 3), _log_uniform(rng, 0.1, 0.8)
    log_d, floor = rng.uniform(-reach, -0.2 * reach), _log_uniform(rng, 0.003, 0.3)
    change = c0 * (ratio - 1)
    return lambda x: floor + np.exp(-c0 * np.log(x) - change * f * np.logaddexp(0, (np.log(x) - log_d) / f))


LAWS: dict[str, Callable[[Rng, float], Truth]] = {
    "power law + floor": power_floor,
    "sigmoid (M4)": sigmoid,
    "broken power law": broken,
}


def _measure(rng: Rng, truth: Truth, x: Floats, at: Floats, noise: float) -> Problem:
    read = lambda x: truth(x) * np.exp(noise * rng.standard_normal(len(x)))  # noqa: E731
    return Problem("check", "", fs.Curve(x, read(x)), at, read(at), truth=truth(at))


def _log_uniform(rng: Rng, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _many(draw: Callable[..., Problem], n: int, seed: tuple[int, ...], *settings: object) -> list[Problem]:
    """Curve i has a generator of its own, so that asking for more curves keeps the first ones."""
    return [replace(draw(np.random.default_rng([*seed, i]), *settings), name=str(i)) for i in range(n)]
