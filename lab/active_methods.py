"""Active learning between methods, as the paper compares them: from 4 points to 9, the most uncertain one next.

Each method chooses by its own forecast: the point of the pool whose reading it is least sure of (the widest 90 % band
in ln y). All begin with the same 4 points of a curve, drawn by the seed; scores are over the curve's own targets. Pool
and targets as in `active_learning.py`; the four data sets are those of the paper's main table, curves with at least 9
distinct x, hence NLP without Nano. Chains of `mcmc-bnsl1` have 1,000 steps here; as the product runs them, until they
mix, a curve would cost over a minute of a core. What their length is worth is the table above.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from benchmark.markdown import Table, markdown, mean_and_error, rounded
from benchmark.methods import Ask, ask_with, key_of, reads_raw
from benchmark.problem import Problem
from benchmark.suites.papers import load_suite

import forescale as fs
from forescale.posterior.mcmc import forecast_mcmc

from .active_learning import pool_of
from .experiment import Experiment, Task

METHODS = ("pfn", "nsl-pfn", "mcmc-m4", "mcmc-bnsl1", "collapsed-m2", "gp")
GROUPS = {"ic": ("ic",), "nlp": ("nmt", "lm", "bb"), "dd": ("dd",), "colpret": ("colpret",)}
TITLES = {"ic": "IC", "nlp": "NLP (NMT, LM, BB)", "dd": "DD", "colpret": "ColPret"}
START, END = 4, 9
REFERENCE = "pfn"
STEPS = {"mcmc-bnsl1": 1_000}
"""Of chains whose length is fixed."""


def tasks(methods: str = ",".join(METHODS), curves: int = 6, seeds: int = 1, data: str = "") -> dict[str, Task]:
    """One method that acquires five points of one curve.

    Args:
        methods: comma-separated.
        curves: of each data set, evenly through it.
        seeds: number of starting sets for each curve.
        data: folder of the CSV files.
    """
    chosen = {group: pools(suites, curves, data) for group, suites in GROUPS.items()}
    return {
        f"{group}, {p.suite}/{p.name}, seed {seed}, {method}": Task(partial(acquired, method, p, seed), key(method))
        for method in methods.split(",")
        for seed in range(seeds)
        for group, those in chosen.items()
        for p in those
    }


def key(method: str) -> dict[str, Any]:
    return key_of(method) | ({"steps": STEPS[method]} if method in STEPS else {})


def ask_of(method: str) -> Ask:
    """The method; chains of a fixed length where STEPS says so."""
    if method not in STEPS:
        return ask_with(method)
    law, steps = method.removeprefix("mcmc-"), STEPS[method]
    return lambda curves, at: {
        name: forecast_mcmc(curve, at[name], "run", 0, law=law, steps=steps) for name, curve in curves.items()
    }


def pools(suites: tuple[str, ...], n: int, data: str) -> list[Problem]:
    """Evenly through the curves whose pool is large enough."""
    found = [pool_of(p) for suite in suites for p in load_suite(suite, 1.0, data)]
    found = [p for p in found if p.context.n >= END]
    return [found[i] for i in np.unique(np.linspace(0, len(found) - 1, min(n, len(found))).round().astype(int))]


def acquired(method: str, pool: Problem, seed: int) -> list[dict[str, Any]]:
    """Scores with 4, 5, ... 9 points."""
    if reads_raw(method):
        pool = pool.in_units()
    rng = np.random.default_rng([seed, pool.context.n, *pool.name.encode()])  # the same start for every method
    known = np.zeros(pool.context.n, bool)
    known[rng.choice(pool.context.n, START, replace=False)] = True
    ask, rows = ask_of(method), list[dict[str, Any]]()
    while True:
        context = fs.Curve(pool.context.x[known], pool.context.y[known])
        left = np.flatnonzero(~known)
        f = ask({"": context}, {"": np.concatenate([pool.x, pool.context.x[left]])})[""]
        rows.append({"n": context.n} | scores(f, pool.y, len(pool.x)))
        if context.n == END:
            return rows
        low, high = f.interval(0.9)
        known[left[np.argmax(np.log(high / low)[len(pool.x) :])]] = True


def scores(f: fs.Forecast, y: np.ndarray, n: int) -> dict[str, Any]:
    """RMSLE and LL of ln y over the first n of the points asked: the targets, the rest being the pool."""
    off = np.log(f.median[:n] / y)
    padded = np.concatenate([y, f.median[n:]])
    density = f.log_prob(padded)[:n] + np.log(y)
    return {"rmsle": rounded(float(np.sqrt(np.mean(off**2)))), "ll_ln": rounded(float(np.mean(density)))}


def page(found: Mapping[str, Any]) -> str:
    """A table a data set: scores with 4 and with 9 points, and how far each method is from `pfn` on the same curves."""
    if not found:
        return "Not stored yet: `python -m lab active-methods`.\n"
    text = [__doc__.partition("\n\n")[2].strip() + " (`python -m lab active-methods`.)\n"]
    for group, title in TITLES.items():
        those = of_group(found, group)
        if those:
            n = len(next(iter(those.values())))
            text += [f"### {title}: {n} curves\n", markdown(table(those)), ""]
    return "\n".join(text).rstrip() + "\n"


def of_group(found: Mapping[str, Any], group: str) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Method -> curve with its seed -> rows."""
    out: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for label, rows in found.items():
        name, _, rest = label.partition(", ")
        curve, _, method = rest.rpartition(", ")
        if name == group:
            out.setdefault(method, {})[curve] = rows
    return {method: out[method] for method in METHODS if method in out}


def table(those: Mapping[str, Mapping[str, Any]]) -> Table:
    heads = ["RMSLE, 4 points", "9 points", "LL of ln y, 4 points", "9 points", "LL behind `pfn` at 9", "in s.e."]
    lines = [["method", *heads]]
    ours = those.get(REFERENCE, {})
    for method, curves in those.items():
        line = [f"`{method}`" + (f" ({len(curves)} of them)" if len(curves) < len(ours) else "")]
        for key, digits in (("rmsle", 3), ("ll_ln", 2)):
            for i in (0, -1):
                mean, error = mean_and_error(rows[i][key] for rows in curves.values())
                line.append(f"{mean:.{digits}f} ± {error:.{digits}f}")
        behind = [ours[c][-1]["ll_ln"] - rows[-1]["ll_ln"] for c, rows in curves.items() if c in ours]
        if method == REFERENCE or not behind:
            line += ["", ""]
        else:
            mean, error = mean_and_error(behind)
            line += [f"{mean:+.2f} ± {error:.2f}", f"{mean / error:+.1f}"]
        lines.append(line)
    return lines


EXPERIMENT = Experiment(
    "active-methods",
    "With nine points, each chosen where it was least sure, a network is far ahead of MCMC.",
    tasks,
    page,
    docs="paper.md",
)
