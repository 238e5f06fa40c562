"""One curve of every suite with the answers of every method, stored so that the figure needs no forecaster.

The curve is the first of its file: chosen before any forecast was seen.

python -m benchmark.examples [--methods pfn,m4]       # adds to benchmark/results/examples.json
"""

import argparse
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np

import forescale as fs

from .store import RESULTS, key_of
from .suites import SUITES, Problem, load_suite

N_GRID, LEVELS = 24, (0.05, 0.5, 0.95)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--methods", type=lambda t: t.split(","), help="comma-separated; default: all that can run")
    parser.add_argument("--data", help="folder of the CSV files")
    parser.add_argument("--results", default=str(RESULTS))
    parser.add_argument("--redo", action="store_true", help="ask again what is stored")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # caveats are not drawn
    listed = fs.methods()
    chosen = options.methods or [name for name in listed if "[needs:" not in listed[name]]
    path = Path(options.results) / "examples.json"
    stored = json.loads(path.read_text()) if path.exists() else {}
    for suite in SUITES:
        problem = load_suite(suite, 1.0, options.data)[0]
        entry = stored.setdefault(suite, {"points": points(problem), "answers": {}})
        for method in chosen:
            key = key_of(method)
            if options.redo or entry["answers"].get(method, {}).get("key") != key:
                entry["answers"][method] = {"key": key} | answer(problem, method)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(stored, separators=(",", ":")) + "\n")


def points(problem: Problem) -> dict[str, Any]:
    both = {"x": problem.context.x, "y": problem.context.y, "x_hidden": problem.x, "y_hidden": problem.y}
    return {"name": problem.name} | {key: _short(values) for key, values in both.items()}


def answer(problem: Problem, method: str) -> dict[str, Any]:
    """Quantiles on a grid from the last context point to the last target, or why there are none."""
    grid = np.geomspace(problem.context.x_max, problem.x.max(), N_GRID + 1)[1:]
    try:
        forecast = fs.forecast(problem.context, grid, method=method)
        low, median, high = (_short(row) for row in forecast.quantile(list(LEVELS)))
    except Exception as error:  # one method's failure is drawn as absence, not as a crash
        return {"error": " ".join(str(error).split())}
    return {"x": _short(grid), "low": low, "median": median, "high": high}


def _short(values: Any) -> list[float]:
    return [float(f"{v:.5g}") for v in values]


if __name__ == "__main__":
    main()
