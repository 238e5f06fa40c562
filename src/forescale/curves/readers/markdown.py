"""Tables in Markdown: bars between the cells, a line of dashes below the header; the text around is left aside."""

import re

from ...errors import Caveat, CurveError
from .base import Column, Reader, Source, Table, distinct

_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*")


class Markdown(Reader):
    """The one table of a Markdown text."""

    name = "Markdown tables"

    def can_read(self, source: Source) -> bool:
        return any("|" in line and _RULE.fullmatch(line) for line in source.lines)

    def read(self, source: Source) -> Table:
        lines = (source.text or "").splitlines()
        rules = [i for i, line in enumerate(lines) if i and "|" in line and _RULE.fullmatch(line)]
        tables = [t for i in rules if (t := _table(lines, i))]
        if len(tables) != 1:
            raise CurveError(
                f"expected one Markdown table, got {len(tables)} ({source.origin}). Save the one you mean alone."
            )
        header, *rows = tables[0]
        for i, row in enumerate(rows):
            if len(row) != len(header):
                raise CurveError(
                    f"expected {len(header)} cells in a row, got {len(row)} ({source.origin}, row {i + 1}). "
                    "Check the bars."
                )
        names = distinct([name.strip("*_` ") for name in header], source.origin)
        columns = {name: Column([row[i].strip("*_` ") for row in rows]) for i, name in enumerate(names)}
        note = Caveat("read_from", "read the Markdown table.")
        return Table(columns, source.origin, notes=(note,) if len(rules) < len(lines) - len(rows) - 1 else ())


def _table(lines: list[str], rule: int) -> list[list[str]]:
    """Header and rows around a line of dashes; none where there are no rows."""
    body = []
    for line in lines[rule + 1 :]:
        if "|" not in line:
            break
        body.append(_cells(line))
    return [_cells(lines[rule - 1]), *body] if body else []


def _cells(line: str) -> list[str]:
    return [
        cell.strip().replace("\\|", "|")
        for cell in re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))
    ]
