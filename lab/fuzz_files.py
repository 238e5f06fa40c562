"""Rows of text written to a file, as spreadsheets, scripts and trackers do: a draw picks format, encoding and vice."""

import csv
import io
import json

import numpy as np

Generator = np.random.Generator
KINDS = ("csv", "csv", "csv", "csv", "tsv", "jsonl", "jsonl", "json", "columns", "md", "parquet", "xlsx")
CUT, LABEL = 0.03, "recipe"
"""The share of files that are cut, and the column that is text in every format."""


def written(rng: Generator, header: list[str], body: list[list[str]]) -> tuple[bytes, str, bool]:
    """The file, its ending, and whether all rows are in it under their header."""
    kind = str(rng.choice(KINDS))
    whole = all(len(row) == len(header) for row in body) and len(set(header)) == len(header)
    if (
        kind in ("parquet", "xlsx")
        and whole
        and body
        and not any("\x00" in c or "\x1b" in c for row in body for c in row)
    ):
        return _frame(rng, kind, header, body)
    if kind in ("jsonl", "json", "columns"):
        return _json(rng, kind, header, body)
    if kind == "md" and not any(c in cell for row in body for cell in row for c in "|\n\r\\`"):
        lines = ["| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *body]]
        return _spoilt(rng, "\n".join(lines) + "\n", "md", True)
    return _csv(rng, "tsv" if kind == "tsv" else "csv", header, body)


def _csv(rng: Generator, kind: str, header: list[str], body: list[list[str]]) -> tuple[bytes, str, bool]:
    out = io.StringIO()
    delimiter = "\t" if kind == "tsv" else str(rng.choice((",", ",", ",", ";")))
    quoting = csv.QUOTE_ALL if rng.uniform() < 0.1 else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=quoting)
    headed = rng.uniform() < 0.97
    writer.writerows([header, *body] if headed else body)
    text, vice = out.getvalue(), rng.uniform()
    if vice < 0.04 and not any("\n" in cell or "\r" in cell for row in [header, *body] for cell in row):
        text = text.replace("\n", "\n\n")
    elif vice < 0.07:
        text = "# made by hand\n" + text
    elif vice < 0.10:
        text = text.rstrip("\n")
    return _spoilt(rng, text, kind, headed)


def _spoilt(rng: Generator, text: str, ending: str, intact: bool) -> tuple[bytes, str, bool]:
    """Now and then a byte order mark, another encoding or line end, or a file that was cut."""
    vice = rng.uniform()
    if vice < 0.05:
        text = "\ufeff" + text
    elif vice < 0.10:
        text = text.replace("\n", "\r\n")
    elif vice < 0.12:
        return text.encode("utf-16"), ending, intact
    elif vice < 0.14:
        return text.encode("latin-1", errors="replace"), ending, False
    elif vice < 0.14 + CUT:
        return text[: int(rng.integers(len(text) + 1))].encode(), ending, False
    return text.encode(), ending, intact


def _json(rng: Generator, kind: str, header: list[str], body: list[list[str]]) -> tuple[bytes, str, bool]:
    typed = [
        [
            cell if name == LABEL or rng.uniform() < 0.02 else json_cell(cell)
            for name, cell in zip(header, row, strict=False)
        ]
        for row in body
    ]
    whole = all(len(row) == len(header) for row in body)
    if kind == "columns" and whole:
        return json.dumps({name: [row[i] for row in typed] for i, name in enumerate(header)}).encode(), "json", True
    records = [dict(zip(header, row, strict=False)) for row in typed]
    text = "\n".join(map(json.dumps, records)) if kind == "jsonl" else json.dumps(records)
    if rng.uniform() < 0.02 and header:
        key = json.dumps(header[-1])
        return text.replace(f"{key}:", f"{key}: 1, {key}:", 1).encode(), "jsonl" if kind == "jsonl" else "json", False
    if rng.uniform() < CUT:
        return text[: int(rng.integers(len(text) + 1))].encode(), "json", False
    return text.encode(), "jsonl" if kind == "jsonl" else "json", True


def json_cell(cell: str) -> object:
    """A cell as a program would have written it: a number, a truth value, nothing, a list, or text."""
    known: dict[str, object] = {"True": True, "false": False, "null": None, "[1]": [1], "nan": float("nan")}
    if cell in known:
        return known[cell]
    try:
        if cell.isascii() and cell.isdigit():
            return int(cell)
        return float(cell) if abs(float(cell)) < 1e300 else cell
    except ValueError:
        return cell


def _frame(rng: Generator, kind: str, header: list[str], body: list[list[str]]) -> tuple[bytes, str, bool]:
    """Parquet or Excel: a column of numbers where all its cells are plain, else of text."""
    columns = {
        name: cells if name == LABEL else _typed(cells)
        for name, cells in zip(header, map(list, zip(*body, strict=True)), strict=False)
    }
    out = io.BytesIO()
    if kind == "xlsx":
        import openpyxl

        book = openpyxl.Workbook()
        sheet = book.active
        for row in [header, *zip(*columns.values(), strict=True)]:
            sheet.append([f"'{c}" if isinstance(c, str) and c.startswith("=") else c for c in row])
        book.save(out)
        return out.getvalue(), "xlsx", not any(c.startswith("=") for row in body for c in row)
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.table(columns), out)
    return out.getvalue(), "parquet", True


def _typed(cells: list[str]) -> list[float] | list[str]:
    try:
        return [float(cell) for cell in cells]
    except ValueError:
        return cells
