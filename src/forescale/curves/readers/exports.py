"""Exports that are known by their columns, whatever file or frame they come in."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from ...errors import Caveat
from ..numbers import reads_as_number
from . import wandb
from .base import Column, Table, listed


def recognised(table: Table, ys: Sequence[str]) -> tuple[Table, list[str]]:
    """A table with the roles that its tool gives the columns, and the columns of y in it; others as they are."""
    if {"Wall time", "Step", "Value"} == set(table.columns):
        tag = re.search(r"-tag-(.+?)\.(?:csv|json)", table.origin)
        return replace(table, x="Step", y="Value", y_name=tag[1] if tag else None), list(ys)
    if (label := _row_names(table)) is not None:
        return _turned(table, label), list(ys)
    return wandb.reshaped(table, ys)


def _row_names(table: Table) -> str | None:
    """The column that names the rows, where all others are called like sizes (1B, 2B, 4B) and hold readings."""
    names = list(islice((name for name in table.columns if not reads_as_number(name)), 2))
    return names[0] if len(names) == 1 < len(table.columns) - 1 and not table.columns[names[0]].is_numeric else None


def _turned(table: Table, label: str) -> Table:
    """A row a curve, as rows of x, y and the name of the curve."""
    sizes = [name for name in table.columns if name != label]
    cells: dict[str, list[object]] = {
        label: [row for row in table.columns[label].texts() for _ in sizes],
        "x": [name for _ in range(table.n) for name in sizes],
        "y": [cell for row in zip(*(table.columns[s].head(table.n) for s in sizes), strict=True) for cell in row],
    }
    note = Caveat("read_from", f"read the names of the columns as x: {listed(sizes, 3)}.")
    columns = {name: Column(values) for name, values in cells.items()}
    return replace(table, columns=columns, x="x", y="y", group=label, notes=(*table.notes, note))
