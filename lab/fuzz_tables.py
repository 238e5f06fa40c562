"""Tables as people and machines spoil them, seeded: one number makes one table, the same on every machine.

Every cell is kept beside what it may mean, so that what a reader makes of the file is judged without any reader.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from .fuzz_files import written

Generator = np.random.Generator

NAMES = (
    "lr[wd=0.1]", "lr[wd=0.2]", "[/]", "[bold]", "$x_1$", "_A", "a,b", 'quo"te', "tab\there", "ümlaut", "模型",
    "x" * 300, "=1+1", "-flag", "nan", "None", "True", "1e3", "\x1b[31mred", "a\nb", " ", "a b", "🦙", "#", "%s",
    "{0}", "\\", "<b>", "a=b", "'", "a;b", "a|b", "../up", "\u202eback", "\x00", "é", "é", "01", "1", "1.0", "\r",
    "<script>alert(1)</script>", "]]>", "&amp;", "`", "--json", "@file", "curve", "%", "\x9b31m", "null", "A", "a",
)  # fmt: skip
"""Names of recipes that printers, readers and figures trip over."""
X_NAMES = ("tokens", "steps", "x", "n_params", "epoch", "examples", "FLOPs", "step", "size", "compute (PF-days)",
           "[x]", "$D$", "num tokens", "Tokens", "x_1")  # fmt: skip
Y_NAMES = ("loss", "val_loss", "error", "accuracy", "y", "perplexity", "wer", "eval/loss", "f1", "bpb", "loss[eval]",
           "$L$", "acc", "top-1 error", "neg_log_loss")  # fmt: skip
RISES = ("accuracy", "f1", "acc")
DIRT: dict[str, tuple[float, ...]] = {
    "": (), "nan": (), "NaN": (), "inf": (), "-inf": (), "0": (0.0,), "-1": (-1.0,), "abc": (),
    "1,234": (1234.0, 1.234),
    "3.2%": (3.2, 0.032), "1.4B": (1.4e9,), "1e400": (), "9" * 400: (), "True": (), "—": (), "N/A": (), "'5": (5.0,),
    "1e-320": (1e-320,), "0x10": (), "1_000": (1000.0,), "½": (0.5,), '"': (), "null": (), "1e308": (1e308,), " ": (),
    "-0.0": (0.0,), "1.2.3": (), "2024-01-01": (), "[1]": (1.0,), "∞": (), "false": (), "1e5 tokens": (1e5,),
    "5±0.1": (5.0,),
    "2×10⁹": (2e9,), "1 000": (1000.0,), "١٢": (12.0,), "NULL": (), "#N/A": (), "1e": (), "--5": (), "5-": (),
    "\x00": (), "1.234.567": (1234567.0,), "10" * 15: (float("10" * 15),), "{'a': 1}": (), "-": (),
}  # fmt: skip
"""Cells that are no plain positive number -> what they may be read as."""
Cell = tuple[str, tuple[float, ...]]


@dataclass(frozen=True)
class Row:
    """A row of a curve: its label and cells; `sure` where every cell is plain, so that no reader may lose it."""

    label: str
    x: Cell
    y: Cell
    sure: bool = True
    whole: bool = True


@dataclass(frozen=True)
class Table:
    """One table, as a file and as what is in it.

    Attributes:
        content, ending: the file; its format is that of its ending.
        x, y, group: names of the columns; group is empty where there is none.
        rows: what stands in it, or None where the file was cut or lost its header.
        at: a target some way beyond the largest x.
        joint: whether it is a table of runs: params in `x`, tokens in `group`, loss in `y`.
    """

    content: bytes
    ending: str
    x: str
    y: str
    group: str
    rows: tuple[Row, ...] | None
    at: float
    joint: bool = False


def table_of(seed: int) -> Table:
    """The table of a number: one in twenty is of runs over parameters and tokens."""
    rng = np.random.default_rng([20_251_126, seed])
    return _runs(rng) if rng.uniform() < 1 / 20 else _curves(rng)


def _curves(rng: Generator) -> Table:
    x_name, y_name = str(rng.choice(X_NAMES)), str(rng.choice(Y_NAMES))
    labels, rows, way_x, way_y = _labels(rng), [], _spelling(rng, "x"), _spelling(rng, y_name)
    for label in labels:
        x, y = _curve(rng, y_name)
        rows += [Row(label, way_x(a), way_y(b)) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    rows = _spoilt(rng, rows)
    grouped = len(labels) > 1 or rng.uniform() < 0.2
    header = (["recipe"] if grouped else []) + [x_name, y_name]
    body = [_cells(row, grouped) for row in rows]
    largest = max((v for row in rows for v in row.x[1] if v < 1e300), default=1.0)
    content, ending, intact = written(rng, *_beside(rng, header, body))
    at = largest * float(rng.choice((2, 10, 100)))
    return Table(content, ending, x_name, y_name, "recipe" if grouped else "", tuple(rows) if intact else None, at)


def _runs(rng: Generator) -> Table:
    """Runs of Chinchilla's law with noise, on a grid or scattered, now and then with dirt."""
    n = int(rng.choice((2, 5, 9, 15, 40)))
    N, D = np.round(10.0 ** rng.uniform(7, 10, n)), np.round(10.0 ** rng.uniform(9, 12, n))
    loss = 1.7 + 400 * N**-0.34 + 410 * D**-0.28
    if rng.uniform() < 0.15:
        loss = rng.uniform(0.1, 5, n)
    loss = loss * np.exp(float(rng.choice((0, 1e-3, 0.02))) * rng.normal(size=n))
    numbers = zip(N.tolist(), D.tolist(), loss.tolist(), strict=True)
    rows = _spoilt(rng, [Row("", (repr(a), (a,)), (repr(c), (c,))) for a, _, c in numbers])
    again = np.resize(D, len(rows)).tolist()
    body = [[row.x[0], repr(d), row.y[0]][: 3 if row.whole else 2] for row, d in zip(rows, again, strict=True)]
    names = [str(rng.choice(of)) for of in (("params", "N", "n_params"), ("tokens", "D", "n_tokens"), ("loss", "L"))]
    content, ending, _ = written(rng, names, body)
    return Table(content, ending, names[0], names[2], names[1], None, 1e22, joint=True)


