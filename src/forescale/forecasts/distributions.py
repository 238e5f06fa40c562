"""T one-dimensional distributions over a scaled outcome r: what a Forecast is made of.

Two final classes implement one abstract contract:

    Mixture  Σ_k w_k · kernel((r - loc_k) / scale_k), kernel logistic, normal or Student-t
    Bars     the paper's binned density on r ≥ 0 with a half-normal upper tail

Everything is float64 and finite in the far tails. Shapes: T targets, K components or bins, S draws.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..numerics import Floats, log_softmax, log_sum_exp, logit, sigmoid, solve_increasing
from .kernels import KERNELS, KernelName

M = TypeVar("M", bound="Marginals")
TAIL_MEAN = math.sqrt(2 / math.pi)
"""Mean of a half-normal over its scale."""
_FARTHEST = 1e150
"""Scales beyond which a tail stops falling, so that the square in its logarithm stays finite."""
_KNOTS = 41
"""Levels that are solved for first where many more are asked."""


class Marginals(ABC):
    """T distributions; every method broadcasts its argument against shape (..., T).

    Attributes:
        joint: whether a sampled row is one possible curve; else a row shares a quantile level.
    """

    joint: bool = False

    @property
    @abstractmethod
    def n_targets(self) -> int:
        """T."""

    @abstractmethod
    def log_pdf(self, r: ArrayLike) -> Floats:
        """ln density, shape (..., T)."""

    @abstractmethod
    def cdf(self, r: ArrayLike) -> Floats:
        """P(R ≤ r), shape (..., T)."""

    @abstractmethod
    def quantile(self, p: ArrayLike) -> Floats:
        """The r at which cdf(r) = p, far in the tails too; p scalar or broadcastable to (..., T), inside (0, 1)."""

    @abstractmethod
    def take(self, index: NDArray[np.intp] | slice) -> Self:
        """Those of some targets."""

    @abstractmethod
    def moved(self, shift: float, scale: float) -> Self:
        """The distributions of shift + scale · r, scale > 0."""

    @abstractmethod
    def blurred(self, std_T: Floats) -> Self:
        """Those of r and an independent error of standard deviation std (T,) ≥ 0, matched in variance."""

    @abstractmethod
    def blend(self, other: Self, share_T: Floats) -> Self:
        """(1 - share) of this and share, in [0, 1], of another of the same shape and targets."""

    @abstractmethod
    def like(self, other: "Marginals") -> bool:
        """Whether both differ in numbers only, so that `stacked` can make them one."""

    @abstractmethod
    def stacked(self, others: "Sequence[Self]") -> Self:
        """These and those of others `like` it, one after the other, over all their targets."""

    @abstractmethod
    def split(self, rows: Sequence[slice]) -> "list[Self]":
        """Those of each of several runs of targets, copied: one that is kept does not keep all."""

    @abstractmethod
    def moments(self) -> tuple[Floats, Floats] | None:
        """Mean and standard deviation of r in closed form, or None where there is none."""

    def sample_rows(self, rng: np.random.Generator, n: int) -> Floats:
        """(n, T) draws; by default each row shares one quantile level (comonotone)."""
        levels = rng.uniform(size=(n, 1))
        return self.quantile(np.clip(levels, 1e-12, 1 - 1e-12))


@dataclass(frozen=True)
class Mixture(Marginals):
    """Σ_k w_k kernel((r - loc_k)/scale_k)/scale_k.

    Args:
        kernel: shape of one component.
        log_weight_TK, loc_TK, scale_TK: shape (T, K); weights need not be normalised; scales > 0.
        df: degrees of freedom of the Student kernel.
        joint: component k is the same posterior draw at every target, so that a sampled row is a whole curve.
    """

    kernel: KernelName
    log_weight_TK: Floats
    loc_TK: Floats
    scale_TK: Floats
    df: float = np.inf
    joint: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "log_weight_TK", log_softmax(np.asarray(self.log_weight_TK, float)))
        object.__setattr__(self, "loc_TK", np.asarray(self.loc_TK, float))
        object.__setattr__(self, "scale_TK", np.asarray(self.scale_TK, float))

    def take(self, index: NDArray[np.intp] | slice) -> "Mixture":
        own = self.log_weight_TK[index], self.loc_TK[index], self.scale_TK[index]
        return replace(self, log_weight_TK=own[0], loc_TK=own[1], scale_TK=own[2])

    def blend(self, other: "Mixture", share_T: Floats) -> "Mixture":
        assert (self.kernel, self.df, self.joint, self.n_targets) == (
            other.kernel,
            other.df,
            other.joint,
            other.n_targets,
        )
        with np.errstate(divide="ignore"):  # a share of 0 is a weight of e^-inf
            mine, theirs = np.log1p(-share_T)[:, None], np.log(share_T)[:, None]
        return replace(
            self,
            log_weight_TK=np.concatenate([self.log_weight_TK + mine, other.log_weight_TK + theirs], axis=-1),
            loc_TK=np.concatenate([self.loc_TK, other.loc_TK], axis=-1),
            scale_TK=np.concatenate([self.scale_TK, other.scale_TK], axis=-1),
        )

    def moved(self, shift: float, scale: float) -> "Mixture":
        return replace(self, loc_TK=shift + scale * self.loc_TK, scale_TK=scale * self.scale_TK)

    def blurred(self, std_T: Floats) -> "Mixture":
        own = KERNELS[self.kernel].std(self.df)
        unit = own if np.isfinite(own) else 1.0  # a tail without a variance is widened as a normal of its scale
        return _with(self, scale_TK=np.hypot(self.scale_TK, np.asarray(std_T)[:, None] / unit))

    def like(self, other: Marginals) -> bool:
        return (
            isinstance(other, Mixture)
            and (self.kernel, self.df, self.joint) == (other.kernel, other.df, other.joint)
            and self.loc_TK.shape[1] == other.loc_TK.shape[1]
        )

    def stacked(self, others: Sequence["Mixture"]) -> "Mixture":
        parts = [(m.log_weight_TK, m.loc_TK, m.scale_TK) for m in (self, *others)]
        log_weight, loc, scale = (np.concatenate(column) for column in zip(*parts, strict=True))
        return replace(self, log_weight_TK=log_weight, loc_TK=loc, scale_TK=scale)

    def split(self, rows: Sequence[slice]) -> "list[Mixture]":
        mine = self.log_weight_TK, self.loc_TK, self.scale_TK
        names = "log_weight_TK", "loc_TK", "scale_TK"
        return [_with(self, **{k: v[part].copy() for k, v in zip(names, mine, strict=True)}) for part in rows]

    @property
    def n_targets(self) -> int:
        return int(self.loc_TK.shape[0])

    def _z(self, r: ArrayLike) -> Floats:
        r = np.asarray(r, float)
        return np.clip((r[..., None] - self.loc_TK) / self.scale_TK, -_FARTHEST, _FARTHEST)

    def log_pdf(self, r: ArrayLike) -> Floats:
        terms = KERNELS[self.kernel].log_pdf(self._z(r), self.df) - np.log(self.scale_TK) + self.log_weight_TK
        return log_sum_exp(terms)

    def cdf(self, r: ArrayLike) -> Floats:
        return np.asarray((np.exp(self.log_weight_TK) * KERNELS[self.kernel].cdf(self._z(r), self.df)).sum(-1))

    def quantile(self, p: ArrayLike) -> Floats:
        p = np.asarray(p, float)
        p = np.broadcast_to(p, np.broadcast_shapes(p.shape, (self.n_targets,)))
        single = self.loc_TK + self.scale_TK * KERNELS[self.kernel].quantile(p, self.df)[..., None]
        low, high = single.min(axis=-1), single.max(axis=-1)  # the mixture's quantile lies among its components'
        many = p.ndim == 2 and len(p) > 4 * _KNOTS
        start = self._between_knots(p) if many else (np.exp(self.log_weight_TK) * single).sum(-1)
        return solve_increasing(self.cdf, self.log_pdf, p, low, high, np.clip(start, low, high) if many else start)

    def _between_knots(self, p: Floats) -> Floats:
        """First guesses at many levels (Q, T): between the quantiles at a few, linear in the logit."""
        z = logit(p)
        knots = np.linspace(z.min(), z.max(), _KNOTS)
        solved = self.quantile(sigmoid(knots)[:, None])
        return np.stack([np.interp(own, knots, r) for own, r in zip(z.T, solved.T, strict=True)], axis=1)

    def moments(self) -> tuple[Floats, Floats] | None:
        w = np.exp(self.log_weight_TK)
        mean = (w * self.loc_TK).sum(-1)
        var = (w * ((self.scale_TK * KERNELS[self.kernel].std(self.df)) ** 2 + (self.loc_TK - mean[:, None]) ** 2)).sum(
            -1
        )
        return mean, np.sqrt(var)

    def sample_rows(self, rng: np.random.Generator, n: int) -> Floats:
        if not self.joint:
            return super().sample_rows(rng, n)
        k = rng.choice(self.loc_TK.shape[1], size=n, p=np.exp(self.log_weight_TK[0]))
        noise = KERNELS[self.kernel].draw(rng, (n, self.n_targets), self.df)
        return np.asarray(self.loc_TK.T[k] + self.scale_TK.T[k] * noise)


@dataclass(frozen=True)
class Bars(Marginals):
    """A piecewise-constant density on [edges_0, edges_K] and a half-normal tail above.

    Args:
        edges: shape (K + 1,), increasing, edges[0] ≥ 0 (the outcome is positive).
        log_mass_TK: shape (T, K + 1): ln mass of each bin, the tail's last; need not be normalised.
        tail_scale: standard deviation of the half-normal tail that begins at edges[-1].

    Source: the binned head of prior-data fitted networks, Müller et al. 2022 (arXiv 2112.10510), section on
    the Riemann distribution. Departs: no lower tail, since y > 0.
    """

    edges: Floats
    log_mass_TK: Floats
    tail_scale: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "log_mass_TK", log_softmax(np.asarray(self.log_mass_TK, float)))

    @property
    def n_targets(self) -> int:
        return int(self.log_mass_TK.shape[0])

    def take(self, index: NDArray[np.intp] | slice) -> "Bars":
        return replace(self, log_mass_TK=self.log_mass_TK[index])

    def moved(self, shift: float, scale: float) -> "Bars":
        return replace(self, edges=shift + scale * self.edges, tail_scale=scale * self.tail_scale)

    def blurred(self, std_T: Floats) -> "Bars":
        from scipy.special import ndtr

        centres = np.append(0.5 * (self.edges[:-1] + self.edges[1:]), self.edges[-1] + self.tail_scale * TAIL_MEAN)
        std_T11 = np.maximum(np.asarray(std_T), 1e-12)[:, None, None]
        below = ndtr((self.edges[1:] - centres[:, None]) / std_T11)  # (T, from, to); what passes 0 stays in the first
        share = np.diff(below, prepend=0.0, append=1.0, axis=-1)
        mass = np.einsum("tj,tjk->tk", np.exp(self.log_mass_TK), share)
        return _with(self, log_mass_TK=np.log(np.maximum(mass, 1e-300)))

    def blend(self, other: "Bars", share_T: Floats) -> "Bars":
        assert self.like(other), "bars of other edges have no common mixture"
        with np.errstate(divide="ignore"):  # a share of 0 is a weight of e^-inf
            mine, theirs = np.log1p(-share_T)[:, None], np.log(share_T)[:, None]
        return replace(self, log_mass_TK=np.logaddexp(self.log_mass_TK + mine, other.log_mass_TK + theirs))

    def like(self, other: Marginals) -> bool:
        return (
            isinstance(other, Bars) and self.tail_scale == other.tail_scale and np.array_equal(self.edges, other.edges)
        )

    def stacked(self, others: Sequence["Bars"]) -> "Bars":
        return replace(self, log_mass_TK=np.concatenate([m.log_mass_TK for m in (self, *others)]))

    def split(self, rows: Sequence[slice]) -> "list[Bars]":
        return [_with(self, log_mass_TK=self.log_mass_TK[part].copy()) for part in rows]

    def _locate(self, r: ArrayLike) -> tuple[Floats, NDArray[np.intp]]:
        r = np.broadcast_to(np.asarray(r, float), np.broadcast_shapes(np.shape(r), (self.n_targets,)))
        last = len(self.edges) - 1
        return r, np.clip(np.searchsorted(self.edges, r, side="right") - 1, 0, last)

    def log_pdf(self, r: ArrayLike) -> Floats:
        r, k = self._locate(r)
        mass = np.take_along_axis(
            np.broadcast_to(self.log_mass_TK, (*r.shape, self.log_mass_TK.shape[1])), k[..., None], -1
        )
        widths = np.append(np.log(np.diff(self.edges)), 0.0)[k]
        z = np.clip((r - self.edges[-1]) / self.tail_scale, 0.0, _FARTHEST)
        tail = 0.5 * np.log(2 / np.pi) - np.log(self.tail_scale) - 0.5 * z * z
        inside = mass[..., 0] - widths
        density = np.where(k == len(self.edges) - 1, mass[..., 0] + tail, inside)
        return np.where(r < self.edges[0], -np.inf, density)

    def cdf(self, r: ArrayLike) -> Floats:
        from scipy.special import erf

        r, k = self._locate(r)
        mass = np.exp(self.log_mass_TK)
        below = np.concatenate([np.zeros((len(mass), 1)), np.cumsum(mass, -1)[:, :-1]], axis=-1)
        shape = (*r.shape, mass.shape[1])
        start = np.take_along_axis(np.broadcast_to(below, shape), k[..., None], -1)[..., 0]
        here = np.take_along_axis(np.broadcast_to(mass, shape), k[..., None], -1)[..., 0]
        left = self.edges[k]
        width = np.append(np.diff(self.edges), 1.0)[k]
        z = np.clip((r - self.edges[-1]) / self.tail_scale, 0.0, _FARTHEST)
        share = np.where(k == len(self.edges) - 1, erf(z / np.sqrt(2)), np.clip((r - left) / width, 0.0, 1.0))
        return np.asarray(start + here * share)

    def quantile(self, p: ArrayLike) -> Floats:
        from scipy.special import erfinv

        p = np.broadcast_to(np.asarray(p, float), np.broadcast_shapes(np.shape(p), (self.n_targets,)))
        mass = np.exp(self.log_mass_TK)
        total = np.cumsum(mass, -1)
        k = np.clip((total < p[..., None]).sum(-1), 0, mass.shape[1] - 1)
        shape = (*p.shape, mass.shape[1])
        here = np.take_along_axis(np.broadcast_to(mass, shape), k[..., None], -1)[..., 0]
        start = np.take_along_axis(np.broadcast_to(total - mass, shape), k[..., None], -1)[..., 0]
        share = np.clip((p - start) / np.maximum(here, 1e-300), 0.0, 1.0)
        width = np.append(np.diff(self.edges), 0.0)[k]
        inside = self.edges[k] + width * share
        tail = self.edges[-1] + self.tail_scale * np.sqrt(2) * erfinv(np.minimum(share, 1 - 1e-16))
        return np.asarray(np.where(k == len(self.edges) - 1, tail, inside))

    def moments(self) -> tuple[Floats, Floats] | None:
        return None


def _with(marginals: M, **numbers: Floats) -> M:
    """The same but for some numbers, whose weights are known to sum to one."""
    other = object.__new__(type(marginals))
    other.__dict__.update(marginals.__dict__, **numbers)
    return other
