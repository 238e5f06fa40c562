"""Speed of the door: long, grouped and wide tables through `read_curves`, in seconds of one core and megabytes."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from benchmark.markdown import markdown

import forescale as fs

from .experiment import Experiment, Found, Task

LIMITS = {"rows": (3.0, 500), "groups": (10.0, 2000), "columns": (2.0, 500)}
"""Seconds and megabytes that each may take."""
ASKED = {"rows": {"y": "loss"}, "groups": {"group": "run"}, "columns": {"y": "loss"}}
_READ = """
import json, resource, sys, time
import forescale as fs
start = time.process_time()
n = len(fs.read_curves(sys.argv[1], **json.loads(sys.argv[2])))
top = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": time.process_time() - start, "megabytes": top, "curves": n}))
"""


def lines(kind: str) -> Iterator[str]:
    """A table of a kind: 1e6 rows, 100,000 groups of 10, or 50,000 columns."""
    if kind == "rows":
        yield "step,loss,aux\n"
        noise = np.random.default_rng(0).normal(0, 0.05, 1_000_000)
        yield from (f"{i},{2 + 20 * i**-0.3 * np.exp(e):.5f},{e:.4f}\n" for i, e in enumerate(noise, 1))
    elif kind == "groups":
        yield "run,tokens,loss\n"
        yield from (f"run-{g},{2**i}e6,{4 - 0.2 * i + g % 7 * 0.01:.4f}\n" for g in range(100_000) for i in range(10))
    else:
        yield "tokens,loss," + ",".join(f"feature_{i}" for i in range(50_000)) + "\n"
        for i in range(20):
            yield f"{2**i}e6,{4 - 0.1 * i:.3f}," + ",".join(f"{j % 97}.{i}" for j in range(50_000)) + "\n"


def measure(kind: str) -> dict[str, Any]:
    """Seconds and megabytes of a process that reads one such table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        with path.open("w") as f:
            f.writelines(lines(kind))
        command = [sys.executable, "-c", _READ, str(path), json.dumps(ASKED[kind])]
        found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def tasks() -> dict[str, Task]:
    """One for each kind of table."""
    return {kind: Task(partial(measure, kind), {"forescale": fs.__version__}) for kind in LIMITS}


def page(found: Found) -> str:
    """What each took, beside its limit."""
    rows = []
    for kind, f in found.items():
        seconds, megabytes = LIMITS[kind]
        rows.append([kind, f"{f['curves']}", f"{f['seconds']:.1f}", f"{seconds:g}"])
        rows[-1] += [f"{f['megabytes']:.0f}", f"{megabytes}"]
    return markdown([["table", "curves", "seconds", "limit", "MB", "limit"], *rows], words=True)


EXPERIMENT = Experiment(
    "door",
    "A million rows are read in 3 s and 500 MB, 100,000 groups in 10 s, 50,000 columns in 2 s, on one core.",
    tasks,
    page,
)
