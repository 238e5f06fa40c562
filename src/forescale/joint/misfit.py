"""The joint law with its misfit, in closed form: what the runs say of the law, and how wrong the law is.

    L_i / s_i = law_i / s_i + field(u_i, v_i) + effect of N_i + noise,      s_i the loss of the robust fit at run i

    field    Gaussian process, squared exponential over (ln N, ln D); a `Belief` says of what lengths and scales tau,
             and how it grows towards cheap runs, which may follow another law
    effect   shared by all runs of one N, scale c on C (half-normal)
    noise    SIGMA times the robust residual scale; an outlier of the robust fit gets (r / 2.5 sigma)² the variance
    law      E, A, B >= 0 integrated out (half-normal priors); ln alpha, ln beta on a grid that closes in; other forms
             beside the sum by their evidence (`coupled.py`)

Every set of scales has one Cholesky factor. Given it, all entries of the normal equations but one are vectors over
alpha or over beta, and the cross term is one matrix product. Draws of the law are completed by draws of the field.
Source of the form: Kennedy & O'Hagan 2001 (calibration with a discrepancy); the law: Hoffmann et al. 2022.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from ..numerics import Floats
from . import coupled
from .fit import JointFit, JointRuns, robust_fit
from .grid import HALF_NORMAL, LOG_BOX, ExponentPrior, degrees_of_freedom, fixed_uniforms, gaussian, truncated
from .scales import FOR_LOSSES, Belief, Problem, Scales, problem_of, scales_of
from .surfaces import FieldDraws, LawDraws, Surfaces, amplitude, basis

Ints = NDArray[np.intp]


N_SIDE = 19
N_WAVES = 128
N_PARTICLES = 32
_FLAT = 2.0, 1.3


def infer(
    runs: JointRuns,
    prior: ExponentPrior,
    n_draws: int,
    rng: np.random.Generator,
    fit: JointFit | None = None,
    belief: Belief = FOR_LOSSES,
) -> list[Surfaces]:
    """Posterior surfaces of each recipe; draw s of every recipe has the same exponents and scales."""
    problem = problem_of(runs, fit or robust_fit(runs, exponents=prior.fixed))
    sets = scales_of(problem, belief)
    log_alpha, log_beta, log_weight = _close_in(problem, sets, prior)
    weight = np.exp(log_weight - log_weight.max())
    node = rng.choice(weight.size, size=n_draws, p=(weight / weight.sum()).ravel())
    q, i, j = np.unravel_index(node, weight.shape)
    alpha, beta = np.exp(_jitter(log_alpha, i, rng)), np.exp(_jitter(log_beta, j, rng))
    laws = _sums(problem, sets, q, alpha, beta, rng)
    if runs.n_recipes == 1:
        laws, q = _with_forms(problem, sets, weight.sum((1, 2)), laws[0], q, prior, belief, rng)
    return _complete(problem, sets, q, laws, rng)


def _with_forms(
    problem: Problem, sets: list[Scales], weight: Floats, law: LawDraws, q: Ints, prior: ExponentPrior, belief: Belief,
    rng: np.random.Generator,
) -> tuple[list[LawDraws], Ints]:  # fmt: skip
    """Some of the draws of the sum replaced by draws of other forms, as their evidence has it."""
    runs = coupled.runs_of(problem.runs, problem.target, problem.scale)
    exact = np.array([s.tau == 0 for s in sets])  # a wrong form needs a misfit where the right one does not
    heavy = np.union1d(np.argsort(-weight)[: coupled.N_SETS], np.argsort(-np.where(exact, weight, -1.0))[:1])
    forms = coupled.weigh(runs, sets, heavy, law, prior, belief.form)
    log_total = np.array([np.logaddexp.reduce(f.log_weight) for f in forms])
    share = np.exp(log_total - log_total.max())
    which = rng.choice(len(forms), size=len(q), p=share / share.sum())
    rows = np.flatnonzero([not (forms[f].k == 1.0 and forms[f].floor) for f in which])
    if not len(rows):
        return [law], q
    other, of_set = coupled.draw(runs, sets, forms, which[rows], rng)
    return [law.put(rows, other)], np.asarray(_put(q, rows, of_set))


def _put(x: Ints, rows: Ints, values: Ints) -> Ints:
    out = x.copy()
    out[rows] = values
    return out


def _close_in(problem: Problem, sets: list[Scales], prior: ExponentPrior) -> tuple[Floats, Floats, Floats]:
    """Axes of ln alpha and ln beta around the mass, and ln weights (sets, alpha, beta)."""
    if prior.fixed is not None:
        log_alpha, log_beta = (np.array([np.log(x)]) for x in prior.fixed)
        return log_alpha, log_beta, _log_evidence(problem, sets, log_alpha, log_beta)
    log_alpha = log_beta = np.linspace(*LOG_BOX, N_SIDE)
    typical = [s for s in sets if 0.0 < s.c < 0.005 and s.growth == sets[0].growth]
    loud, quiet = ([s for s in typical if np.isclose(s.sigma, share * problem.sigma)] for share in (1.0, 0.35))
    for k, chosen in enumerate((loud, loud + quiet, sets)):
        log_weight = _log_evidence(problem, chosen, log_alpha, log_beta)
        log_weight = log_weight + prior.log_density(log_alpha[:, None], log_beta[None, :])
        if k == 2:
            break
        soft = np.exp((log_weight - log_weight.max()) / _FLAT[k]).sum(0)
        log_alpha, log_beta = _around(log_alpha, soft.sum(1)), _around(log_beta, soft.sum(0))
    return log_alpha, log_beta, log_weight


def _around(ticks: Floats, weight: Floats) -> Floats:
    weight = weight / weight.sum()
    mean = float(weight @ ticks)
    sd = float(np.sqrt(weight @ (ticks - mean) ** 2 + 0.15 * (ticks[1] - ticks[0]) ** 2))
    return np.linspace(max(mean - 3.4 * sd, LOG_BOX[0]), min(mean + 3.4 * sd, LOG_BOX[1]), N_SIDE)


def _jitter(ticks: Floats, index: Ints, rng: np.random.Generator) -> Floats:
    """Each draw moved inside its own cell."""
    if len(ticks) == 1:
        return ticks[index]
    return cast("Floats", np.clip(ticks[index] + (ticks[1] - ticks[0]) * rng.uniform(-0.5, 0.5, len(index)), *LOG_BOX))


def _white(factor: Floats, *columns: Floats) -> list[Floats]:
    """Columns (m, n) with the covariance of that Cholesky factor taken out."""
    from scipy.linalg import solve_triangular

    sizes = np.cumsum([len(c) for c in columns])
    white = solve_triangular(factor, np.concatenate(columns).T, lower=True, check_finite=False).T
    return np.split(white, sizes[:-1])


def _columns(problem: Problem, alpha: Floats, beta: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Target, constant, and the columns of the two terms, (m, n) each, in units of the fit."""
    runs = problem.runs
    from_n = np.exp(-np.clip(alpha[:, None] * runs.u, -150, 150)) / problem.scale
    from_d = np.exp(-np.clip(beta[:, None] * runs.v, -150, 150)) / problem.scale
    return problem.target[None], 1 / problem.scale[None], from_n, from_d


