"""The one writer of tables: Markdown, which reads as well in a terminal as in docs."""

import re
from collections.abc import Iterable

import numpy as np

Table = list[list[str]]


def markdown(table: Table, *, words: bool = False) -> str:
    """The first row is the head; all columns but the first are set to the right, unless they are words."""
    head, *lines = table
    ruled = [head, ["---", *["---" if words else "---:"] * (len(head) - 1)], *lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in ruled)


def placed(text: str, name: str, page: str) -> str:
    """The text with the page between the marks of that name; the page alone where there are no marks."""
    marks = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end {re.escape(name)} -->)", re.DOTALL)
    return marks.sub(lambda m: f"{m[1]}\n{page.strip()}\n\n{m[2]}", text) if marks.search(text) else page


def aligned(table: Table) -> str:
    """The same table with padded cells, for people at a terminal."""
    widths = [max(len(line[i]) for line in table) for i in range(len(table[0]))]
    pad = lambda line: [line[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True))]  # noqa: E731
    return "\n".join("  ".join(pad(line)) for line in table)


def mean_and_error(values: Iterable[float]) -> tuple[float, float]:
    """Mean over curves and its standard error; failed curves must be dealt with before."""
    v = np.asarray(list(values), float)
    return float(v.mean()), float(v.std(ddof=1) / np.sqrt(len(v))) if len(v) > 1 else float("nan")


def shown(values: Iterable[float], digits: int, sign: str = "") -> str:
    """`mean ± standard error` over curves."""
    mean, error = mean_and_error(values)
    return f"{mean:{sign}.{digits}f} ± {error:.{digits}f}"


def rounded(value: object, digits: int = 4) -> object:
    """A float to so many significant digits: what is stored; anything else as it is."""
    return float(f"{value:.{digits}g}") if isinstance(value, float) else value
