"""Tables of text: commas, tabs, semicolons, bars or spaces between the cells, a header on top. Quotes are strict."""

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import islice

from ...errors import Caveat, CurveError
from ..numbers import count, reads_as_number
from .base import Column, Packed, Reader, Source, Table, distinct, listed
from .ending import doubted, left_out
from .headers import LOOK, header

_DECIMAL = re.compile(r"[-+]?\d[\d.]*,\d+(?:\s*%|[eE][-+]?\d+)?")
"""A number with a decimal comma: one of them in a file cut at semicolons says how all of it is written."""
_CHUNK = 20_000
"""Rows that are held as rows before they are packed into columns."""


class Delimited(Reader):
    """CSV, TSV and their kin."""

    name = "CSV, TSV"

    def can_read(self, source: Source) -> bool:
        return bool(source.lines)

    def read(self, source: Source) -> Table:
        assert source.text is not None
        text = source.text
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        text, delimiter = _without_preamble(text)
        title, text = _title(text) if delimiter is None else ("", text)
        notes = [Caveat("read_from", f"left out '{title[:60]}' above the header.")] if title else []
        if delimiter is None:
            delimiter = "\t" if source.suffix == ".tsv" else delimiter_of(_first_lines(text))
        if "\n#" in text:
            text = _without_comments(text, delimiter, notes)
        columns = _columns(text, delimiter, source.origin, notes)
        comma = delimiter == ";" and any(_DECIMAL.fullmatch(c.strip()) for p in columns.values() for c in p.head(1000))
        return Table(
            {name: Column(cells, decimal_comma=comma) for name, cells in columns.items()},
            source.origin,
            notes=tuple(notes),
        )


def delimiter_of(lines: list[str]) -> str:
    """The delimiter that cuts the first lines into equally many cells; a space stands for any white space."""
    best, score = ",", (0.0, 1)
    for delimiter in ",\t;|":
        n_cells = [_n_cells(line, delimiter) for line in lines]
        agreed = sum(n in (n_cells[0], n_cells[0] + 1) for n in n_cells) / len(n_cells)
        if n_cells[0] > 1 and (agreed, n_cells[0]) > score:
            best, score = delimiter, (agreed, n_cells[0])
    cut = [line.split() for line in lines]
    widths = {len(row) for row in cut[1:]}
    even = len(cut[0]) > 1 and widths in ({len(cut[0])}, {len(cut[0]) + 1})  # a row name more, as pandas prints
    if score[0] == 0 and even and all(any(map(reads_as_number, row)) for row in cut[1:]):
        return " "
    return best


def _n_cells(line: str, delimiter: str) -> int:
    if '"' not in line:
        return line.count(delimiter) + 1
    return len(next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), []))


def _columns(text: str, delimiter: str, origin: str, notes: list[Caveat]) -> dict[str, Packed]:
    """The cells by column; what is to be said of them is added to the notes."""
    records = _records(text, delimiter, origin)
    top = list(islice(records, LOOK))
    if not top:
        raise CurveError(
            f"expected a header with column names, got only delimiters such as '{text.strip()[:10]}' ({origin}). "
            "Check the export."
        )
    names, used, told = header(top)
    notes += [Caveat("read_from", told)] if told else []
    if len(names) == 1:
        raise CurveError(
            f"expected at least 2 columns, got only '{names[0][:80]}' ({origin}). "
            "Separate the cells with commas, tabs or semicolons."
        )
    if all(map(reads_as_number, names)):
        raise CurveError(
            f"expected a header line with column names, got the numbers {listed(names)} ({origin}). Add a header."
        )
    first = [*top[used:], *islice(records, _CHUNK)]
    if not first:
        raise CurveError(f"expected rows below the header, got none ({origin}). Check the export.")
    names, spare = _beside_the_header(names, first)
    columns = [Packed() for _ in names]
    n_rows = n_again = 0
    for rows in _chunks(first, records):
        n_again += len(rows)
        rows = [row for row in rows if row != top[used - 1]]  # a header once more: logs that were joined
        n_again -= len(rows)
        if not rows:
            continue
        if n_rows + len(rows) > 3 and len(rows[-1]) < len(names) + spare and not text.endswith("\n"):
            notes.append(left_out(delimiter.join(rows.pop())))
        if set(map(len, rows)) != {len(names) + spare}:
            i, row = next((i, row) for i, row in enumerate(rows) if len(row) != len(names) + spare)
            raise CurveError(
                f"expected {len(names)} cells in a row, got {len(row)} ({origin}, row {n_rows + i + 1}). "
                "Check the delimiter."
            )
        for column, cells in zip(columns, zip(*rows, strict=True), strict=False):
            column.append(cells)
        n_rows += len(rows)
    notes += [Caveat("read_from", f"left out the header where it stands again ({n_again}×).")] if n_again else []
    notes += doubted(text, rows[-1][len(names) - 1], [row[len(names) - 1] for row in rows[-LOOK:-1]]) if rows else ()
    return _named(names, columns, origin)


def _beside_the_header(names: list[str], rows: list[list[str]]) -> tuple[list[str], int]:
    """The names of all cells of a row, and how many empty ones follow: rows may carry one cell more than the header,
    empty (a trailing delimiter) or a row name in front (as R writes it)."""
    if {len(row) for row in rows} != {len(names) + 1}:
        return names, 0
    if not any(row[-1].strip() for row in rows):
        return names, 1
    return ["", *names], 0


