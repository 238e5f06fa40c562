"""The two papers meet: simulated students are scaling curves with a known truth, so forecasts and fits can be scored.

students            what students do: mean KL, optima at fixed compute, their slopes
students-forecast   forecasts from the small half, scored
students-exponent   allocation exponents side by side
students-prior      the theory's balance as a weak prior in fit_joint
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from benchmark.markdown import rounded
from benchmark.methods import ask_with, key_of
from benchmark.problem import contexts, targets
from benchmark.store import digest
from benchmark.suites.students import STUDENTS, students
from benchmark.suites.world import table as data_table

import forescale as fs
from forescale.theory.generator import draw_teachers
from forescale.training.simulation import read_grid, read_table

from .experiment import Experiment, Found, Task
from .students_page import measured, records

METHODS = ("pfn", "m1", "m2", "m3", "m4", "bnsl1", "line", "last")
BALANCE = (0.5, 0.1)
"""The weak prior of the theory: balance, a = ½, with room for every exponent that bounds, fits and students gave."""
SIZES, REPEATS, LEVEL = (15, 40), 50, 0.9
DESIGNS = ("chinchilla, at random", "chinchilla, cheaper half", "students, cheaper half")
BELIEFS = {"none": None, "balance": BALANCE}


def forecast_tasks(methods: str = ",".join(METHODS), weights: str = "") -> dict[str, Task]:
    """KL against T at fixed n, and against n at fixed T, for every teacher; half is hidden.

    Args:
        methods: comma-separated.
        weights: a network of one's own instead of the released one.
    """
    return {
        f"{axis}, {method}": Task(
            partial(forecast, axis, fixed, method, weights if method == "pfn" else ""),
            key_of(method, weights if method == "pfn" else "") | {"students": digest(STUDENTS)},
        )
        for axis, fixed in (("T", "n"), ("n", "T"))
        for method in methods.split(",")
    }


def forecast(axis: str, fixed: str, method: str, weights: str) -> dict[str, Any]:
    """Scores of one method, the mean over curves."""
    problems = list(students(axis, fixed))
    answers = ask_with(method, weights)(contexts(problems), targets(problems))
    rows = [
        {
            "rmsle": fs.metrics.rmsle(answers[p.name], p.y),
            "log_likelihood_log_y": fs.metrics.log_likelihood_log_y(answers[p.name], p.y),
            "coverage50": fs.metrics.coverage(answers[p.name], p.y, 0.5),
            "coverage90": fs.metrics.coverage(answers[p.name], p.y, 0.9),
        }
        for p in problems
    ]
    means = {key: rounded(float(np.mean([row[key] for row in rows]))) for key in rows[0]}
    return {"axis": axis, "method": method, "curves": len(rows)} | means


def exponent_tasks() -> dict[str, Task]:
    """d ln p*/d ln C: measured, from the joint law, and from both bounds, over the same compute."""
    key = {"forescale": fs.__version__, "students": digest(STUDENTS)}
    fits = (
        "KL, all runs",
        "KL, runs within the range of C",
        "KL, cheaper half of the range",
        "the whole loss, all runs",
    )
    found = {"measured": Task(measured_exponent, key)}
    found |= {f"fit_joint on {what}": Task(partial(fitted_exponent, what), key) for what in fits}
    return found | {
        f"bound {bound.upper()} over the same C": Task(partial(bound_exponent, bound), key) for bound in "st"
    }


def measured_exponent() -> dict[str, Any]:
    slope = fs.theory.isocompute(read_table(STUDENTS)).p_per_C
    return _interval("measured optima of students", slope.low, slope.value, slope.high)


def fitted_exponent(what: str) -> dict[str, Any]:
    """Of Chinchilla's law, fitted to some of the students."""
    table = read_table(STUDENTS)
    iso = fs.theory.isocompute(table)
    mean = table.groupby(["p", "T", "C"], as_index=False)["kl"].mean()
    if "range" in what:
        mean = mean[(mean["C"] >= iso.C[0]) & (mean["C"] <= iso.C[-1])]
    if "cheaper" in what:
        mean = mean[mean["C"] <= np.sqrt(iso.C[0] * iso.C[-1])]
    floor = irreducible() if "whole loss" in what else 0.0
    a = fs.fit_joint(mean["p"], mean["T"], mean["kl"] + floor, method="chinchilla").parameters["a"]
    low, high = a.interval(LEVEL)
    return _interval(f"fit_joint on {what} ({len(mean)})", low, a.median, high)


def bound_exponent(bound: str) -> dict[str, Any]:
    grid, iso = read_grid(STUDENTS), fs.theory.isocompute(read_table(STUDENTS))
    best = fs.theory.optimum(C=iso.C, d=grid.d, K=grid.K, bound=bound)
    slope = float(np.polyfit(np.log(iso.C), np.log(best.p), 1)[0])
    return _interval(f"bound {bound.upper()} over the same C", None, slope, None)


def _interval(source: str, low: float | None, value: float, high: float | None) -> dict[str, Any]:
    ends = {"low90": low, "high90": high}
    return {"source": source, "value": rounded(float(value))} | {k: rounded(v) for k, v in ends.items()}


