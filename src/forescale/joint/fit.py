"""Robust fit of L = E + A N^-alpha + B D^-beta to ln L, for one recipe or several that share their exponents.

    objective   Σ_i huber_delta(ln L_i - ln Lhat_i), summed, delta = 1e-3 unless said otherwise
    starts      at each (alpha, beta) of a fixed grid, E, A, B ≥ 0 are solved in closed form (variable projection);
                the lowest points of that surface start a quasi-Newton descent in all parameters
    end         Newton steps on the same objective; the gradient that is left is reported

Inside, N and D are divided by their geometric means, so that A and B are losses: the reducible terms of a typical run.
Source of the objective: Hoffmann et al. 2022 (arXiv 2203.15556), section 3.3; Besiroglu et al. 2024 (arXiv 2404.10102).
"""

from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..curves.numbers import positive_numbers
from ..errors import CurveError
from ..numerics import Floats

Exponents = tuple[float, float]

REPLICATION_DELTA = 1e-3
"""Width of the quadratic part of the Huber loss, in ln L; nearly the absolute error."""
START_GRID = np.geomspace(0.05, 1.6, 9)
N_STARTS = 8
LOG_LIMIT = 60.0
_STEEPEST = 150.0
"""e-folds of a term within a table: N or D that span everything leave their squares finite."""


@dataclass(frozen=True)
class JointRuns:
    """n runs of R recipes: u = ln(N / n_ref), v = ln(D / d_ref), loss, and the recipe of each row.

    Attributes:
        u, v, loss: (n,); group: (n,) integers in 0..R-1; names: the R recipes.
        n_ref, d_ref: geometric means of N and D, in parameters and tokens.
    """

    u: Floats
    v: Floats
    loss: Floats
    group: NDArray[np.int64]
    names: tuple[str, ...]
    n_ref: float
    d_ref: float

    @property
    def params(self) -> Floats:
        """N of each run, (n,)."""
        return self.n_ref * np.exp(self.u)

    @property
    def tokens(self) -> Floats:
        """D of each run, (n,)."""
        return self.d_ref * np.exp(self.v)

    @property
    def n_recipes(self) -> int:
        return len(self.names)

    def of_recipe(self, r: int) -> "JointRuns":
        """The runs of one recipe alone."""
        if self.n_recipes == 1:
            return self
        mine = self.take(np.flatnonzero(self.group == r))
        return replace(mine, group=np.zeros(len(mine.loss), int), names=(self.names[r],))

    def take(self, rows: NDArray[np.intp]) -> "JointRuns":
        """Some of the runs, centred anew; every recipe must keep one."""
        log_n, log_d = np.log(self.params[rows]), np.log(self.tokens[rows])
        n, d = float(log_n.mean()), float(log_d.mean())
        centred = log_n - n, log_d - d
        return JointRuns(*centred, self.loss[rows], self.group[rows], self.names, float(np.exp(n)), float(np.exp(d)))

    @property
    def one_hot(self) -> Floats:
        """(n, R)."""
        return np.eye(self.n_recipes)[self.group]


def read_runs(params: ArrayLike, tokens: ArrayLike, loss: ArrayLike, recipe: ArrayLike | None = None) -> JointRuns:
    """Check the columns at the door and centre them.

    Raises:
        CurveError: not 1-D, of different length, or a value that is not positive and finite.
    """
    columns = {"params": params, "tokens": tokens, "loss": loss}
    arrays = {name: positive_numbers(value, name, "joint runs") for name, value in columns.items()}
    sizes = {name: len(a) for name, a in arrays.items()}
    if len(set(sizes.values())) > 1:
        raise CurveError(f"expected as many params as tokens and losses, got {sizes}. Pass one row for each run.")
    labels = np.zeros(len(arrays["loss"]), int) if recipe is None else np.asarray(recipe)
    if labels.shape != arrays["loss"].shape:
        raise CurveError(
            f"expected a recipe for each of {len(arrays['loss'])} runs, got {labels.shape}. Pass a column."
        )
    if len(labels) == 0:
        raise CurveError("expected at least one run, got none. Check the file.")
    names, group = np.unique(labels, return_inverse=True)
    # Sorted, so that the order of rows cannot matter: the posterior's draws go row by row.
    order = np.lexsort((arrays["loss"], arrays["tokens"], arrays["params"], group))
    log_n, log_d = np.log(arrays["params"][order]), np.log(arrays["tokens"][order])
    mean_n, mean_d = float(log_n.mean()), float(log_d.mean())
    u, v = log_n - mean_n, log_d - mean_d
    known = tuple(str(name) for name in names)
    return JointRuns(u, v, arrays["loss"][order], group[order], known, float(np.exp(mean_n)), float(np.exp(mean_d)))


