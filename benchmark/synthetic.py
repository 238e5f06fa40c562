"""The synthetic checks: every method on curves whose truth is known (truths.py).

python -m benchmark.synthetic                                  # what is stored is not computed again
python benchmark/synthetic.py --weights runs/x.safetensors --methods m2,line --curves 100 --dry
"""

import argparse
import math
import sys
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import forescale as fs
from benchmark import truths
from benchmark.store import NETWORKS, RESULTS, digest, key_of, read_table, write_table
from benchmark.truths import Question, checks

COLUMNS = ("check", "variant", "curves", "failed", "rmsle", "rmsle_se", "median_rmsle", "ll_ln", "ll_ln_se")
COLUMNS += ("coverage90_run", "coverage90_run_se", "coverage90_curve", "coverage90_curve_se", "log_width90", "seconds")
SLOW = ("mcmc-", "gp", "bnsl2", "nsl-pfn")
NAN = float("nan")


def measure(question: Question, run: fs.Forecast, curve: fs.Forecast | None, seconds: float) -> dict[str, float]:
    """Scores of one curve: median against truth, bands of a reading and of the truth, ln of the run band's width."""
    lower, upper = run.interval(0.9)
    return {
        "rmsle": fs.metrics.rmsle(run, question.truth),
        "ll_ln": fs.metrics.log_likelihood_log_y(run, question.y),
        "coverage90_run": fs.metrics.coverage(run, question.y, 0.9),
        "coverage90_curve": fs.metrics.coverage(curve, question.truth, 0.9) if curve is not None else NAN,
        "log_width90": float(np.mean(np.log(np.maximum(np.log(upper / lower), 1e-12)))),
        "seconds": seconds,
    }


def ask(method: str, network: fs.Forecaster | None, questions: list[Question]) -> list[dict[str, float] | None]:
    """A row for each curve, None where the method gave up; both kinds are asked, `curve` where it is offered."""
    rows: list[dict[str, float] | None] = []
    for q in questions:
        call = network.forecast if network else lambda c, at, kind: fs.forecast(c, at, method=method, kind=kind)
        start = time.process_time()
        try:
            run = call(q.context, q.x, kind="run")
            seconds = time.process_time() - start
        except Exception:  # counted as failed in the table
            rows.append(None)
            continue
        try:
            curve = call(q.context, q.x, kind="curve")
        except Exception:  # a method that has no noise-free answer says so by refusing
            curve = None
        rows.append(measure(q, run, curve, seconds))
    return rows


def summary(check: str, variant: str, rows: list[dict[str, float] | None]) -> dict[str, Any]:
    """Means over curves with standard errors; the median beside the mean where errors span decades."""
    good = [row for row in rows if row is not None]
    out: dict[str, Any] = {"check": check, "variant": variant, "curves": len(rows), "failed": len(rows) - len(good)}
    for key in ("rmsle", "ll_ln", "coverage90_run", "coverage90_curve"):
        values = np.array([row[key] for row in good])
        values = values[~np.isnan(values)]
        out[key] = float(values.mean()) if len(values) else NAN
        out[f"{key}_se"] = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else NAN
    out["median_rmsle"] = float(np.median([row["rmsle"] for row in good])) if good else NAN
    for key in ("log_width90", "seconds"):
        out[key] = float(np.mean([row[key] for row in good])) if good else NAN
    return out


def run_method(method: str, weights: str | None, n_curves: int) -> list[dict[str, Any]]:
    """All checks with one method."""
    network = None
    if weights or method in NETWORKS:
        network = fs.Forecaster.load(weights or NETWORKS[method], method)
    return [summary(check, variant, ask(method, network, qs)) for check, variant, qs in checks(n_curves)]


def table(results: Mapping[str, list[dict[str, Any]]]) -> str:
    """One block for each variant: methods by rising RMSLE, with the ratio to the best classical method."""
    lines = []
    for i, first in enumerate(next(iter(results.values()))):
        lines.append(f"\n{first['check']}, {first['variant']} ({first['curves']} curves)")
        lines.append(
            f"{'method':<16}{'RMSLE':>20}{'median':>10}{'/ best':>8}{'cover run':>16}{'curve':>16}{'band':>10}"
        )
        rows = {method: rows[i] for method, rows in results.items()}
        best = best_classical(rows, "rmsle")
        for method, row in sorted(rows.items(), key=lambda item: _last_if_nan(item[1]["rmsle"])):
            lines.append(
                f"{method:<16}{row['rmsle']:>10.2g} ± {row['rmsle_se']:<7.1g}{row['median_rmsle']:>10.2g}"
                f"{row['rmsle'] / best:>8.2f}{row['coverage90_run']:>10.3f} ± {row['coverage90_run_se']:.2f}"
                f"{row['coverage90_curve']:>9.3f} ± {row['coverage90_curve_se']:.2f}{np.exp(row['log_width90']):>10.2g}"
                + (f"  {row['failed']} failed" if row["failed"] else "")
            )
        lines += [f"{method}: {text}" for method, row in rows.items() if (text := believed(row, rows))]
    return "\n".join(lines)


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
    classical = [r[key] for r in rows.values() if not r.get("network") and not r["failed"]]
    return min(classical, default=NAN)


def key_of_checks(method: str, weights: str | None, n_curves: int) -> dict[str, str]:
    """What has to agree for stored rows to stand: the method's key, how many curves, and the text that draws them."""
    return key_of(method, weights) | {"curves": str(n_curves), "truths": digest(Path(truths.__file__))}


def stored(method: str, root: Path = RESULTS) -> Path:
    """Where the rows of `run_method` lie."""
    return root / "synthetic" / f"{method}.csv"


def read(method: str, root: Path = RESULTS, key: Mapping[str, str] | None = None) -> list[dict[str, Any]] | None:
    """The stored rows of a method; None where there are none, or they were made under another key."""
    rows = read_table(stored(method, root), key)
    if rows is None:
        return None
    return [{str(k): v for k, v in row.items()} | {"network": method in NETWORKS} for row in rows.to_dict("records")]


def _last_if_nan(value: float) -> float:
    return math.inf if math.isnan(value) else value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--methods", type=lambda t: t.split(","), help="comma-separated; default: the fast ones")
    parser.add_argument("--weights", help="a .safetensors file, beside the methods")
    parser.add_argument("--curves", type=int, default=300, help="in each variant")
    parser.add_argument("--results", default=str(RESULTS))
    parser.add_argument("--dry", action="store_true", help="print only, store nothing")
    parser.add_argument("--redo", action="store_true", help="compute again what is stored")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # a method's caveats would bury the table
    listed = fs.methods()
    methods = options.methods or [m for m in listed if not m.startswith(SLOW) and "[needs:" not in listed[m]]
    results, root = {}, Path(options.results)
    asked: list[tuple[str, str | None]] = [(m, None) for m in methods if not (options.weights and m in NETWORKS)]
    if options.weights:
        asked.insert(0, (Path(options.weights).stem, options.weights))
    for method, weights in asked:
        made_by = key_of_checks(method, weights, options.curves)
        rows = None if options.redo or weights else read(method, root, made_by)
        if rows is None:
            rows = run_method(method, weights, options.curves)
            if not options.dry and not weights:
                write_table(stored(method, root), made_by, pd.DataFrame(rows)[[*COLUMNS]])
        results[method] = [row | {"network": bool(weights) or method in NETWORKS} for row in rows]
        print(f"{method} done, {len(rows)} variants", file=sys.stderr)
    print(table(results))


if __name__ == "__main__":
    main()
