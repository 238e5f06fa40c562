"""Memory and time of decisions: a million rows in one curve, and what each further curve adds in one process."""

import json
import subprocess
import sys
from functools import partial
from typing import Any

from benchmark.markdown import markdown

import forescale as fs

from .experiment import Experiment, Found, Task

ROWS, MANY = 1_000_000, 100_000
FEW, MORE = 100, 400
"""Numbers of curves whose difference gives what one more takes."""
LIMITS = {"rows": 500, "curves": 2000}
"""Megabytes: of a million rows in one curve, and of `MANY` curves."""
ASKED = {
    "forecast": "fs.forecast_many(curves, [1e7])",
    "compare": "{k: fs.compare(c, [1e7], methods=['pfn', 'm2', 'line']) for k, c in curves.items()}",
    "backtest": "fs.backtest(curves, methods=['pfn', 'm2', 'line'])",
    "reach": "reach_many(curves, 0.25)",
    "recipes": "fs.recipes(curves, 1e7)",
}
"""What is asked of a dict of curves; three methods, as memory grows with them."""
_RUN = """
import json, sys, time
import numpy as np
import forescale as fs
from forescale.decisions.reach import reach_many
n, m = int(sys.argv[1]), int(sys.argv[2])
rng, x = np.random.default_rng(0), np.geomspace(1e3, 1e6, m)
noise = [np.exp(0.01 * rng.normal(size=m)) for _ in range(n)]
curves = {f"run-{i}": fs.Curve(x, (0.2 + 3 * x**-0.3) * e) for i, e in enumerate(noise)}
start = time.process_time()
answer = eval(sys.argv[3])
top = int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1]) / 1024
print(json.dumps({"seconds": time.process_time() - start, "megabytes": top}))
"""


def measure(what: str, n_curves: int, n_rows: int) -> dict[str, Any]:
    """Seconds of processor time of the answer and megabytes of a process of its own, curves and all."""
    command = [sys.executable, "-W", "ignore", "-c", _RUN, str(n_curves), str(n_rows), ASKED[what]]
    found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def tasks() -> dict[str, Task]:
    """A million rows (recipes: two curves of half as many), and two numbers of short curves (recipes: at most 100)."""
    key = {"forescale": fs.__version__}
    asked = {f"{what} rows": (what, 1, ROWS) for what in ASKED} | {"recipes rows": ("recipes", 2, ROWS // 2)}
    asked |= {f"{what} {n}": (what, n, 10) for what in ASKED if what != "recipes" for n in (FEW, MORE)}
    asked["recipes 100"] = ("recipes", 100, 10)
    return {name: Task(partial(measure, *sizes), key) for name, sizes in asked.items()}


def page(found: Found) -> str:
    """What each took, and what a curve more takes."""
    head = ["", "1e6 rows: s", "MB", f"{FEW} curves: s", "MB", "one curve more: ms", "kB", "1e5 curves: MB"]
    rows = []
    for what in ASKED:
        long, few, more = (found.get(f"{what} {size}") for size in ("rows", FEW, MORE))
        row = [what, *(f"{f[k]:.{d}f}" for f in (long, few) for k, d in (("seconds", 1), ("megabytes", 0)))]
        if more is None:
            rows.append([*row, "", "", "at most 100"])
            continue
        each = {k: (more[k] - few[k]) / (MORE - FEW) for k in ("seconds", "megabytes")}
        all_of_them = f"{few['megabytes'] + each['megabytes'] * (MANY - FEW):,.0f}"
        rows.append([*row, f"{1000 * each['seconds']:.1f}", f"{1000 * each['megabytes']:.0f}", all_of_them])
    return markdown([head, *rows])


EXPERIMENT = Experiment(
    "load",
    "A decision on a million rows takes at most 500 MB, one on 100,000 curves (but `reach`) at most 2 GB.",
    tasks, page, docs="decisions.md",
)  # fmt: skip
