"""`fit_joint`: from a table of runs to a model of it, by one of three methods behind one contract.

law          L = E + A/N^alpha + B/D^beta with a smooth misfit and an effect of each size; the default, as it wins
pfn          a network trained on a prior of surfaces: an answer in 25 ms, and the second opinion
chinchilla   the posterior of that law, conditional on it
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ..errors import Caveat, CurveError
from ..spelling import checked_keywords
from . import design
from .contract import JointModel
from .fit import REPLICATION_DELTA, Exponents, JointFit, JointRuns, read_runs, robust_fit
from .grid import ExponentPrior, sample_posterior
from .law import DRIFT, OF_THE_DEARER, Law
from .learned import learned
from .misfit import infer
from .posterior import Conditional
from .scales import FOR_OPTIMA, dearer, thinned
from .surfaces import LawDraws

__all__ = ["METHODS", "JointMethod", "JointModel", "fit_joint", "fit_joint_recipes"]

JointMethod = Literal["pfn", "law", "chinchilla"]
METHODS: tuple[JointMethod, ...] = ("pfn", "law", "chinchilla")
DEFAULT: JointMethod = "law"
"""Whatever the table, so that no choice has seen a target: docs/results.md has what that costs."""
N_DRAWS = 4000


@checked_keywords
def fit_joint(
    params: ArrayLike,
    tokens: ArrayLike,
    loss: ArrayLike,
    *,
    method: JointMethod | None = None,
    exponents: Exponents | None = None,
    exponent_prior: tuple[float, float] | None = None,
    delta: float = REPLICATION_DELTA,
    n_draws: int = N_DRAWS,
    seed: int = 0,
) -> JointModel:
    """Learn from finished runs how loss depends on parameters and tokens.

    Args:
        params, tokens, loss: (n,), positive; one row for each finished run.
        method: "law" (the default), "pfn" or "chinchilla".
        exponents: (alpha, beta) where they are known and not to be fitted.
        exponent_prior: (mean, sd) of a Gaussian belief about the allocation exponent a = beta/(alpha+beta).
        delta: width of the Huber loss of the point fit, in ln L.
        n_draws, seed: of the posterior.

    Raises:
        CurveError: unusable values, or fewer than three runs (six for "chinchilla").
    """
    runs = read_runs(params, tokens, loss)
    prior = ExponentPrior(_checked(exponent_prior), _exponents(exponents))
    chosen = method or DEFAULT
    if chosen not in METHODS:
        raise CurveError(f"expected a joint method {', '.join(METHODS)}, got '{chosen}'. Choose one.")
    options: dict[str, Any] = {
        "exponents": exponents, "exponent_prior": exponent_prior, "delta": delta, "n_draws": n_draws, "seed": seed,
    }  # fmt: skip
    if chosen == "pfn":
        if prior != ExponentPrior():
            raise CurveError("expected no exponents or belief about them for 'pfn', got some. Use method='law'.")
        return learned(runs, options)
    make = _laws if chosen == "law" else _conditionals
    return make(runs, prior, options)["0"]


JointModel.maker = staticmethod(fit_joint)


def fit_joint_recipes(
    recipes: Mapping[str, tuple[ArrayLike, ArrayLike, ArrayLike]],
    *,
    method: Literal["law", "chinchilla"] = "law",
    exponents: Exponents | None = None,
    exponent_prior: tuple[float, float] | None = None,
    delta: float = REPLICATION_DELTA,
    n_draws: int = N_DRAWS,
    seed: int = 0,
) -> dict[str, JointModel]:
    """One joint law for each recipe, all with the same exponents and noise; E, A, B are each recipe's own.

    Args:
        recipes: name -> (params, tokens, loss), each (n,).

    Returns:
        name -> JointModel, in the order given; draw s of every recipe has the same alpha and beta.
    """
    columns = [np.concatenate([np.atleast_1d(np.asarray(r[i], float)) for r in recipes.values()]) for i in range(3)]
    labels = np.concatenate([np.full(len(np.atleast_1d(r[2])), str(name), object) for name, r in recipes.items()])
    prior = ExponentPrior(_checked(exponent_prior), _exponents(exponents))
    options: dict[str, Any] = {
        "exponents": exponents, "exponent_prior": exponent_prior, "delta": delta, "n_draws": n_draws, "seed": seed,
    }  # fmt: skip
    options["recipes"] = list(map(str, recipes))
    make = _laws if method == "law" else _conditionals
    found = make(read_runs(columns[0], columns[1], columns[2], labels.astype(str)), prior, options)
    return {name: found[str(name)] for name in recipes}


def _laws(runs: JointRuns, prior: ExponentPrior, options: dict[str, Any]) -> dict[str, JointModel]:
    for r in range(runs.n_recipes):
        design.refuse_too_few(int(np.sum(runs.group == r)))
    rng = np.random.default_rng(options["seed"])
    used = thinned(runs)
    fit = robust_fit(used, delta=options["delta"], exponents=prior.fixed)
    every = infer(used, prior, options["n_draws"], rng, fit)
    best = infer(used, prior, options["n_draws"], rng, fit, FOR_OPTIMA)
    dear = infer(dearer(used), prior, options["n_draws"], rng, belief=FOR_OPTIMA.failing)
    of_all = np.arange(options["n_draws"]) % OF_THE_DEARER != 0
    drift = DRIFT * rng.standard_normal(options["n_draws"])
    out: dict[str, JointModel] = {}
    for r, name in enumerate(runs.names):
        shared = _shared(runs, r, fit, prior, options)
        if len(used.loss) < len(runs.loss):
            said = f"{len(runs.loss)} runs were thinned to {len(used.loss)}, evenly in rank of compute."
            shared["warnings"] += (Caveat("thinned", said),)
        law = best[r].absolute.where(of_all | (best[r].field.tau == 0), dear[r].absolute)
        out[name] = _with_fit(Law(**shared, surfaces=every[r], law=law, drift=drift), fit, r, used)
    return out


def _conditionals(runs: JointRuns, prior: ExponentPrior, options: dict[str, Any]) -> dict[str, JointModel]:
    n_free = 3 * runs.n_recipes + (2 if prior.fixed is None else 0)
    if len(runs.loss) <= n_free:
        raise CurveError(
            f"expected more runs than the {n_free} parameters of the law, got {len(runs.loss)}. "
            "Add runs, give the exponents where they are known, or use the method 'law', which has stronger priors."
        )
    fit = robust_fit(runs, delta=options["delta"], exponents=prior.fixed)
    d = sample_posterior(runs, fit, prior, options["n_draws"], np.random.default_rng(options["seed"]))
    origin = -float(np.log(runs.n_ref)), -float(np.log(runs.d_ref))
    out: dict[str, JointModel] = {}
    for r, name in enumerate(runs.names):
        law = LawDraws.of(d.E[:, r], d.A_ref[:, r], d.B_ref[:, r], d.alpha, d.beta).moved(*origin)
        model = Conditional(**_shared(runs, r, fit, prior, options), law=law, sigma=d.sigma, nu=d.nu)
        out[name] = _with_fit(model, fit, r, runs)
    return out


def _shared(runs: JointRuns, r: int, fit: JointFit, prior: ExponentPrior, options: dict[str, Any]) -> dict[str, Any]:
    """What every model of recipe r is made of."""
    table = design.table_of(runs, r)
    context = design.context_of(table, None if runs.n_recipes == 1 else runs.names[r])
    told = (*context.caveats, *design.caveats(table, exponents_fixed=prior.fixed is not None))
    if not fit.converged:
        agree = f"{fit.n_agreeing} of {fit.n_starts} starts agreeing"
        said = f"the point fit ended at gradient norm {fit.gradient_norm:.1e}, {agree}."
        told = (*told, Caveat("not_converged", said))
    return {"data": runs.of_recipe(r), "table": table, "runs": context, "warnings": told, "options": options}


def _with_fit(model: JointModel, fit: JointFit, r: int, runs: JointRuns) -> JointModel:
    """The model with the point fit that was made on the way."""
    mine = replace(
        fit, E=fit.E[[r]], A=fit.A[[r]], B=fit.B[[r]], A_ref=fit.A_ref[[r]], B_ref=fit.B_ref[[r]],
        log_fitted=fit.log_fitted[runs.group == r],
    )  # fmt: skip
    model.__dict__["fit"] = mine
    return model


def _checked(prior: tuple[float, float] | None) -> tuple[float, float] | None:
    if prior is not None and not (0 < prior[0] < 1 and 0 < prior[1] < np.inf):
        raise CurveError(
            f"expected a prior (mean, sd) of the exponent, mean in (0, 1), sd > 0, got {prior}. Try (0.5, 0.1)."
        )
    return prior


def _exponents(exponents: Exponents | None) -> Exponents | None:
    if exponents is not None and not (len(exponents) == 2 and min(exponents) > 0 and max(exponents) < np.inf):
        raise CurveError(f"expected exponents (alpha, beta), both positive, got {exponents}. Try (0.34, 0.28).")
    return exponents
