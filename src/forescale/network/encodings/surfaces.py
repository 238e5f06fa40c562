"""Tokens of tables of runs: rows (N, D, loss), questions of a loss at (N, D), and questions of the optimum at a budget.

u = ln N and v = ln D are taken from their means over the context, so units cannot matter; a position is read in
e-folds (exponents near .3 mean something there), in the range of the context, and from its dearest run.
V = ln y - shift, shift the level of the dear end; outcomes are r = V / s.
Columns have names; `COLUMNS` lists them by kind of token.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...numerics import Floats
from .surface_fits import apply, normalised, planar, quadratic, regression, rms
from .surface_law import LawPosterior, Optimum, Read, fit_law

Columns = dict[str, Floats]
VERSION = 1
SAME = 1e-3
"""Sizes (or tokens) closer than this in ln count as one."""
TOWARDS_DEAR = 3.0


@dataclass(frozen=True)
class Anchors:
    """Where an outcome may lie: places and ln widths, (B, K, A)."""

    loc: Floats
    log_scale: Floats


@dataclass(frozen=True)
class SurfaceTokens:
    """What the network reads of B tables, and the way back.

    ln y = shift + s r for losses; ln N* = mean_u + its outcome, in e-folds; the slope is itself.
    """

    context_BMF: NDArray[np.float32]
    loss_BTF: NDArray[np.float32]
    optimum_BOF: NDArray[np.float32]
    anchors: dict[str, Anchors]
    shift_B1: Floats
    scale_B1: Floats
    mean_u_B1: Floats
    mean_v_B1: Floats
    dear: LawPosterior
    """The law of the dear runs, in u and v from their means and in units of the level e^shift."""


def encode(u_BM: Floats, v_BM: Floats, y_BM: Floats, u_BT: Floats, v_BT: Floats, c_BO: Floats) -> SurfaceTokens:
    """Tokens of B tables with the same number of runs.

    Args:
        u_BM, v_BM, y_BM: ln N, ln D and ln L of the runs.
        u_BT, v_BT: ln N and ln D of the losses asked.
        c_BO: ln N + ln D of the budgets.
    """
    table = _Table(u_BM, v_BM, y_BM)
    ask_u, ask_v, c = u_BT - table.mean_u, v_BT - table.mean_v, c_BO - table.mean_u - table.mean_v
    same = table.columns()
    laws, bests = [law.at(ask_u, ask_v) for law in table.laws], [law.optimum(c) for law in table.laws]
    rows, loss, best = table.rows(), table.questions(ask_u, ask_v, *laws), table.optima(c, *bests)
    anchors = {"loss": table.loss_anchors(*laws), **table.optimum_anchors(c, *bests)}
    return SurfaceTokens(
        _stack(rows, same, y_BM.shape), _stack(loss, same, u_BT.shape), _stack(best, same, c_BO.shape), anchors,
        table.shift, table.s, table.mean_u, table.mean_v, table.laws[1],
    )  # fmt: skip


class _Table:
    """Everything about B contexts that tokens are made of."""

    def __init__(self, u: Floats, v: Floats, log_y: Floats):
        n = u.shape[1]
        self.mean_u, self.mean_v = u.mean(1, keepdims=True), v.mean(1, keepdims=True)
        self.u, self.v = u - self.mean_u, v - self.mean_v
        self.c, self.q = self.u + self.v, self.v - self.u
        self.c_max = self.c.max(1, keepdims=True)
        self.R_c = np.maximum(self.c_max - self.c.min(1, keepdims=True), 0.3)
        self.R_u = np.maximum(np.ptp(self.u, axis=1, keepdims=True), 0.3)
        self.R_v = np.maximum(np.ptp(self.v, axis=1, keepdims=True), 0.3)
        self.sd_q = np.maximum(self.q.std(1, keepdims=True), 0.1)
        from_end = (self.c - self.c_max) / self.R_c
        level = normalised(np.exp(4.0 * from_end))
        self.shift = (level * log_y).sum(1, keepdims=True)
        self.V = log_y - self.shift
        self.s = np.maximum(np.sqrt((self.V**2).mean(1, keepdims=True)), 1e-3)
        self.Y = np.exp(np.clip(self.V, -300.0, 300.0))

        flat = np.full_like(self.u, 1.0 / n)
        first = fit_law(self.u, self.v, self.Y, flat, self.s, n_zooms=1).at(self.u, self.v)
        miss = np.abs(self.V - first.mean)
        typical = 3.5 * 1.4826 * np.median(miss, axis=1, keepdims=True) + 1e-6 * self.s
        self.robust = 1.0 / (1.0 + (miss / typical) ** 2)
        if n < 9:
            self.robust = np.sqrt(self.robust)
        self.weights = [normalised(self.robust), normalised(self.robust * np.exp(TOWARDS_DEAR * from_end))]
        self.laws = [fit_law(self.u, self.v, self.Y, w, self.s) for w in self.weights]
        self.at_rows = [law.at(self.u, self.v) for law in self.laws]
        self.plane = regression(planar(self.u, self.v), self.V, self.weights[1])
        self.quadratic = regression(quadratic(self.u, self.v), self.V, self.weights[0])
        fitted = [r.mean for r in self.at_rows]
        fitted += [apply(planar(self.u, self.v), self.plane), apply(quadratic(self.u, self.v), self.quadratic)]
        self.residuals = [self.V - f for f in fitted]
        spent = (4.0, 4.0, 3.0, 6.0)
        every = [self.weights[0], self.weights[1], self.weights[1], self.weights[0]]
        self.rms = [rms(r, w, k) for r, w, k in zip(self.residuals, every, spent, strict=True)]
        trusted = [self.rms[0], self.rms[1], *([self.rms[3]] if n >= 9 else [])]
        self.noise = np.minimum.reduce(trusted) + 1e-3 * self.s
        self.same_u = np.abs(self.u[:, :, None] - self.u[:, None]) < SAME
        self.same_v = np.abs(self.v[:, :, None] - self.v[:, None]) < SAME

    def position(self, u: Floats, v: Floats) -> Columns:
        c, q = u + v, v - u
        return {
            "u": 0.4 * np.clip(u, -25, 25),
            "v": 0.4 * np.clip(v, -25, 25),
            "u in ranges": np.arcsinh(2 * u / self.R_u),
            "v in ranges": np.arcsinh(2 * v / self.R_v),
            "beyond the dearest": 0.35 * np.clip(c - self.c_max, -25, 25),
            "beyond, in ranges": np.arcsinh(2 * (c - self.c_max) / self.R_c),
            "q": 0.4 * np.clip(q, -25, 25),
            "q in spreads": np.arcsinh(q / self.sd_q),
        }

    def rows(self) -> Columns:
        out = {"V": 0.5 * np.clip(self.V / self.s, -20, 20), "V, sharp": 0.5 * np.arcsinh(4 * self.V / self.s)}
        for name, factor, r in zip(_FITS, (0.7, 0.7, 0.5, 0.5), self.residuals, strict=True):
            out[f"residual of {name}"] = factor * np.arcsinh(r / self.noise)
        r = self.residuals[0]
        for axis, same in (("N", self.same_u), ("D", self.same_v)):
            others = same.sum(2) - 1.0
            mean = ((same @ r[..., None])[..., 0] - r) / np.maximum(others, 1.0)
            out[f"others of this {axis}"] = 0.5 * np.arcsinh(mean / self.noise)
            out[f"count of this {axis}"] = 0.7 * np.log1p(others)
        return out | {"trust": 2 * self.robust - 1} | self.position(self.u, self.v)

    def questions(self, u: Floats, v: Floats, all_: Read, dear: Read) -> Columns:
        plane, bent = apply(planar(u, v), self.plane), apply(quadratic(u, v), self.quadratic)
        out = {
            f"{name}": np.arcsinh(x / self.s) for name, x in zip(_FITS[:3], (all_.mean, dear.mean, plane), strict=True)
        }
        out["quadratic"] = 0.5 * np.arcsinh(bent / self.s)
        for name, read in (("law", all_), ("dear law", dear)):
            out[f"spread of {name}"] = 0.4 * np.log(read.spread / self.s + 1e-5) + 1.3
        for name, x in (("dear law", dear.mean), ("plane", plane), ("quadratic", bent)):
            out[f"{name} less law"] = 0.5 * np.arcsinh((x - all_.mean) / self.noise)
        return out | self._neighbours(u, v) | self.position(u, v)

    def _neighbours(self, u: Floats, v: Floats) -> Columns:
        """What runs of the same N or D, and those near by, have left over."""
        out: Columns = {}
        r = self.residuals[0]
        for axis, asked, seen in (("N", u, self.u), ("D", v, self.v)):
            apart = np.abs(asked[:, :, None] - seen[:, None])
            same = apart < SAME
            count = same.sum(2)
            mean = (same @ r[..., None])[..., 0] / np.maximum(count, 1)
            out[f"of this {axis}"] = 0.5 * np.arcsinh(mean / self.noise)
            out[f"count of this {axis}"] = 0.7 * np.log1p(count)
            out[f"nearest {axis}"] = np.arcsinh(apart.min(2))
            if axis == "N":
                cost = np.where(same, self.c[:, None], -np.inf)
                dearest = same & (cost >= cost.max(2, keepdims=True) - 1e-9)
                last = (dearest @ r[..., None])[..., 0] / np.maximum(dearest.sum(2), 1)
                out["dearest of this N"] = 0.5 * np.arcsinh(last / self.noise)
        far2 = (u[:, :, None] - self.u[:, None]) ** 2 + (v[:, :, None] - self.v[:, None]) ** 2
        near = np.exp(-0.5 * np.minimum(far2 / 0.64, 80.0))
        total = near.sum(2)
        out["near by"] = 0.5 * np.arcsinh((near @ r[..., None])[..., 0] / (total + 0.1) / self.noise)
        out["count near by"] = 0.7 * np.log1p(total)
        return out

    def optima(self, c: Floats, all_: Optimum, dear: Optimum) -> Columns:
        out: Columns = {}
        for name, best in zip(_FITS[:2], (all_, dear), strict=True):
            out[f"N* of {name}"] = 0.4 * (best.u.mean - c / 2)
            out[f"spread of N* of {name}"] = 0.4 * np.log(best.u.spread + 1e-3)
            out[f"L* of {name}"] = np.arcsinh(best.log_loss.mean / self.s)
            out[f"spread of L* of {name}"] = 0.4 * np.log(best.log_loss.spread / self.s + 1e-5) + 1.3
        out["difference of N*"] = np.arcsinh(dear.u.mean - all_.u.mean)
        out["difference of L*"] = 0.5 * np.arcsinh((dear.log_loss.mean - all_.log_loss.mean) / self.noise)
        for name, k in (("uu", 3), ("uv", 4), ("vv", 5)):
            bend = np.arcsinh(20 * self.quadratic[:, k : k + 1] / self.s)
            out[f"bend {name}"] = np.broadcast_to(bend, c.shape)
        return out | {
            "beyond the dearest": 0.35 * np.clip(c - self.c_max, -25, 25),
            "beyond, in ranges": np.arcsinh(2 * (c - self.c_max) / self.R_c),
            "c": 0.25 * np.clip(c, -40, 40),
        }

    def columns(self) -> Columns:
        """Numbers of the table, (B, 1), the same on each of its tokens."""
        n = self.u.shape[1]
        s, noise = self.s, self.noise
        off_u, off_v = self.u, self.v
        corr = (off_u * off_v).mean(1, keepdims=True) / np.maximum(
            off_u.std(1, keepdims=True) * off_v.std(1, keepdims=True), 1e-9
        )
        out: Columns = {
            "ln s": 0.5 * np.log(s) + 1, "ln n": np.full_like(s, 0.7 * np.log(n) - 2),
            "ln R_c": 0.7 * np.log(self.R_c) - 1, "ln R_u": 0.7 * np.log(self.R_u) - 0.6,
            "ln R_v": 0.7 * np.log(self.R_v) - 0.6, "ln sd q": 0.7 * np.log(self.sd_q), "corr": corr,
        }  # fmt: skip
        for name, size in zip(_FITS, self.rms, strict=True):
            out[f"rms of {name}"] = 0.4 * np.log(size / s + 1e-5) + 1.5
        out |= self._groups() | self._rough()
        for name, law in zip(_FITS[:2], self.laws, strict=True):
            for letter, x in (("alpha", law.alpha), ("beta", law.beta)):
                read = law.moments_of(np.log(x))
                out[f"ln {letter} of {name}"] = read.mean + 1
                out[f"spread of ln {letter} of {name}"] = 1.5 * read.spread
            slope = law.moments_of(law.beta / (law.alpha + law.beta))
            out[f"a of {name}"] = 4 * (slope.mean - 0.5)
            out[f"spread of a of {name}"] = 0.5 * np.log(slope.spread + 1e-3) + 1
        c = self.laws[0].coefficients
        share = c / np.maximum(c.sum(2, keepdims=True), 1e-12)
        for k, letter in enumerate("EAB"):
            out[f"share of {letter}"] = 2 * self.laws[0].moments_of(share[..., k]).mean - 0.7
        out["slope in u"] = np.arcsinh(self.plane[:, 1:2] * self.R_u / s)
        out["slope in v"] = np.arcsinh(self.plane[:, 2:3] * self.R_v / s)
        r = np.abs(self.residuals[0])
        out["tails"] = np.log(np.median(r, axis=1, keepdims=True) + 0.01 * noise) - np.log(
            np.sqrt((r**2).mean(1, keepdims=True)) + 0.01 * noise
        )
        return out

    def _groups(self) -> Columns:
        """Spread of residuals between and within groups of one N, and of one D; how many groups."""
        out: Columns = {}
        n = self.u.shape[1]
        r = self.residuals[0]
        for axis, same in (("N", self.same_u), ("D", self.same_v)):
            size = same.sum(2)
            mean = (same @ r[..., None])[..., 0] / size
            groups = (1.0 / size).sum(1, keepdims=True)
            between = np.sqrt((mean**2).mean(1, keepdims=True))
            within = np.sqrt(((r - mean) ** 2).sum(1, keepdims=True) / np.maximum(n - groups, 1.0))
            out[f"between {axis}"] = np.arcsinh(between / self.noise)
            out[f"within {axis}"] = np.arcsinh(within / self.noise)
            out[f"number of {axis}"] = 0.7 * np.log(groups) - 1
        return out

    def _rough(self) -> Columns:
        """Correlation of each residual with its nearest neighbour's: near 1 where a fit misses smoothly."""
        far2 = (self.u[:, :, None] - self.u[:, None]) ** 2 + (self.v[:, :, None] - self.v[:, None]) ** 2
        diagonal = np.arange(self.u.shape[1])
        far2[:, diagonal, diagonal] = np.inf
        nearest = far2 <= far2.min(2, keepdims=True) * (1 + 1e-6) + 1e-12  # on a grid several are
        nearest = nearest / nearest.sum(2, keepdims=True)
        out: Columns = {}
        for name, r in zip(_FITS, self.residuals, strict=True):
            beside = (nearest @ r[..., None])[..., 0]
            size = np.sqrt((r * r).mean(1, keepdims=True) * (beside * beside).mean(1, keepdims=True))
            out[f"smoothness of {name}"] = (r * beside).mean(1, keepdims=True) / np.maximum(size, 1e-12)
        return out

    def loss_anchors(self, all_: Read, dear: Read) -> Anchors:
        return self._loss_like(all_, dear, 1.0, (1e-4 * self.s) ** 2 + self.rms[0] ** 2)

    def optimum_anchors(self, c: Floats, all_: Optimum, dear: Optimum) -> dict[str, Anchors]:
        gap = (dear.u.mean - all_.u.mean) / 2
        best = _anchors(
            (c / 2, dear.u.mean, all_.u.mean),
            (1.2 + 0.2 * np.abs(c), _size(dear.u.spread, gap, 0.1), _size(all_.u.spread, 0.02)),
        )
        gap = (dear.slope.mean - all_.slope.mean) / 2
        slope = _anchors(
            (np.full_like(c, 0.5), dear.slope.mean, all_.slope.mean),
            (np.full_like(c, 0.15), _size(dear.slope.spread, gap, 0.02), _size(all_.slope.spread, 0.004)),
        )
        narrow = (1e-3 * self.s) ** 2 + 0.1 * self.rms[0] ** 2
        return {
            "best_u": best, "best_loss": self._loss_like(all_.log_loss, dear.log_loss, 0.3, narrow), "slope": slope,
        }  # fmt: skip

    def _loss_like(self, all_: Read, dear: Read, noise_share: float, narrow: Floats) -> Anchors:
        gap = (dear.mean - all_.mean) / 2
        wide = _size(np.sqrt(noise_share) * self.rms[1], dear.spread, gap, 0.02 * self.s)
        zero = np.zeros_like(all_.mean)
        return _anchors(
            (zero, dear.mean / self.s, all_.mean / self.s),
            (zero + 1.0, wide / self.s, np.sqrt(narrow + all_.spread**2) / self.s),
        )