def irreducible() -> float:
    """Mean entropy of the labels of the grid's teachers, nats: what the whole loss has besides the KL."""
    grid = read_grid(STUDENTS)
    teachers = draw_teachers(np.random.default_rng([grid.seed, 0]), grid.n_teachers, d=grid.d, K=grid.K)
    z = teachers.logit(np.random.default_rng([grid.seed, 9]).standard_normal((20_000, grid.d)))
    p = 1 / (1 + np.exp(-z))
    return float(np.mean(np.logaddexp(0.0, z) - p * z))


def prior_tasks(data: str = "") -> dict[str, Task]:
    """Interval width and coverage of the allocation exponent and of held-out losses, with and without the prior.

    Args:
        data: folder of chinchilla.csv.
    """
    return {
        f"{design}, {size} runs, {label}": Task(
            partial(with_prior, design, size, label, data), {"forescale": fs.__version__}
        )
        for design in DESIGNS
        for size in SIZES
        for label in BELIEFS
    }


def with_prior(design: str, size: int, label: str, data: str) -> dict[str, Any]:
    """The mean over REPEATS subsamples of one size."""
    runs, truth = _chinchilla(data) if design.startswith("chinchilla") else _students()
    splits = _subsamples(runs, size, cheap="cheaper" in design)
    rows = [_one_fit(picked, rest, BELIEFS[label], truth) for picked, rest in splits]
    means = {key: rounded(float(np.mean([row[key] for row in rows]))) for key in rows[0]}
    return {"design": design, "runs": size, "prior": label, "true_a": rounded(float(truth))} | means


def _subsamples(runs: pd.DataFrame, size: int, *, cheap: bool) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """REPEATS pairs (runs to fit, runs to score): of one teacher at a time where there are teachers."""
    for i in range(REPEATS):
        rng = np.random.default_rng([17, size, i])
        own = runs[runs["teacher"] == i % runs["teacher"].nunique()] if "teacher" in runs else runs
        pool = own[own["C"] <= own["C"].median()] if cheap else own
        picked = pool.iloc[rng.choice(len(pool), size, replace=False)]
        yield picked, own[own["C"] > own["C"].median()] if cheap else own.drop(picked.index)


def _one_fit(
    picked: pd.DataFrame, rest: pd.DataFrame, belief: tuple[float, float] | None, truth: float
) -> dict[str, float]:
    joint = fs.fit_joint(
        picked["p"], picked["T"], picked["loss"], method="chinchilla", exponent_prior=belief, n_draws=1000
    )
    a = joint.parameters["a"]
    low, high = a.interval(LEVEL)
    ahead = joint.predict(rest["p"].to_numpy(), rest["T"].to_numpy())
    y = rest["loss"].to_numpy()
    return {
        "width_a": high - low,
        "covers_a": float(low <= truth <= high),
        "error_a": abs(a.median - truth),
        "coverage90_loss": fs.metrics.coverage(ahead, y, LEVEL),
        "rmsle_loss": fs.metrics.rmsle(ahead, y),
        "log_likelihood_log_loss": fs.metrics.log_likelihood_log_y(ahead, y),
    }


def _chinchilla(data: str) -> tuple[pd.DataFrame, float]:
    """The replication's 240 runs, and the exponent of the fit to all of them: a reference, itself known to ± 0.015."""
    table = data_table("chinchilla.csv", data)
    table = table[table["used_in_replication"].astype(bool)].rename(columns={"params": "p", "tokens": "T"})
    table["C"] = table["p"] * table["T"]
    return table, fs.fit_joint(table["p"], table["T"], table["loss"], method="chinchilla").parameters["a"].median


def _students() -> tuple[pd.DataFrame, float]:
    """All students as runs with their whole loss, and the measured exponent."""
    table = read_table(STUDENTS)
    missing = set(read_grid(STUDENTS).samples) - set(table["T"])
    if missing:
        raise SystemExit(f"{STUDENTS.name} still lacks T = {sorted(missing)}: run `forescale theory simulate` first.")
    return table.assign(loss=table["kl"] + irreducible()), fs.theory.isocompute(table).p_per_C.value


def table_tasks() -> dict[str, Task]:
    """The stored grid of students, of which `forescale theory simulate` trained every one."""
    return {"students": Task(measured, {"students": digest(STUDENTS)})}


def page(found: Found) -> str:
    """A line for each task."""
    return records(list(found.values()))


EXPERIMENTS = (
    Experiment(
        "students",
        "Trained students have optima whose parameters grow more slowly with compute than balance says.",
        table_tasks,
        lambda found: str(found["students"]),
        docs="theory.md",
    ),
    Experiment(
        "students-forecast",
        "A student's larger half is forecast from its smaller half within the 90 % interval.",
        forecast_tasks,
        page,
        docs="theory.md",
    ),
    Experiment(
        "students-exponent",
        "The joint law recovers the students' allocation exponent within its 90 % interval.",
        exponent_tasks,
        page,
        docs="theory.md",
    ),
    Experiment(
        "students-prior",
        "Balance as a weak prior narrows the exponent's interval without losing its coverage.",
        prior_tasks,
        page,
        docs="theory.md",
    ),
)