@dataclass(frozen=True)
class JointFit:
    """The best fit, and what says that it is one.

    Attributes:
        alpha, beta: exponents; E, A, B: (R,), A and B in units of L parameters^alpha and L tokens^beta.
        A_ref, B_ref: (R,), the two reducible terms at (n_ref, d_ref), unit of L.
        objective: summed Huber loss of ln L.
        gradient_norm: largest slope of the objective in ln E, ln A, ln B, ln alpha, ln beta, over its possible maximum
            n delta; far below 1 where the fit has converged.
        n_starts, n_agreeing: descents made, and how many ended within 1e-6 (relative) of the best objective.
        log_fitted: (n,), ln L of the fit at the runs.
    """

    alpha: float
    beta: float
    E: Floats
    A: Floats
    B: Floats
    A_ref: Floats
    B_ref: Floats
    objective: float
    gradient_norm: float
    n_starts: int
    n_agreeing: int
    delta: float
    log_fitted: Floats

    @property
    def converged(self) -> bool:
        return self.gradient_norm < 1e-4 and self.n_agreeing >= 2

    @property
    def a(self) -> float:
        """Exponent of N* in compute, beta / (alpha + beta)."""
        return self.beta / (self.alpha + self.beta)

    @property
    def constants(self) -> dict[str, float]:
        """E, A, B, alpha, beta of the only recipe, as `Chinchilla` takes them."""
        return {
            "E": float(self.E[0]), "A": float(self.A[0]), "B": float(self.B[0]),
            "alpha": self.alpha, "beta": self.beta,
        }  # fmt: skip


def robust_fit(runs: JointRuns, *, delta: float = REPLICATION_DELTA, exponents: Exponents | None = None) -> JointFit:
    """Minimise the summed Huber loss of ln L over E, A, B of every recipe and, unless given, alpha and beta."""
    from scipy.optimize import minimize

    target = _Objective(runs, delta, exponents)
    ends = []
    for start in _starts(runs, exponents):
        found = minimize(target, target.pack(*start), jac=True, method="BFGS", options={"gtol": 1e-6, "maxiter": 400})
        ends.append((float(found.fun), found.x))
    ends.sort(key=lambda end: end[0])
    best = _newton(target, ends[0][1])
    value, slope = target(best)
    agreeing = sum(v <= value + 1e-6 * abs(value) + 1e-12 for v, _ in ends)
    log_e, log_a, log_b, log_alpha, log_beta = target.unpack(best)
    alpha, beta = float(np.exp(log_alpha)), float(np.exp(log_beta))
    return JointFit(
        alpha, beta, np.exp(log_e),
        _scaled(log_a, runs.n_ref, alpha), _scaled(log_b, runs.d_ref, beta), np.exp(log_a), np.exp(log_b),
        value * delta, float(np.abs(slope).max() / len(runs.loss)), len(ends), agreeing, delta,
        np.asarray(target.log_loss(best)[0]),
    )  # fmt: skip


def _scaled(log_term: Floats, ref: float, exponent: float) -> Floats:
    """A term at `ref` as the coefficient of a power; infinite where float64 ends."""
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(log_term + exponent * np.log(ref)))