_FITS = ("law", "dear law", "plane", "quadratic")


def _anchors(places: tuple[Floats, ...], widths: tuple[Floats, ...]) -> Anchors:
    shape = np.broadcast_shapes(*(np.shape(x) for x in (*places, *widths)))
    loc, scale = (np.stack([np.broadcast_to(x, shape) for x in xs], -1) for xs in (places, widths))
    return Anchors(loc, np.log(scale))


def _size(*parts: Floats | float) -> Floats:
    return np.asarray(np.sqrt(sum(np.square(p) for p in parts)))


def _stack(columns: Columns, same: Columns, shape: tuple[int, ...]) -> NDArray[np.float32]:
    out = np.empty((*shape, len(columns) + len(same)), np.float32)
    for i, column in enumerate((*columns.values(), *same.values())):
        out[..., i] = column
    return out


def columns_of() -> dict[str, tuple[str, ...]]:
    """Names of the columns of each kind of token, in order."""
    one = np.arange(4.0)[None]
    table = _Table(one, one[:, ::-1], -one)
    same = tuple(table.columns())
    laws, bests = [law.at(one, one) for law in table.laws], [law.optimum(one) for law in table.laws]
    kinds = {"row": table.rows(), "loss": table.questions(one, one, *laws), "optimum": table.optima(one, *bests)}
    return {kind: (*columns, *same) for kind, columns in kinds.items()}


COLUMNS = columns_of()
N_COLUMNS = {kind: len(names) for kind, names in COLUMNS.items()}
