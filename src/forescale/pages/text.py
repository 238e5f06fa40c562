"""The one look of all printed tables."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table


def new_table(title: str) -> "Table":
    """A table without rules; a title in one line above it."""
    from rich.table import Table

    return Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))


def print_table(table: "Table") -> None:
    """Print to standard output; a pipe has no width, so nothing is folded or cut there."""
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else 500, highlight=False).print(table)
