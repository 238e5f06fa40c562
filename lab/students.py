"""The two papers meet: simulated students are scaling curves with a known truth, so forecasts and fits can be scored.

    python -m benchmark.theory.meet forecast [--weights runs/mine.safetensors]    forecasts from the small half, scored
    python -m benchmark.theory.meet exponent                                      allocation exponents side by side
    python -m benchmark.theory.meet prior                                         the theory's balance as a weak prior

Reads benchmark/theory/students.csv (`forescale theory simulate`) and chinchilla.csv of the data folder
(FORESCALE_BENCHMARK, ../shared/benchmark). Stores small tables beside this file; docs/theory.md quotes them.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

import forescale as fs
from forescale.theory.generator import draw_teachers
from forescale.theory.simulation import read_grid

HERE = Path(__file__).parent
STUDENTS = HERE / "students.csv"
METHODS = ("pfn", "m1", "m2", "m3", "m4", "bnsl1", "line", "last")
BALANCE = (0.5, 0.1)
"""The weak prior of the theory: balance, a = ½, with room for every exponent that bounds, fits and students gave."""
SIZES, REPEATS, LEVEL = (15, 40), 50, 0.9


def forecast(weights: str | None) -> pd.DataFrame:
    """Score methods on curves of every teacher: KL against T at fixed n, and against n at fixed T; half is hidden."""
    table = fs.theory.read_table(STUDENTS)
    rows = []
    for axis, fixed in (("T", "n"), ("n", "T")):
        problems = dict(student_problems(table, axis, fixed))
        curves, at = {k: p[0] for k, p in problems.items()}, {k: p[1] for k, p in problems.items()}
        for method in METHODS:
            if method == "pfn" and weights is not None:
                answers = fs.Forecaster.load(weights, "pfn").forecast_many(curves, at)
            else:
                answers = fs.forecast_many(curves, at, method=method)
            for name, answer in answers.items():
                y = problems[name][2]
                rows.append(
                    {
                        "axis": axis,
                        "method": method,
                        "curve": name,
                        "rmsle": fs.metrics.rmsle(answer, y),
                        "log_likelihood_log_y": fs.metrics.log_likelihood_log_y(answer, y),
                        "coverage50": fs.metrics.coverage(answer, y, 0.5),
                        "coverage90": fs.metrics.coverage(answer, y, 0.9),
                    }
                )
    scores = pd.DataFrame(rows).groupby(["axis", "method"], sort=False).mean(numeric_only=True)
    scores.insert(0, "curves", pd.DataFrame(rows).groupby(["axis", "method"], sort=False).size())
    return scores.reset_index()


def student_problems(
    table: pd.DataFrame, axis: str, fixed: str
) -> Iterator[tuple[str, tuple[fs.Curve, np.ndarray, np.ndarray]]]:
    """A name for each teacher and value of `fixed`, with its curve along `axis`, cut in half, and what is hidden."""
    for (teacher, value), group in table.groupby(["teacher", fixed]):
        name = f"teacher {teacher}, {fixed} = {value}"
        curve = fs.Curve(group[axis], group["kl"], x_name=axis, y_name="KL", name=name)
        yield name, curve.hold_out(0.5)


def exponent() -> pd.DataFrame:
    """d ln p*/d ln C: measured, from the joint law, and from both bounds, over the same compute."""
    table, grid = fs.theory.read_table(STUDENTS), read_grid(STUDENTS)
    iso = fs.theory.isocompute(table)
    rows = [
        {"source": "measured optima of students", **_interval(iso.p_per_C.low, iso.p_per_C.value, iso.p_per_C.high)}
    ]
    mean = table.groupby(["p", "T", "C"], as_index=False)["kl"].mean()
    inside = mean[(mean["C"] >= iso.C[0]) & (mean["C"] <= iso.C[-1])]
    small = mean[mean["C"] <= np.sqrt(iso.C[0] * iso.C[-1])]
    floor = irreducible()
    for name, runs, add in (
        ("fit_joint on KL, all runs", mean, 0.0),
        ("fit_joint on KL, runs within the range of C", inside, 0.0),
        ("fit_joint on KL, cheaper half of the range", small, 0.0),
        ("fit_joint on the whole loss, all runs", mean, floor),
    ):
        a = fs.fit_joint(runs["p"], runs["T"], runs["kl"] + add).parameters["a"]
        rows.append(
            {"source": f"{name} ({len(runs)})", **_interval(a.interval(LEVEL)[0], a.median, a.interval(LEVEL)[1])}
        )
    for bound in ("s", "t"):
        o = fs.theory.optimum(C=iso.C, d=grid.d, K=grid.K, bound=bound)
        slope = float(np.polyfit(np.log(iso.C), np.log(o.p), 1)[0])
        rows.append({"source": f"bound {bound.upper()} over the same C", **_interval(np.nan, slope, np.nan)})
    return pd.DataFrame(rows)


def irreducible() -> float:
    """Mean entropy of the labels of the grid's teachers, nats: what the whole loss has besides the KL."""
    grid = read_grid(STUDENTS)
    teachers = draw_teachers(np.random.default_rng([grid.seed, 0]), grid.n_teachers, d=grid.d, K=grid.K)
    z = teachers.logit(np.random.default_rng([grid.seed, 9]).standard_normal((20_000, grid.d)))
    p = 1 / (1 + np.exp(-z))
    return float(np.mean(np.logaddexp(0.0, z) - p * z))


