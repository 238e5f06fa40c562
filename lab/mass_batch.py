"""`forescale batch` on seeded curves: seconds and memory of a run from a Parquet file to its part files.

Memory is looked at four times a second: that of the largest process, and that of all processes of the run together,
in which pages that they share are counted once for each (RSS).
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from benchmark.markdown import markdown

import forescale as fs
from forescale.method.registry import find_method

from .experiment import Experiment, Found, Task

SECONDS, MEGABYTES = 20.0, 700
"""What 100,000 curves of 20 points may take on two cores, and what any number may."""
POINTS = 20
PIECE = 10_000
"""Curves that are drawn at once, each piece from a seed of its own."""
CORES = (2, 64, 1_000)
"""For which the arithmetic is done."""
LOOK = 0.25
"""Seconds between two looks at the processes."""


def pieces(curves: int, points: int) -> Iterator[dict[str, Any]]:
    """Noisy power laws with a floor, each over tokens of its own: columns of a table, PIECE curves at a time."""
    for start in range(0, curves, PIECE):
        rng, n = np.random.default_rng([start, points]), min(PIECE, curves - start)
        first, span = 10 ** rng.uniform(6, 9, (n, 1)), rng.uniform(3, 8, (n, 1))
        floor, fall = rng.uniform(1, 3, (n, 1)), rng.uniform(0.5, 5, (n, 1))
        x = first * np.exp(span * np.linspace(0, 1, points))
        y = floor + fall * (x / first) ** -rng.uniform(0.1, 0.8, (n, 1))
        y *= np.exp(10 ** rng.uniform(-3, -1.5, (n, 1)) * rng.normal(size=(n, points)))
        names = [f"run-{start + i:07d}" for i in range(n)]
        yield {"run": np.repeat(names, points), "tokens": x.ravel(), "loss": y.ravel()}


def write(path: Path, curves: int, points: int) -> None:
    """The table as one Parquet file, written aside and renamed."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    aside = path.with_suffix(".partial")
    schema = pa.schema([("run", pa.string()), ("tokens", pa.float64()), ("loss", pa.float64())])
    with ParquetWriter(aside, schema) as writer:
        for columns in pieces(curves, points):
            writer.write_table(pa.table(columns, schema=schema))
    aside.rename(path)


def measure(curves: int, points: int, workers: int, folder: str) -> dict[str, Any]:
    """Facts of one call of the shell; in a folder that is kept, a call that was cut off goes on."""
    if not folder:
        with tempfile.TemporaryDirectory() as own:
            return measure(curves, points, workers, own)
    place = Path(folder) / f"{curves}x{points}"
    place.mkdir(parents=True, exist_ok=True)
    source = place / "runs.parquet"
    if not source.exists():
        write(source, curves, points)
    command = [
        sys.executable,
        "-m",
        "forescale",
        "batch",
        str(source),
        "--group",
        "run",
        "--x",
        "tokens",
        "--y",
        "loss",
    ]
    command += ["--ratio", "10", "--out", str(place / "out"), "--workers", str(workers)]
    start, before = time.monotonic(), _children_seconds()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    largest = together = 0.0
    while process.poll() is None:
        sizes = [_megabytes(pid) for pid in _family(process.pid)]
        largest, together = max([largest, *sizes]), max(together, sum(sizes))
        time.sleep(LOOK)
    assert process.stdout is not None
    said = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"`{' '.join(command)}` ended with {process.returncode}")
    return {
        "curves": curves,
        "points": points,
        "workers": workers,
        "seconds": round(time.monotonic() - start, 1),
        "cpu": round(_children_seconds() - before, 1),
        "load": round(os.getloadavg()[1]),
        "largest": round(largest),
        "together": round(together),
        "source": round(source.stat().st_size / 1e6),
        "answers": round(sum(p.stat().st_size for p in (place / "out").glob("part-*")) / 1e6),
        "said": said.strip().rpartition("': ")[2],
    }


def _children_seconds() -> float:
    import resource

    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _family(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        below = [child for task in tasks for child in (task / "children").read_text().split()]
    except OSError:  # it has ended
        return
    for child in below:
        yield from _family(int(child))


def _megabytes(pid: int) -> float:
    """Resident memory."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    held = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")]
    return int(held[0]) / 1024 if held else 0.0


def tasks(curves: int = 100_000, points: int = POINTS, workers: int = 2, folder: str = "") -> dict[str, Task]:
    """One table.

    Args:
        curves: how many.
        points: readings of each.
        workers: processes.
        folder: kept, so that a call that was cut off goes on (its seconds are then those of the last part).
    """
    key = {"forescale": fs.__version__, "weights": find_method("pfn").fingerprint}
    label = f"{curves} curves of {points} points, {workers} workers"
    return {label: Task(partial(measure, curves, points, workers, folder), key)}


def page(found: Found) -> str:
    """A row a table that was measured, and what the largest of them comes to for more curves."""
    head = [
        "curves",
        "points",
        "workers",
        "seconds",
        "at a load of",
        "CPU seconds",
        "ms of a core a curve",
        "MB, largest",
        "MB, all",
    ]
    rows = [[*head, "source, MB", "answers, MB"]]
    for f in found.values():
        each = f"{1e3 * f['cpu'] / f['curves']:.2f}"
        row = [f"{f['curves']:,}", f["points"], f["workers"], f"{f['seconds']:.0f}", f["load"], f"{f['cpu']:.0f}", each]
        rows.append([str(cell) for cell in (*row, f["largest"], f["together"], f["source"], f["answers"])])
    most = max(found.values(), key=lambda f: f["curves"])
    more = [["curves", "rows", "source", "CPU hours", *(f"on {n:,} cores" for n in CORES), "answers"]]
    for power in range(5, 10):
        share = 10**power / most["curves"]
        cpu = share * most["cpu"]
        sizes = [f"{share * most[kind] / 1e3:.3g} GB" for kind in ("source", "answers")]
        times = [_time(cpu / n) for n in CORES]
        more.append(
            [
                f"1e{power}",
                f"{most['points'] * 10.0**power:.0e}".replace("e+0", "e").replace("e+", "e"),
                sizes[0],
                f"{cpu / 3600:.3g}",
                *times,
                sizes[1],
            ]
        )
    return f"{markdown(rows)}\n\nThe same for more curves, by the largest table above:\n\n{markdown(more)}"


def _time(seconds: float) -> str:
    """In the largest unit of which it has two."""
    unit, size = next(((u, s) for u, s in (("days", 86_400), ("h", 3600), ("min", 60)) if seconds >= 2 * s), ("s", 1))
    return f"{seconds / size:.2g} {unit}"


EXPERIMENT = Experiment(
    "mass-batch",
    f"100,000 curves of 20 points take {SECONDS:g} s on two quiet cores, and any number {MEGABYTES} MB in all.",
    tasks,
    page,
    docs="guides/many-curves.md",
)
