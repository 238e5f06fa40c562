"""Excel workbooks (.xlsx), by openpyxl: the extra [excel]. Formulas are read as the values that Excel stored."""

import io
import zipfile
from typing import Any

from ...errors import Caveat, CurveError, MissingExtraError
from .base import Column, Reader, Source, Table, distinct
from .headers import LOOK, header


class Excel(Reader):
    """The one sheet of a workbook that holds a table."""

    name = "Excel (extra [excel])"

    def can_read(self, source: Source) -> bool:
        zipped = source.head.startswith(b"PK\x03\x04")
        return zipped and (source.suffix in {".xlsx", ".xlsm"} or b"xl/" in source.head)

    def read(self, source: Source) -> Table:
        try:
            import openpyxl
        except ImportError:
            raise MissingExtraError(
                f"expected the extra [excel] to read {source.origin}, got no openpyxl. "
                "Run: pip install 'forescale[excel]', or save the sheet as CSV."
            ) from None
        try:
            book = openpyxl.load_workbook(io.BytesIO(source.blob), read_only=True, data_only=True)
            sheets = {sheet.title: _rows(sheet) for sheet in book.worksheets}
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise CurveError(f"expected an Excel workbook, got '{error}' ({source.origin}). Save it again.") from None
        filled = {title: rows for title, rows in sheets.items() if len(rows) > 1}
        if len(filled) != 1:
            got = ", ".join(f"'{t}'" for t in filled) or "none"
            raise CurveError(
                f"expected one sheet with a table, got {got} ({source.origin}). Save the one you mean as CSV."
            )
        ((title, rows),) = filled.items()
        names, used, told = header([["" if c is None else str(c) for c in row] for row in rows[:LOOK]])
        kept = [i for i, name in enumerate(names) if name or any(row[i] is not None for row in rows[used:])]
        distinct([names[i] for i in kept], source.origin)
        columns = {names[i]: Column([row[i] for row in rows[used:]]) for i in kept}
        said = [*([f"read the sheet '{title}'."] if len(sheets) > 1 else []), *([told] if told else [])]
        return Table(columns, source.origin, notes=tuple(Caveat("read_from", text) for text in said))


def _rows(sheet: Any) -> list[tuple[Any, ...]]:
    rows = [row for row in sheet.iter_rows(values_only=True) if any(cell is not None for cell in row)]
    width = max(map(len, rows), default=0)
    return [row + (None,) * (width - len(row)) for row in rows]
