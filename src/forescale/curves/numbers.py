"""Numbers as people write them: 7B, 1.4 T, 3e20, 1,000,000, 4,31, 31.2%, 2.5e9 tokens."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import CurveError
from ..numerics import Floats

_SCALES = {
    "k": 1e3, "thousand": 1e3,
    "m": 1e6, "mn": 1e6, "million": 1e6, "millions": 1e6,
    "b": 1e9, "bn": 1e9, "g": 1e9, "billion": 1e9, "billions": 1e9,
    "t": 1e12, "tn": 1e12, "trillion": 1e12, "trillions": 1e12,
    "p": 1e15,
}  # fmt: skip
BLANKS = frozenset({"", "-", "--", "–", "—", "n/a", "#n/a", "n.a.", "na", "<na>", "none", "null"})
"""Cells that hold nothing, in lower case; `nan` is none of them: it is what a diverged run writes."""

_PLAIN = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_LEADING = r"[1-9]\d{0,2}"  # 0,412 has a decimal comma
_GROUPED = (
    rf"{_LEADING}(?:,\d{{3}})+(?:\.\d+)?|{_LEADING}(?:[ ']\d{{3}})+(?:[.,]\d+)?"
    rf"|{_LEADING}(?:\.\d{{3}})+,\d+|{_LEADING}(?:\.\d{{3}}){{2,}}"
)
_COMMA = r"\d+,\d+(?:[eE][+-]?\d+)?"
_POWER = rf"(?:(?P<factor>{_PLAIN})\s*[x*·]\s*)?(?P<base>\d+)\s*(?:\^|\*\*)\s*(?P<power>[+-]?\d+(?:\.\d+)?)"
_WRITTEN = re.compile(
    rf"[~≈]?\s*(?P<sign>[+-]?)\s*[$€£]?\s*(?:{_POWER}|(?P<grouped>{_GROUPED})|(?P<comma>{_COMMA})|(?P<plain>{_PLAIN}))"
    r"(?:\s*(?P<scale>[A-Za-z]+))?(?:\s+(?P<unit>[A-Za-z]{2,}))?\s*%?"
)
_LOOKS = str.maketrans(
    {
        "−": "-",
        "\u00a0": " ",
        "\u2009": " ",
        "\u202f": " ",
        "’": "'",
        "×": "x",
        "_": "",
    }
)

_SPREAD = re.compile(r"(?<=[\w%.])\s*(?:±|\+/-|\+-).*$|(?<=[\d%])\s*\(\d[\d.,]*%?\)$")
"""What follows a number and says how sure it is: 2.31 ± 0.02, 2.31(2), 2.31 (0.02)."""
_RAISED = re.compile("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_RAISED_DIGITS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def parse_number(cell: object, *, decimal_comma: bool = False) -> float:
    """A number as people write it; the per cent sign, a spread after ± and a unit after a space are left aside.

    Args:
        cell: text or a number.
        decimal_comma: read `1,234` as 1.234; otherwise as 1234 (`4,31` is 4.31 either way).

    Raises:
        ValueError: it is none, or a truth value.
    """
    if isinstance(cell, bool | np.bool_):
        raise ValueError(f"{cell} is a truth value")
    if isinstance(cell, int):
        return _float_of_int(cell)
    if not isinstance(cell, str):
        return float(cell if isinstance(cell, float | np.number) else str(cell))
    plain = cell.strip().replace("_", "")
    try:
        if not decimal_comma or "," not in plain:
            return float(plain)
    except ValueError:
        pass
    raised = _RAISED.sub(lambda found: "^" + found[0].translate(_RAISED_DIGITS), cell.translate(_LOOKS))
    text = _SPREAD.sub("", raised.strip())
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(f"{cell!r} is no number")
    scale, unit = found["scale"], found["unit"]
    if scale is not None and scale.lower() not in _SCALES:
        if unit is not None or len(scale) < 2 or text[found.start("scale") - 1] != " ":
            raise ValueError(f"{cell!r} is no number")
        scale = None  # a unit, such as the tokens of "2.5e9 tokens"
    value = _value(found, decimal_comma)
    return (-value if found["sign"] == "-" else value) * (1.0 if scale is None else _SCALES[scale.lower()])


def _value(found: re.Match[str], decimal_comma: bool) -> float:
    if found["base"] is not None:
        try:
            return float(float(found["factor"] or 1) * float(found["base"]) ** float(found["power"]))
        except OverflowError:
            return np.inf
    if found["plain"] is not None:
        return float(found["plain"])
    text = found["grouped"] or found["comma"]
    dotted = "." in text
    if found["comma"] is not None or (decimal_comma and text.count(",") == 1 and not dotted):
        return float(text.replace(",", "."))
    if text.rfind(",") > text.rfind(".") and (dotted or "'" in text or " " in text):  # 1.234,5 and 1 234,5
        return float(re.sub(r"[.' ]", "", text).replace(",", "."))
    if text.count(".") > 1:  # 1.234.567
        return float(text.replace(".", ""))
    return float(re.sub(r"[,' ]", "", text))


def _float_of_int(cell: int) -> float:
    try:
        return float(cell)
    except OverflowError:
        return np.inf if cell > 0 else -np.inf


def reads_as_number(cell: object) -> bool:
    """Whether a cell is a number as people write it."""
    try:
        parse_number(cell)
    except (TypeError, ValueError):
        return False
    return True


def is_blank(cell: object) -> bool:
    """Whether a cell holds nothing."""
    return cell is None or (isinstance(cell, str) and cell.strip().lower() in BLANKS) or str(cell) in ("<NA>", "NaT")


def positive_numbers(values: ArrayLike, axis: str, where: str, *, least: float | None = 0.0) -> Floats:
    """One column as a new float64 array (n,), every value positive and finite.

    Args:
        values: 1-D; numbers, or text such as "7B".
        axis, where: what they are and whose, for the error.
        least: every value lies above it; None where any finite one will do.

    Raises:
        CurveError: not 1-D, not numbers, masked, or a value that is not positive and finite (naming its row).
    """
    masked = np.flatnonzero(np.ma.getmaskarray(values)) if isinstance(values, np.ma.MaskedArray) else ()
    if len(masked):
        raise CurveError(
            f"expected a value in every row of {axis}, got a masked one ({where}, {some(np.asarray(masked))}). "
            "Remove the masked rows first, such as with x[~y.mask]."
        )
    try:
        array = np.asarray(values)
    except ValueError:
        raise CurveError(f"expected 1-D {axis} values, got a ragged list ({where}). Pass one column.") from None
    if array.ndim != 1:
        raise CurveError(f"expected 1-D {axis} values, got shape {array.shape} ({where}). Pass one column.")
    if array.dtype.kind not in "fiu":
        try:
            array = np.array([parse_number(v) for v in array.tolist()], np.float64)
        except (TypeError, ValueError):
            raise CurveError(
                f"expected numbers in {axis}, got {array.tolist()[:3]} ({where}). Use numbers such as 3e20 or 7B."
            ) from None
    array = array.astype(np.float64)
    if array.size and least is not None and array.min() > least and array.max() < np.inf:  # NaN is not above it
        return array
    bad = np.flatnonzero(~np.isfinite(array) if least is None else ~(np.isfinite(array) & (array > least)))
    if len(bad):
        asked = "finite" if least is None else "positive, finite"
        raise CurveError(
            f"expected {asked} {axis}, got {array[bad[0]]:g} ({where}, {some(bad)}). Remove such values first."
        )
    return array


SPAN = 1e100
"""Values of a column, and targets, may lie this factor apart: powers of such ratios are still numbers."""


def check_span(values: Floats, axis: str, where: str) -> None:
    """Refuse values, positive where they are not 0, that lie too far apart for arithmetic in float64.

    Raises:
        CurveError: naming the two ends.
    """
    if values.size and float(values.max()) < 1e-9 * SPAN * float(values.min()):  # all positive, and far from it
        return
    sizes = np.abs(values[values != 0])
    if sizes.size and float(np.log(sizes.max()) - np.log(sizes.min())) > np.log(SPAN):
        raise CurveError(
            f"expected {axis} within a factor of {SPAN:g} of one another, got {sizes.min():.4g} to {sizes.max():.4g} "
            f"({where}). Check the column and its unit."
        )


def count(n: int, noun: str) -> str:
    """'1 row', '3 rows'."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def some(rows: "NDArray[np.intp] | Sequence[int]", limit: int = 5) -> str:
    """Row numbers, counted from 1, for an error message: 'row 3', 'rows 3, 7, 12 and 40 more'."""
    rows = np.asarray(rows) + 1
    head = ", ".join(str(i) for i in rows[:limit])
    more = f" and {len(rows) - limit} more" if len(rows) > limit else ""
    return f"row{'s' if len(rows) > 1 else ''} {head}{more}"
