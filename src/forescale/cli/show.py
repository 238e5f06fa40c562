"""A Page on standard output, its warnings on standard error, and only then its picture."""

import codecs
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import NOTES, Caveat, CurveError
from ..pages.page import Column, Page, text
from ..pages.page import Table as Rows

if TYPE_CHECKING:
    from .options import Shown, Table, Written

_PLAIN = {"×": "x", "−": "-", "–": "-", "…": "...", "±": "+-", "∝": "~", "≤": "<=", "≥": ">=", "·": "*", "½": "1/2"}
"""Signs of ours for an output that has none of them; of other characters the code is shown."""


def show(page: Page, out: "Shown | Written | None") -> None:
    """Numbers first: a picture that fails takes no answer with it.

    Raises:
        CurveError: no output to write to, or a picture that cannot be drawn.
    """
    from ..pages import data
    from ..pages.text import page_text, terminal

    if out is not None and out.as_json:
        write(data.page_json(page, ascii_only=not _unicode()) + "\n")
    elif getattr(out, "as_csv", False):
        lines = data.page_csv(page)
        write("\n".join(map(text, lines.split("\n"))) if sys.stdout is not None and sys.stdout.isatty() else lines)
    else:
        width, bold = terminal()
        write(page_text(page, width, bold=bold))
    plot = getattr(out, "plot", None)
    caveats = [*page.shown_caveats, *(str(c) for c in (page.left_out if plot else ()))]
    for line in dict.fromkeys(caveats):
        say(f"{'note' if line.partition(':')[0] in NOTES else 'warning'}: {line}")
    if plot:
        from ..pages.save import save_page

        try:
            save_page(page, plot)
        except (CurveError, OSError):
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise CurveError(f"expected a picture, got '{reason}' ({plot}). The numbers above are whole.") from error


def with_short(page: Page | None, table: "Table | None") -> Page | None:
    """The page with a row for each group that is too short, and the reason; unchanged where none is."""
    if page is None or table is None or not table.short:
        return page
    columns = (Column("group", "left out", text), Column("reason", "reason", text))
    rows = [{"group": name, "reason": caveat.message} for name, caveat in table.short.items()]
    n = len(rows)
    caveat = Caveat(
        "short_group", f"{n} group{'s' * (n > 1)} left out: too few points to forecast from; see the table."
    )
    left_out = Rows("left_out", columns, rows)
    return replace(page, tables=(*page.tables, left_out), caveats=(*page.caveats, caveat))


def write(content: str) -> None:
    """Text on standard output, at once, whatever its encoding.

    Raises:
        CurveError: standard output is closed.
    """
    if sys.stdout is None:
        raise CurveError("expected an open standard output, got a closed one. Send it to a file or a pipe.")
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(content.encode(encoding, "forescale").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read it has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(sentence: str) -> None:
    """One line on standard error, if there is one; control characters are shown, not sent."""
    if sys.stderr is None:
        return
    encoding = sys.stderr.encoding or "utf-8"
    line = text(" ".join(sentence.split())).encode(encoding, "forescale").decode(encoding)
    print(line, file=sys.stderr)


def _unicode() -> bool:
    return sys.stdout is not None and (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def _told(error: UnicodeError) -> tuple[str, int]:
    """What an encoding lacks, in signs that it has."""
    assert isinstance(error, UnicodeEncodeError)
    lost = error.object[error.start : error.end]
    plain = (_PLAIN.get(c) or c.encode("ascii", "backslashreplace").decode() for c in lost)
    return "".join(plain), error.end


codecs.register_error("forescale", _told)
