"""Rows of plain values as CSV or JSON text, and repeated sentences gathered, for every command alike."""

import csv
import io
import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import Caveat
from ..version import __version__


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """CSV with a header made of every key, in order of first appearance; what a row lacks stays empty."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def json_text(content: Mapping[str, Any]) -> str:
    """Strict JSON that opens with our version; a number that is not finite becomes null."""
    body = {"forescale": __version__, **content}
    return json.dumps(_plain(body), indent=1, ensure_ascii=False, allow_nan=False)


def gathered(texts: Iterable[tuple[str, str | None]], limit: int = 3) -> list[str]:
    """(text, group) pairs as one line for each text, naming the first groups that share it."""
    seen: dict[str, list[str]] = {}
    for text, group in texts:
        seen.setdefault(text, []).extend([group] if group else [])
    return [f"{text}{_where(groups, limit)}" for text, groups in seen.items()]


def print_warnings(caveats: Iterable[tuple[Caveat, str | None]]) -> None:
    """(caveat, group) pairs on standard error: each distinct one once, naming the groups that share it."""
    for line in gathered((f"warning: {caveat}", group) for caveat, group in caveats):
        print(line, file=sys.stderr)


def caveat_objects(caveats: Iterable[Caveat]) -> list[dict[str, str]]:
    """Caveats as JSON objects {"code", "message"}."""
    return [{"code": c.code, "message": c.message} for c in caveats]


def _where(groups: list[str], limit: int) -> str:
    named = list(dict.fromkeys(groups))
    if not named:
        return ""
    more = f" and {len(named) - limit} more" if len(named) > limit else ""
    return f" ({', '.join(named[:limit])}{more})"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
