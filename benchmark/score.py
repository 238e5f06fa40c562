"""Score one method, or one file of weights, on every suite in seconds: the figures of a model card.

python benchmark/score.py --weights runs/base/last.safetensors
python benchmark/score.py --method line --cut 0.4
python benchmark/score.py --once            pfn without truncation averaging
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import forescale as fs
from benchmark.scores import mean_and_error, score, with_calibration
from benchmark.store import NETWORKS
from benchmark.suites import GROUPS, SUITES, TITLES, Problem, load_suite

Ask = Callable[[Mapping[str, fs.Curve], Mapping[str, Any]], Mapping[str, fs.Forecast]]


def ask_with(method: str, weights: str | None = None, *, read_twice: bool = True) -> Ask:
    """A function from many curves and their targets to their forecasts."""
    if weights is not None:
        network = fs.Forecaster.load(weights, method, read_twice=read_twice)
        return lambda curves, at: network.forecast_many(curves, at)
    return lambda curves, at: fs.forecast_many(curves, at, method=method)


def score_suite(problems: list[Problem], ask: Ask) -> list[dict[str, Any]]:
    """One row for each curve, all asked in one call."""
    start = time.perf_counter()
    answers = ask({p.name: p.context for p in problems}, {p.name: p.x for p in problems})
    seconds = (time.perf_counter() - start) / len(problems)
    return [with_calibration(score(p, answers[p.name], seconds)) for p in problems]


def table(rows: Mapping[str, list[dict[str, Any]]]) -> str:
    """Mean ± standard error over the curves of each suite and grouping."""
    heads = {"rmsle": "RMSLE", "ll": "LL", "ll_ln": "LL of ln y", "msce": "MSCE", "coverage90": "coverage 90"}
    lines = [f"{'suite':<10}{'curves':>7}" + "".join(f"{h:>18}" for h in heads.values())]
    for group, suites in GROUPS.items():
        pooled = [row for s in suites for row in rows[s]]
        digits = {"rmsle": 4, "ll": 3, "ll_ln": 3, "msce": 3, "coverage90": 3}
        cells = []
        for key, d in digits.items():
            mean, error = mean_and_error(row[key] for row in pooled)
            cells.append(f"{mean:.{d}f} ± {error:.{d}f}".rjust(18))
        lines.append(f"{TITLES[group]:<10}{len(pooled):>7}" + "".join(cells))
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", help="a .safetensors file; without it, a released method")
    parser.add_argument("--method", default="pfn", help="a method by name, where no --weights are given")
    parser.add_argument("--once", action="store_true", help="a network reads long contexts once only")
    parser.add_argument("--cut", type=float, default=1.0, help="share of the context points that is seen")
    parser.add_argument("--data", help="folder of the CSV files")
    options = parser.parse_args()
    start = time.perf_counter()
    if options.once and not options.weights and options.method not in NETWORKS:
        parser.error(f"--once needs --weights or one of {', '.join(NETWORKS)}, got the method {options.method}.")
    name = Path(options.weights).stem if options.weights else options.method
    weights = options.weights or (NETWORKS[name] if options.once else None)
    ask = ask_with(name, weights, read_twice=not options.once)
    rows = {suite: score_suite(load_suite(suite, options.cut, options.data), ask) for suite in SUITES}
    print(f"{name}, first {100 * options.cut:g} % of the context; mean ± standard error over curves")
    print(table(rows))
    print(f"{time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
