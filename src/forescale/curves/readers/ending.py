"""Where a file breaks off: a run still writes it, or it was copied in part."""

import re
from collections.abc import Sequence

from ...errors import Caveat

_NUMBER = re.compile(r"[-+]?\d+(?:(?P<point>\.)(?P<digits>\d*))?(?:[eE](?P<power>[-+]?\d+))?")


def left_out(line: str) -> Caveat:
    """What is said of a last line that was not whole."""
    return Caveat("truncated_log", f"the file breaks off in its last line, '{line.strip()[:40]}': left out.")


def doubted(text: str, last: str, others: Sequence[str]) -> tuple[Caveat, ...]:
    """What is said where a text without a last line break ends in a number with fewer digits than all others have.

    Args:
        text: the whole of it.
        last: its last number, as it stands.
        others: numbers of the same column.
    """
    if text.endswith(("\n", "\r")) or len(others) < 3:
        return ()
    found, rest = _NUMBER.fullmatch(last.strip()), [_NUMBER.fullmatch(cell.strip()) for cell in others]
    if found is None or None in rest:
        return ()
    point = bool(found["point"]) and not found["digits"]
    fewest = min(_shape(other) for other in rest if other is not None)
    short = (_shape(found)[0] <= fewest[0] - 2 and fewest[0] > 1) or _shape(found)[1] < fewest[1]
    if not (short or (point and fewest[0] > 0)):
        return ()
    said = f"the file ends in '{last.strip()}', without a line break and with fewer digits than the cells above it"
    return (Caveat("truncated_log", f"{said}: it may break off in mid-number. Remove that line if so."),)


def _shape(number: re.Match[str]) -> tuple[int, int]:
    """Digits after the point, and of the exponent."""
    return len(number["digits"] or ""), len((number["power"] or "").lstrip("+-"))
