"""Random tables through every command: an answer or one sentence, in time, and never a number that is none.

A table is drawn from what people bring and what breaks readers: other delimiters, names with markup, quotes, escape
sequences and newlines, blank and huge and negative cells, text in numbers, repeated headers, short groups, empty files.
Each is asked one command, in this process. A finding is a traceback, an exit that is neither 0 nor 2, a refusal that is
not one sentence, NaN or Infinity in JSON, or more than LIMIT seconds.
"""

import contextlib
import io
import json
import re
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from benchmark.markdown import markdown
from benchmark.store import digest

import forescale as fs

from .experiment import Experiment, Found, Task

Rng = np.random.Generator
BATCH, LIMIT = 500, 10.0
X_NAMES = ("tokens", "examples", "step", "params", "x", "flops", "epoch", "n_tokens", "size (B)", "compute")
Y_NAMES = ("loss", "val_loss", "error", "y", "accuracy", "nll", "perplexity", "auc")
OTHER = ("seed", "lr", "run", "recipe", "state", "name", "wandb_id", "date", "tokens_per_second", "notes")
NAMES = (
    "a",
    "b",
    "lr[wd=0.1]",
    "lr[wd=0.2]",
    "[/]",
    "[red]x",
    "_A",
    "$a$b",
    "é",
    "\x1b[31m",
    "a\nb",
    "A ",
    "",
    "None",
    "nan",
)
SECOND = "n_params"
JUNK = (
    "",
    "",
    "nan",
    "inf",
    "-1",
    "0",
    "abc",
    "1e400",
    "9" * 60,
    "—",
    "1,5",
    "31 %",
    "2.5e9 tokens",
    "True",
    '"',
    "1.4 B",
)


def pick(rng: Rng, from_: Sequence[Any]) -> Any:
    return from_[int(rng.integers(len(from_)))]


def mostly(rng: Rng, good: Sequence[Any], odd: Sequence[Any]) -> Any:
    """One that fits, or now and then one that does not."""
    return pick(rng, odd if rng.random() < 0.08 else good)


def draw_table(rng: Rng) -> tuple[str, str, str, str]:
    """(text, x, y, group): a table and the names of its columns; group "" where there is none."""
    x, y, n_groups = (
        pick(rng, X_NAMES),
        pick(rng, Y_NAMES),
        int(rng.choice([0, 1, 2, 3, 8], p=[0.5, 0.1, 0.2, 0.15, 0.05])),
    )
    header, rows = [x, y], []
    if n_groups:
        header.append("recipe")
    if rng.random() < 0.1:
        header.append(SECOND)
    header += [str(name) for name in rng.choice(OTHER, int(rng.integers(0, 3)), replace=False) if name not in header]
    for group in range(max(n_groups, 1)):
        n = int(rng.choice([0, 1, 2, 3, 4, 6, 12, 30], p=[0.01, 0.02, 0.05, 0.12, 0.15, 0.3, 0.25, 0.1]))
        xs = np.exp(rng.uniform(0, rng.choice([1, 8, 30]), n)) if rng.random() < 0.8 else np.arange(n) * 1.0
        ys = (
            np.exp(rng.normal(0, rng.choice([0, 0.01, 0.3]), n))
            * rng.choice([1e-9, 0.3, 0.9, 3, 1e6], p=[0.05, 0.4, 0.3, 0.2, 0.05])
            * (xs + 1) ** -rng.uniform(-0.2, 0.6)
        )
        for a, b in zip(xs, ys, strict=True):
            row = [f"{a:.{int(rng.integers(2, 9))}g}", f"{b:.{int(rng.integers(1, 9))}g}"]
            row += [NAMES[group % len(NAMES)] if n_groups else ""][: bool(n_groups)]
            row += [f"{np.exp(rng.uniform(5, 12)):.3g}"][: SECOND in header]
            row += [pick(rng, (*NAMES, "1", "2", "0.1", "finished")) for _ in header[len(row) :]]
            rows.append(row)
    spoil(rng, header, rows)
    return written(rng, header, rows), x, y, "recipe" if n_groups else ""


def spoil(rng: Rng, header: list[str], rows: list[list[str]]) -> None:
    """What goes wrong with tables: junk in cells, a header twice, rows too short, copies of rows."""
    for _ in range(int(rng.choice([0, 1, 3], p=[0.7, 0.2, 0.1]))):
        if rows:
            row = pick(rng, rows)
            row[int(rng.integers(len(row)))] = pick(rng, JUNK)
    if rng.random() < 0.05:
        header.append(header[0])
    if rng.random() < 0.05 and rows:
        pick(rng, rows).pop()
    if rng.random() < 0.1 and rows:
        rows.extend([list(pick(rng, rows)) for _ in range(3)])
    rng.shuffle(rows)


def written(rng: Rng, header: list[str], rows: list[list[str]]) -> str:
    """The table as text: delimited, JSON lines, or a file that is none."""
    kind = rng.random()
    if kind < 0.03:
        return pick(
            rng,
            ("", "\n", "\x00\x01", ",,,\n", "version https://git-lfs.github.com/spec/v1\n", "<html></html>", "{", "[]"),
        )
    if kind < 0.13:
        return "\n".join(json.dumps(dict(zip(header, row, strict=False))) for row in rows)
    mark = pick(rng, (",", ",", ",", ";", "\t", "|"))
    quote = (lambda c: '"' + c.replace('"', '""') + '"') if rng.random() < 0.5 else str
    lines = [
        mark.join(quote(cell) if mark in cell or "\n" in cell else cell for cell in row) for row in (header, *rows)
    ]
    return "\n".join(lines) + ("\n" if rng.random() < 0.9 else "")


