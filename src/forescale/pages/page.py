"""Page: what an answer says, before any medium. Renderers (text, JSON, CSV, picture, SVG, HTML) read nothing else.

A page has facts (top-level keys of JSON), tables with typed columns, panels that are drawn only when a renderer asks,
sentences for people, and caveats. What is said of each curve stands in a section of its own; tables of the same key in
several sections are one table with a column `group` for people and in CSV.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from unicodedata import combining, east_asian_width

from ..errors import Caveat
from .panel import Panel

Row = Mapping[str, Any]
Draw = Callable[[], Panel]
Interval = tuple[float, float]
Form = Callable[[Any], str]
LEVELS = (0.5, 0.9)
"""The central intervals that are shown where nobody asked for others."""
COLUMNS, MAX_PANELS = 3, 36
"""More curves than these are not drawn: the first ones are, and it is said."""


def text(value: Any) -> str:
    """A name in one line: control characters, line breaks and turns of direction are shown by their code."""
    name = str(value)
    if name.isprintable():
        return name
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def number(value: float) -> str:
    """Four significant digits."""
    return f"{value:.4g}"


def digits(n: int, unit: str = "") -> Form:
    """`n` digits after the point, and a unit."""
    return lambda value: f"{value:.{n}f}{unit}"


def times(value: float) -> str:
    """3 as "3×"."""
    return f"{value:.3g}×"


def percent(level: float) -> str:
    """0.9 as "90", and never a level below 1 as "100"."""
    return f"{100 * level:.12g}"


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        key: in JSON and CSV. A key that ends in `intervals` holds {level: (low, high)}.
        head: for people; empty where only machines read it. `{}` in the head of intervals is the level in per cent.
        form: from a value to what people read; `text` for names. Applied to each end of an interval.
        media: which machine formats have it: "j" JSON, "c" CSV.
    """

    key: str
    head: str = ""
    form: Form = number
    media: str = "jc"

    @property
    def holds_intervals(self) -> bool:
        return self.key.endswith("intervals")


INTERVALS = Column("intervals", "{} % interval")


@dataclass(frozen=True)
class Table:
    """Rows under one key.

    Attributes:
        key: of the list of rows in JSON; "" where the one row is the object itself.
        rows: column key -> value each; what a row lacks stays empty.
        title: a line above it, for people.
    """

    key: str
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    title: str = ""

    @property
    def for_people(self) -> bool:
        """Whether any column has a head."""
        return any(column.head for column in self.columns)

    def levels(self, column: Column) -> list[float]:
        """The levels that any row has in a column of intervals, rising."""
        return sorted({level for row in self.rows for level in row.get(column.key) or ()})


