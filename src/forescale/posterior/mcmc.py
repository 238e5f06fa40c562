"""Posterior of a law by Markov chains (emcee), with priors written down and noise that may be correlated.

The chains walk in the unit-free, unbounded coordinates of `laws.coordinates` under the priors of `priors`; everything
about the noise is summed out in closed form (`noise`), so a chain has 2 to 6 dimensions. Two ensembles start apart,
around the least-squares fit; they go on until R-hat and the effective number of draws over walkers hold (`mixing`), and
the forecast says so where they do not.

Source: Foreman-Mackey et al. 2013 (arXiv 1202.3665) for the sampler, with the differential-evolution moves of
Nelson et al. 2013 (arXiv 1311.5229).
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from ..curves.curve import Curve
from ..curves.thinning import MAX_CONTEXT, thin
from ..errors import Caveat, FitError
from ..forecasts.distributions import Mixture
from ..forecasts.forecast import Forecast, Kind
from ..forecasts.scaling import LogScaling
from ..laws import LAWS
from ..laws.coordinates import Form
from ..laws.fit import fit_law
from ..numerics import Floats, log_sum_exp
from .mixing import bulk_ess, r_hat
from .noise import CorrelatedNoise
from .priors import LawPrior, prior_of

N_ENSEMBLES, N_WALKERS = 2, 32
WARM_UP = 0.4
"""Share of a walker's steps that are left out."""
N_DRAWS = 400
DIGITS = 9
R_HAT_LIMIT, ESS_LIMIT = 1.1, 400.0
"""Of Vehtari et al. 2021, but for R-hat: 128 half chains of walkers that depend on one another."""
LONGEST = 8
"""Times the form's own length that chains may grow to."""


def forecast_mcmc(
    curve: Curve, at: Floats, kind: Kind, seed: int, *, law: str, steps: int = 0, warm_up: float = WARM_UP
) -> Forecast:
    """Sample the posterior of a law and forecast from 400 of its draws.

    Args:
        law: m1, m2, m3, m4 or bnsl1.
        kind: "run" adds the noise of one reading; "curve" keeps the law and its smooth discrepancy.
        steps: of each walker; 0 for what the law's form asks.
        warm_up: share of them that is left out.

    Returns:
        Forecast whose samples are whole curves; `details` holds R-hat, ESS and parameter quantiles.

    Raises:
        FitError: no point of positive posterior density was found.
    """
    method = f"mcmc-{law}"
    kept = thin(curve.as_context().x, MAX_CONTEXT)
    caveats = []
    if len(kept) < curve.n:
        text = f"{method} reads {len(kept)} of {curve.n} context points, spread over ranks and over ln x."
        caveats.append(Caveat("thinned", text))
    form = LAWS[law].form
    centre = (float(np.log(curve.x_max)), float(np.log(curve.y).mean()))
    # A chain is chaotic: without these digits, in which two units differ, it walks alike in both.
    U, V = (np.round(np.log(v[kept]) - c, DIGITS) for v, c in ((curve.x, centre[0]), (curve.y, centre[1])))
    posterior = LawPosterior(form, U, V)
    rng = np.random.default_rng(seed)
    starts = posterior.starting_points(_least_squares(law, curve), rng, N_ENSEMBLES * N_WALKERS)
    if starts is None:
        raise FitError(
            f"expected a law {law} of finite posterior density, got none ({curve.label}). Try 'gp' or 'line'."
        )
    assert form.chain_steps, "a law without a length of chains is no method"
    walk = _Walk(posterior, starts, warm_up, rng)
    walk.go(steps or form.chain_steps, longest=1 if steps else LONGEST)
    worst, ess = walk.mixing
    if not walk.mixed:
        text = f"the chains of {method} have not converged (R-hat {worst:.2f}, {ess:.0f} effective draws)."
        caveats.append(Caveat("not_converged", f"{text} Its interval may be too narrow; take it as a rough one."))
    draws = walk.chains.reshape(-1, form.n_parameters)
    draws = draws[rng.choice(len(draws), N_DRAWS, replace=False)]
    loc, scale = posterior.predict(draws, np.log(at) - centre[0], kind == "run", rng)
    even = np.zeros((len(at), N_DRAWS))
    marginals = Mixture("student", even, loc.T + centre[1], scale.T, df=CorrelatedNoise.df(len(U)), joint=True)
    details = {"r_hat": worst, "ess": ess, "steps": walk.n_steps, "parameters": _quantiles(form, draws, centre)}
    return Forecast(at, marginals, LogScaling(), kind, method, curve, warnings=tuple(caveats), details=details)