class _Objective:
    """Σ huber / delta and its gradient, over theta = (ln E_R, ln A_R, ln B_R[, ln alpha, ln beta])."""

    def __init__(self, runs: JointRuns, delta: float, exponents: Exponents | None):
        self.runs, self.delta = runs, delta
        self.fixed = None if exponents is None else np.log(np.asarray(exponents, float))
        self.log_y, self.one_hot = np.log(runs.loss), runs.one_hot

    def pack(self, coefficients: Floats, log_exponents: Floats) -> Floats:
        """theta of coefficients (R, 3) ≥ 0; a zero becomes a tiny share of the largest."""
        floor = 1e-4 * coefficients.max()
        parts = [np.log(np.maximum(coefficients, floor)).T.ravel()]
        return np.concatenate(parts if self.fixed is not None else [*parts, log_exponents])

    def unpack(self, theta: Floats) -> tuple[Floats, Floats, Floats, float, float]:
        theta = np.clip(theta, -LOG_LIMIT, LOG_LIMIT)
        logs = theta[: 3 * self.runs.n_recipes].reshape(3, -1)
        log_alpha, log_beta = theta[-2:] if self.fixed is None else self.fixed
        return logs[0], logs[1], logs[2], float(log_alpha), float(log_beta)

    def log_loss(self, theta: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """ln Lhat (n,), the three terms' shares (3, n), alpha u and beta v."""
        log_e, log_a, log_b, log_alpha, log_beta = self.unpack(theta)
        g = self.runs.group
        from_n, from_d = np.exp(log_alpha) * self.runs.u, np.exp(log_beta) * self.runs.v
        terms = np.stack([log_e[g], log_a[g] - from_n, log_b[g] - from_d])
        top = terms.max(0)
        shares = np.exp(terms - top)
        total = shares.sum(0)
        return top + np.log(total), shares / total, from_n, from_d

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        fitted, shares, from_n, from_d = self.log_loss(theta)
        z = (self.log_y - fitted) / self.delta
        size = np.abs(z)
        value = self.delta * float(np.where(size <= 1, 0.5 * z * z, size - 0.5).sum())
        psi = np.clip(z, -1, 1)
        slope = -((psi * shares) @ self.one_hot).ravel()
        if self.fixed is None:
            slope = np.append(slope, [psi @ (from_n * shares[1]), psi @ (from_d * shares[2])])
        return value, slope


def _newton(target: _Objective, theta: Floats, steps: int = 12) -> Floats:
    """Newton steps with a damped, numerically differenced Hessian; a step that does not descend ends it."""
    value, slope = target(theta)
    for _ in range(steps):
        h = 1e-6 * np.eye(len(theta))
        hessian = np.array([(target(theta + e)[1] - target(theta - e)[1]) / 2e-6 for e in h])
        values, vectors = np.linalg.eigh(0.5 * (hessian + hessian.T))
        step = -vectors @ ((vectors.T @ slope) / np.maximum(values, 1e-9 * max(values.max(), 1e-9)))
        for scale in (1.0, 0.3, 0.1, 0.03, 0.01):
            tried = target(theta + scale * step)
            if tried[0] < value or (tried[0] <= value * (1 + 1e-15) and _size(tried[1]) < _size(slope)):
                break
        else:
            return theta
        theta, (value, slope) = theta + scale * step, tried
    return theta


def _size(slope: Floats) -> float:
    return float(np.abs(slope).max())


def _starts(runs: JointRuns, exponents: Exponents | None) -> list[tuple[Floats, Floats]]:
    """Coefficients (R, 3) and ln exponents (2,) of the lowest, mutually distant points of the projected surface."""
    if exponents is not None:
        nodes = np.log(np.asarray([exponents], float))
    else:
        log_grid = np.log(START_GRID)
        nodes = np.stack(np.meshgrid(log_grid, log_grid, indexing="ij"), -1).reshape(-1, 2)
    projected = [project(runs, np.exp(a), np.exp(b)) for a, b in nodes]
    order = np.argsort([loss for loss, _ in projected])
    kept: list[int] = []
    for i in order:
        if all(np.abs(nodes[i] - nodes[j]).sum() > 0.5 for j in kept):
            kept.append(int(i))
    starts = [(projected[i][1], nodes[i]) for i in kept[:N_STARTS]]
    if exponents is not None:
        # The exponents are given: the starts differ in how the loss is split among its three terms instead.
        level = starts[0][0].sum(1, keepdims=True)
        splits: list[list[float]] = [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]
        starts += [(level * np.asarray(split), nodes[0]) for split in splits]
    return starts


def project(runs: JointRuns, alpha: float, beta: float) -> tuple[float, Floats]:
    """Mean absolute relative error and coefficients (R, 3) ≥ 0 at given exponents, by reweighted least squares."""
    from_n, from_d = (np.exp(-np.clip(x, -_STEEPEST, _STEEPEST)) for x in (alpha * runs.u, beta * runs.v))
    basis = np.stack([np.ones_like(runs.u), from_n, from_d], -1) / runs.loss[:, None]
    weight = np.ones(len(runs.u))
    pairs = (basis[:, :, None] * basis[:, None, :]).reshape(-1, 9).T
    for _ in range(4):
        weighted = weight[:, None] * runs.one_hot
        coefficients = nonnegative((pairs @ weighted).T.reshape(-1, 3, 3), basis.T @ weighted)
        miss = np.abs(1 - (basis * coefficients[runs.group]).sum(1))
        weight = 1 / np.maximum(miss, 0.1 * np.median(miss) + 1e-9)
    return float(miss.mean()), coefficients


def nonnegative(gram: Floats, moment: Floats) -> Floats:
    """Least squares with three coefficients ≥ 0 in closed form: the best of the seven sets of active terms.

    Args:
        gram: (R, 3, 3); moment: (3, R).

    Returns:
        (R, 3).
    """
    scale = np.sqrt(np.einsum("rii->ri", gram)) + 1e-300
    gram = gram / scale[:, :, None] / scale[:, None, :] + 1e-12 * np.eye(3)
    h = moment.T / scale
    best, gain = np.zeros_like(h), np.zeros(len(h))
    for active in ((1, 1, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1), (1, 0, 0), (0, 1, 0), (0, 0, 1)):
        m = np.array(active, float)
        c = np.linalg.solve(gram * m * m[:, None] + np.diag(1 - m), (h * m)[..., None])[..., 0]
        gained = np.where((c >= 0).all(1), (h * m * c).sum(1), -1.0)
        best, gain = np.where((gained > gain)[:, None], c, best), np.maximum(gained, gain)
    return cast("Floats", best / scale)
