"""No row lost, made or changed: what was read against what was written, without any reader.

Each row of the file says which numbers its cells may mean. What was read must be rows of the file, each once, and no
row whose cells are all plain may be missing, unless its curve is too short or its label is blank and that was said.
"""

import re
from collections import Counter, defaultdict
from itertools import product

import forescale as fs

from .fuzz_tables import Row

TELLS = ("unlabelled_rows", "short_group")
"""Caveats that account for plain rows which are not there."""
Point = tuple[str, float, float]
_COLOUR = re.compile("(\x1b\\[|\x9b)[0-9;]*[A-Za-z]")


def changed(rows: tuple[Row, ...], found: dict[str, fs.Curve], grouped: bool) -> list[str]:
    """What differs, in words."""
    shift = 1.0 if any(w.code == "shifted_x" for c in found.values() for w in c.caveats) else 0.0
    points = ((name, c.x.tolist(), c.y.tolist()) for name, c in found.items())
    read = Counter(_point(n if grouped else "", a, b) for n, x, y in points for a, b in zip(x, y, strict=True))
    wrong = _made(rows, read, grouped, shift)
    return wrong or _lost(rows, read, found, grouped, shift)


def _point(label: str, x: float, y: float) -> Point:
    """A point to nine digits, under a label without blanks and what no reader need keep: colours, control signs."""
    seen = "".join(c for c in _COLOUR.sub("", label) if c.isprintable() and not c.isspace())
    return seen, float(f"{x:.9g}"), float(f"{y:.9g}")


def _meanings(row: Row, grouped: bool, shift: float) -> list[Point]:
    if not row.whole:  # a short row may stand for what its cells say, where these are the numbers
        return []
    return [_point(row.label if grouped else "", x + shift, y) for x, y in product(row.x[1], row.y[1])]


def _made(rows: tuple[Row, ...], read: Counter[Point], grouped: bool, shift: float) -> list[str]:
    """Points that no row says, or that fewer rows say: plain rows are taken first."""
    left, options = Counter(read), defaultdict(list)
    for i, row in enumerate(rows):
        points = _meanings(row, grouped, shift)
        if row.sure and len(points) == 1:
            left[points[0]] -= left[points[0]] > 0
        else:
            for point in points:
                options[point].append(i)
    used: set[int] = set()
    for point, n in left.items():
        free = [i for i in options[point] if i not in used][:n]
        used.update(free)
        if len(free) < n:
            return [f"{point} was read {read[point]} times, more often than it was written"]
    return []


def _lost(
    rows: tuple[Row, ...], read: Counter[Point], found: dict[str, fs.Curve], grouped: bool, shift: float
) -> list[str]:
    """Plain rows that are not there, of curves that are long enough."""
    short = _short(rows)
    told = any(w.code in TELLS for c in found.values() for w in c.caveats)
    wanted: Counter[Point] = Counter()
    for row in rows:
        excused = told and grouped and (row.label in short or not _named(row.label))
        points = _meanings(row, grouped, shift) if row.sure and not excused else []
        if len(points) == 1:
            wanted.update(points)
        elif points and not any(read[p] for p in points):
            return [f"{points[0]} was written and not read"]
    return [f"{point} was written {wanted[point]} times, read {read[point]}" for point in list(wanted - read)[:1]]


def _named(label: str) -> bool:
    return label.strip().lower() not in ("", "nan", "none", "null")


def _short(rows: tuple[Row, ...]) -> set[str]:
    """Labels of curves with fewer than three plain rows at different x."""
    seen: dict[str, set[float]] = defaultdict(set)
    for row in rows:
        seen[row.label] |= set(row.x[1][:1]) if row.sure else set()
    return {label for label, x in seen.items() if len(x) < 3}