class LawPosterior:
    """ln posterior of a form's coordinates given one context (U, V) of M points."""

    def __init__(self, form: Form, U: Floats, V: Floats):
        self.form, self.U, self.V = form, U, V
        self.prior: LawPrior = prior_of(form, U, V)
        self.noise = CorrelatedNoise.at(U)

    def log_density(self, theta_SP: Floats) -> Floats:
        """(S,), up to a constant; -inf outside the prior or where the law is not finite."""
        prior = self.prior.log_density(theta_SP)
        out = np.full(len(theta_SP), -np.inf)
        ok = np.isfinite(prior)
        if ok.any():
            with np.errstate(all="ignore"):
                residual = self.V - self.form.value(theta_SP[ok], self.U)
                finite = np.all(np.abs(residual) < 1e6, axis=-1)
                nodes = self.noise.log_likelihood(np.where(finite[:, None], residual, 0.0))
            out[ok] = np.where(finite, log_sum_exp(nodes) + prior[ok], -np.inf)
        return out

    def starting_points(self, theta: Floats | None, rng: np.random.Generator, n: int) -> Floats | None:
        """n points of high density around a fit and around the form's own starts, (n, P)."""
        with np.errstate(all="ignore"):
            grid = self.form.starts(self.U, self.V)
        near = grid if theta is None else np.concatenate([grid, np.repeat(theta[None], 200, axis=0)])
        near = self.prior.inside(near[np.all(np.isfinite(near), axis=-1)])
        width = rng.choice([0.003, 0.01, 0.03, 0.1, 0.3], size=(4 * len(near), 1)) * self.prior.spread
        cloud = self.prior.inside(np.repeat(near, 4, axis=0) + width * rng.normal(size=(4 * len(near), len(near[0]))))
        density = self.log_density(cloud)
        order = np.argsort(-density, kind="stable")[: 3 * n]
        order = order[np.isfinite(density[order])]
        if len(order) < n:
            return None
        return cast("Floats", cloud[rng.choice(order, n, replace=False)])

    def predict(self, draws_SP: Floats, Ut: Floats, run: bool, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Location and scale of V at the targets, (S, T): one noise node drawn for each parameter draw."""
        with np.errstate(all="ignore"):
            residual = self.V - self.form.value(draws_SP, self.U)
            ahead = np.clip(self.form.value(draws_SP, Ut), -600, 600)
        log_weight = self.noise.log_likelihood(residual)
        noisy = log_weight + rng.gumbel(size=log_weight.shape)  # Gumbel maximum = one categorical draw a row
        loc, scale = self.noise.predict(residual, noisy.argmax(-1), Ut, run)
        return ahead + loc, scale


class _Walk:
    """Ensembles of walkers that can go on where they stopped.

    Attributes:
        n_steps: of each walker so far.
        mixing: R-hat and bulk ESS over the walkers, after these steps.
    """

    def __init__(self, posterior: LawPosterior, starts: Floats, warm_up: float, rng: np.random.Generator) -> None:
        import emcee

        self.warm_up, self.n_steps, self.mixing = warm_up, 0, (np.inf, 0.0)
        self.samplers, self.states = [], []
        for start in np.split(starts, N_ENSEMBLES):
            moves = [(emcee.moves.DEMove(), 0.7), (emcee.moves.DESnookerMove(), 0.1), (emcee.moves.StretchMove(), 0.2)]
            sampler = emcee.EnsembleSampler(*start.shape, posterior.log_density, vectorize=True, moves=moves)
            random_state = np.random.RandomState(int(rng.integers(2**31))).get_state()  # emcee's own kind
            self.samplers.append(sampler)
            self.states.append(emcee.State(start, random_state=random_state))

    def extend(self, n: int) -> None:
        """n more steps of every walker."""
        for i, sampler in enumerate(self.samplers):
            self.states[i] = sampler.run_mcmc(self.states[i], n, skip_initial_state_check=True)
        self.n_steps += n
        chains = self.chains
        self.mixing = r_hat(chains), bulk_ess(chains)

    def go(self, n: int, longest: int) -> None:
        """n steps, and twice as many again and again while they have not mixed, at most `longest` times n."""
        self.extend(n)
        while not self.mixed and self.n_steps < longest * n:
            self.extend(self.n_steps)

    @property
    def chains(self) -> Floats:
        """Walkers of all ensembles without their warm-up, (walkers, steps, P)."""
        left_out = round(self.warm_up * self.n_steps)
        return np.concatenate([np.swapaxes(s.get_chain(discard=left_out), 0, 1) for s in self.samplers])

    @property
    def mixed(self) -> bool:
        worst, ess = self.mixing
        return worst <= R_HAT_LIMIT and ess >= ESS_LIMIT


def _least_squares(law: str, curve: Curve) -> Floats | None:
    try:
        return np.round(fit_law(law, curve).theta, 4)
    except FitError:
        return None


def _quantiles(form: Form, draws: Floats, centre: tuple[float, float]) -> dict[str, Any]:
    """5, 50 and 95 % of each parameter in the user's units."""
    each = [form.parameters(theta, *centre) for theta in draws]
    return {key: [float(np.quantile([row[key] for row in each], p)) for p in (0.05, 0.5, 0.95)] for key in each[0]}