def prior() -> pd.DataFrame:
    """Interval width and coverage of the allocation exponent and of held-out losses, with and without the prior.

    Designs already in the stored table are not computed again.
    """
    path = HERE / "prior.csv"
    found = pd.read_csv(path) if path.exists() else pd.DataFrame({"design": []})
    for design in ("chinchilla, at random", "chinchilla, cheaper half", "students, cheaper half"):
        if design in set(found["design"]):
            continue
        runs, truth = _chinchilla() if design.startswith("chinchilla") else _students()
        rows = [
            {"design": design, "runs": size, "prior": label, "true_a": truth, **_one_fit(*split, belief, truth)}
            for size in SIZES
            for split in _subsamples(runs, size, cheap="cheaper" in design)
            for label, belief in (("none", None), ("balance", BALANCE))
        ]
        means = pd.DataFrame(rows).groupby(["design", "runs", "prior"], sort=False).mean().reset_index()
        found = pd.concat([found, means], ignore_index=True)
        found.to_csv(path, index=False, float_format="%.4g")
    return found


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
    joint = fs.fit_joint(picked["p"], picked["T"], picked["loss"], exponent_prior=belief, n_draws=1000)
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


def _chinchilla() -> tuple[pd.DataFrame, float]:
    """The replication's 240 runs, and the exponent of the fit to all of them: a reference, itself known to ± 0.015."""
    folder = Path(os.environ.get("FORESCALE_BENCHMARK", "../shared/benchmark"))
    table = pd.read_csv(folder / "chinchilla.csv")
    table = table[table["used_in_replication"].astype(bool)].rename(columns={"params": "p", "tokens": "T"})
    table["C"] = table["p"] * table["T"]
    return table, fs.fit_joint(table["p"], table["T"], table["loss"]).parameters["a"].median


def _students() -> tuple[pd.DataFrame, float]:
    """All students as runs with their whole loss, and the measured exponent."""
    table = fs.theory.read_table(STUDENTS)
    missing = set(read_grid(STUDENTS).samples) - set(table["T"])
    if missing:
        raise SystemExit(f"{STUDENTS.name} still lacks T = {sorted(missing)}: run `forescale theory simulate` first.")
    return table.assign(loss=table["kl"] + irreducible()), fs.theory.isocompute(table).p_per_C.value


def _interval(low: float, value: float, high: float) -> dict[str, float]:
    return {"value": float(value), "low90": float(low), "high90": float(high)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("forecast", "exponent", "prior"))
    parser.add_argument("--weights", help="a network of one's own instead of the released one")
    options = parser.parse_args()
    scores = forecast(options.weights) if options.part == "forecast" else globals()[options.part]()
    scores.to_csv(HERE / f"{options.part}.csv", index=False, float_format="%.4g")
    print(scores.to_string(index=False, float_format="%.4g"))


if __name__ == "__main__":
    main()
