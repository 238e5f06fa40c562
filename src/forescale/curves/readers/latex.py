"""Tables in LaTeX: `&` between the cells, `\\\\` after a row; rules and the text around are left aside."""

import re

from ...errors import Caveat
from .base import Column, Reader, Source, Table, distinct
from .headers import LOOK, header

_INSIDE = re.compile(
    r"\\begin\{(?:tabular|tabularx|longtable|array)[*xy]?\}(.*?)\\end\{(?:tabular|longtable|array)", re.S
)
_ASIDE = re.compile(
    r"(?<!\\)%.*|\\(?:top|mid|bottom|h|c)(?:rule|line)(?:\([lr]*\))?(?:\{[^{}]*\}|\[[^\]]*\])?|\\(?:centering|addlinespace)"
)
_WRAPPED = re.compile(r"\\(?:textbf|textit|emph|text|mathrm|mathbf|underline|bm|num|si|texttt)\s*\{([^{}]*)\}")
_SPANS = re.compile(r"\\multi(?:column|row)\s*\{(\d+)\}\s*\{[^{}]*\}\s*\{([^{}]*)\}")
_POWER = re.compile(r"(?:\\times|\\cdot)\s*10\s*\^\s*\{?(-?\d+)\}?")


class Latex(Reader):
    """The first table of a LaTeX text."""

    name = "LaTeX tables"

    def can_read(self, source: Source) -> bool:
        return any("\\begin{" in line for line in source.lines) and _INSIDE.search(source.text or "") is not None

    def read(self, source: Source) -> Table:
        found = _INSIDE.findall(source.text or "")
        rows = [_cells(row) for row in re.split(r"\\\\(?:\[[^\]]*\])?", _ASIDE.sub("", found[0])) if "&" in row]
        width = max(map(len, rows), default=0)
        rows = [row + [""] * (width - len(row)) for row in rows]
        names, used, told = header(rows[:LOOK]) if rows else ([], 0, "")
        said = f"read {'the LaTeX table' if len(found) == 1 else f'the first of {len(found)} LaTeX tables'}."
        columns = zip(distinct(names, source.origin), zip(*rows[used:], strict=True), strict=False)
        notes = tuple(Caveat("read_from", text) for text in (said, told) if text)
        return Table({name: Column(list(cells)) for name, cells in columns}, source.origin, notes=notes)


def _cells(row: str) -> list[str]:
    """The cells of a row, a cell over several columns as that many."""
    row = re.sub(r"^\s*\{[^&\\]*\}", "", row)  # what is left of the columns' alignment
    out: list[str] = []
    for cell in re.split(r"(?<!\\)&", row):
        spans = _SPANS.search(cell)
        n = int(spans[1]) if spans and "column" in spans[0] else 1
        plain = _SPANS.sub(r"\2", cell)
        while _WRAPPED.search(plain):
            plain = _WRAPPED.sub(r"\1", plain)
        plain = _POWER.sub(r"e\1", plain).replace("\\pm", "±").replace("\\,", "").replace("\\%", "%").replace("~", " ")
        plain = re.sub(r"\\([_&#])", r"\1", plain).replace("$", "").replace("{,}", ",")
        plain = re.sub(r"(?<=\d)\s+e(?=-?\d)", "e", plain)
        out += [" ".join(plain.split())] * n
    return out
