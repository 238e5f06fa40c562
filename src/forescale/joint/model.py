"""Joint laws: L = E + A/N^alpha + B/D^beta with its posterior, from which predictions and allocations follow.

Three variants behind one contract, all giving a `Joint`:

    fit_joint(N, D, L)                              exponents free
    fit_joint(N, D, L, exponents=(0.34, 0.28))      exponents fixed
    fit_joint_recipes({"A": (N, D, L), "B": ...})   exponents shared, E, A, B of each recipe its own
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..curves.curve import Curve
from ..errors import Caveat, CurveError
from ..forecasts.caveats import FAR
from ..forecasts.distributions import Mixture
from ..forecasts.forecast import Forecast, Kind
from ..forecasts.quantity import Quantity
from ..forecasts.scaling import LogScaling
from ..laws.chinchilla import FLOPS_PER_PARAMETER_AND_TOKEN, Chinchilla
from ..spelling import checked_keywords
from .allocation import Allocation, ComputeRule, allocate_draws
from .approaches import Approach, by_line, envelope_optima, parabola_optima
from .fit import REPLICATION_DELTA, Exponents, JointFit, JointRuns, read_runs, robust_fit
from .grid import ExponentPrior, JointDraws, sample_posterior

Floats = NDArray[np.float64]
N_DRAWS = 4000
N_COMPONENTS = 500
"""Draws behind a prediction: components of its mixture."""
FEW_RUNS = 12
CORRELATED = 0.98
"""Beyond this |correlation| of ln N and ln D the two terms cannot be told apart."""
_UNITS = {"E": "unit of L", "A": "unit of L · parameters^alpha", "B": "unit of L · tokens^beta"}


@dataclass(frozen=True, eq=False)
class Joint:
    """Posterior of the joint law of one recipe.

    Attributes:
        fit: the robust point fit (the replication's objective), with its gradient norm and agreeing starts.
        draws: keyword arrays (S,) E, A, B, alpha, beta, as `laws.Chinchilla` takes them.
        sigma, nu: (S,) and a number: relative Student-t noise of one run.
        runs: context of the forecasts, loss against training FLOPs 6 N D.
        table: the runs, "params", "tokens" and "loss", (n,) each.
        warnings: what a reader of any number from here must know.
    """

    fit: JointFit
    draws: dict[str, Floats]
    sigma: Floats
    nu: float
    runs: Curve
    table: dict[str, Floats]
    warnings: tuple[Caveat, ...] = ()

    @property
    def parameters(self) -> dict[str, Quantity]:
        """E, A, B, alpha, beta, the allocation exponents a = beta/(alpha+beta) and b = 1 - a, and the noise sigma."""
        d = self.draws
        a = d["beta"] / (d["alpha"] + d["beta"])
        every = {**d, "a": a, "b": 1 - a, "sigma": self.sigma}
        return {name: Quantity(value, _UNITS.get(name, "")) for name, value in every.items()}

    @checked_keywords
    def predict(self, params: ArrayLike, tokens: ArrayLike, *, kind: Kind = "run") -> Forecast:
        """Loss of models of N parameters trained on D tokens.

        Args:
            params, tokens: (T,) or numbers, broadcast against each other.
            kind: "run", what one new training run would read; "curve", the noise-free loss.

        Returns:
            Forecast over T points whose x is 6 N D; sampled rows are whole surfaces.
        """
        n, d = (np.atleast_1d(v) for v in np.broadcast_arrays(_positive(params, "params"), _positive(tokens, "tokens")))
        kept = np.linspace(0, len(self.sigma) - 1, N_COMPONENTS).astype(int)
        log_mean = Chinchilla().log_loss(
            np.log(n)[:, None], np.log(d)[:, None], **{name: v[kept] for name, v in self.draws.items()}
        )
        if kind == "run":
            scale = np.broadcast_to(self.sigma[kept], log_mean.shape)
            marginals = Mixture("student", np.zeros_like(log_mean), log_mean, scale, self.nu, joint=True)
        else:
            # A narrow kernel (Silverman) turns the draws into a density.
            width = 0.9 * N_COMPONENTS**-0.2 * log_mean.std(1, keepdims=True) + 1e-9
            scale = np.broadcast_to(0.2 * width, log_mean.shape)
            marginals = Mixture("normal", np.zeros_like(log_mean), log_mean, scale, joint=True)
        flops = FLOPS_PER_PARAMETER_AND_TOKEN * n * d
        details = {"params": n, "tokens": d, "nu": self.nu}
        return Forecast(
            flops, marginals, LogScaling(), kind, "joint", self.runs, (*self.warnings, *self._far(flops)),
            "posterior of the joint law", details,
        )  # fmt: skip

    @checked_keywords
    def allocate(self, flops: float, *, served_tokens: float = 0.0, rule: ComputeRule | None = None) -> Allocation:
        """Compute-optimal N*, D* and L* for a budget.

        Args:
            flops: total budget; training alone, or training and serving where `served_tokens` is given.
            served_tokens: tokens the model will serve in its life, at 2 N FLOPs each.
            rule: FLOPs of training and serving; 6 N D + 2 N served_tokens by default.
        """
        budget = float(_positive(flops, "flops"))
        rule = rule or ComputeRule(served_tokens=served_tokens)
        found = allocate_draws(self.draws, self.fit.constants, budget, rule)
        return replace(found, joint=self, warnings=(*self.warnings, *self._far(np.array([budget]))))

    def approaches(self, flops: float, *, seed: int = 0) -> dict[str, Approach]:
        """Chinchilla's envelope, IsoFLOP parabola and parametric roads to N* at a training budget, side by side."""
        budget, rng = float(_positive(flops, "flops")), np.random.default_rng(seed)
        constants, best = self.fit.constants, self.allocate(budget)
        roads = (("envelope", envelope_optima), ("parabola", parabola_optima))
        found = {name: by_line(name, road, self.table, constants, budget, rng) for name, road in roads}
        none = np.zeros(0)
        note = f"{len(self.table['loss'])} runs"
        return found | {"parametric": Approach("parametric", best.exponents["a"], best.params, none, none, note=note)}

    def _far(self, flops: Floats) -> tuple[Caveat, ...]:
        ratio = float(np.max(flops)) / self.runs.x_max
        if ratio <= FAR:
            return ()
        return (
            Caveat("far_extrapolation", f"asked at {ratio:.3g} times the largest FLOPs measured; nothing checks it."),
        )


@checked_keywords
def fit_joint(
    params: ArrayLike,
    tokens: ArrayLike,
    loss: ArrayLike,
    *,
    exponents: Exponents | None = None,
    exponent_prior: tuple[float, float] | None = None,
    delta: float = REPLICATION_DELTA,
    n_draws: int = N_DRAWS,
    seed: int = 0,
) -> Joint:
    """Fit L = E + A/N^alpha + B/D^beta and draw from its posterior.

    Args:
        params, tokens, loss: (n,), positive; one row for each finished run.
        exponents: (alpha, beta) where they are known and not to be fitted.
        exponent_prior: (mean, sd) of a Gaussian belief about the allocation exponent a = beta/(alpha+beta).
        delta: width of the Huber loss of the point fit, in ln L.
        n_draws, seed: of the posterior.

    Raises:
        CurveError: unusable values, or no more runs than parameters.
    """
    runs = read_runs(params, tokens, loss)
    return _fit(runs, ExponentPrior(_checked(exponent_prior), _exponents(exponents)), delta, n_draws, seed)["0"]


def fit_joint_recipes(
    recipes: Mapping[str, tuple[ArrayLike, ArrayLike, ArrayLike]],
    *,
    exponents: Exponents | None = None,
    exponent_prior: tuple[float, float] | None = None,
    delta: float = REPLICATION_DELTA,
    n_draws: int = N_DRAWS,
    seed: int = 0,
) -> dict[str, Joint]:
    """One joint law for each recipe, all with the same exponents and noise; E, A, B are each recipe's own.

    Args:
        recipes: name -> (params, tokens, loss), each (n,).

    Returns:
        name -> Joint, in the order given; draw s of every recipe has the same alpha and beta.
    """
    columns = [np.concatenate([np.atleast_1d(np.asarray(r[i], float)) for r in recipes.values()]) for i in range(3)]
    labels = np.concatenate([np.full(len(np.atleast_1d(r[2])), name, object) for name, r in recipes.items()]).astype(
        str
    )
    prior = ExponentPrior(_checked(exponent_prior), _exponents(exponents))
    found = _fit(read_runs(columns[0], columns[1], columns[2], labels), prior, delta, n_draws, seed)
    return {name: found[str(name)] for name in recipes}


def _fit(runs: JointRuns, prior: ExponentPrior, delta: float, n_draws: int, seed: int) -> dict[str, Joint]:
    n_free = 3 * runs.n_recipes + (2 if prior.fixed is None else 0)
    if len(runs.loss) <= n_free:
        raise CurveError(
            f"expected more runs than the {n_free} parameters of the law, got {len(runs.loss)}. "
            "Add runs, or give the exponents where they are known."
        )
    fit = robust_fit(runs, delta=delta, exponents=prior.fixed)
    draws = sample_posterior(runs, fit, prior, n_draws, np.random.default_rng(seed))
    return {name: _joint_of(r, name, runs, fit, draws, prior) for r, name in enumerate(runs.names)}


def _joint_of(r: int, name: str, runs: JointRuns, fit: JointFit, draws: JointDraws, prior: ExponentPrior) -> Joint:
    mine = runs.group == r
    n, d, y = runs.params[mine], runs.tokens[mine], runs.loss[mine]
    flops = FLOPS_PER_PARAMETER_AND_TOKEN * n * d
    own = {
        "E": draws.E[:, r],
        "A": draws.A_ref[:, r] * runs.n_ref**draws.alpha,
        "B": draws.B_ref[:, r] * runs.d_ref**draws.beta,
        "alpha": draws.alpha,
        "beta": draws.beta,
    }
    picked = replace(
        fit, E=fit.E[[r]], A=fit.A[[r]], B=fit.B[[r]], A_ref=fit.A_ref[[r]], B_ref=fit.B_ref[[r]],
        log_fitted=fit.log_fitted[mine],
    )  # fmt: skip
    table = {"params": n, "tokens": d, "loss": y}
    curve = Curve(flops, y, x_name="FLOPs", y_name="loss", name=None if runs.n_recipes == 1 else name)
    return Joint(picked, own, draws.sigma, draws.nu, curve, table, (*curve.caveats, *_caveats(n, d, y, fit, prior)))


def _caveats(n: Floats, d: Floats, y: Floats, fit: JointFit, prior: ExponentPrior) -> tuple[Caveat, ...]:
    """What the design of the runs cannot tell; each of these also widens the posterior, down to its prior."""
    log_n, log_d = np.log(n), np.log(d)
    log_c = log_n + log_d
    one_level = float(np.ptp(log_c)) < np.log(1.5)
    distinct = len(np.unique(n)), len(np.unique(d))
    out = []
    if len(y) < FEW_RUNS:
        out.append(Caveat("few_points", _FEW.format(n=len(y))))
    if not fit.converged:
        agree = f"{fit.n_agreeing} of {fit.n_starts} starts agreeing"
        out.append(Caveat("not_converged", f"the point fit ended at gradient norm {fit.gradient_norm:.1e}, {agree}."))
    if min(distinct) < 3:
        out.append(Caveat("not_identified", _TOO_FEW_LEVELS.format(*distinct)))
    elif one_level:
        out.append(Caveat("one_compute_level", _ONE_LEVEL))
    elif abs(np.corrcoef(log_n, log_d)[0, 1]) > CORRELATED and prior.fixed is None:
        out.append(Caveat("not_identified", _CORRELATED))
    if not one_level and np.corrcoef(log_c, np.log(y))[0, 1] >= 0:
        out.append(Caveat("not_decreasing", "loss does not fall with compute; if it is an accuracy, fit 1 − accuracy."))
    return tuple(out)


_FEW = "only {n} runs for five parameters: the prior carries much of the answer."
_TOO_FEW_LEVELS = "{} distinct params and {} distinct tokens, and an exponent needs three: the prior decides it."
_ONE_LEVEL = (
    "all runs spend about the same FLOPs: how the optimum moves with compute, and the floor E, rest on the prior."
)
_CORRELATED = (
    "params and tokens rise together in all runs, so their terms cannot be told apart: the exponents and N* rest on "
    "the prior. Vary tokens at fixed params."
)


def _positive(value: ArrayLike, name: str) -> Floats:
    array = np.asarray(value, float)
    if not np.all(np.isfinite(array) & (array > 0)) or array.size == 0:
        raise CurveError(f"expected positive, finite {name}, got {np.asarray(value).tolist()}. Try {name}=1e24.")
    return array


def _checked(prior: tuple[float, float] | None) -> tuple[float, float] | None:
    if prior is not None and not (0 < prior[0] < 1 and prior[1] > 0):
        raise CurveError(
            f"expected a prior (mean, sd) of the exponent, mean in (0, 1), sd > 0, got {prior}. Try (0.5, 0.1)."
        )
    return prior


def _exponents(exponents: Exponents | None) -> Exponents | None:
    if exponents is not None and not (len(exponents) == 2 and min(exponents) > 0):
        raise CurveError(f"expected exponents (alpha, beta), both positive, got {exponents}. Try (0.34, 0.28).")
    return exponents