def _log_evidence(problem: Problem, sets: list[Scales], log_alpha: Floats, log_beta: Floats) -> Floats:
    """ln of the integral over E, A, B of all recipes, with the prior of the scales: (sets, alpha, beta)."""
    columns = _columns(problem, np.exp(log_alpha), np.exp(log_beta))
    out = []
    for s in sets:
        factor = s.factor
        white = _white(factor, *columns)
        total = np.full((len(log_alpha), len(log_beta)), s.log_prior - np.log(np.diag(factor)).sum())
        for r in range(problem.runs.n_recipes):
            t, e, a, b = (w[:, problem.runs.group == r] for w in white)
            precision, moment = np.empty((*total.shape, 3, 3)), np.empty((*total.shape, 3))
            precision[..., 0, 0] = (e @ e.T)[0, 0]
            precision[..., 0, 1] = precision[..., 1, 0] = (a @ e[0])[:, None]
            precision[..., 0, 2] = precision[..., 2, 0] = (b @ e[0])[None]
            precision[..., 1, 1] = (a * a).sum(1)[:, None]
            precision[..., 2, 2] = (b * b).sum(1)[None]
            precision[..., 1, 2] = precision[..., 2, 1] = a @ b.T
            moment[..., 0] = (e @ t.T)[0, 0]
            moment[..., 1], moment[..., 2] = (a @ t[0])[:, None], (b @ t[0])[None]
            total += _log_mass(precision + _ridge(problem, r), moment) - 0.5 * float(t[0] @ t[0])
        out.append(total)
    return np.array(out)


def _ridge(problem: Problem, r: int) -> Floats:
    level = np.exp(np.mean(np.log(problem.runs.loss[problem.runs.group == r])))
    return cast("Floats", np.eye(3) / (HALF_NORMAL * level) ** 2)


def _log_mass(precision: Floats, moment: Floats) -> Floats:
    mean, factor, log_det, fitted = gaussian(precision, moment)
    out = 0.5 * fitted - 0.5 * log_det
    near_zero = (mean < 6 * np.sqrt((factor**2).sum(-1))).any(-1)
    if near_zero.any():
        out[near_zero] += truncated(mean[near_zero], factor[near_zero], fixed_uniforms(12))[0]
    return np.asarray(out)


