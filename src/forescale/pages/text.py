"""A Page as text. In a pipe every table has its full width; on a narrow terminal names wrap, numbers never."""

import sys
from shutil import get_terminal_size

from .page import Page, Table, cells, text, width_of

GAP = "  "
NARROWEST = 8
"""A column of names is not made narrower than this."""


def page_text(page: Page, width: int | None = None, *, bold: bool = False) -> str:
    """Title, tables and sentences; `width` None: as wide as it is. `bold` marks titles for a terminal."""
    tables = page.shown_tables
    blocks = [_strong(text(page.title), bold)] if page.title else []
    for i, table in enumerate(tables):
        title = [_strong(text(table.title), bold)] if table.title else []
        blocks += [""] * bool(i or (title and blocks)) + title + table_lines(table, width)
    sentences = [line for s in page.shown_sentences for line in _broken(text(s), width or len(s) + 1)]
    return "\n".join([*blocks, *([""] if tables and sentences else []), *sentences]) + "\n"


def terminal() -> tuple[int | None, bool]:
    """Width of standard output and whether it shows bold: none and not in a pipe or a file."""
    seen = sys.stdout is not None and sys.stdout.isatty()
    return (get_terminal_size().columns if seen else None), seen


def table_lines(table: Table, width: int | None = None) -> list[str]:
    """Heads and rows in columns. Cells break at spaces; only a name that is wider than its column breaks inside."""
    heads, sides, rows = cells(table)
    columns = list(zip(heads, *rows, strict=True))
    widths = [max(map(width_of, column)) for column in columns]
    if width is not None:
        _shrink(widths, columns, sides, width)
    lines = []
    for row in (heads, *rows):
        parts = [_broken(cell, w) for cell, w in zip(row, widths, strict=True)]
        for i in range(max(map(len, parts), default=0)):
            placed = [_placed(p[i] if i < len(p) else "", w, s) for p, w, s in zip(parts, widths, sides, strict=True)]
            lines.append(GAP.join(placed).rstrip())
    return lines


def _shrink(widths: list[int], columns: list[tuple[str, ...]], sides: list[str], width: int) -> None:
    """Narrow the columns, in place, until a line fits: first what breaks at spaces, then names inside a word."""
    gaps = len(GAP) * (len(widths) - 1)
    words = [max((width_of(w) for cell in column for w in cell.split()), default=0) for column in columns]
    least = [min(w, NARROWEST) if side == "left" else w for w, side in zip(words, sides, strict=True)]
    for limits in (words, least):
        while sum(widths) + gaps > width and any(w > low for w, low in zip(widths, limits, strict=True)):
            i = max((i for i in range(len(widths)) if widths[i] > limits[i]), key=lambda i: widths[i] - limits[i])
            widths[i] -= 1


def _broken(cell: str, width: int) -> list[str]:
    """A cell in lines of at most `width`: between words, and inside a word that is wider than that."""
    if width_of(cell) <= width:
        return [cell]
    lines = [""]
    for word in cell.split(" "):
        if lines[-1] and width_of(lines[-1]) + 1 + width_of(word) <= width:
            lines[-1] += f" {word}"
            continue
        if lines[-1]:
            lines.append("")
        for character in word:
            if lines[-1] and width_of(lines[-1]) + width_of(character) > width:
                lines.append("")
            lines[-1] += character
    return lines


def _placed(cell: str, width: int, side: str) -> str:
    spare = width - width_of(cell)
    left = {"left": 0, "right": spare, "centre": spare // 2}[side]
    return " " * left + cell + " " * (spare - left)


def _strong(line: str, bold: bool) -> str:
    return f"\x1b[1m{line}\x1b[0m" if bold else line
