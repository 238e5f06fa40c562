"""Tables as people and machines spoil them, seeded: one number makes one table, the same on every machine."""

import csv
import io
import json
from dataclasses import dataclass

import numpy as np

Generator = np.random.Generator
Rows = list[list[str]]

NAMES = (
    "lr[wd=0.1]", "lr[wd=0.2]", "[/]", "[bold]", "$x_1$", "_A", "a,b", 'quo"te', "tab\there", "ümlaut", "模型",
    "x" * 300, "=1+1", "-flag", "nan", "None", "True", "1e3", "\x1b[31mred", "a\nb", " ", "a b", "🦙", "#", "%s",
    "{0}", "\\", "<b>",
)  # fmt: skip
"""Names of recipes that printers, readers and figures trip over."""
X_NAMES = ("tokens", "steps", "x", "n_params", "epoch", "examples", "FLOPs", "step", "size", "compute (PF-days)")
Y_NAMES = ("loss", "val_loss", "error", "accuracy", "y", "perplexity", "wer", "eval/loss", "f1", "bpb")
DIRT = (
    "", "nan", "NaN", "inf", "-inf", "0", "-1", "abc", "1,234", "3.2%", "1.4B", "1e400", "9" * 400, "True", "—", "N/A",
    "'5", "1e-320", "0x10", "1_000", "½", '"', "null", "1e308", " ", "-0.0", "1.2.3", "2024-01-01", "[1]", "∞",
)  # fmt: skip
"""Cells that are no plain positive number."""


@dataclass(frozen=True)
class Table:
    """One table, as text and as what is in it.

    Attributes:
        text, ending: the file; its format is that of its ending.
        x, y, group: names of the columns; group is empty where there is none.
        plain: group -> sorted (x, y), where every cell is a plain positive number and no row stands twice; else None.
        at: a target some way beyond the largest x.
    """

    text: str
    ending: str
    x: str
    y: str
    group: str
    plain: dict[str, list[tuple[float, float]]] | None
    at: float


def table_of(seed: int) -> Table:
    """The table of a number."""
    rng = np.random.default_rng([20_251_126, seed])
    x_name, y_name = str(rng.choice(X_NAMES)), str(rng.choice(Y_NAMES))
    groups = _groups(rng)
    rows: Rows = []
    points: dict[str, list[tuple[float, float]]] = {}
    for name in groups:
        x, y = _curve(rng, y_name)
        points[name] = sorted(zip(x.tolist(), y.tolist(), strict=True))
        rows += [[name, repr(a), repr(b)] for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    spoiled = _spoil(rng, rows)
    has_group = len(groups) > 1 or rng.uniform() < 0.2
    header = (["recipe"] if has_group else []) + [x_name, y_name]
    body = rows if has_group else [row[1:] for row in rows]
    if rng.uniform() < 0.2:
        header, body = [*header, "note"], [[*row, str(rng.choice(("", "ok", '"', "a,b")))] for row in body]
    if rng.uniform() < 0.2:
        order = rng.permutation(len(header))
        header, body = [header[i] for i in order], [[row[i] for i in order] for row in body if len(row) == len(header)]
    text, ending = _written(rng, header, body)
    largest = max((p[0] for group in points.values() for p in group), default=1.0)
    plain = None if spoiled or any(not name.strip() for name in groups) else points
    return Table(
        text, ending, x_name, y_name, "recipe" if has_group else "", plain, largest * float(rng.choice((2, 10, 100)))
    )


def _groups(rng: Generator) -> list[str]:
    n = int(rng.choice((1, 1, 2, 2, 3, 6)))
    if rng.uniform() < 0.5:
        return [str(name) for name in rng.choice(NAMES, n, replace=False)]
    return [f"run-{i}" for i in range(n)]


def _curve(rng: Generator, y_name: str) -> tuple[np.ndarray, np.ndarray]:
    """A law with noise, now and then flat, rising, huge, tiny or on a line; distinct x."""
    n = int(rng.choice((1, 2, 3, 4, 5, 8, 12, 20, 60)))
    low = 10.0 ** rng.uniform(-3, 18)
    x = np.unique(
        np.round(low * np.geomspace(1, 10.0 ** rng.uniform(0.2, 5), n), 6) if low > 1 else low * np.arange(1, n + 1)
    )
    share = (x / x[0]) ** -rng.uniform(0.02, 0.6)
    kind = rng.uniform()
    y = rng.uniform(0, 2) + rng.uniform(0.1, 3) * share
    if kind < 0.1:
        y = np.full_like(x, rng.uniform(0.1, 5))
    elif kind < 0.2:
        y = 1 / y
    elif kind < 0.25:
        y = y * 10.0 ** rng.uniform(-60, 60)
    if y_name in ("accuracy", "f1"):
        y = 1 / (1 + y)
    return x, y * np.exp(float(rng.choice((0, 1e-12, 1e-3, 0.02, 0.3))) * rng.normal(size=len(x)))


def _spoil(rng: Generator, rows: Rows) -> bool:
    """Now and then cells of dirt, copied rows, short rows; whether anything was done."""
    if not rows or rng.uniform() < 0.5:
        return False
    for _ in range(int(rng.integers(1, 4))):
        i, what = int(rng.integers(len(rows))), rng.uniform()
        if what < 0.6:
            rows[i][int(rng.integers(len(rows[i])))] = str(rng.choice(DIRT))
        elif what < 0.8:
            rows.append(list(rows[i]))
        elif len(rows[i]) > 1:
            rows[i] = rows[i][:-1]
    return True


def _written(rng: Generator, header: list[str], body: Rows) -> tuple[str, str]:
    kind = str(rng.choice(("csv", "csv", "csv", "tsv", "jsonl", "json")))
    if kind in ("jsonl", "json"):
        records = [dict(zip(header, map(_json_cell, row), strict=False)) for row in body]
        return ("\n".join(map(json.dumps, records)) if kind == "jsonl" else json.dumps(records)), kind
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t" if kind == "tsv" else str(rng.choice((",", ",", ";"))), lineterminator="\n")
    if rng.uniform() < 0.97:
        writer.writerow(header)
    writer.writerows(body)
    text = out.getvalue()
    if rng.uniform() < 0.05:
        text = "\ufeff" + text
    if rng.uniform() < 0.05:
        text = text.replace("\n", "\r\n")
    if rng.uniform() < 0.03:
        text = text[: int(rng.integers(len(text) + 1))]
    return text, kind


def _json_cell(cell: str) -> object:
    try:
        return float(cell) if abs(float(cell)) < 1e300 else cell
    except ValueError:
        return cell
