"""Seeded tables through every command: no traceback, no hang, no NaN with exit 0, no row lost, made or changed.

A command ends with 0 and something that a program can read, or with 2, nothing on standard output and one sentence.
Rows are counted against the numbers that the table was written from: no reader of ours has a say in that.
"""

import contextlib
import io
import json
import sys
import tempfile
import time
import traceback
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from benchmark.markdown import markdown

import forescale as fs

from .experiment import Experiment, Found, Task
from .fuzz_tables import Table, table_of

BLOCK, SLOW = 50, 10.0
"""Tables of one task, and the seconds of processor time that no command may take."""
METHODS = ("pfn", "pfn", "pfn", "m2", "line", "collapsed-m2")


def tasks(tables: int = 20_000, first: int = 0) -> dict[str, Task]:
    """One task a block of tables.

    Args:
        tables: how many.
        first: the number of the first.
    """
    key = {"forescale": fs.__version__}
    blocks = range(first, first + tables, BLOCK)
    return {f"{i:06d}": Task(partial(block, i, min(BLOCK, first + tables - i)), key) for i in blocks}


def block(first: int, n: int) -> dict[str, Any]:
    """How often each command ended with 0 and 2, and every fault in words."""
    ended: dict[str, list[int]] = {}
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + n):
            table = table_of(seed)
            path = Path(folder) / f"{seed}.{table.ending}"
            path.write_text(table.text, encoding="utf-8")
            for words in commands(seed, table, str(path)):
                code, wrong = one(words)
                counts = ended.setdefault(words[0], [0, 0])
                if code in (0, 2):
                    counts[code // 2] += 1
                faults += [f"{seed} {' '.join(words[:1] + words[2:])}: {w}" for w in wrong]
            faults += [f"{seed} read_curves: {w}" for w in rows_changed(table, str(path))]
    return {"ended": ended, "faults": faults}


def commands(seed: int, table: Table, path: str) -> list[list[str]]:
    """Every command that reads a table, with columns named or guessed and an output drawn by the number."""
    rng = np.random.default_rng([7, seed])
    columns = ["--x", table.x, "--y", table.y] if rng.uniform() < 0.7 else []
    group = ["--group", table.group] if table.group else []
    at, method = f"{table.at:g}", str(rng.choice(METHODS))
    asked = [
        ["forecast", path, "--at", at, "--method", method],
        ["compare", path, "--at", at, "--methods", "pfn,m2,line"],
        ["backtest", path, "--methods", "pfn,line"],
        ["reach", path, "--target", f"{rng.uniform(0.05, 3):.3g}", "--method", method],
        ["suggest", path, "--at", at, "--cost", "1", "--candidates", f"{table.at:g},{table.at / 2:g}"],
        ["allocate", path, "--params", table.x, "--tokens", table.x, "--loss", table.y, "--compute", "1e20"],
    ]
    asked += [["recipes", path, "--at", at, "--method", method]] if table.group else []
    shapes = (["--json"], ["--csv"], [])
    told = []
    for words in asked:
        shape = list(shapes[int(rng.integers(3))])
        if words[0] != "allocate":
            words = [*words, *columns, *group]
        told.append([*words, *([] if shape == ["--csv"] and words[0] in ("recipes", "allocate") else shape)])
    return told


def one(words: list[str]) -> tuple[int, list[str]]:
    """The exit of one command and what is wrong with it."""
    from forescale.cli import main

    out, err, before = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["forescale", *words]
    start, code = time.process_time(), 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                main()
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 1
    except BaseException as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return 1, [f"traceback: {type(error).__name__}: {str(error)[:200]} ({Path(last.filename).name}:{last.lineno})"]
    finally:
        sys.argv = before
    return code, faults_of(code, out.getvalue(), err.getvalue(), words, time.process_time() - start)


def faults_of(code: int, out: str, err: str, words: list[str], seconds: float) -> list[str]:
    """What an answer must not be."""
    wrong = [f"took {seconds:.0f} s"] if seconds > SLOW else []
    if code == 0:
        if not out.strip():
            wrong.append("exit 0 with nothing written")
        if "--json" in words:
            wrong += json_faults(out)
        elif "--csv" in words and ("nan" in out.lower().split(",") or ",nan," in out.lower()):
            wrong.append("nan in CSV with exit 0")
    elif code == 2:
        lines = [line for line in err.splitlines() if not line.startswith("warning")]
        if out.strip():
            wrong.append("exit 2 with output")
        if len(lines) != 1 or not lines[0].startswith("forescale: "):
            wrong.append(f"exit 2 without one sentence: {err[:200]!r}")
    else:
        wrong.append(f"exit {code}: {err[-200:]!r}")
    return wrong


def json_faults(out: str) -> list[str]:
    """No JSON, or a number in it that is none."""
    found: list[str] = []

    def refuse(name: str) -> None:
        found.append(f"{name} in JSON with exit 0")

    try:
        json.loads(out, parse_constant=refuse)
    except ValueError as error:
        return [f"no JSON with exit 0: {error}"]
    return found[:1]


def rows_changed(table: Table, path: str) -> list[str]:
    """Curves that differ from the numbers that the table was written from, where all of these are plain."""
    if table.plain is None or not table.text.strip():
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = fs.read_curves(path, x=table.x, y=table.y, group=table.group or None)
    except fs.CurveError:
        return []
    ours = sorted(p for c in found.values() for p in zip(c.x.tolist(), c.y.tolist(), strict=True))
    theirs = sorted(p for points in table.plain.values() for p in points)
    if len(ours) != len(theirs):
        told = any(
            w.code in ("dropped_rows", "unlabelled_rows", "short_group") for c in found.values() for w in c.caveats
        )
        return [] if told else [f"{len(theirs)} rows were written, {len(ours)} read"]
    off = [(a, b) for a, b in zip(ours, theirs, strict=True) if not np.allclose(a, b, rtol=1e-9, atol=0)]
    return [f"{off[0][1]} was written, {off[0][0]} read"] if off else []


def page(found: Found) -> str:
    """How the commands ended, and what went wrong."""
    ended: dict[str, list[int]] = {}
    for facts in found.values():
        for command, counts in facts["ended"].items():
            total = ended.setdefault(command, [0, 0])
            total[0], total[1] = total[0] + counts[0], total[1] + counts[1]
    faults = [fault for facts in found.values() for fault in facts["faults"]]
    table = [["command", "answered", "refused in a sentence"]]
    table += [[name, str(counts[0]), str(counts[1])] for name, counts in sorted(ended.items())]
    told = f"{len(found) * BLOCK} tables, {len(faults)} faults."
    return "\n\n".join([markdown(table), told, *([f"- {fault}" for fault in faults[:20]])])


EXPERIMENT = Experiment(
    "fuzz-commands",
    "Of 20,000 spoiled tables through every command none ends in a traceback, a hang, a NaN with exit 0 or a lost row.",
    tasks, page,
)  # fmt: skip
