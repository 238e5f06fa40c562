"""Tables drawn with bars: Markdown, and the boxes of psql, PrettyTable and Rich; the text around is left aside."""

import re

from ...errors import Caveat, CurveError
from ..numbers import reads_as_number
from .base import Column, Reader, Source, Table, distinct

_MARKED = re.compile(r"(?P<mark>\*\*|__|[*_`])(?P<inside>\S(?:.*\S)?)(?P=mark)")
_RULE = re.compile(r"\s*[|+]?\s*:?[-=]+:?\s*([|+]\s*:?[-=]+:?\s*)*[|+]?\s*")
_BOXES = str.maketrans(
    dict.fromkeys("│┃║", "|")
    | dict.fromkeys("─━═", "-")
    | dict.fromkeys("┌┬┐├┼┤└┴┘┏┳┓┡╇┩┗┻┛┣╋┫╒╤╕╞╪╡╘╧╛╔╦╗╠╬╣╚╩╝╭╮╰╯┠┼┨", "+")
)


class Markdown(Reader):
    """The one table of a Markdown text."""

    name = "Markdown tables"

    def can_read(self, source: Source) -> bool:
        return any(_is_rule(line) for line in _drawn("\n".join(source.lines)))

    def read(self, source: Source) -> Table:
        lines = _drawn(source.text or "")
        rules = [i for i, line in enumerate(lines) if i and _is_rule(line)]
        tables = [t for i in rules if (t := _table(lines, i))]
        if len(tables) != 1:
            raise CurveError(
                f"expected one table drawn with bars, got {len(tables)} ({source.origin}). Save the one you mean alone."
            )
        header, *rows = tables[0]
        for i, row in enumerate(rows):
            if len(row) != len(header):
                raise CurveError(
                    f"expected {len(header)} cells in a row, got {len(row)} ({source.origin}, row {i + 1}). "
                    "Check the bars."
                )
        names = distinct([_unmarked(name) for name in header], source.origin)
        columns = {name: Column([_unmarked(row[i]) for row in rows]) for i, name in enumerate(names)}
        note = Caveat("read_from", "read the table drawn with bars.")
        return Table(columns, source.origin, notes=(note,) if len(rules) < len(lines) - len(rows) - 1 else ())


def _table(lines: list[str], rule: int) -> list[list[str]]:
    """Header and rows around a line of dashes; none where there are no rows."""
    body = []
    for line in lines[rule + 1 :]:
        if "|" not in line:
            break
        body.append(_cells(line))
    return [_cells(lines[rule - 1]), *body] if body else []


def _drawn(text: str) -> list[str]:
    """The lines, with the signs that draw boxes as bars, dashes and corners; a rule above a table or below it, and one
    between its rows, is left out."""
    lines = [line.strip() for line in text.translate(_BOXES).splitlines()]
    boxed = [line.startswith("+") and _is_rule(line) for line in lines]
    first = {i for i, box in enumerate(boxed) if box and (i == 0 or "|" not in lines[i - 1])}
    heads = {next((k for k in range(i + 1, len(lines)) if boxed[k]), -1) for i in first}
    return [line for i, line in enumerate(lines) if not boxed[i] or i in heads]


def _is_rule(line: str) -> bool:
    return ("|" in line or "+" in line) and "-" in line.replace("=", "-") and _RULE.fullmatch(line) is not None


def _cells(line: str) -> list[str]:
    return [
        cell.strip().replace("\\|", "|")
        for cell in re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))
    ]


def _unmarked(cell: str) -> str:
    """A cell without its emphasis: marks at both ends, and beside a number at one; `_A` is a name."""
    bare = cell.strip("*_` ")
    if reads_as_number(bare):
        return bare
    while found := _MARKED.fullmatch(cell):
        cell = found["inside"]
    return cell
