"""Which columns are x and y: guessed only where one guess fits, and said. What is never an x stands in `words`."""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np

from ..errors import CurveError
from ..spelling import option
from .measure import direction_of
from .numbers import reads_as_number
from .readers.base import Table, listed
from .words import AVERAGES, COUNTERS, LETTERS, LOSSES, RESOURCES, SCORES, SPREADS, TESTED, never, pieces, says

ROW = "row"
"""x that no column holds: the number of the row, from 1."""
MANY = 1000
"""Columns that are looked at closely."""


def guess(table: Table, x: str | None, ys: Sequence[str], groups: Sequence[str]) -> tuple[str, list[str], str | None]:
    """x, the columns of y, and the sentence that says what was guessed (None where nothing was).

    Raises:
        CurveError: none fits, or several do (naming them, both axes in one sentence).
    """
    x, ys = x or table.x, ys or ([] if table.y is None else [table.y])
    if x is not None and ys:
        return x, list(ys), None
    free = _free(table, {x, *ys, *groups})
    fit_y = list(ys) or _ys(table, free)
    fit_x = [x] if x is not None else _xs(table, free, fit_y)
    if not ys and not fit_y:
        fit_y = [name for name in free if name not in fit_x]
    if x is None and not fit_x:
        fit_x = [name for name in free if name not in fit_y and not is_measure(name)]
        fit_x = [name for name in fit_x if not AVERAGES.issuperset(pieces(name))]
        fit_x = [name for name in fit_x[:MANY] if not _constant(table, name)] or fit_x
    rest = [name for name in table.columns if name not in (*fit_x, *groups)]
    wide = not ys and len(fit_x) == 1 and (_sizes(rest) or _sizes(fit_y))
    if wide:
        fit_y = rest if _sizes(rest) else fit_y
    _refuse(table, x, ys, fit_x, fit_y if not wide else fit_y[:1])
    said = []
    if x is None:
        said.append(f"x from '{fit_x[0]}'")
    if not ys:
        said.append(f"y from {listed(fit_y, 5)}, a curve each" if wide else f"y from '{fit_y[0]}'")
    return fit_x[0], fit_y, f"read {' and '.join(said)}; name other columns with {option('x')} and {option('y')}."


def expand(table: Table, ys: Sequence[str]) -> list[str]:
    """The columns that y names, patterns such as `eval_*` spelt out.

    Raises:
        CurveError: a name or pattern that no column has.
    """
    out: list[str] = []
    for name in ys:
        hits = [] if name in table.columns else [c for c in table.columns if fnmatchcase(c, name)]
        hits = hits or [table.named(name)]
        out += [c for c in hits if c not in out]
    return out


def _free(table: Table, taken: set[str | None]) -> list[str]:
    """Columns of numbers that are neither taken, nor constant, nor settings, ids or clocks."""
    out = []
    for name, column in table.columns.items():
        if name in taken or never(name) or not column.is_numeric:
            continue
        out.append(name)
    return out


def _ys(table: Table, free: list[str]) -> list[str]:
    losses = [name for name in free if says(name, LOSSES) and not says(name, RESOURCES)] or [
        name for name in free if says(name, LOSSES)
    ]
    higher = [name for name in free if direction_of(name) == "higher" or direction_of(name, -1.0) == "higher"]
    tested = [name for name in free if name.lower() in TESTED or name == "L"]
    found = losses or higher or tested or [name for name in free if says(name, SCORES)]
    if len(found) > 1:  # neither the ends of error bars nor what stands in a line or two, such as a summary
        found = [name for name in found if SPREADS.isdisjoint(pieces(name))] or found
    if 1 < len(found) < MANY:
        found = [name for name in found if np.sum(~table.columns[name].blank) > 2] or found
    return found


def _xs(table: Table, free: list[str], ys: list[str]) -> list[str]:
    left = [name for name in free if name not in ys]
    resources = [name for name in left if says(name, RESOURCES) and not is_measure(name)]
    varying = [name for name in resources if not _constant(table, name)] or resources
    if len(varying) > 1 and len(ys) == 1:  # those that stand where y does
        rows = ~table.columns[ys[0]].blank
        varying = [name for name in varying if not table.columns[name].blank[rows].all()] or varying
    letters = [name for name in left if name in LETTERS and not _constant(table, name)]
    return varying or [name for name in left if name.lower() in COUNTERS] or letters


def is_measure(name: str) -> bool:
    """Whether a column is called like a loss or a score: a reading, neither a resource nor a setting."""
    return says(name, LOSSES) or says(name, SCORES) or direction_of(name) == "higher"


def _constant(table: Table, name: str) -> bool:
    values = table.columns[name].numbers
    filled = values[~table.columns[name].blank]
    return len(filled) > 1 and bool((filled == filled[0]).all())


def _sizes(names: list[str]) -> bool:
    """Whether all names are numbers such as 70M, or loss_70M: a table with a column a size."""
    if all(map(reads_as_number, names)):
        return len(names) > 1
    if len(names) > MANY:
        return False
    parts = list(zip(*(re.split(r"[_\s/-]+", name) for name in names), strict=False))
    changing = [part for part in parts if len(set(part)) > 1]
    return len(changing) == 1 and all(cell[-1:] in set("kKmMbBtT") and reads_as_number(cell) for cell in changing[0])


def _refuse(table: Table, x: str | None, ys: Sequence[str], fit_x: list[str], fit_y: list[str]) -> None:
    asked = [(axis, fits) for axis, given, fits in (("x", x, fit_x), ("y", ys, fit_y)) if not given and len(fits) != 1]
    if not asked:
        return
    got = []
    for axis, fits in asked:
        one = f"{len(fits)} that fit: {listed(fits)}" if fits else f"none that fits among {listed(table.columns)}"
        got.append(f"{one} for {axis}" if len(asked) > 1 else one)
    axes, flags = " and for ".join(axis for axis, _ in asked), " and ".join(option(axis) for axis, _ in asked)
    it = "it" if len(asked) == 1 else "them"
    rows = f", or count the rows with {option('x', ROW)}" if not x and not fit_x else ""
    raise CurveError(
        f"expected one column for {axes} in {table.origin}, got {'; '.join(got)}. Name {it} with {flags}{rows}."
    )