def _sums(
    problem: Problem, sets: list[Scales], q: Ints, alpha: Floats, beta: Floats, rng: np.random.Generator
) -> list[LawDraws]:
    """Draws of E, A, B of each recipe given exponents and scales."""
    coefficients = np.empty((len(q), problem.runs.n_recipes, 3))
    for k in np.unique(q):
        rows = np.flatnonzero(q == k)
        columns = _columns(problem, alpha[rows], beta[rows])
        coefficients[rows] = _draw_coefficients(problem, sets[k], columns, rng)
    E, A, B = np.moveaxis(coefficients, -1, 0)
    one = np.ones(len(q))
    return [LawDraws(E[:, r], np.log(A[:, r]), np.log(B[:, r]), alpha, beta, one) for r in range(E.shape[1])]


def _complete(
    problem: Problem, sets: list[Scales], q: Ints, laws: list[LawDraws], rng: np.random.Generator
) -> list[Surfaces]:
    """Draws of the field and the effects given laws and scales."""
    from scipy.linalg import cho_solve

    fit, runs, S, n = problem.fit, problem.runs, len(q), len(problem.target)
    nu = degrees_of_freedom(_noise(problem, sets, q, laws))
    of = {name: np.array([getattr(sets[k], name) for k in q]) for name in ("tau", "length", "growth", "c", "sigma")}
    waves = rng.normal(size=(N_WAVES, 2))
    amplitudes = rng.normal(size=(runs.n_recipes, S, 2 * N_WAVES))
    effects = [rng.normal(size=(S, len(c))) for c in problem.centres]
    noise = rng.normal(size=(S, n)) * np.sqrt(problem.inflation)
    left = np.empty((S, n))
    for r, law in enumerate(laws):
        mine = np.flatnonzero(runs.group == r)
        fitted = np.exp(law.log_loss(runs.u[mine], runs.v[mine])) / problem.scale[mine]
        left[:, mine] = problem.target[mine] - fitted
        left[:, mine] -= of["c"][:, None] * effects[r][:, problem.sizes[mine]]
        for k in np.unique(q):
            rows, s = np.flatnonzero(q == k), sets[k]
            u, v = runs.u[mine], runs.v[mine]
            prior = amplitudes[r][rows] @ basis(waves, u, v, s.length).T
            left[np.ix_(rows, mine)] -= s.tau * amplitude(u, v, problem.top, s.growth) * prior
    left -= of["sigma"][:, None] * noise
    weights = np.empty((S, n))
    for k in np.unique(q):
        rows = np.flatnonzero(q == k)
        weights[rows] = cho_solve((sets[k].factor, True), left[rows].T, check_finite=False).T
    out = []
    for r, law in enumerate(laws):
        mine = np.flatnonzero(runs.group == r)
        by_size = np.eye(len(problem.centres[r]))[problem.sizes[mine]]
        shared = of["c"][:, None] * effects[r] + of["c"][:, None] ** 2 * (weights[:, mine] @ by_size)
        field = FieldDraws(
            runs.u[mine], runs.v[mine], problem.centres[r], problem.top, of["length"], of["growth"], of["tau"], of["c"],
            waves, amplitudes[r], weights[:, mine], shared,
        )  # fmt: skip
        point = (float(fit.E[r]), float(fit.A_ref[r]), float(fit.B_ref[r]), fit.alpha, fit.beta)
        out.append(Surfaces(law, field, of["sigma"], nu, point, runs.n_ref, runs.d_ref))
    return out


def _noise(problem: Problem, sets: list[Scales], q: Ints, laws: list[LawDraws]) -> Floats:
    """What the law, its field and the effects leave of each run (n,), under the scales that most draws have."""
    from scipy.linalg import cho_solve

    k, runs = int(np.bincount(q).argmax()), problem.runs
    left = problem.target.copy()
    for r, law in enumerate(laws):
        mine = np.flatnonzero(runs.group == r)
        some = law.take(np.flatnonzero(q == k))
        left[mine] -= np.exp(some.log_loss(runs.u[mine], runs.v[mine])).mean(0) / problem.scale[mine]
    weights = cho_solve((sets[k].factor, True), left, check_finite=False)
    return np.asarray(sets[k].sigma ** 2 * problem.inflation * weights)


def _draw_coefficients(problem: Problem, s: Scales, columns: tuple[Floats, ...], rng: np.random.Generator) -> Floats:
    """E, A, B of every recipe, (S, R, 3)."""
    white = _white(s.factor, *columns)
    out = np.empty((len(columns[2]), problem.runs.n_recipes, 3))
    for r in range(problem.runs.n_recipes):
        t, e, a, b = (w[:, problem.runs.group == r] for w in white)
        x = np.stack([np.broadcast_to(e, a.shape), a, b], 1)
        precision = x @ x.swapaxes(1, 2) + _ridge(problem, r)
        mean, factor, _, _ = gaussian(precision, x @ t[0])
        _, out[:, r] = truncated(mean, factor, rng.uniform(size=(N_PARTICLES, *mean.shape)), rng)
    return out
