"""Where log loss goes: irreducible + estimation + misspecification, exactly, for any finite family. Nats.

A finite family lists the values of F, their prior, the law of X on a finite set, and P(Y=1 | f, x); every expectation
is then a finite sum over histories (x, y)^T, grouped by their counts, so nothing is sampled and nothing is bounded.

Theorem numbers are those of docs/theory-proofs.md, §2, where they are proved. All functions here are exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import lgamma
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike

from ..errors import CurveError
from ..numerics import Floats
from . import arguments

MAX_HISTORIES = 2_000_000


class MixtureTerms(NamedTuple):
    """Theorem 2, each term divided by T: regret = prior_kl + misspecification − posterior_kl."""

    regret: float
    prior_kl: float
    misspecification: float
    posterior_kl: float


class SplitTerms(NamedTuple):
    """Theorem 3, divided by T: I(F;H) = I(G;H) + I(F;H|G) for G a function of F."""

    total: float
    proxy: float
    beyond: float


class ClassTerms(NamedTuple):
    """A fixed class: L = irreducible + misspecification + (regret − misspecification), and a bound on the regret."""

    misspecification: float
    regret_bound: float


class InContextTerms(NamedTuple):
    """Loss per sample of a learner that met many tasks and now reads T samples of a new one; the terms add up to it."""

    irreducible: float
    within_task: float
    meta_learning: float


@dataclass(frozen=True)
class FiniteFamily:
    """A data-generating process with finitely many values of F and of X.

    Args:
        prior: P(F = f), shape (F,).
        inputs: P(X = x), shape (X,).
        chance: P(Y = 1 | f, x), shape (F, X), strictly between 0 and 1.

    Raises:
        CurveError: probabilities that do not sum to one, or lie outside their range.
    """

    prior: Floats
    inputs: Floats
    chance: Floats

    def __init__(self, prior: ArrayLike, inputs: ArrayLike, chance: ArrayLike) -> None:
        arguments.distribution(prior=prior, inputs=inputs)
        for name, value in (("prior", prior), ("inputs", inputs), ("chance", chance)):
            object.__setattr__(self, name, np.asarray(value, float))
        _check_chance("chance", self.chance, (len(self.prior), len(self.inputs)))

    @property
    def irreducible(self) -> float:
        """H(Y | F, X), the loss nobody can avoid."""
        p = self.chance
        entropy = -(p * np.log(p) + (1 - p) * np.log1p(-p))
        return float(self.prior @ entropy @ self.inputs)

    def divergence(self, chance_G: ArrayLike) -> Floats:
        """D(f, g) = E_X KL(P(Y|f,X) ‖ P(Y|g,X)) for members g of a class, (F, G)."""
        q, p = np.asarray(chance_G, float), self.chance[:, None, :]
        kl = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
        return cast("Floats", kl @ self.inputs)

    def information(self, T: int) -> float:
        """I(F; H_T): what T samples tell about F; over T it is the regret of the Bayes predictor (Theorem 1)."""
        h = self._histories(T)
        return float(np.sum(h.weight_H[:, None] * np.exp(h.log_chance_HF) * self.prior * self._surprise(h)))

    def regrets(self, T: int) -> Floats:
        """r_t = I(F; Y_{t+1} | H_t, X_{t+1}) for t = 0 … T−1; never increases (Theorem 1, corollary)."""
        return np.diff([0.0, *(self.information(t) for t in range(1, T + 1))])

    def mixture(self, T: int, weight_G: ArrayLike, chance_GX: ArrayLike, proxy_FG: ArrayLike) -> MixtureTerms:
        """The Bayes mixture over a class with prior Q, described through any proxy rho_F(dg) (Theorem 2).

        Args:
            weight_G: prior Q of the class.
            chance_GX: P(Y = 1 | g, x).
            proxy_FG: for each f a distribution over the class; the identity holds for every choice.
        """
        weight, chance = self._checked_class(weight_G, chance_GX)
        rho = np.asarray(proxy_FG, float)
        arguments.distribution(proxy_FG=rho)
        h, own = self._histories(T), self._histories(T, chance)
        joint_HF = h.weight_H[:, None] * np.exp(h.log_chance_HF) * self.prior
        log_q_H = np.log(np.exp(own.log_chance_HF) @ weight)
        posterior_HG = np.exp(own.log_chance_HF - log_q_H[:, None]) * weight
        regret = np.sum(joint_HF * (h.log_chance_HF - log_q_H[:, None]))
        prior_kl = self.prior @ _kl(rho, weight)
        posterior_kl = np.sum(joint_HF * _kl(rho[None], posterior_HG[:, None, :]))
        misspecification = self.prior @ np.sum(rho * self.divergence(chance), axis=1)
        return MixtureTerms(*(float(v) for v in (regret / T, prior_kl / T, misspecification, posterior_kl / T)))

    def excess(self, T: int, weight_G: ArrayLike, chance_GX: ArrayLike) -> float:
        """(1/T) Σ_t E KL(Bayes prediction ‖ mixture's), the last term of Theorem 1, summed over every history.

        Written from its definition, step by step: an independent road to R_T − I(F;H_T)/T.
        """
        weight, chance = self._checked_class(weight_G, chance_GX)
        total = 0.0
        for t in range(T):
            h, own = self._histories(t), self._histories(t, chance)
            belief_HF, belief_HG = np.exp(h.log_chance_HF) * self.prior, np.exp(own.log_chance_HF) * weight
            mass_H = h.weight_H * belief_HF.sum(axis=1)
            bayes = belief_HF @ self.chance / belief_HF.sum(axis=1, keepdims=True)
            other = belief_HG @ chance / belief_HG.sum(axis=1, keepdims=True)
            kl = bayes * np.log(bayes / other) + (1 - bayes) * np.log((1 - bayes) / (1 - other))
            total += float(mass_H @ kl @ self.inputs)
        return total / T

    def in_context(self, T: int, weight_F: ArrayLike) -> InContextTerms:
        """The loss in context of a learner that, after pretraining, takes `weight_F` for the prior of the tasks.

        Irreducible: the new task's own chance. Within the task: I(F; H_T)/T, what T samples leave unknown even to
        who knows the prior. Meta-learning: E KL(Bayes prediction ‖ learner's), what is still wrong about the prior;
        it is all that more pretraining can remove (Theorem 1 with F the task; Jeon et al. 2024, arXiv 2401.15530).
        """
        within, meta = self.information(T) / T, self.excess(T, weight_F, self.chance)
        return InContextTerms(self.irreducible, within, meta)

    def split(self, T: int, label_F: ArrayLike) -> SplitTerms:
        """Information about a proxy G = label(F), and information beyond it (Theorem 3)."""
        labels = np.asarray(label_F)
        h = self._histories(T)
        joint_HF = h.weight_H[:, None] * np.exp(h.log_chance_HF) * self.prior
        log_marginal_H = np.log(np.exp(h.log_chance_HF) @ self.prior)
        proxy = beyond = 0.0
        for label in np.unique(labels):
            of = labels == label
            log_given_H = np.log(np.exp(h.log_chance_HF[:, of]) @ self.prior[of] / self.prior[of].sum())
            proxy += float(joint_HF[:, of].sum(axis=1) @ (log_given_H - log_marginal_H))
            beyond += float(np.sum(joint_HF[:, of] * (h.log_chance_HF[:, of] - log_given_H[:, None])))
        return SplitTerms((proxy + beyond) / T, proxy / T, beyond / T)

    def fixed_class(self, T: int, weight_G: ArrayLike, chance_GX: ArrayLike) -> ClassTerms:
        """E min_g D(F, g), exact; and E min_g [ln(1/Q(g))/T + D(F, g)], an upper bound on the mixture's regret (§2)."""
        weight, chance = self._checked_class(weight_G, chance_GX)
        gap_FG = self.divergence(chance)
        penalised = gap_FG + np.log(1 / weight) / T
        return ClassTerms(float(self.prior @ gap_FG.min(axis=1)), float(self.prior @ penalised.min(axis=1)))

    def _checked_class(self, weight_G: ArrayLike, chance_GX: ArrayLike) -> tuple[Floats, Floats]:
        arguments.distribution(weight_G=weight_G)
        weight, chance = np.asarray(weight_G, float), np.asarray(chance_GX, float)
        arguments.above(0, weight_G=weight)
        _check_chance("chance_GX", chance, (len(weight), len(self.inputs)))
        return weight, chance

    def _surprise(self, h: _Histories) -> Floats:
        """ln P(y|x,f) − ln P(y|x), (H, F)."""
        return h.log_chance_HF - np.log(np.exp(h.log_chance_HF) @ self.prior)[:, None]

    def _histories(self, T: int, chance: Floats | None = None) -> _Histories:
        arguments.whole(T=T)
        arguments.at_least(0, T=T)
        n_cells = 2 * len(self.inputs)
        n_histories = round(np.exp(lgamma(T + n_cells) - lgamma(T + 1) - lgamma(n_cells)))
        if n_histories > MAX_HISTORIES:
            raise CurveError(
                f"expected T with at most {MAX_HISTORIES} distinct histories, got T = {T} with {n_histories} at "
                f"{len(self.inputs)} inputs. Lower T."
            )
        count_HXY = np.array(list(_counts(T, n_cells)), float).reshape(-1, len(self.inputs), 2)
        p = self.chance if chance is None else chance
        log_chance_HF = count_HXY[..., 0] @ np.log1p(-p).T + count_HXY[..., 1] @ np.log(p).T
        orders = lgamma(T + 1) - np.vectorize(lgamma)(count_HXY + 1).sum(axis=(1, 2))
        with np.errstate(divide="ignore", invalid="ignore"):
            log_x = np.nan_to_num(count_HXY.sum(axis=2) * np.log(self.inputs), nan=0.0, neginf=-np.inf)
        return _Histories(np.exp(orders + log_x.sum(axis=1)), log_chance_HF)


class _Histories(NamedTuple):
    """Classes of histories with equal counts: P(x-part) times the number of orders (H,), ln P(y | x, f) (H, F)."""

    weight_H: Floats
    log_chance_HF: Floats


def bernoulli_information(T: int) -> float:
    """I(F; H_T) for one Bernoulli rate with a uniform prior: ln(T+1) + Σ_k ln C(T,k)/(T+1) − T/2. Exact (§9, 8)."""
    arguments.whole(T=T)
    arguments.at_least(1, T=T)
    k = np.arange(T + 1)
    log_choose = lgamma(T + 1) - np.vectorize(lgamma)(k + 1.0) - np.vectorize(lgamma)(T - k + 1.0)
    return float(np.log(T + 1) + log_choose.sum() / (T + 1) - T / 2)


def _counts(total: int, cells: int) -> Iterator[tuple[int, ...]]:
    """Every way to share `total` draws among `cells`."""
    if cells == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in _counts(total - first, cells - 1):
            yield (first, *rest)


def _kl(p: Floats, q: Floats) -> Floats:
    """Σ p ln(p/q) along the last axis; 0 ln 0 = 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return cast("Floats", np.sum(np.where(p > 0, p * np.log(p / q), 0.0), axis=-1))


def _check_chance(name: str, chance: Floats, shape: tuple[int, int]) -> None:
    if chance.shape != shape:
        raise CurveError(f"expected {name} of shape {shape}, got {chance.shape}. Give one row for each member.")
    bad = chance[~(np.isfinite(chance) & (chance > 0) & (chance < 1))]
    if bad.size:
        raise CurveError(f"expected {name} in (0, 1), got {bad[0]:g}. Exactly 0 or 1 would make log loss infinite.")