@dataclass(frozen=True)
class Section:
    """What is said of one curve; `name` is None where there is only one."""

    name: str | None
    tables: tuple[Table, ...] = ()
    panels: tuple[Draw, ...] = ()
    sentences: tuple[str, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """What an answer says.

    Attributes:
        title: one line.
        sections: one for each curve; `key` is their list in JSON.
        tables, panels, sentences, caveats, facts: of the whole answer.
    """

    title: str
    sections: tuple[Section, ...] = ()
    tables: tuple[Table, ...] = ()
    panels: tuple[Draw, ...] = ()
    sentences: tuple[str, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    key: str = "curves"

    @property
    def shown_tables(self) -> list[Table]:
        """The tables for people: those of the sections gathered by key, with their group in front."""
        gathered: dict[str, Table] = {}
        for section in self.sections:
            for table in section.tables:
                rows = [{"group": section.name, **row} for row in table.rows]
                have = gathered.setdefault(table.key, replace(table, rows=[]))
                columns = {c.key: c for c in (*table.columns, *have.columns)}
                columns |= {c.key: replace(c, head=c.key) for c in table.columns if c.head != columns[c.key].head}
                order = dict.fromkeys(c.key for c in (*have.columns, *table.columns))
                gathered[table.key] = replace(
                    have, rows=[*have.rows, *rows], columns=tuple(columns[key] for key in order)
                )
        named = any(section.name is not None for section in self.sections)
        head = (Column("group", "group", text),) if named else ()
        told = [*self.tables, *(replace(t, columns=(*head, *t.columns)) for t in gathered.values() if t.for_people)]
        return [t for t in told if t.for_people]

    @property
    def shown_sentences(self) -> list[str]:
        """The sentences, each said once, naming the curves that share it."""
        return [*gather((s, section.name) for section in self.sections for s in section.sentences), *self.sentences]

    @property
    def shown_caveats(self) -> list[str]:
        """`code: message` of every caveat, said once, naming the curves that share it."""
        found = [(str(c), section.name) for section in self.sections for c in section.caveats]
        return gather([*found, *((str(c), None) for c in self.caveats)])

    @property
    def left_out(self) -> tuple[Caveat, ...]:
        """What a figure must say where it does not show every curve."""
        n = sum(bool(section.panels) for section in self.sections)
        if n <= MAX_PANELS:
            return ()
        said = f"the figure shows the first {MAX_PANELS} of {n} curves; the tables have all of them."
        return (Caveat("panels_left_out", said),)

    def grid(self) -> dict[tuple[int, int], Draw]:
        """Where each panel stands, (row, column): at most three columns, the panels of a curve below one another."""
        places = {(i // COLUMNS, i % COLUMNS): draw for i, draw in enumerate(self.panels)}
        top = max((row + 1 for row, _ in places), default=0)
        sections = [section for section in self.sections if section.panels][:MAX_PANELS]
        tall = max((len(s.panels) for s in sections), default=1)
        for i, section in enumerate(sections):
            for k, draw in enumerate(section.panels):
                places[top + i // COLUMNS * tall + k, i % COLUMNS] = draw
        return places


def gather(texts: Iterable[tuple[str, str | None]], limit: int = 3) -> list[str]:
    """(sentence, group) pairs as one line for each sentence, naming the first groups that share it."""
    seen: dict[str, list[str]] = {}
    for sentence, group in texts:
        seen.setdefault(text(sentence), []).extend([] if group is None else [text(group)])
    return [sentence + _where(list(dict.fromkeys(groups)), limit) for sentence, groups in seen.items()]


def _where(groups: list[str], limit: int) -> str:
    more = f" and {len(groups) - limit} more" if len(groups) > limit else ""
    return f" ({', '.join(groups[:limit])}{more})" if groups else ""


def blank(value: Any) -> bool:
    """Whether a cell has nothing to show."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def cell(column: Column, value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, bool) and column.form is number:
        return "yes" if value else "no"
    if isinstance(value, str):
        return text(value)
    return "" if blank(value) else column.form(value)


def cells(table: Table) -> tuple[list[str], list[str], list[list[str]]]:
    """Heads, alignments ("left", "right", "centre") and rows as people read them; an interval is one cell a level."""
    shown = [
        (c, level) for c in table.columns if c.head for level in (table.levels(c) if c.holds_intervals else [None])
    ]
    heads = [text(c.head if level is None else c.head.format(percent(level))) for c, level in shown]
    sides = ["centre" if level is not None else "left" if c.form is text else "right" for c, level in shown]

    def told(row: Row, column: Column, level: float | None) -> str:
        if level is None:
            return cell(column, row.get(column.key))
        ends = (row.get(column.key) or {}).get(level)
        return "" if ends is None else f"{column.form(ends[0])} to {column.form(ends[1])}"

    return heads, sides, [[told(row, *where) for where in shown] for row in table.rows]


def short(name: str, limit: int = 44) -> str:
    """A name for a figure: one line, its middle left out where it is wide."""
    whole = text(name)
    if width_of(whole) <= limit:
        return whole
    left = right = ""
    while width_of(left) + width_of(right) < limit - 2:
        left, right = whole[: len(left) + 1], whole[len(whole) - len(right) - 1 :]
    return f"{left}…{right}"


def width_of(line: str) -> int:
    """Cells of a terminal that a line takes."""
    if line.isascii():
        return len(line)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in line)
