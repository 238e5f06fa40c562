"""Tables in, curves out: which columns are x, y and the group, which rows count, and what is to be said of it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from ..errors import Caveat, CurveError
from ..numerics import Floats
from ..spelling import checked_keywords, option
from .choosing import rows_where
from .curve import Curve
from .grouping import Curves, Groups, mixed_states, refuse_pooled, starts_again
from .guessing import ROW, expand, guess
from .measure import AT_ZERO, Better, Measure, direction_of, measure_of
from .numbers import count, is_blank, reads_as_number, some
from .readers import exports
from .readers.base import Column, Table
from .readers.registry import load
from .words import COUNTS_FROM_ZERO, LOGARITHMS, LOSSES, RESOURCES, pieces, says

Rows = NDArray[np.bool_]


class Named(TypedDict, total=False):
    """Which columns are read."""

    x: str | None
    y: str | Sequence[str] | None
    group: str | Sequence[str] | None


class Choice(TypedDict, total=False):
    """Which rows count, and what y measures."""

    drop_bad: bool
    where: str | None
    x_from: float | None
    x_to: float | None
    better: Better | None
    best: float | None
    chance: float | None


class Columns(Named, Choice, total=False):
    """How a table is read: the keywords of `read_curves`, and of every function that takes a table."""


@checked_keywords
def read_curves(
    source: Any,
    x: str | None = None,
    y: str | Sequence[str] | None = None,
    group: str | Sequence[str] | None = None,
    **choice: Unpack[Choice],
) -> dict[str, Curve]:
    """Read one curve, or one for each value of `group`, each column of `y` and each file.

    Args:
        source: a path (docs/formats.md lists what is read; "-" is standard input), several, a folder, a pattern such
            as "runs/*.csv", or a table in memory (data frame, Series over its index, dict of columns).
        x, y: column names; guessed where left out and only one guess fits. Several y, or a pattern such as "eval_*",
            make a curve each.
        group: the column (or columns) whose values name the curves; "none" pools what looks like several curves.
        drop_bad: drop rows whose x or y is no number, not finite or not positive, instead of refusing them. Blank
            cells are another metric's rows: left out either way, with a note.
        where: which rows count, such as "state = finished and lr < 1e-3"; parsed, never evaluated as code.
        x_from, x_to: the range of x that counts, ends included.
        better: "lower" or "higher"; told from the name of y where left out (accuracy, F1, ...), and said.
        best: the value that y can reach and not pass: 0 for a loss, 1 or 100 for a share or a percentage.
        chance: what pure guessing reaches.

    Returns:
        dict name -> Curve; the single key is "curve" when there is no group.

    Raises:
        CurveError: unreadable source, missing or ambiguous columns, or unusable cells (naming their rows).
    """
    return _read_all(source, {"x": x, "y": y, "group": group, **choice}, Curves())


def read_each(source: Any, **columns: Unpack[Columns]) -> Curves:
    """`read_curves` where one of many must not stop the others: bad rows are dropped, and a group that makes no curve
    is left out with its sentence."""
    return _read_all(source, {**columns, "drop_bad": True}, Curves(sparing=True))


def _read_all(source: Any, ask: Columns, curves: Curves) -> Curves:
    for name, table in load(source):
        for key, curve in _read(table, ask, curves).items():
            whole = key if name is None else name if key == "curve" else f"{name}/{key}"
            curves[whole] = curve if name is None else replace_name(curve, whole)
    return curves


def _names(names: str | Sequence[str] | None, table: Table) -> list[str]:
    """A name, or several: a list, or one text with commas between them that is no column itself."""
    if names is None:
        return []
    if isinstance(names, str) and names in table.columns:
        return [names]
    return [n for n in (part.strip() for part in names.split(",")) if n] if isinstance(names, str) else list(names)


def replace_name(curve: Curve, name: str) -> Curve:
    """The same curve under another name."""
    return Curve(
        curve.x, curve.y, x_name=curve.x_name, y_name=curve.y_name, name=name, caveats=curve.caveats,
        measure=curve.measure,
    )  # fmt: skip


def _read(table: Table, ask: Columns, beside: Curves) -> dict[str, Curve]:
    """The curves of one table; what is no curve is told `beside` them."""
    table, named = exports.recognised(table, _names(ask.get("y"), table))
    groups, x = _names(ask.get("group"), table), ask.get("x")
    pooled = groups == ["none"] and "none" not in table.columns
    groups = [] if pooled else groups or ([table.group] if table.group is not None else [])
    if x == ROW and ROW not in table.columns:
        table = replace(table, columns={**table.columns, ROW: Column(np.arange(1, table.n + 1))})
    groups = [table.named(name) for name in groups]
    x, ys, said = guess(table, None if x is None else table.named(x), expand(table, named), groups)
    if x in ys or set(groups) & {x, *ys}:
        twice = x if x in ys else next(g for g in groups if g in (x, *ys))
        raise CurveError(
            f"expected different columns for x, y and the group, got '{twice}' twice ({table.origin}). "
            f"Name others with {option('x')}, {option('y')} and {option('group')}."
        )
    table, commas = _decimal_commas(table, ys)
    notes = (*table.notes, *(() if said is None else (Caveat("guessed_columns", said),)), *commas)
    where = ask.get("where")
    kept = np.ones(table.n, bool) if where is None else rows_where(table, where)
    if not kept.any() and not beside.sparing:
        if where is None:
            raise CurveError(f"expected rows below the header, got none ({table.origin}). Check the table.")
        raise CurveError(
            f"expected rows that meet '{where}', got none of {count(table.n, 'row')} ({table.origin}). "
            f"Check {option('where')}."
        )
    split = Groups.of(table, groups, kept, sparing=beside.sparing)
    curves: dict[str, Curve] = {}
    for y in ys:
        part = _of_column(table, x, y, ask, split, kept, notes, beside, pooled)
        for key, curve in part.items():
            name = key if len(ys) == 1 else y if key == "curve" else f"{key}/{y}"
            curves[name] = curve if name == key else replace_name(curve, name)
    return curves


def _of_column(
    table: Table,
    x: str,
    y: str,
    ask: Columns,
    split: Groups,
    kept: Rows,
    notes: tuple[Caveat, ...],
    beside: Curves,
    pooled: bool,
) -> dict[str, Curve]:
    """The curves of one column of y."""
    lenient = ask.get("drop_bad", False) or table.lenient
    rows = kept & split.labelled
    xs, ys = _numbers(table, x, lenient, rows), _numbers(table, y, lenient, rows)
    xs, shifted = _from_one(xs, x)
    x_from, x_to = ask.get("x_from"), ask.get("x_to")
    with np.errstate(invalid="ignore"):
        rows = rows if x_from is None else rows & ~(xs < x_from)
        rows = rows if x_to is None else rows & ~(xs > x_to)
    if not rows.any() and (split.labelled & kept).any():
        ends = "".join(f" {word} {end:g}" for word, end in (("from", x_from), ("to", x_to)) if end is not None)
        raise CurveError(
            f"expected rows with {x}{ends}, got none of {count(table.n, 'row')} ({table.origin}). "
            f"Check {option('x_from', shell='from')} and {option('x_to', shell='to')}."
        )
    blank = table.columns[x].blank | table.columns[y].blank
    fine = rows & ~blank & np.isfinite(xs) & np.isfinite(ys) & (xs > 0)
    y_name = table.y_name if table.y_name is not None and y == table.y else "y" if reads_as_number(y) else y
    measure, said = _measure(xs[fine], ys[fine], y, y_name, ask, table)
    bounded = measure.rises or measure.best is not None
    good = fine if bounded else fine & (ys > 0)
    zero = rows & ~blank & (xs == 0)
    bad = rows & ~good & ~blank & ~zero
    _refuse_bad(table, x, y, xs, ys, bad, lenient)
    for i in np.flatnonzero(bad)[::-1]:  # the first row of a group stays
        cells = f"{x}={table.columns[x].cell(i)}, {y}={table.columns[y].cell(i)}"
        beside.unusable[str(split.names[split.codes[i]])] = f"expected positive, finite {x} and {y}, got {cells}"
    notes = (*notes, *(() if shifted is None else (shifted,)), *(() if said is None else (Caveat("better", said),)))
    notes = (*notes, *_logarithm(xs[good], x), *starts_again(table, x, xs, ys, good, split))
    notes = (*notes, *refuse_pooled(table, x, xs, ys, good, split, pooled), *mixed_states(table, good, split))
    whys = ((blank & rows, f"without {_blank_name(table, x, y)}"), (zero & ~blank, f"at {x} 0"),
            (bad, f"without a positive, finite {x} and {y}"))  # fmt: skip
    return split.curves(table, xs, ys, good, whys, notes, beside, x_name=x, y_name=y_name, measure=measure)


def _blank_name(table: Table, x: str, y: str) -> str:
    empty = [name for name in (x, y) if table.columns[name].blank.any()]
    return " or ".join(f"'{name}'" for name in empty)


def _measure(x: Floats, y: Floats, column: str, name: str, ask: Columns, table: Table) -> tuple[Measure, str | None]:
    """Direction and bounds of one column; a measure that reaches 0 at its best has its bound there."""
    better, best, chance = ask.get("better"), ask.get("best"), ask.get("chance")
    if len(y) == 0:
        return Measure(better or "lower", best, chance) if best is not None else Measure(), None
    percent = table.columns[column].is_percent
    if percent and better is None and best is None and direction_of(name) is None and _rising(x, y):
        measure, _ = measure_of("higher", 100.0, chance, y)
        other = f"say otherwise with {option('better', 'lower')} or {option('best', 100)}"
        return replace(measure, said=False), f"'{name}' rises in per cent: taken as better when higher; {other}."
    measure, said = measure_of(better, best, chance, y, name, percent)
    zero = not measure.rises and measure.best is None and float(y.min()) == 0
    if zero and not ask.get("drop_bad") and not AT_ZERO.isdisjoint(pieces(name)):
        return replace(measure, best=0.0), said
    return measure, said


def _rising(x: Floats, y: Floats) -> bool:
    """Whether y rises with ln x: its correlation is above a half."""
    u, v = np.log(x) - np.log(x).mean(), y - y.mean()
    return float(u @ v) > 0.5 * float(np.sqrt((u @ u) * (v @ v)))


def _from_one(xs: Floats, name: str) -> tuple[Floats, Caveat | None]:
    """x of a column that counts epochs or rows from 0, counted from 1 instead, and the note that says so."""
    filled = xs[np.isfinite(xs)]
    counts = not COUNTS_FROM_ZERO.isdisjoint(pieces(name))
    if not counts or not len(filled) or filled.min() != 0 or (filled % 1 != 0).any():
        return xs, None
    return xs + 1, Caveat("shifted_x", f"'{name}' counts from 0: 1 was added to each, so that it counts what was done.")


def _logarithm(xs: Floats, name: str) -> tuple[Caveat, ...]:
    """What is said of an x that is called a logarithm, and looks like one."""
    if LOGARITHMS.isdisjoint(pieces(name)) or not says(name, RESOURCES) or not len(xs) or xs.max() > 100:
        return ()
    said = f"'{name}' looks like a logarithm, which a forecast takes by itself. Give x as it was, such as 1e21 for 21."
    return (Caveat("log_x", said),)


def _decimal_commas(table: Table, ys: Sequence[str]) -> tuple[Table, list[Caveat]]:
    """The table, and a note for each loss whose cells are all like 4,203: a decimal comma, not four thousand."""
    columns, notes = dict(table.columns), []
    for y in ys:
        column = columns[y]
        clear = says(y, LOSSES) and {"ppl", "perplexity"}.isdisjoint(pieces(y)) and not column.decimal_comma
        texts = [str(c).strip() for c in column.head(1000) if not is_blank(c)] if clear else []
        if texts and all(re.fullmatch(r"\d,\d{3}", text) for text in texts):
            columns[y] = Column(column.cells, decimal_comma=True)
            notes.append(Caveat("read_from", f"read '{texts[0]}' in '{y}' as {texts[0].replace(',', '.')}."))
    return replace(table, columns=columns) if notes else table, notes


def _numbers(table: Table, name: str, lenient: bool, rows: Rows | None = None) -> Floats:
    """A column as float64, NaN where a cell is empty; a cell of text is refused, naming its row."""
    column = table.columns[name]
    unread = column.unread if rows is None else [i for i in column.unread if rows[i]]
    if unread and not lenient:
        raise CurveError(
            f"expected a number in '{name}', got '{str(column.cell(unread[0]))[:60]}' ({table.origin}, "
            f"{some(unread)}). Write numbers such as 1.5, 3e20 or 7B, or drop such rows: {option('drop_bad', True)}."
        )
    return column.numbers


def _refuse_bad(table: Table, x: str, y: str, xs: Floats, ys: Floats, bad: Rows, lenient: bool) -> None:
    if lenient or not bad.any():
        return
    rows = np.flatnonzero(bad)
    first = rows[0]
    where = f"{table.origin}, {some(rows)}"
    got = f"{x}={xs[first]:g}, {y}={ys[first]:g}"
    if (ys[bad] < 0).all() and (xs[bad] > 0).all() and bad.sum() > 2:
        cure = f"If '{y}' is a negated score, say so with {option('better', 'higher')} and {option('best', 0.0)}."
    elif (ys[bad] == 0).all() and (xs[bad] > 0).all():
        cure = f"If 0 is the best that '{y}' can reach, say so with {option('best', 0.0)}, or drop these rows with {option('drop_bad', True)}."  # noqa: E501
    else:
        cure = f"Remove these rows, or drop them with {option('drop_bad', True)}."
    raise CurveError(f"expected positive, finite {x} and {y}, got {got} ({where}). {cure}")
