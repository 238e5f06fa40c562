"""Training logs as text: lines of `name: number`, `name=number` or `name number`, one row a line."""

import re

from ...errors import Caveat, CurveError
from ..words import RESOURCES, says
from .base import Reader, Source, Table

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_PAIR = re.compile(
    r"(?<![\w.])['\"]?(?P<name>(?:(?:train|training|val|valid|validation|test|eval|dev|avg|mean|total)\s)?"
    r"[A-Za-z][\w/.@-]*?)['\"]?(?:\s*[:=]\s*|\s+)[\[('\"]{0,2}"
    rf"(?P<value>{_NUMBER}|nan|[-+]?inf)(?P<scale>[kMBT](?![A-Za-z]))?(?![\w.-]|:\d)",
    re.IGNORECASE,
)
_ROUND = re.compile(r"\s*\[(\d+)\]\s")
_SKIPPED = re.compile(r"^\W*\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,\d]*\S*")
"""A time stamp that opens a line."""


class Log(Reader):
    """Lines that a training script printed."""

    name = "text logs"

    def can_read(self, source: Source) -> bool:
        if not source.lines:
            return False
        pairs = [len(_pairs(line)) for line in source.lines]
        share = sum(n >= 2 for n in pairs) / len(pairs)
        return share >= 0.6 or (share >= 0.2 and source.suffix in (".log", ".out", ".err", ".txt"))

    def read(self, source: Source) -> Table:
        records, n_lines = [], 0
        under: dict[str, object] = {}  # a line "Epoch 1/3" counts for those below it
        for line in (source.text or "").replace("\r", "\n").split("\n"):
            if line.strip():
                n_lines += 1
                found = _pairs(line)
                if len(found) >= 2:
                    records.append(under | found)
                elif len(found) == 1 and says(next(iter(found)), RESOURCES):
                    under = found
        if not records:
            raise CurveError(
                f"expected lines of name and number such as 'step 100 loss 2.31', got none ({source.origin}). "
                "Write a CSV with a column for each."
            )
        text = f"read a text log: {len(records)} of {n_lines} lines hold names and numbers."
        return Table.of_records(records, source.origin, notes=(Caveat("read_from", text),))


def _pairs(line: str) -> dict[str, object]:
    """Names and numbers of a line, as text; the first of a name that comes twice."""
    found: dict[str, object] = {}
    if counted := _ROUND.match(line):  # boosting: [0]  train-rmse:1.2
        found["round"] = counted[1]
    for pair in _PAIR.finditer(_SKIPPED.sub("", line)):
        found.setdefault(" ".join(pair["name"].split()), pair["value"] + (pair["scale"] or ""))
    return found