def _labels(rng: Generator) -> list[str]:
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
    y = y * np.exp(float(rng.choice((0, 1e-12, 1e-3, 0.02, 0.3, 2))) * rng.normal(size=len(x)))
    return x, 1 / (1 + y) if y_name in RISES else y


def _spelling(rng: Generator, name: str) -> Callable[[float], Cell]:
    """How all numbers of a column are written: mostly in full; else in powers, rounded, in thousands or per cent."""
    kind = rng.uniform()
    if kind < 0.7:
        return lambda v: (repr(v), (v,))
    if kind < 0.8:
        return lambda v: (f"{v:.6e}", (float(f"{v:.6e}"),))
    if kind < 0.9 and name in RISES:
        percent = str(rng.choice(("%", "")))
        return lambda v: (f"{100 * v:.2f}{percent}", (float(f"{100 * v:.2f}"), float(f"{100 * v:.2f}") / 100))
    if kind < 0.9 and name == "x":
        return partial(_scaled, power=float(rng.choice((1e3, 1e6, 1e9))))
    return lambda v: (f"{v:.4g}", (float(f"{v:.4g}"),))


def _scaled(v: float, power: float) -> Cell:
    """7B for 7e9."""
    text = f"{v / power:.9g}"
    return text + {1e3: "k", 1e6: "M", 1e9: "B"}[power], (float(text) * power,)


def _spoilt(rng: Generator, rows: list[Row]) -> list[Row]:
    """Now and then cells of dirt, copied rows, short rows, rows in another order."""
    if rows and rng.uniform() < 0.15:
        rows = [rows[i] for i in rng.permutation(len(rows))]
    if not rows or rng.uniform() < 0.5:
        return rows
    for _ in range(int(rng.integers(1, 4))):
        i, what = int(rng.integers(len(rows))), rng.uniform()
        if what < 0.6:
            text = str(rng.choice(list(DIRT)))
            side = "label" if rng.uniform() < 0.2 else str(rng.choice(("x", "y")))
            cell = text if side == "label" else (text, DIRT[text])
            rows[i] = replace(rows[i], sure=False, **{side: cell})
        elif what < 0.8:
            rows = [*rows, rows[i]]
        else:
            rows[i] = replace(rows[i], sure=False, whole=False)
    return rows


def _cells(row: Row, grouped: bool) -> list[str]:
    cells = [*([row.label] if grouped else []), row.x[0], row.y[0]]
    return cells if row.whole else cells[:-1]


def _beside(rng: Generator, header: list[str], body: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Now and then a column that nobody asked for, and columns in another order."""
    if rng.uniform() < 0.25:
        more = {
            "note": ("", "ok", '"', "a,b", "a\nb"), "date": ("2024-01-01", "2024-02-01"), "done": ("True", "False"),
            "seed": ("1",), "id": ("9" * 25,), "Unnamed: 0": ("0", "1"), "": ("7",),
        }  # fmt: skip
        name = str(rng.choice(list(more)))
        whole = len(header)
        header = [*header, name]
        body = [[*row, str(rng.choice(more[name]))] if len(row) == whole else row for row in body]
    if rng.uniform() < 0.2 and all(len(row) == len(header) for row in body):
        order = rng.permutation(len(header))
        header, body = [header[i] for i in order], [[row[i] for i in order] for row in body]
    return header, body
