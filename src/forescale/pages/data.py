"""A Page for machines: JSON, and CSV with one row for each row of its first table."""

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import Caveat
from ..version import __version__
from .page import Column, Page, Section, Table, percent


def page_json(page: Page, *, ascii_only: bool = False) -> str:
    """{"forescale", facts, tables, sections, "warnings"}; intervals are {"90": [low, high]} everywhere."""
    return json_text(page_object(page), ascii_only=ascii_only)


def page_object(page: Page) -> dict[str, Any]:
    """The content of the JSON. What is said of curves one by one has its warnings there."""
    told = [s for s in page.sections if s.tables or s.facts]
    content: dict[str, Any] = {**page.facts, **_tables(page.tables)}
    if told:
        content[page.key] = [_section_object(s) for s in told]
    if page.caveats or not told:
        content["warnings"] = caveat_objects(page.caveats)
    return content


def page_csv(page: Page) -> str:
    """CSV with a header made of every key, in order of first appearance; what a row lacks or is NaN stays empty."""
    rows = page_rows(page)
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: "" if _is_nan(value) else value for key, value in row.items()} for row in rows)
    return out.getvalue()


def page_rows(page: Page) -> list[dict[str, Any]]:
    """The first table as flat rows: group, cells (an interval as its quantiles), codes of the warnings.

    That of the curves where they have one, else that of the whole.
    """
    found: list[tuple[dict[str, Any], Table, Sequence[Caveat]]]
    found = [({"group": s.name}, table, s.caveats) for s in page.sections for table in s.tables[:1]]
    if not found:
        found = [({}, table, page.caveats) for table in page.tables[:1]]
    rows = []
    for head, table, caveats in found:
        columns = [c for c in table.columns if "c" in c.media and any(c.key in row for row in table.rows)]
        levels = {c.key: table.levels(c) for c in columns if c.holds_intervals}
        codes = ";".join(c.code for c in caveats)
        for row in table.rows:
            flat: dict[str, Any] = dict(head)
            for c in columns:
                value = row.get(c.key)
                flat |= _ends(c.key, value or {}, levels[c.key]) if c.holds_intervals else {c.key: value}
            rows.append(flat | {"warnings": codes})
    return rows


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _ends(key: str, value: Mapping[float, Sequence[float]], levels: Sequence[float]) -> dict[str, float | None]:
    """An interval column as its quantiles, rising."""
    ends: dict[float, float | None] = {}
    for level in levels:
        low, high = value.get(level, (None, None))
        ends |= {(1 - level) / 2: low, (1 + level) / 2: high}
    return {key.removesuffix("intervals") + quantile_name(p): ends[p] for p in sorted(ends)}


def quantile_name(p: float) -> str:
    """Column name of a quantile level: q05, q25, q97.5."""
    whole, point, rest = f"{round(100 * p, 10):.13g}".partition(".")
    return f"q{whole:0>2}{point}{rest}"


def caveat_objects(caveats: Iterable[Caveat]) -> list[dict[str, str]]:
    """Caveats as JSON objects {"code", "message"}."""
    return [{"code": c.code, "message": c.message} for c in caveats]


def json_text(content: Mapping[str, Any], *, ascii_only: bool = False) -> str:
    """Strict JSON that opens with our version; a number that is not finite becomes null, a control sign its code."""
    body = plain({"forescale": __version__, **content})
    written = json.dumps(body, indent=1, ensure_ascii=ascii_only, allow_nan=False)
    return _UNSEEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", written)


_UNSEEN = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""Signs that steer a terminal or turn the direction of what follows; those below a blank json escapes by itself."""


def _section_object(section: Section) -> dict[str, Any]:
    tables = _tables(section.tables)
    return {"group": section.name, **section.facts, **tables, "warnings": caveat_objects(section.caveats)}


def _tables(tables: Iterable[Table]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for t in tables:
        rows = [{c.key: _value(c, row[c.key]) for c in t.columns if _in(c, "j", row)} for row in t.rows]
        if not t.key:
            content |= rows[0]
        elif any(rows):
            content[t.key] = rows
    return content


def _value(column: Column, value: Any) -> Any:
    if column.holds_intervals and value is not None:
        return {percent(level): list(ends) for level, ends in value.items()}
    return value


def _in(column: Column, medium: str, row: Mapping[str, Any]) -> bool:
    return medium in column.media and column.key in row


def plain(value: Any) -> Any:
    """Plain values: NumPy is unpacked, keys are text, a number that is not finite becomes null."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if hasattr(value, "tolist"):  # NumPy
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
