"""Training logs as text: lines of `name: number`, `name=number` or `name number`, one row a line.

A line may be cut at bars (Megatron: `iteration 100/ 5000 | lm loss: 2.3E+00 |`), its indented followers may hold the
rest of its row (OLMo, Composer), a box may hold a row (Stable-Baselines3), and a progress bar counts the steps (tqdm).
"""

import re

from ...errors import Caveat, CurveError
from ..words import RESOURCES, says
from .base import Reader, Source, Table
from .ending import doubted

_GROUPED = r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?(?![\d,])"
_NUMBER = rf"(?:{_GROUPED}|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?!,\d)|nan|[-+]?inf)"
_PAIR = re.compile(
    r"(?<![\w.])['\"]?(?P<name>(?:(?:train|training|val|valid|validation|test|eval|dev|avg|mean|total|[A-Za-z]\w*'s)\s)?"
    r"[A-Za-z][\w/.@-]*?)['\"]?(?:\s*[:=]\s*|\s+)[\[('\"]{0,2}"
    rf"(?P<value>{_NUMBER})(?P<scale>[kMBT](?![A-Za-z]))?(?![\w.-]|:\d)",
    re.IGNORECASE,
)
_ALONE = re.compile(
    rf"\s*(?P<name>[A-Za-z][\w ()/.@%-]*?)\s*[:=]\s*(?P<value>{_NUMBER})(?P<scale>[kMBT])?\s*", re.IGNORECASE
)
"""The same as all of a line, or of what stands between two bars: then a name may have any words."""
_ROUND = re.compile(r"\s*\[(\d+)\]\s")
_BOXED = re.compile(rf"\|\s*(?P<name>[A-Za-z][\w/.-]*)\s*\|\s*(?P<value>{_NUMBER})\s*\|", re.IGNORECASE)
_BAR = re.compile(r"(?:\|\s*|\[\s*)(\d+)/\d+\s*(?:\[[\d:?]|\]|\(\d+%\))")
"""Of a progress bar: `| 10/100 [00:01<`, `[50/7330]`, `[6400/60000 (11%)]`."""
_OF_BAR = "\0step"
_SKIPPED = re.compile(r"^\W*\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,\d]*\S*")
"""A time stamp that opens a line."""


class Log(Reader):
    """Lines that a training script printed."""

    name = "text logs"

    def can_read(self, source: Source) -> bool:
        if not source.lines:
            return False
        share = sum(len(_pairs(line)) >= 2 or _follows(line) for line in source.lines) / len(source.lines)
        return share >= 0.6 or (share >= 0.2 and source.suffix in (".log", ".out", ".err", ".txt"))

    def read(self, source: Source) -> Table:
        records: list[dict[str, object]] = []
        n_lines = n_read = 0
        under: dict[str, object] = {}  # a line "Epoch 1/3" counts for those below it
        row: dict[str, object] = {}  # what indented lines add to
        text = source.text or ""
        for line in text.replace("\r", "\n").split("\n"):
            if not line.strip():
                continue
            n_lines += 1
            found = _pairs(line)
            if _BOXED.fullmatch(line.strip()) or (row and _follows(line)):
                row |= found
            elif len(found) >= 2:
                row = under | found
            elif not found and line.lstrip().startswith("|"):
                continue  # a heading inside a box
            else:
                if found and says(next(iter(found)), RESOURCES):
                    under = found
                row = dict(found)
                continue
            n_read += 1
            if not records or records[-1] is not row:
                records.append(row)
        if not records:
            raise CurveError(
                f"expected lines of name and number such as 'step 100 loss 2.31', got none ({source.origin}). "
                "Write a CSV with a column for each."
            )
        records = _counted(records)
        name, last = list(records[-1].items())[-1]
        ending = doubted(text, str(last), [str(r[name]) for r in records[-20:-1] if name in r])
        told = f"read a text log: {n_read} of {n_lines} lines hold names and numbers."
        return Table.of_records(records, source.origin, notes=(Caveat("read_from", told), *ending))


def _pairs(line: str) -> dict[str, object]:
    """Names and numbers of a line, as text; the first of a name that comes twice."""
    found: dict[str, object] = {}
    if counted := _ROUND.match(line):  # boosting: [0]  train-rmse:1.2
        found["round"] = counted[1]
    line = _SKIPPED.sub("", line)
    if boxed := _BOXED.fullmatch(line.strip()):
        return {boxed["name"]: boxed["value"]}
    for part in line.split("|"):
        alone = _ALONE.fullmatch(part) if "|" in line or _follows(line) else None
        for pair in (alone,) if alone is not None else _PAIR.finditer(part):
            found.setdefault(" ".join(pair["name"].split()), pair["value"] + (pair["scale"] or ""))
    if bar := _BAR.search(line):
        found.setdefault(_OF_BAR, bar[1])
    return found


def _counted(records: list[dict[str, object]]) -> list[dict[str, object]]:
    """The records, the count of a progress bar as their step where nothing else that is spent changes."""
    names = {name for record in records for name in record if name != _OF_BAR and says(name, RESOURCES)}
    if any(len({record.get(name) for record in records}) > 1 for name in names):
        return [{name: value for name, value in record.items() if name != _OF_BAR} for record in records]
    return [{"step" if name == _OF_BAR else name: value for name, value in record.items()} for record in records]


def _follows(line: str) -> bool:
    """Whether a line is indented or boxed and holds one name and its number."""
    return (line[0] in " \t" and _ALONE.fullmatch(line) is not None) or _BOXED.fullmatch(line.strip()) is not None