def draw_command(rng: Rng, path: str, x: str, y: str, group: str) -> list[str]:
    """A command about that table, with options that mostly fit it."""
    named = ["--x", x, "--y", y] if rng.random() < 0.8 else []
    named += ["--group", group] if group and rng.random() < 0.9 else []
    named += [pick(rng, ("--json", "--csv", ""))]
    at = ["--at", mostly(rng, ("1e3", "1e9", "10x", "5", "7B", "1e30"), ("0", "-1", "nan", "1e400", "1,2,3", ""))]
    kind = ["--kind", mostly(rng, ("run", "curve"), ("trend",))] if rng.random() < 0.2 else []
    methods = ["--methods", mostly(rng, ("pfn,line", "line,m2", "m2,pfn"), ("nope", "last,last"))]
    commands: dict[str, list[str]] = {
        "forecast": [*at, *kind, "--method", mostly(rng, ("pfn", "pfn", "line", "m2"), ("last", "pnf"))],
        "compare": [*at, *kind, *methods],
        "backtest": methods,
        "reach": ["--target", mostly(rng, ("0.5", "2", "1e-3"), ("1e-30", "0", "abc", "1e30"))],
        "recipes": at,
        "suggest": [*at, "--candidates", mostly(rng, ("10,100,1000", "1"), ("abc",)), "--runs", "1"],
        "allocate": [
            "--params",
            x,
            "--tokens",
            pick(rng, (x, y, "lr")),
            "--loss",
            y,
            "--compute",
            pick(rng, ("1e9", "1", "0")),
        ],
    }
    chances = [0.45, 0.15, 0.1, 0.14, 0.06, 0.06, 0.04]
    name = str(rng.choice(list(commands), p=chances))
    shown = named[-1:] if name == "allocate" else named
    return [part for part in (name, path, *shown, *commands[name]) if part]


def finding(arguments: list[str], limit: float = LIMIT) -> str:
    """Runs a command in this process; what is wrong with what it did, or ""."""
    from forescale.cli import main

    out, err, code = io.StringIO(), io.StringIO(), None
    start, argv = time.process_time(), sys.argv
    try:
        sys.argv = ["forescale", *arguments]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            main()
    except SystemExit as exit_:
        code = exit_.code
    except BaseException as error:
        return f"{type(error).__name__}: {error}".splitlines()[0][:160]
    finally:
        sys.argv = argv
    if time.process_time() - start > limit:
        return "too slow"
    return judged(code, out.getvalue(), err.getvalue(), "--json" in arguments)


def judged(code: Any, out: str, err: str, is_json: bool) -> str:
    """What is wrong with an exit and what was printed, or ""."""
    if code not in (0, 2):
        return f"exit {code}"
    if code == 2:
        lines = [line for line in err.splitlines() if line and not line.startswith(("warning: ", "note: "))]
        return "" if len(lines) == 1 and lines[0].startswith("forescale: ") else f"refused in {len(lines)} lines"
    if "\x1b" in out + err:
        return "an escape sequence in the output"
    if is_json and re.search(r"\b(NaN|Infinity)\b", out):
        return "NaN or Infinity in JSON"
    return "" if out.strip() else "exit 0 and nothing printed"


def batch(seed: int, run: Callable[[list[str]], str] = finding) -> dict[str, Any]:
    """BATCH tables: how many were answered with what, and each finding with the number of its table."""
    found, names = [], Counter()
    with tempfile.TemporaryDirectory() as folder:
        for i in range(BATCH):
            rng = np.random.default_rng([seed, i])
            text, x, y, group = draw_table(rng)
            path = Path(folder) / f"{i}.csv"
            path.write_text(text)
            arguments = draw_command(rng, str(path), x, y, group)
            names[arguments[0]] += 1
            if wrong := run(arguments):
                found.append([i, " ".join([arguments[0], *arguments[2:]]), wrong])
    return {"tables": BATCH, "commands": dict(names), "findings": found}


def tasks(tables: int = 20_000, seed: int = 0) -> dict[str, Task]:
    """Batches of tables, each with seeds of its own.

    Args:
        tables: how many.
        seed: of the first batch.
    """
    key = {"code": digest(*sorted(Path(fs.__file__).parent.rglob("*.py")))}
    return {f"batch {s}": Task(partial(batch, s), key) for s in range(seed, seed + -(-tables // BATCH))}


def page(found: Found) -> str:
    """How many tables, and every finding."""
    rows = [
        [f"{label}, table {i}", f"`{asked}`", wrong] for label, f in found.items() for i, asked, wrong in f["findings"]
    ]
    n = sum(f["tables"] for f in found.values())
    head = f"{n} tables, {len(rows)} findings."
    return head if not rows else f"{head}\n\n{markdown([['table', 'asked', 'finding'], *rows], words=True)}"


EXPERIMENT = Experiment(
    "fuzz",
    "No table brings a traceback, a hang, a NaN, or a refusal that is not one sentence.",
    tasks,
    page,
)
