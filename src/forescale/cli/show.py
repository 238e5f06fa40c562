"""A Page on standard output, its warnings on standard error, and only then its picture."""

import codecs
import os
import sys
from typing import TYPE_CHECKING

from ..errors import CurveError
from ..pages.page import Page

if TYPE_CHECKING:
    from .options import Shown, Written

_PLAIN = {"×": "x", "−": "-", "–": "-", "…": "...", "±": "+-", "∝": "~", "≤": "<=", "≥": ">=", "·": "*", "½": "1/2"}
"""Signs of ours for an output that has none of them; of other characters the code is shown."""


def show(page: Page, out: "Shown | Written | None") -> None:
    """Numbers first: a picture that fails takes no answer with it.

    Raises:
        CurveError: no output to write to, or a picture that cannot be drawn.
    """
    from ..pages import data, text

    if out is not None and out.as_json:
        write(data.page_json(page, ascii_only=not _unicode()) + "\n")
    elif getattr(out, "as_csv", False):
        write(data.page_csv(page))
    else:
        width, bold = text.terminal()
        write(text.page_text(page, width, bold=bold))
    plot = getattr(out, "plot", None)
    caveats = [*page.shown_caveats, *(str(c) for c in (page.left_out if plot else ()))]
    for line in dict.fromkeys(caveats):
        say(f"warning: {line}")
    if plot:
        from ..pages.save import save_page

        try:
            save_page(page, plot)
        except (CurveError, OSError):
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise CurveError(f"expected a picture, got '{reason}' ({plot}). The numbers above are whole.") from error


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
    from ..pages.page import text

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