def _named(names: list[str], columns: list[Packed], origin: str) -> dict[str, Packed]:
    """Columns by name; those without a name are left out where they are empty, and numbered where several are not."""
    kept = [
        (n, c) for n, c in zip(names, columns, strict=True) if n or any(cell.strip() for p in c.chunks() for cell in p)
    ]
    if sum(not name for name, _ in kept) > 1:
        kept = [(name or f"column {i + 1}", c) for i, (name, c) in enumerate(kept)]
    distinct([name for name, _ in kept], origin)
    return dict(kept)


def _chunks(first: list[list[str]], records: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    rows = first
    while rows:
        yield rows
        rows = list(islice(records, _CHUNK))


def _records(text: str, delimiter: str, origin: str) -> Iterator[list[str]]:
    """The rows that hold anything, header first.

    Raises:
        CurveError: a quote that is not closed, or closed so late that it swallows what looks like rows.
    """
    if delimiter == " ":
        yield from (line.split() for line in _lines(text) if line.strip())
        return
    if '"' in text:
        yield from _quoted(text, delimiter, origin)
        return
    try:
        reader = csv.reader(_lines(text), delimiter=delimiter, skipinitialspace=True)
        yield from (record for record in reader if any(map(str.strip, record)))
    except csv.Error as error:
        raise CurveError(f"expected a table of text, got one that does not parse: {error} ({origin}).") from None


def _quoted(text: str, delimiter: str, origin: str) -> Iterator[list[str]]:
    held: list[str] = []
    loose = re.compile(rf'(?<!")" +(?={re.escape(delimiter)}|$)')
    lines = _held(_lines(text), held, loose)
    n_cells, row = 0, 0
    try:
        for record in csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True):
            if len(held) > 1 and any(line.count(delimiter) >= max(n_cells - 1, 1) for line in held[1:]):
                raise CurveError(
                    f"expected each quote to be closed on its line, got one that runs over {len(held)} lines that look "
                    f"like rows ({origin}, row {row}). Close it or remove it."
                )
            held.clear()
            if any(map(str.strip, record)):
                n_cells = n_cells or len(record)
                row += 1
                yield record
    except csv.Error as error:
        got = "one that never is" if "end of data" in str(error) else f"'{held[0][:60] if held else error}'"
        raise CurveError(
            f"expected each quote to be closed and followed by the next cell, got {got} "
            f"({origin}, {f'row {row}' if row else 'the header'}). Close the quote or remove it."
        ) from None


def _held(lines: Iterable[str], held: list[str], loose: re.Pattern[str]) -> Iterator[str]:
    """Lines with their ends, which a quoted cell may hold, and a copy of each put aside; spaces between a closing quote
    and the delimiter are left out."""
    for line in lines:
        held.append(line)
        yield (loose.sub('"', line) if '"' in line else line) + "\n"


def _lines(text: str) -> Iterator[str]:
    """Lines of a long text without a second copy of all of it."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + 1_000_000)
        end = len(text) if end < 0 else end
        yield from text[start:end].split("\n")
        start = end + 1


def _first_lines(text: str) -> list[str]:
    return [line for line in text[:200_000].split("\n")[:20] if line.strip()] or [text[:200_000]]


def _title(text: str) -> tuple[str, str]:
    """A line of one cell above a table of several, and the text below it; "" where there is none."""
    first, _, rest = text.partition("\n")
    below = _first_lines(rest)
    if len(below) < 2 or any(mark in first for mark in ",;\t|"):
        return "", text
    delimiter = delimiter_of(below)
    counts = {_n_cells(line, delimiter) for line in below}
    names = below[0].split(delimiter)
    if delimiter == " " or len(counts) > 1 or len(names) < 2 or any(map(reads_as_number, names)):
        return "", text
    return first.strip(), rest


def _without_comments(text: str, delimiter: str, notes: list[Caveat]) -> str:
    """The text without lines that begin with # and are not cut like rows."""
    lines = text.split("\n")
    kept = [line for line in lines if line[:1] != "#" or (line[1:2] != " " and delimiter in line)]
    if len(kept) < len(lines):
        notes.append(Caveat("read_from", f"left out {count(len(lines) - len(kept), 'line')} of comment (#)."))
    return "\n".join(kept)


def _without_preamble(text: str) -> tuple[str, str | None]:
    """The text from its header on, and the delimiter where its first line gives one (`sep=;`).

    Comments (#) above the header are left out; the last of them is the header where it fits the rows, as
    numpy.savetxt writes it.
    """
    text = text.lstrip("\n")
    if text[:5].lower().startswith("sep=") and text[5:6] == "\n":
        return text[6:], text[4]
    comment = None
    while text.startswith("#"):
        comment, _, text = text.partition("\n")
        text = text.lstrip("\n")
    if comment is None or not text:
        return text, None
    head, row = comment.lstrip("# "), text.partition("\n")[0]
    delimiter = delimiter_of([head, row])
    cut = row.split() if delimiter == " " else row.split(delimiter)
    if all(map(reads_as_number, cut)) and len(cut) > 1:
        return f"{head}\n{text}", None
    return text, None
