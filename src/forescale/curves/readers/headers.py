"""Where the header of a table is: below titles, in two lines where a sheet has merged cells or a line of units."""

from collections.abc import Sequence

from ..numbers import is_blank, reads_as_number

LOOK = 20
"""Rows that are looked at."""


def header(rows: Sequence[Sequence[str]]) -> tuple[list[str], int, str]:
    """Names of the columns, how many of the first rows come before the first row of cells, and what is to be said of
    it ("" where the header is the first row).

    Args:
        rows: the first rows of a table, cells as text; at least one.
    """
    above = _n_titles(rows)
    names, used = [" ".join(cell.split()) for cell in rows[above]], above + 1
    while used < len(rows) and (joined := _joined(names, rows[used], rows[used + 1 : used + LOOK])) is not None:
        names, used = joined, used + 1
    said = []
    if titles := [cell.strip()[:60] for row in rows[:above] for cell in row if cell.strip()]:
        said.append(f"left out '{titles[0]}' above the header.")
    if used > above + 1:
        said.append(f"read {used - above} lines as one header: {', '.join(repr(n) for n in names[:3])}, ….")
    return names, used, " ".join(said)


def _n_titles(rows: Sequence[Sequence[str]]) -> int:
    """How many rows stand above the header: each fills its first cell at most, and a row of several names follows."""
    for i, row in enumerate(rows[:LOOK]):
        if any(cell.strip() for cell in row[1:]):
            named = sum(map(bool, map(str.strip, row))) > 1 and not any(map(reads_as_number, row))
            return i if named else 0
    return 0


def _joined(names: list[str], below: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str] | None:
    """The header with the line below it, where that holds names or units too: words above columns of numbers."""
    filled = [i for i, cell in enumerate(below[: len(names)]) if cell.strip()]
    if len(below) != len(names) or any(reads_as_number(below[i]) or is_blank(below[i]) for i in filled):
        return None
    if filled == [0] and not names[0]:  # pandas writes the name of the index on a line of its own
        return [" ".join(below[0].split()), *names[1:]]
    if sum(_of_numbers([row[i] for row in rows if i < len(row)]) for i in filled) < 2:
        return None
    whole = list(names)
    for i in filled:  # a merged cell names the columns to its right too
        top = whole[i] or next((names[k] for k in range(i, 0, -1) if names[k]), "")
        whole[i] = " ".join(f"{top} {below[i]}".split())
    return whole


def _of_numbers(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if not is_blank(cell)]
    return len(filled) > 1 and all(map(reads_as_number, filled))
