"""BNSL, the broken neural scaling law: power laws joined by n smooth breaks, above a floor.

    y = a + b x^-c0 prod_i (1 + (x/d_i)^(1/f_i))^(-c_i f_i),   i = 1..n

| symbol | meaning                                                     | unit               |
|--------|-------------------------------------------------------------|--------------------|
| a      | floor: y for x without end (if the last slope falls)        | unit of y          |
| b      | scale of the reducible part                                 | unit of y (unit of x)^c0 |
| c0     | exponent before the first break, positive as y falls        | 1                  |
| c_i    | change of the exponent at break i                           | 1                  |
| d_i    | x of break i                                                | unit of x          |
| f_i    | width of break i in ln x; small is sharp                    | 1                  |

Source: Caballero et al. 2022 (arXiv 2210.14891), eq. 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from ..numerics import Floats, sigmoid, softplus
from .base import Law, as_floats, log_of
from .coordinates import Form, PriorRow, exp, floor_prior, last_level, linear

Break = tuple[ArrayLike, ArrayLike, ArrayLike]  # (c_i, ln d_i, f_i)


def log_broken_power(log_x: ArrayLike, c0: ArrayLike, breaks: Iterable[Break]) -> Floats:
    """ln of x^-c0 prod_i (1 + (x/d_i)^(1/f_i))^(-c_i f_i); breaks as (c_i, ln d_i, f_i)."""
    log_x = as_floats(log_x)
    total = -as_floats(c0) * log_x
    for c, log_d, f in breaks:
        f = as_floats(f)
        total = total - as_floats(c) * f * softplus((log_x - as_floats(log_d)) / f)
    return total


class Bnsl(Law):
    """Broken neural scaling law with n breaks; parameters a, b, c0 and c1, d1, f1, c2, ..."""

    source = "Caballero et al. 2022, arXiv 2210.14891"

    def __init__(self, n_breaks: int) -> None:
        assert n_breaks >= 0
        self.n_breaks = n_breaks
        self.name, self.title = f"bnsl{n_breaks}", f"broken law, {_BREAKS.get(n_breaks, f'{n_breaks} breaks')}"
        breaks = range(1, n_breaks + 1)
        self.parameters = ("a", "b", "c0", *(f"{letter}{i}" for i in breaks for letter in "cdf"))
        self.example = {"a": 0.1, "b": 2.0, "c0": 0.2}
        for i, (c, d, f) in zip(breaks, ((-0.4, 20.0, 0.4), (0.7, 300.0, 0.2), (0.2, 3e3, 0.3)), strict=False):
            self.example |= {f"c{i}": c, f"d{i}": d, f"f{i}": f}
        self.form = FormBnsl(n_breaks)

    def log_y(self, log_x: ArrayLike, **params: ArrayLike) -> Floats:
        breaks = [(params[f"c{i}"], log_of(params[f"d{i}"]), params[f"f{i}"]) for i in range(1, self.n_breaks + 1)]
        reducible = log_of(params["b"]) + log_broken_power(log_x, params["c0"], breaks)
        return np.logaddexp(log_of(params["a"]), reducible)


_BREAKS = {1: "one break", 2: "two breaks"}


class FormBnsl(Form):
    """n smooth breaks; see the table above."""

    def __init__(self, n_breaks: int) -> None:
        self.n_breaks = n_breaks
        self.n_polished, self.chain_steps = {1: (6, 900), 2: (8, None)}.get(n_breaks, (8, None))
        i = range(1, n_breaks + 1)
        self.names = ("ln floor", "l", "m0", *(f"m{k}" for k in i), *(f"d{k}" for k in i), *(f"ln f{k}" for k in i))

    def _split(self, theta: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        n = self.n_breaks
        slopes, d, f = theta[..., 2 : 3 + n], theta[..., 3 + n : 3 + 2 * n], np.exp(theta[..., 3 + 2 * n :])
        return theta[..., 0, None], theta[..., 1, None], slopes, d, f

    def _reducible(self, theta: Floats, U: Floats) -> Floats:
        _, level, m, d, f = self._split(theta)
        breaks = [
            (m[..., i + 1, None] - m[..., i, None], d[..., i, None], f[..., i, None]) for i in range(self.n_breaks)
        ]
        at_end = log_broken_power(np.zeros(1), m[..., 0, None], breaks)
        return level + log_broken_power(U, m[..., 0, None], breaks) - at_end

    def value(self, theta: Floats, U: Floats) -> Floats:
        return np.logaddexp(theta[..., 0, None], self._reducible(theta, U))

    def jacobian(self, theta: Floats, U: Floats) -> Floats:
        _, _, m, d, f = self._split(theta)
        reducible = self._reducible(theta, U)
        below = np.exp(theta[0] - np.logaddexp(theta[0], reducible))
        a, a0 = (U[:, None] - d) / f, -d / f
        bend = f * (softplus(a) - softplus(a0))  # (M, n)
        share = sigmoid(a) - sigmoid(a0)
        change = np.diff(m)
        by_slope = np.concatenate([-U[:, None] + bend[:, :1], -bend], 1)  # m_0, then m_i with -bend_i + bend_{i+1}
        by_slope[:, 1:-1] += bend[:, 1:]
        by_width = -change * (bend - f * (a * sigmoid(a) - a0 * sigmoid(a0)))
        inner = np.concatenate([np.ones_like(U)[:, None], by_slope, change * share, by_width], 1)
        return np.concatenate([below[:, None], (1 - below)[:, None] * inner], 1)

    def prior(self, U: Floats, V: Floats) -> tuple[PriorRow, ...]:
        v, span, n = last_level(V), float(max(-U[0], 0.1)), self.n_breaks
        place, width = (-span / 2, span / 2, -np.inf, 0.7), (float(np.log(0.3)), 0.8)
        return (floor_prior(V), (v - 0.7, 1.5), *[(0.4, 0.4)] * (n + 1), *[place] * n, *[width] * n)

    def starts(self, U: Floats, V: Floats) -> Floats:
        n, y = self.n_breaks, np.exp(V)
        where = np.quantile(np.unique(U), np.linspace(0.1, 0.9, 7 if n == 1 else 6))
        widths = (0.05, 0.3, 1.0) if n == 1 else (0.15,)
        floors = (1e-3, 0.5, 0.85, 0.97)
        grid = [(fl, *ds, *[w] * n) for fl in floors for ds in combinations(where, n) for w in widths]
        nodes = np.array(grid)
        floor, d, f = (nodes[:, 0] * y.min())[:, None], nodes[:, 1 : 1 + n], nodes[:, 1 + n :]
        a, a0 = (U[None, :, None] - d[:, None]) / f[:, None], (-d / f)[:, None]
        bend = f[:, None] * (softplus(a) - softplus(a0))
        line = np.broadcast_to(np.stack([np.ones_like(U), -U], -1), (*bend.shape[:2], 2))
        design = np.concatenate([line, -bend], -1)
        fitted = linear(design, np.log(y - floor), (1 - floor / y) ** 2)
        slopes = np.cumsum(fitted[:, 1:], axis=1)  # changes of slope to slopes
        return np.concatenate([np.log(floor), fitted[:, :1], slopes, d, np.log(f)], 1)

    def parameters(self, theta: Floats, log_x: float, log_y: float) -> dict[str, float]:
        floor, level, m, d, f = self._split(theta)
        breaks = [(m[i + 1] - m[i], d[i], f[i]) for i in range(self.n_breaks)]
        at_end = float(log_broken_power(0.0, m[0], breaks))
        out = {"a": exp(log_y + floor[0]), "b": exp(log_y + level[0] - at_end + m[0] * log_x), "c0": float(m[0])}
        for i, (c, log_d, width) in enumerate(breaks, start=1):
            out |= {f"c{i}": float(c), f"d{i}": exp(log_d + log_x), f"f{i}": float(width)}
        return out
