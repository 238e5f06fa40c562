"""Tables that were dropped on the page: in memory only, a few of them, each read once."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from ..curves.columns import read_curves
from ..curves.curve import Curve
from ..curves.readers import decoding
from ..curves.readers.base import Source, Table
from ..curves.readers.registry import load, read_one
from ..curves.sources import long_enough
from ..errors import CurveError
from ..joint.table import read_runs_table
from ..pages.page import text

MAX_TABLES, MAX_BYTES = 8, 64_000_000
"""The oldest tables go when there are more of them, or when all of them together are larger."""
SHOWN_COLUMNS = 500
COLUMNS = ("x", "y", "group", "better", "best", "where", "drop_bad")
"""What of a question decides how the table is read."""


@dataclass
class Kept:
    """One table, and the curves that were read from it for the last questions."""

    name: str
    tables: list[tuple[str | None, Table]]
    size: int
    curves: dict[tuple[Any, ...], dict[str, Curve]] = field(default_factory=dict)

    def facts(self, key: str) -> dict[str, Any]:
        """What the page shows of it."""
        first = self.tables[0][1]
        names = [text(name) for name in list(first.columns)[:SHOWN_COLUMNS]]
        numeric = [name for name in names if name in first.columns and first.columns[name].is_numeric]
        guess = {"x": first.x, "y": first.y, "group": first.group}
        return {"table": key, "name": text(self.name), "rows": first.n, "columns": names, "numeric": numeric, **guess}

    def read(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The curves (for `allocate` three columns), as the question wants them read.

        Raises:
            CurveError: as `read_curves`.
        """
        if asked.get("command") == "allocate":
            names = {role: str(asked[role]) for role in ("params", "tokens", "loss") if asked.get(role)}
            runs = read_runs_table(self.tables, **names)
            return {"params": runs.params, "tokens": runs.tokens, "loss": runs.loss, "caveats": runs.caveats}
        how = {name: asked[name] for name in COLUMNS if asked.get(name) not in (None, "", False)}
        key = tuple(sorted((name, str(value)) for name, value in how.items()))
        if key not in self.curves:
            if len(self.curves) > 8:
                self.curves.clear()
            curves, _ = long_enough(read_curves(self.tables, **how))
            self.curves[key] = curves
        return self.curves[key]


class Store:
    """A few tables under keys that cannot be guessed."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def take(self, blob: bytes, name: str) -> dict[str, Any]:
        """Read an upload.

        Raises:
            CurveError: no table in it; whatever was there before stays.
        """
        origin = f"'{text(name)}'"
        plain, suffix = decoding.unpacked(blob, Path(name), origin)
        table = read_one(Source(name, origin, blob=plain, suffix=suffix))
        return self._keep(Kept(name, [(None, table)], len(blob)))

    def open(self, source: str) -> dict[str, Any]:
        """Read a file or folder of this machine, as the shell does."""
        path = Path(source)
        return self._keep(Kept(source, load(source), path.stat().st_size if path.is_file() else 0))

    def __getitem__(self, key: str) -> Kept:
        if key not in self._kept:
            raise CurveError("expected a table that is still in memory, got one that has gone. Drop it again.")
        self._kept.move_to_end(key)
        return self._kept[key]

    def _keep(self, kept: Kept) -> dict[str, Any]:
        key = token_urlsafe(9)
        self._kept[key] = kept
        while len(self._kept) > 1 and (len(self._kept) > MAX_TABLES or self._size > MAX_BYTES):
            self._kept.popitem(last=False)
        return kept.facts(key)

    @property
    def _size(self) -> int:
        return sum(kept.size for kept in self._kept.values())
