"""Seeded tables through every command: no traceback, no hang, no NaN with exit 0, no row lost, made or changed.

A command ends with 0 and something that a program can read, or with 2, nothing on standard output and one sentence.
Rows are counted against the numbers that the table was written from: no reader of ours has a say in that.
"""

import contextlib
import io
import json
import re
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
from .fuzz_rows import changed
from .fuzz_tables import Table, table_of

BLOCK, SLOW = 50, 10.0
"""Tables of one task, and the seconds of processor time that no command may take."""
METHODS = (*["pfn"] * 12, *["m2"] * 4, *["line"] * 4, "last", "m1", "collapsed-m1", "collapsed-m2", "nsl-pfn")
SELDOM = {"report": 0.02, "batch": 0.01, "plot": 0.02, "double": 0.2, "runs": 0.02}
"""Of how many tables the dearer faces are asked."""


def tasks(tables: int = 20_000, first: int = 0) -> dict[str, Task]:
    """One task a block of tables.

    Args:
        tables: how many.
        first: the number of the first.
    """
    key = {"forescale": fs.__version__, "tables": 3}
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
            path.write_bytes(table.content)
            for words in commands(seed, table, str(path)):
                code, wrong = one(words)
                counts = ended.setdefault(words[0], [0, 0])
                if code in (0, 2):
                    counts[code // 2] += 1
                faults += [f"{seed} {' '.join(words[:1] + words[2:])}: {w}" for w in wrong]
            counts = ended.setdefault("(rows)", [0, 0])
            for drop_bad in (False, True):
                read, wrong = rows_changed(table, str(path), drop_bad)
                counts[0 if read else 1] += 1
                faults += [f"{seed} read_curves{' --drop-bad' if drop_bad else ''}: {w}" for w in wrong]
    return {"ended": ended, "faults": faults}


def commands(seed: int, table: Table, path: str) -> list[list[str]]:
    """Every command that reads a table, with columns named or guessed and an output drawn by the number."""
    rng = np.random.default_rng([7, seed])
    named = rng.uniform() < 0.7
    columns = (["--x", table.x, "--y", table.y] if named else []) + (["--drop-bad"] if rng.uniform() < 0.15 else [])
    group = ["--group", table.group] if table.group and not table.joint else []
    joint = ["--params", table.x, "--tokens", table.group or table.x, "--loss", table.y] if named else []
    at, method = str(rng.choice((f"{table.at:g}", "10x"))), ["--method", str(rng.choice(METHODS))]
    asked = [
        ["forecast", path, "--at", at, *method],
        ["compare", path, "--at", at, "--methods", "pfn,m2,line"],
        ["backtest", path, "--methods", "pfn,line"],
        ["reach", path, "--target", f"{rng.uniform(0.05, 3):.3g}", *method],
        ["suggest", path, "--at", f"{table.at:g}", "--cost", "1", "--candidates", f"{table.at:g},{table.at / 2:g}"],
        ["recipes", path, "--at", f"{table.at:g}", *method],
        ["predict", path, "--at", "8B:15T", *joint],
        ["allocate", path, "--compute", "1e20", *joint],
        ["plan", path, "--compute", "1e21", "--budget", "1e20", "-n", "2", *joint],
        ["forecast", path, "--double", "2", *method],
        ["report", path, "--at", at, "-o", f"{path}.html", *method],
        ["batch", path, "--ratio", "10", "--out", f"{path}.parts", "--workers", "1", "--method", "line"],
        ["forecast", path, "--at", at, "--plot", f"{path}.{rng.choice(('svg', 'png', 'html'))}"],
        ["runs", str(Path(path).parent)],
    ]
    luck = dict(zip(("double", "report", "batch", "plot", "runs"), rng.uniform(size=5).tolist(), strict=True))
    shapes, told = (["--json"], ["--csv"], []), []
    for place, words in enumerate(asked):
        if place >= 9 and luck[list(luck)[place - 9]] > SELDOM[list(luck)[place - 9]]:
            continue
        shape = list(shapes[int(rng.integers(3))])
        if words[0] not in ("predict", "allocate", "plan", "runs"):
            words = [*words, *columns, *group]
        bare = words[0] in ("report", "batch") or (
            shape == ["--csv"] and words[0] in ("recipes", "predict", "allocate", "plan", "runs")
        )
        told.append([*words, *([] if bare else shape)])
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
        if "--csv" not in words:  # on a terminal CSV has none either; elsewhere it is data
            wrong += [f"a control character {c!r} in the output" for c in sorted(set(_CONTROL.findall(out)))[:1]]
        elif "nan" in out.lower().split(",") or ",nan," in out.lower():
            wrong.append("nan in CSV with exit 0")
    elif code == 2:
        lines = [line for line in err.splitlines() if not line.startswith(("warning", "note", "batch: "))]
        if out.strip():
            wrong.append("exit 2 with output")
        if len(lines) != 1 or not lines[0].startswith("forescale: "):
            wrong.append(f"exit 2 without one sentence: {err[:200]!r}")
    else:
        wrong.append(f"exit {code}: {err[-200:]!r}")
    return wrong


_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


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


def rows_changed(table: Table, path: str, drop_bad: bool) -> tuple[bool, list[str]]:
    """Whether the table could be read, and what was lost, made or changed by it."""
    if table.rows is None:
        return False, []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = fs.read_curves(path, x=table.x, y=table.y, group=table.group or None, drop_bad=drop_bad)
    except fs.CurveError:
        return False, []
    except Exception as error:
        return False, [f"traceback: {type(error).__name__}: {str(error)[:200]}"]
    return True, changed(table.rows, found, bool(table.group))


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
