"""Simulation-based calibration: a network asked about curves of its own prior, whose truth the prior knows.

Where the network is the posterior predictive of its prior, PIT values are uniform, overall and in every group that
can be told from the question. Both outputs are checked: "run" against new readings, "curve" against the noise-free
truth. The prior is not part of forescale's face; this check cannot do without it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from benchmark.methods import key_of, network, title
from benchmark.prior_page import prior_page
from benchmark.problem import Floats
from benchmark.scores import PIT_EDGES, pit_counts
from numpy.typing import NDArray

import forescale as fs
from forescale.prior import Batch, Prior, make_prior

from .bayes_gap import bayes_gap
from .experiment import Experiment, Task

SEED = 90_210
"""Far from the seeds of training, whose batches are keyed by (seed, rank, step)."""
N_TARGETS, BATCH = 10, 64


@dataclass(frozen=True)
class Draws:
    """Answers about prior curves, flat over all targets (P,).

    Attributes:
        pit_run, pit_curve: cdf of each output at a new reading and at the noise-free truth.
        log_ratio: ln of (90 % band of `curve` over that of `run`), both in ln y.
        n_context, reach: of the question; reach = x / largest context x.
        curve: index of the curve, by which standard errors are clustered.
    """

    pit_run: Floats
    pit_curve: Floats
    log_ratio: Floats
    n_context: Floats
    reach: Floats
    curve: Floats


GROUPS = {
    "all": lambda d: np.ones(len(d.reach), bool),
    "inside the context": lambda d: d.reach <= 1,
    "1-3 times beyond": lambda d: (d.reach > 1) & (d.reach <= 3),
    "3-10 times": lambda d: (d.reach > 3) & (d.reach <= 10),
    "more than 10 times": lambda d: d.reach > 10,
    "3-5 points": lambda d: d.n_context <= 5,
    "6-20 points": lambda d: (d.n_context > 5) & (d.n_context <= 20),
    "more than 20 points": lambda d: d.n_context > 20,
}


def sample(network: fs.Forecaster, prior: Prior, n_curves: int, seed: int = SEED) -> Draws:
    """Ask the network about `n_curves` prior curves, n log-uniform in 3..100 as in training."""
    parts = [answer(network, batch) for batch in batches(prior, n_curves, seed)]
    columns = [np.concatenate(part) for part in zip(*parts, strict=True)]
    return Draws(*columns, curve=np.repeat(np.arange(len(columns[0]) // N_TARGETS), N_TARGETS).astype(float))


def batches(prior: Prior, n_curves: int, seed: int) -> Iterator[Batch]:
    for i in range(-(-n_curves // BATCH)):
        rng = np.random.default_rng([seed, i])
        n_context = min(int(np.exp(rng.uniform(np.log(3), np.log(101)))), 100)
        yield prior.sample(rng, BATCH, n_context, N_TARGETS)


def answer(network: fs.Forecaster, batch: Batch) -> tuple[Floats, ...]:
    """(pit_run, pit_curve, log_ratio, n_context, reach) of one batch, flat."""
    names = [str(i) for i in range(len(batch.x_BM))]
    curves = {name: fs.Curve(batch.x_BM[i], batch.y_BM[i]) for i, name in enumerate(names)}
    at = {name: batch.x_BT[i] for i, name in enumerate(names)}
    run, curve = (network.forecast_many(curves, at, kind=kind) for kind in ("run", "curve"))
    out = []
    for i, name in enumerate(names):
        widths = [np.log(f[name].interval(0.9)[1] / f[name].interval(0.9)[0]) for f in (run, curve)]
        reach = batch.x_BT[i] / batch.x_BM[i].max()
        pits = fs.metrics.pit(run[name], batch.y_BT[i]), fs.metrics.pit(curve[name], batch.curve_BT[i])
        out.append((*pits, np.log(widths[1] / widths[0]), np.full(len(reach), batch.x_BM.shape[1], float), reach))
    return tuple(np.concatenate(column) for column in zip(*out, strict=True))


def summary(draws: Draws) -> dict[str, Any]:
    """For each group: coverage at every level, PIT histograms, width ratio; for all: a test of uniformity."""
    out: dict[str, Any] = {"groups": {}}
    for name, rule in GROUPS.items():
        chosen = rule(draws)
        if chosen.any():
            out["groups"][name] = {
                "targets": int(chosen.sum()),
                "curves": len(np.unique(draws.curve[chosen])),
                "curve_over_run": float(np.exp(draws.log_ratio[chosen].mean())),
                "curve_narrower": float((draws.log_ratio[chosen] < 0).mean()),
                "run": _calibration(draws.pit_run[chosen], draws.curve[chosen]),
                "curve": _calibration(draws.pit_curve[chosen], draws.curve[chosen]),
            }
    out["uniformity_p"] = {kind: uniformity(draws, kind) for kind in ("run", "curve")}
    return out


def _calibration(pit: Floats, curve: Floats) -> dict[str, Any]:
    levels = fs.metrics.MSCE_LEVELS
    covered = [clustered(np.abs(pit - 0.5) <= p / 2, curve) for p in levels]
    gaps = [mean - p for (mean, _), p in zip(covered, levels, strict=True)]
    return {
        "coverage": {f"{p:g}": [round(v, 4) for v in pair] for p, pair in zip(levels, covered, strict=True)},
        "msce": float(np.mean(np.square(gaps))),
        "mean_pit": [round(v, 4) for v in clustered(pit, curve)],
        "pit": pit_counts(pit).tolist(),
    }


def clustered(values: NDArray, curve: Floats) -> tuple[float, float]:
    """Mean over targets and its standard error; targets of one curve count as one draw."""
    _, index = np.unique(curve, return_inverse=True)
    mean = float(np.mean(values))
    totals = np.bincount(index, weights=values - mean)
    return mean, float(np.sqrt(np.sum(totals**2)) / len(values))


def uniformity(draws: Draws, kind: str) -> float:
    """p-value of a Kolmogorov-Smirnov test on one target of each curve, so that the draws are independent."""
    from scipy.stats import kstest

    pit = {"run": draws.pit_run, "curve": draws.pit_curve}[kind]
    first = np.flatnonzero(np.diff(draws.curve, prepend=-1))
    pick = first + np.random.default_rng(SEED).integers(0, N_TARGETS, len(first))
    return float(kstest(pit[pick], "uniform").pvalue)


def prior_of(asked: fs.Forecaster) -> Prior:
    """The prior that a network was trained on."""
    train = asked.weights.facts["train"]
    return make_prior({"name": train["prior"], **train["prior_options"]})


def check(method: str, weights: str, n_curves: int) -> dict[str, Any]:
    """All that is stored of one network."""
    asked = network(method, weights)
    facts = {"edges": PIT_EDGES.round(3).tolist()} | summary(sample(asked, prior_of(asked), n_curves))
    return facts | {"gap": bayes_gap(asked)}


def tasks(method: str = "pfn", weights: str = "", curves: int = 4000) -> dict[str, Task]:
    """One network.

    Args:
        method: pfn or nsl-pfn.
        weights: a .safetensors file instead.
        curves: drawn from its prior.
    """
    return {title(method, weights): Task(partial(check, method, weights, curves), key_of(method, weights))}


EXPERIMENT = Experiment(
    "calibration",
    "On curves of its own prior a network's intervals hold their level, in every group of questions.",
    tasks,
    prior_page,
)
