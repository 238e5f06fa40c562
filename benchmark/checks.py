"""Every method on curves whose truth is known (suites/truths.py): what the synthetic checks say."""

import sys
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import forescale as fs

from .markdown import Table, aligned
from .methods import chosen, is_network, key_of, network, title
from .problem import Problem
from .store import RESULTS, kept, read_table
from .suites import truths

COLUMNS = ["check", "variant", "curves", "failed", "rmsle", "rmsle_se", "median_rmsle", "ll_ln", "ll_ln_se"]
COLUMNS += ["coverage90_run", "coverage90_run_se", "coverage90_curve", "coverage90_curve_se", "log_width90", "seconds"]
SLOWER = ("gp", "bnsl2", "nsl-pfn")
"""Left out unless they are asked for: some thousand curves of each take them long, or say little new."""
NAN = float("nan")
Row = dict[str, Any]
Call = Callable[..., fs.Forecast]


def measure(problem: Problem, call: Call) -> dict[str, float] | None:
    """Scores of one curve, or None where the method gave up: median against truth, bands of a reading and of the truth,
    ln of the run band's width. `curve` is asked where it is offered."""
    start = time.process_time()
    try:
        run = call(problem.context, problem.x, kind="run")
    except Exception:  # counted as failed in the table
        return None
    seconds = time.process_time() - start
    try:
        covered = fs.metrics.coverage(call(problem.context, problem.x, kind="curve"), problem.truth, 0.9)
    except Exception:  # a method that has no noise-free answer says so by refusing
        covered = NAN
    lower, upper = run.interval(0.9)
    return {
        "rmsle": fs.metrics.rmsle(run, problem.truth),
        "ll_ln": fs.metrics.log_likelihood_log_y(run, problem.y),
        "coverage90_run": fs.metrics.coverage(run, problem.y, 0.9),
        "coverage90_curve": covered,
        "log_width90": float(np.mean(np.log(np.maximum(np.log(upper / lower), 1e-12)))),
        "seconds": seconds,
    }


def measured(check: str, variant: str, problems: list[Problem], call: Call) -> Row:
    """Means over curves with standard errors; the median beside the mean where errors span decades."""
    good = [row for row in (measure(p, call) for p in problems) if row is not None]
    out: Row = {"check": check, "variant": variant, "curves": len(problems), "failed": len(problems) - len(good)}
    for key in ("rmsle", "ll_ln", "coverage90_run", "coverage90_curve"):
        values = np.array([row[key] for row in good])
        values = values[~np.isnan(values)]
        out[key] = float(values.mean()) if len(values) else NAN
        out[f"{key}_se"] = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else NAN
    out["median_rmsle"] = float(np.median([row["rmsle"] for row in good])) if good else NAN
    for key in ("log_width90", "seconds"):
        out[key] = float(np.mean([row[key] for row in good])) if good else NAN
    return out


def all_checks(method: str, weights: str, n_curves: int) -> pd.DataFrame:
    """A row for each variant of each check."""

    def call(context: fs.Curve, at: Any, kind: Any) -> fs.Forecast:
        if is_network(method, weights):
            return network(method, weights).forecast(context, at, kind=kind)
        return fs.forecast(context, at, method=method, kind=kind)

    return pd.DataFrame([measured(*which, problems, call) for *which, problems in truths.checks(n_curves)])[COLUMNS]


def key_of_checks(method: str, n_curves: int) -> dict[str, str]:
    """What has to agree for stored rows to stand: the method's key, how many curves, and the curves."""
    return key_of(method) | {"curves": str(n_curves), "truths": truths.fingerprint()}


def stored(method: str, root: Path = RESULTS) -> Path:
    """Where the rows of `all_checks` lie."""
    return root / "synthetic" / f"{method}.csv"


def read(method: str, root: Path = RESULTS) -> list[Row] | None:
    """The stored rows of a method; None where there are none."""
    rows = read_table(stored(method, root))
    return None if rows is None else records(rows, is_network(method))


def records(rows: pd.DataFrame, is_network: bool) -> list[Row]:
    return [{str(k): v for k, v in row.items()} | {"network": is_network} for row in rows.to_dict("records")]


def tables(results: Mapping[str, list[Row]]) -> list[tuple[str, Table, list[str]]]:
    """(title, table, sentences) for each variant: scores, and the ratio to the best classical method."""
    found = []
    for i, first in enumerate(next(iter(results.values()))):
        rows = {name: method_rows[i] for name, method_rows in results.items()}
        best = best_classical(rows, "rmsle")
        table = [["method", "RMSLE", "median", "/ best", "LL of ln y", "coverage 90, run", "curve", "band", "failed"]]
        for name, row in rows.items():
            pair = lambda key, d, row=row: f"{row[key]:.{d}g} ± {row[key + '_se']:.1g}"  # noqa: E731
            curve = "–" if np.isnan(row["coverage90_curve"]) else pair("coverage90_curve", 3)
            line = [pair("rmsle", 2), f"{row['median_rmsle']:.2g}", f"{row['rmsle'] / best:.3g}", pair("ll_ln", 3)]
            line += [pair("coverage90_run", 3), curve, f"{np.exp(row['log_width90']):.2g}", f"{row['failed']:.0f}"]
            table.append([f"`{name}`", *line])
        said = [f"`{n}`: {text}." for n, row in rows.items() if (text := believed(row, rows))]
        found.append((f"{first['check']}, {first['variant']}", table, said))
    return found


def believed(row: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Whether a network believes that a clean curve is clean: its error over m2's, its band over the exact one's."""
    if row["check"] != "clean" or not row["network"] or "m2" not in rows:
        return ""
    m2 = rows["m2"]
    text = f"error {row['rmsle'] / m2['rmsle']:.3g} x m2 (medians {row['median_rmsle'] / m2['median_rmsle']:.3g} x)"
    if "collapsed-m2" in rows:
        text += f", band {np.exp(row['log_width90'] - rows['collapsed-m2']['log_width90']):.3g} x collapsed-m2"
    return text


def best_classical(rows: Mapping[str, Mapping[str, Any]], key: str) -> float:
    """The smallest score among the methods that are not networks and answered every curve; nan where there is none."""
    return min((r[key] for r in rows.values() if not r["network"] and not r["failed"]), default=NAN)


def checks(
    methods: str = "", weights: str = "", curves: int = 300, results: str = str(RESULTS), redo: bool = False
) -> None:
    """Every method on curves whose truth is known; what is stored is not computed again.

    Args:
        methods: comma-separated; the fast ones where none are named.
        weights: a .safetensors file beside the methods; nothing of it is stored.
        curves: in each variant.
        results: where rows are stored.
        redo: compute again what is stored.
    """
    warnings.simplefilter("ignore")  # a method's caveats would bury the table
    found: dict[str, list[Row]] = {}
    if weights:
        found[title("", weights)] = records(all_checks("own", weights, curves), True)
    for method in chosen(methods, SLOWER):
        make = lambda method=method: all_checks(method, "", curves)  # noqa: E731
        rows = kept(stored(method, Path(results)), key_of_checks(method, curves), make, redo=redo)
        found[method] = records(rows, is_network(method))
        print(f"{method} done, {len(rows)} variants", file=sys.stderr)
    for head, table, said in tables(found):
        print(f"\n{head}", aligned(table), *said, sep="\n")
