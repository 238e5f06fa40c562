"""Simulation-based calibration: a network asked about curves of its own prior, whose truth the prior knows.

Where the network is the posterior predictive of its prior, PIT values are uniform, overall and in every group that
can be told from the question. Both outputs are checked: "run" against new readings, "curve" against the noise-free
truth. The prior is not part of forescale's face; this check cannot do without it.

python -m benchmark.calibration                                   # pfn; stores benchmark/results/calibration/pfn.json
python benchmark/calibration.py --weights runs/x.safetensors --dry
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import forescale as fs
from benchmark.bayes_gap import bayes_gap
from benchmark.scores import PIT_EDGES, pit_counts
from benchmark.store import NETWORKS, RESULTS, key_of
from forescale.prior import Batch, Prior, make_prior

Floats = NDArray[np.float64]
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


def table(facts: dict[str, Any]) -> str:
    lines = [f"{'group':<22}{'curves':>7}{'run 50':>16}{'run 90':>16}{'curve 50':>16}{'curve 90':>16}{'width c/r':>11}"]
    for name, g in facts["groups"].items():
        cells = [g[kind]["coverage"][level] for kind in ("run", "curve") for level in ("0.5", "0.9")]
        shown = "".join(f"{mean:.3f} ± {error:.3f}".rjust(16) for mean, error in cells)
        lines.append(f"{name:<22}{g['curves']:>7}{shown}{g['curve_over_run']:>11.3f}")
    p, gap = facts["uniformity_p"], facts["gap"]
    lines.append(f"Kolmogorov-Smirnov p: run {p['run']:.3g}, curve {p['curve']:.3g}")
    lines.append(
        f"gap to the Bayes-optimal predictive, {gap['curves']} curves of {gap['family']}, nats of ln y a target:"
    )
    lines += [
        f"  {name:<20} {row['gap']:+.3f} ± {row['se']:.3f} (optimum {row['optimal']:.3f}, network {row['network']:.3f})"
        for name, row in gap["groups"].items()
    ]
    lines.append(f"  effective draws: median {gap['ess_median']:.0f}, smallest {gap['ess_min']:.0f} of {gap['draws']}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--method", default="pfn", choices=sorted(NETWORKS))
    parser.add_argument("--weights", help="a .safetensors file instead")
    parser.add_argument("--curves", type=int, default=4000)
    parser.add_argument("--results", default=str(RESULTS))
    parser.add_argument("--dry", action="store_true", help="print only, store nothing")
    options = parser.parse_args()
    network = fs.Forecaster.load(options.weights or NETWORKS[options.method], options.method)
    train = network.weights.facts["train"]
    prior = make_prior({"name": train["prior"], **train["prior_options"]})
    facts = {"key": key_of(options.method, options.weights), "edges": PIT_EDGES.round(3).tolist()}
    facts |= summary(sample(network, prior, options.curves)) | {"gap": bayes_gap(network)}
    print(table(facts))
    if not options.dry:
        path = Path(options.results) / "calibration" / f"{options.method}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    main()
