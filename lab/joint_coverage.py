"""Do the intervals of N* and L* mean it? Simulated joint runs with known truth, fitted and checked one by one.

A data set: exponents, floor and sizes of the two terms drawn at random; a sweep of 4 to 7 compute levels with 5 to 8
models each (an IsoFLOP design with jitter) or the same number of runs scattered over (N, D); relative noise of 0.2 to
2 %, Gaussian or Student-t with 3 degrees of freedom. Asked: N*, D*, L* at 100 times the largest compute.
The posterior's prior is not the distribution drawn from: coverage is that of a user, not of a simulated prior.
"""

from typing import Any

import numpy as np
from benchmark.markdown import markdown

import forescale as fs
from forescale.laws.chinchilla import Chinchilla

from .experiment import Experiment, Found, Task

LEVELS = (0.5, 0.8, 0.9)
NAMES = ("params", "tokens", "loss")


def draw_truth(rng: np.random.Generator) -> dict[str, float]:
    """E, A, B, alpha, beta; the two terms are given their sizes at 1e9 parameters and 2e10 tokens."""
    alpha, beta = rng.uniform(0.2, 0.6, 2)
    from_n, from_d = np.exp(rng.uniform(np.log(0.1), np.log(1.0), 2))
    return {
        "E": rng.uniform(0.5, 2.5), "A": from_n * 1e9**alpha, "B": from_d * 2e10**beta, "alpha": alpha, "beta": beta,
    }  # fmt: skip


def draw_runs(truth: dict[str, float], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """N, D and measured loss, (n,) each."""
    n_levels, n_sizes = rng.integers(4, 8), rng.integers(5, 9)
    flops = np.geomspace(1e18, 10 ** rng.uniform(20, 22), n_levels)
    if rng.uniform() < 0.5:
        best = np.sqrt(flops / 120)
        n = best[:, None] * np.exp(rng.uniform(-2.5, 2.5, (n_levels, n_sizes)))
        d = flops[:, None] / 6 / n
    else:
        n = np.exp(rng.uniform(np.log(3e7), np.log(np.sqrt(flops[-1] / 120) * 5), (n_levels, n_sizes)))
        d = n * np.exp(rng.uniform(np.log(2), np.log(200), n.shape))
    n, d = n.ravel(), d.ravel()
    noise = rng.normal(size=n.size) if rng.uniform() < 0.5 else rng.standard_t(3, size=n.size)
    sigma = np.exp(rng.uniform(np.log(0.002), np.log(0.02)))
    return n, d, Chinchilla().loss(n, d, **truth) * np.exp(sigma * noise)


def one_set(seed: int) -> dict[str, list[bool]]:
    """Whether each level's interval holds the truth, for N*, D*, L*."""
    rng = np.random.default_rng([20251122, seed])
    truth = draw_truth(rng)
    n, d, loss = draw_runs(truth, rng)
    budget = 100 * float(np.max(6 * n * d))
    found = fs.fit_joint(n, d, loss, method="chinchilla", n_draws=1000, seed=seed).allocate(flops=budget)
    best = dict(zip(NAMES, Chinchilla().optimum(budget, **truth), strict=True))
    inside = {}
    for name in NAMES:
        ends = [getattr(found, name).interval(level) for level in LEVELS]
        inside[name] = [bool(low <= best[name] <= high) for low, high in ends]
    return inside


def tasks(sets: int = 500) -> dict[str, Task]:
    """Simulated tables of runs, fitted and checked.

    Args:
        sets: how many.
    """
    return {f"{sets} sets": Task(lambda: measure(sets), {"forescale": fs.__version__})}


def measure(n_sets: int) -> dict[str, Any]:
    """Share of intervals that hold the truth, with its standard error."""
    rows = [one_set(seed) for seed in range(n_sets)]
    found: dict[str, Any] = {"n_sets": n_sets, "levels": list(LEVELS)}
    for name in NAMES:
        share = np.mean([row[name] for row in rows], axis=0)
        se = np.sqrt(share * (1 - share) / n_sets)
        found[name] = {"coverage": share.round(4).tolist(), "se": se.round(4).tolist()}
    return found


def page(found: Found) -> str:
    """Coverage of N*, D* and L* at each level."""
    text = []
    for label, facts in found.items():
        table = [[label, *(f"{100 * level:g} %" for level in facts["levels"])]]
        for name in NAMES:
            pairs = zip(facts[name]["coverage"], facts[name]["se"], strict=True)
            table.append([name, *(f"{share:.3f} ± {se:.3f}" for share, se in pairs)])
        text.append(markdown(table))
    return "\n\n".join(text)


EXPERIMENT = Experiment(
    "joint-coverage",
    "The intervals of N*, D* and L* of `fit_joint` hold the truth as often as they say.",
    tasks,
    page,
)
