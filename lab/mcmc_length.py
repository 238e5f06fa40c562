"""MCMC as the paper ran it, and converged: the same posterior with 150 steps a walker and with up to 3,000.

The paper's chains have 150 samples, 50 of them burn-in. Here the first length is that, the others leave out 40 %, with
our priors, noise and two ensembles of 32 walkers throughout, so that nothing but the length differs. R-hat is the
product's: rank-normalised, over the halves of all walkers, the worst parameter. The curves are a seeded draw.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from benchmark.markdown import Table, markdown, mean_and_error, rounded, shown
from benchmark.methods import key_of
from benchmark.problem import Problem
from benchmark.suites.papers import TITLES, load_suite

import forescale as fs
from forescale.posterior.mcmc import R_HAT_LIMIT, forecast_mcmc

from .experiment import Experiment, Task

LENGTHS = {150: 1 / 3, 300: 0.4, 1_000: 0.4, 3_000: 0.4}
"""Steps of a walker -> share of them that is left out."""
SEED = 26
"""Of the draw of curves."""


def tasks(laws: str = "m4,bnsl1", suites: str = "ic,dd", curves: int = 24, data: str = "") -> dict[str, Task]:
    """One law on one curve, at each length.

    Args:
        laws: comma-separated.
        suites: comma-separated.
        curves: of each suite, drawn by a fixed seed; of a smaller number the first.
        data: folder of the CSV files.
    """
    return {
        f"{law}, {suite}/{p.name}": Task(partial(at_each_length, law, p), key_of(f"mcmc-{law}"))
        for suite in suites.split(",")
        for p in drawn(load_suite(suite, 1.0, data), curves)
        for law in laws.split(",")
    }


def drawn(problems: list[Problem], n: int) -> list[Problem]:
    """n of them at random, the same at every call; a larger n adds to a smaller one."""
    return [problems[i] for i in np.random.default_rng(SEED).permutation(len(problems))[:n]]


def at_each_length(law: str, problem: Problem) -> dict[str, dict[str, Any]]:
    """Steps -> scores of the forecast and the state of its chains."""
    return {str(steps): scored(law, problem, steps, share) for steps, share in LENGTHS.items()}


def scored(law: str, problem: Problem, steps: int, share: float) -> dict[str, Any]:
    f = forecast_mcmc(problem.context, problem.x, "run", 0, law=law, steps=steps, warm_up=share)
    found = {
        "rmsle": fs.metrics.rmsle(f, problem.y),
        "ll": fs.metrics.log_likelihood(f, problem.y) + float(np.log(problem.unit)),
        "r_hat": f.details["r_hat"],
        "ess": f.details["ess"],
    }
    return {key: rounded(float(value)) for key, value in found.items()}


def page(found: Mapping[str, Any]) -> str:
    """A table for each suite: scores, R-hat and how many chains have mixed, against the length."""
    if not found:
        return "Not stored yet: `python -m lab mcmc-length`.\n"
    text = [__doc__.partition("\n\n")[2].strip() + " (`python -m lab mcmc-length`.)\n"]
    for suite in dict.fromkeys(label.partition(", ")[2].partition("/")[0] for label in found):
        text += [f"### {TITLES[suite]}\n", markdown(table(found, suite)), ""]
    return "\n".join(text).rstrip() + "\n"


def table(found: Mapping[str, Any], suite: str) -> Table:
    heads = ["law", "steps", "curves", "RMSLE", "LL", "RMSLE less than at 3,000 steps by", "LL more by", "median R-hat"]
    lines = [[*heads, f"R-hat above {R_HAT_LIMIT}"]]
    for law in dict.fromkeys(label.partition(", ")[0] for label in found):
        those = [facts for label, facts in found.items() if label.startswith(f"{law}, {suite}/")]
        if not those:
            continue
        longest = str(max(LENGTHS))
        for steps in map(str, LENGTHS):
            r_hat = np.array([facts[steps]["r_hat"] for facts in those])
            line = [f"`mcmc-{law}`", f"{int(steps):,}", str(len(those))]
            line += [shown((facts[steps][key] for facts in those), d) for key, d in (("rmsle", 4), ("ll", 3))]
            for key, sign, digits in (("rmsle", -1, 4), ("ll", 1, 3)):
                apart = [sign * (facts[steps][key] - facts[longest][key]) for facts in those]
                line.append("" if steps == longest else _signed(apart, digits))
            lines.append([*line, f"{np.median(r_hat):.2f}", f"{(r_hat > R_HAT_LIMIT).sum()} of {len(r_hat)}"])
    return lines


def _signed(values: list[float], digits: int) -> str:
    mean, error = mean_and_error(values)
    return f"{mean:+.{digits}f} ± {error:.{digits}f}"


EXPERIMENT = Experiment(
    "mcmc-length",
    "Chains of the paper's length have not mixed, and longer ones forecast better.",
    tasks,
    page,
    docs="paper.md",
)
