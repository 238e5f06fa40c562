"""Rows by the curve they belong to: groups, rows without a label, and curves that lie in one table unsaid."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ..errors import Caveat, CurveError
from ..numerics import Floats
from ..spelling import option
from .curve import Curve
from .guessing import is_measure
from .measure import Measure
from .numbers import count
from .readers.base import Column, Table
from .words import CLOCKS, SEEDS, STATES, STEPS, pieces, says

Rows = NDArray[np.bool_]
Codes = NDArray[np.intp]
_UNLABELLED = frozenset({"", "nan", "none", "null", "<na>", "nat", "n/a"})
_MOST_CANDIDATES = 300
"""Columns that are looked at for curves that lie in one table unsaid."""
_MANY_ROWS = 100_000
"""Rows that are looked at for the same."""


class Curves(dict[str, Curve]):
    """Curves by name, and what was read beside them.

    Attributes:
        left_out: groups that make no curve: name -> sentence.
        unusable: groups of which `drop_bad` dropped rows: name -> what stands in the first of them.
        sparing: whether a group that makes no curve is left out, where it would refuse the table.
    """

    def __init__(self, *, sparing: bool = False) -> None:
        super().__init__()
        self.left_out: dict[str, str] = {}
        self.unusable: dict[str, str] = {}
        self.sparing = sparing


@dataclass(frozen=True)
class Groups:
    """Which curve each row belongs to.

    Attributes:
        names: of the curves, in the order of their first rows; [None] where there is one without a name.
        codes: (n,) index into names, -1 for rows without a label.
        unlabelled: how many of the kept rows have no label, and in which columns.
        columns: whose values name the curves.
    """

    names: list[str | None]
    codes: Codes
    unlabelled: tuple[int, str] = (0, "")
    columns: tuple[str, ...] = ()

    @property
    def labelled(self) -> Rows:
        return self.codes >= 0

    @classmethod
    def of(cls, table: Table, columns: Sequence[str], kept: Rows, *, sparing: bool = False) -> "Groups":
        """Groups by the values of one column or several.

        Raises:
            CurveError: no row has a label, unless that is to be spared.
        """
        if not columns:
            return cls([None], np.zeros(table.n, np.intp))
        texts = [table.columns[name].texts() for name in columns]
        keys = [t if len(texts) == 1 else None for t in texts[0]] if len(texts) == 1 else list(zip(*texts, strict=True))
        index: dict[object, int] = {}
        codes = np.fromiter((index.setdefault(key, len(index)) for key in keys), np.intp, len(keys))
        without = [i for key, i in index.items() if _unlabelled(key)]
        lost = np.isin(codes, without) if without else np.zeros(len(codes), bool)
        if not (kept & ~lost).any() and not sparing:
            raise CurveError(
                f"expected names of curves in {option('group', ','.join(columns))}, got only empty cells "
                f"({table.origin}). Name another column."
            )
        present = np.unique(codes[kept & ~lost])
        labels = list(index)
        place = np.full(len(labels), -1, np.intp)
        place[present] = np.arange(len(present))
        unlabelled = int((lost & kept).sum()), columns[0]
        return cls(_labels([labels[i] for i in present], columns), place[codes], unlabelled, tuple(columns))

    def curves(
        self,
        table: Table,
        xs: Floats,
        ys: Floats,
        good: Rows,
        whys: Iterable[tuple[Rows, str]],
        notes: tuple[Caveat, ...],
        beside: Curves,
        *,
        x_name: str,
        y_name: str,
        measure: Measure,
    ) -> dict[str, Curve]:
        """A Curve a group, from its good rows; why the others are not is a note of the group's own.

        Raises:
            CurveError: no group has a usable row, or one makes no curve; if sparing, such groups are left out.
        """
        dropped = _dropped(self.codes, len(self.names), whys)
        rows = np.flatnonzero(good)
        order = rows[np.argsort(self.codes[rows], kind="stable")]
        ends = np.searchsorted(self.codes[order], np.arange(len(self.names) + 1))
        own = _about_labels(self.unlabelled)
        out: dict[str, Curve] = {}
        for i, name in enumerate(self.names):
            mine = order[ends[i] : ends[i + 1]]
            key = "curve" if name is None else name
            if len(mine) == 0:
                beside.left_out[key] = f"expected rows of '{key}', got no usable row{dropped[i]}."
                continue
            said = (*notes, *own, *((Caveat("dropped_rows", dropped[i][2:] + "."),) if dropped[i] else ()))
            own = ()
            try:
                out[key] = Curve(
                    xs[mine], ys[mine], x_name=x_name, y_name=y_name, name=name, caveats=said, measure=measure
                )
            except CurveError as error:
                if not beside.sparing:
                    raise
                beside.left_out[key] = str(error)
        if not out and not beside.sparing:
            raise CurveError(
                f"expected at least one usable row, got none ({table.origin}{dropped[0]}). "
                f"Check columns '{x_name}' and '{y_name}'."
            )
        return out


def refuse_pooled(
    table: Table, x: str, xs: Floats, ys: Floats, good: Rows, split: Groups, pooled: bool
) -> tuple[Caveat, ...]:
    """Repeated x beside a column that tells the repetitions apart: several curves in one.

    Refused where the column does so throughout, said where it does for most; seeds, ids and clocks do not count.
    """
    rows = _some_places(np.flatnonzero(good), xs)
    if len(rows) < 4 or pooled:
        return ()
    base = _paired(split.codes[rows], np.unique(xs[rows], return_inverse=True)[1])
    n_base = int(base.max()) + 1
    if n_base == len(rows):
        return ()
    values = _paired(base, np.unique(ys[rows], return_inverse=True)[1])
    if int(values.max()) + 1 == n_base:  # copies of rows, no other readings
        return ()
    candidates = [
        name for name in table.columns if name != x and not is_measure(name) and not says(name, SEEDS | CLOCKS)
    ]
    found = {
        name: part
        for name in candidates[:_MOST_CANDIDATES]
        if (part := _separates(table.columns[name], rows, base, n_base, split.codes[rows], ys[rows])) is not None
    }
    if not found:
        return ()
    best = min(found, key=lambda name: found[name][0])
    left, examples = found[best]
    texts = [name for name in found if not table.columns[name].is_numeric]
    names = [best] if left == 0 or len(texts) < 2 else texts
    cure = _cure(names, examples, split)
    shown = " and ".join(f"'{e}'" for e in examples[:2])
    if left == 0 or texts:
        kind = "text column" if best in texts else "column"
        raise CurveError(
            f"expected one curve, got repeated {x} beside the {kind} '{best}' with values such as {shown} "
            f"({table.origin}). {cure}"
        )
    return (Caveat("pooled_curves", f"repeated {x} beside '{best}' ({shown}): several curves may lie in one. {cure}"),)


def starts_again(table: Table, x: str, xs: Floats, ys: Floats, good: Rows, split: Groups) -> tuple[Caveat, ...]:
    """What is said of steps that rise, fall back and rise again over the same places: runs below one another, or one
    that was resumed. Where a column of seeds stands beside them, nothing is."""
    if not says(x, STEPS | {"epoch", "epochs"}) or any(says(name, SEEDS) for name in table.columns):
        return ()
    rows = np.flatnonzero(good)
    rows = rows[np.argsort(split.codes[rows], kind="stable")]
    same, step = np.diff(split.codes[rows]) == 0, np.diff(xs[rows])
    back = np.flatnonzero(same & (step < 0))
    ends = np.flatnonzero(~same | (step < 0)) + 1
    if not len(back) or (same & (step == 0)).any() or np.diff([0, *ends, len(rows)]).min() < 3:
        return ()
    places = _paired(split.codes[rows], np.unique(xs[rows], return_inverse=True)[1])
    readings = _paired(places, np.unique(ys[rows], return_inverse=True)[1])
    if not places.max() + 1 < len(rows) or readings.max() == places.max():
        return ()
    i, n = back[0], len(back)
    first = f"from {xs[rows[i]]:g} to {xs[rows[i + 1]]:g} (row {rows[i + 1] + 1})"
    said = f"{x} falls back {first if n == 1 else f'{n} times, first {first}'}: runs below one another, or one resumed?"
    return (Caveat("starts_again", f"{said} Readings at the same {x} are taken as repetitions."),)


def _some_places(rows: Codes, xs: Floats) -> Codes:
    """Rows of a long table at some of its x, all rows of each: enough to see what tells repetitions apart."""
    if len(rows) <= _MANY_ROWS:
        return rows
    places = np.unique(xs[rows])
    n = max(5, len(places) * _MANY_ROWS // len(rows))
    return rows[np.isin(xs[rows], places[:: max(1, len(places) // n)])]


def mixed_states(table: Table, good: Rows, split: Groups) -> tuple[Caveat, ...]:
    """What is said of runs that have ended otherwise than well, where a column of states stands beside the readings."""
    for name, column in table.columns.items():
        if pieces(name)[-1:] not in (["state"], ["status"]) or column.is_numeric:
            continue
        texts = column.texts()
        found = Counter(texts[i].lower() for i in np.flatnonzero(good))
        if len(found) < 2 or not STATES.issuperset(found) or name in split.columns:
            continue
        usual = next((s for s in ("finished", "complete", "completed", "done") if s in found), max(found))
        other = ", ".join(f"{n} '{state}'" for state, n in found.items() if state != usual)
        text = f"{name} is not '{usual}' everywhere: {other}. Choose rows with {option('where', f'{name} = {usual}')}."
        return (Caveat("mixed_states", text),)
    return ()


def _separates(
    column: Column, rows: Codes, base: Codes, n_base: int, group: Codes, ys: Floats
) -> tuple[int, list[str]] | None:
    """How many repetitions of x a column leaves untold (where it tells most of them, or is text), and some values."""
    n = len(rows)
    if column.is_numeric:
        values = column.numbers[rows]
        if np.isnan(values).any() or np.array_equal(values, ys):
            return None
        levels, codes = np.unique(values, return_inverse=True)
        names = [f"{v:.15g}" for v in levels[:2]]
    else:
        texts = column.texts()
        index: dict[str, int] = {}
        codes = np.fromiter((index.setdefault(texts[i], len(index)) for i in rows), np.intp, n)
        names = list(index)[:2]
    n_levels = int(codes.max()) + 1
    if not 1 < n_levels <= (n // 2 if column.is_numeric else n - 1):
        return None
    both = _paired(base, codes)
    n_both = int(both.max()) + 1
    mixed = int(_paired(group, codes).max()) + 1
    if mixed <= int(group.max()) + 1:  # the group says it already
        return None
    x_of_level = n_both / mixed
    left, before = n - n_both, n - n_base
    if x_of_level < (1.5 if column.is_numeric else 1.0):
        return None
    if column.is_numeric and left == 0 and np.bincount(codes).min() < 2:
        left = 1  # a value of its own on some row is a reading rather than a setting
    enough = left <= before / 2 or _explains(base, codes, ys) if column.is_numeric else left < before
    return (left, names) if enough else None


def _explains(base: Codes, codes: Codes, ys: Floats) -> bool:
    """Whether the levels of a column explain most of the spread of y at one x (seeds apart)."""
    rest = ys - (np.bincount(base, ys) / np.bincount(base))[base]
    means = np.bincount(codes, rest) / np.bincount(codes)
    return bool((means[codes] ** 2).sum() > 0.6 * (rest**2).sum())


def _cure(names: list[str], examples: list[str], split: Groups) -> str:
    if any(e.lower() in STATES for e in examples):
        return f"Choose rows with {option('where', f'{names[0]} = {examples[0]}')}."
    if split.names == [None]:
        return (
            f"Separate the curves with {option('group', ','.join(names))}, or pool them with {option('group', 'none')}."
        )
    return f"Add '{names[0]}' to the columns of {option('group')}."


def _paired(a: Codes, b: Codes) -> Codes:
    """Codes of the pairs of two codes."""
    return cast("Codes", np.unique(a.astype(np.int64) * (int(b.max()) + 1) + b, return_inverse=True)[1])


def _unlabelled(key: object) -> bool:
    parts = key if isinstance(key, tuple) else (key,)
    return any(str(part).lower() in _UNLABELLED for part in parts)


def _labels(keys: list[object], columns: Sequence[str]) -> list[str | None]:
    """Names of groups: the value, or the values joined; spelt out with their columns where two would be alike."""
    plain = ["/".join(key) if isinstance(key, tuple) else str(key) for key in keys]
    if len(set(plain)) == len(plain):
        return list(plain)
    # every key is a tuple here: two labels can be alike only where several columns make them
    return [", ".join(f"{c}={v}" for c, v in zip(columns, key, strict=True)) for key in keys]  # type: ignore[call-overload]


def _about_labels(unlabelled: tuple[int, str]) -> tuple[Caveat, ...]:
    n, column = unlabelled
    if not n:
        return ()
    return (Caveat("unlabelled_rows", f"{count(n, 'row')} without a '{column}' left out."),)


def _dropped(codes: Codes, n_groups: int, whys: Iterable[tuple[Rows, str]]) -> list[str]:
    """For each group ': 3 rows left out (2 without a loss, 1 at step 0)', or nothing."""
    counts = [(np.bincount(codes[rows & (codes >= 0)], minlength=n_groups), why) for rows, why in whys if rows.any()]
    if not counts:
        return [""] * n_groups
    total = np.sum([c for c, _ in counts], axis=0)
    out = []
    for i in range(n_groups):
        parts = ", ".join(f"{c[i]} {why}" for c, why in counts if c[i])
        out.append(f": {count(int(total[i]), 'row')} left out, {parts}" if total[i] else "")
    return out
