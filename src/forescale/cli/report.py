"""`forescale report`: one HTML file that travels."""

import sys
from pathlib import Path
from typing import Annotated

from ..pages.page import Page
from . import options
from .command import command
from .read import Read

Target = Annotated[float | None, Read("--target", options.number, "A value of y: when it is reached is told too.")]
Compute = Annotated[float | None, Read("--compute", options.number, "FLOPs to split between N and D.")]
Note = Annotated[
    dict[str, str] | None, Read("--note", options.notes, "What no table says: 'data=web; y is=test loss'.")
]


def html_file(text: str, flag: str) -> str:
    """A path that can be written."""
    from ..pages.save import writable

    return str(writable(text, (".html",)))


@command()
def report(
    table: options.Table,
    at: options.At,
    ask: options.Ask,
    shown: options.Written,
    out: Annotated[str, Read("-o", html_file, "The file to write, such as report.html.")],
    methods: options.Methods = None,
    target: Target = None,
    compute: Compute = None,
    hold_out: options.HoldOut = 0.3,
    note: Note = None,
) -> Page:
    """Everything the table lets us say, in one HTML file: verdict, charts, tables, backtest, card, how to redo it."""
    from ..presenters.whole import report as whole
    from ..presenters.whole import shell_command

    made = whole(
        table.place, at, **table.keywords(), method=ask.method, kind=ask.kind, methods=methods, levels=shown.levels,
        target=target, compute=compute, hold_out=hold_out, seed=shown.seed, notes=note, path=out,
        command=shell_command(sys.argv[1:]),
    )  # fmt: skip
    size = Path(out).stat().st_size
    return Page(
        made.book.title, sentences=(*made.book.verdict, f"written: {out} ({size / 1000:.0f} kB)"), facts=made.to_dict()
    )
