"""Tables in, curves out: which columns are x, y and the group, and which rows are usable.

Columns are guessed only when one guess fits, and the guess is said.
"""

from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from ..errors import Caveat, CurveError
from ..spelling import checked_keywords, option
from .curve import Curve, count, parse_number, some
from .readers import wandb
from .readers.files import Table, listed, load, reads_as_number

_X_WORDS = (
    "tokens", "examples", "samples", "images", "steps", "step", "iterations", "iteration", "epochs", "epoch",
    "flops", "flop", "compute", "params", "parameters", "size", "width", "n_embd", "x",
)  # fmt: skip
_Y_WORDS = ("loss", "error", "perplexity", "ppl", "nll", "bpb", "bpc", "wer", "cer", "mse", "rmse", "y")
_MISSING = {"", "nan", "na", "<na>", "n/a", "null", "none"}


class Columns(TypedDict, total=False):
    """How a table is read: the keywords of `read_curves`, and of every function that takes a table."""

    x: str | None
    y: str | None
    group: str | None
    drop_bad: bool


@checked_keywords
def read_curves(
    source: Any,
    x: str | None = None,
    y: str | None = None,
    group: str | None = None,
    *,
    drop_bad: bool = False,
) -> dict[str, Curve]:
    """Read one curve, or one for each value of `group`.

    Args:
        source: a path (.csv, .tsv, .jsonl, .parquet; "-" is standard input) or a data frame (pandas, polars, Arrow).
        x, y: column names; guessed where left out and only one guess fits.
        group: column whose values name the curves.
        drop_bad: drop rows with an empty, non-finite or non-positive x or y instead of refusing them.

    Returns:
        dict name -> Curve; the single key is "curve" when there is no group.

    Raises:
        CurveError: unreadable source, missing or ambiguous columns, or unusable cells (naming their rows).
    """
    table, origin = load(source)
    caveats: tuple[Caveat, ...] = ()
    if wandb.is_chart(table):
        table, x, y, group = wandb.from_chart(table, x, y, group)
        drop_bad = True
    elif wandb.is_history(table):
        drop_bad = True
    for name in (x, y, group):
        if name is not None and name not in table:
            raise CurveError(f"expected a column '{name}' in {origin}, got {listed(table)}. Name one of these columns.")
    x, y, guess = _guess_columns(table, x, y, group, origin)
    if guess:
        caveats = (Caveat("guessed_columns", guess),)
    return _split(table, x, y, group, drop_bad, caveats, origin)


def _split(
    table: Table, x: str, y: str, group: str | None, drop_bad: bool, caveats: tuple[Caveat, ...], origin: str
) -> dict[str, Curve]:
    xs, ys = _numeric(table, x, origin, drop_bad), _numeric(table, y, origin, drop_bad)
    good = np.isfinite(xs) & np.isfinite(ys) & (xs > 0) & (ys > 0)
    if not good.all() and not drop_bad:
        bad = np.flatnonzero(~good)
        raise CurveError(
            f"expected positive, finite {x} and {y}, got {x}={xs[bad[0]]:g}, {y}={ys[bad[0]]:g} "
            f"({origin}, {some(bad)}). Remove these rows, or drop them with {option('drop_bad', True)}."
        )
    names = None if group is None else np.array([str(v) for v in table[group]])
    if group is None and len(np.unique(xs[good])) < good.sum():
        _refuse_hidden_groups(table, x, y, origin)
    curves: dict[str, Curve] = {}
    for name in [None] if names is None else list(dict.fromkeys(names.tolist())):
        rows = np.ones(len(xs), bool) if name is None else names == name
        notes = caveats
        dropped = int((rows & ~good).sum())
        if dropped:
            text = f"{count(dropped, 'row')} without a positive, finite {x} and {y} dropped."
            notes = (*notes, Caveat("dropped_rows", text))
        if not (rows & good).any():
            where = f"group '{name}'" if name is not None else origin
            raise CurveError(f"expected at least one usable row, got none ({where}). Check columns '{x}' and '{y}'.")
        key = "curve" if name is None else name
        curves[key] = Curve(xs[rows & good], ys[rows & good], x_name=x, y_name=y, name=name, caveats=notes)
    return curves


def read_columns(source: Any, names: dict[str, str]) -> dict[str, NDArray[np.float64]]:
    """Several numeric columns at once, for joint laws: role -> column name in, role -> values (n,) out.

    Raises:
        CurveError: a missing column, or a cell that is not a positive, finite number (naming its row).
    """
    table, origin = load(source)
    out: dict[str, NDArray[np.float64]] = {}
    for role, name in names.items():
        if name not in table:
            raise CurveError(
                f"expected a column '{name}' ({role}) in {origin}, got {listed(table)}. Name one of these."
            )
        values = _numeric(table, name, origin, False)
        bad = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
        if len(bad):
            raise CurveError(
                f"expected positive, finite {name}, got {values[bad[0]]:g} ({origin}, {some(bad)}). Remove these rows."
            )
        out[role] = values
    return out


def _numeric(table: Table, name: str, origin: str, lenient: bool) -> NDArray[np.float64]:
    """A column as float64, with NaN for an empty cell; a cell of text is refused, naming its row."""
    column = table[name]
    if isinstance(column, np.ndarray) and column.dtype.kind in "fiu":
        return column.astype(np.float64)
    out = np.empty(len(column))
    for i, cell in enumerate(column):
        if cell is None or str(cell).strip().lower() in _MISSING:
            out[i] = np.nan
            continue
        try:
            out[i] = parse_number(cell)
        except ValueError:
            if not lenient:
                raise CurveError(
                    f"expected a number in '{name}', got '{cell}' ({origin}, row {i + 1}). "
                    f"Write numbers such as 1.5, 3e20 or 7B, or drop such rows with {option('drop_bad', True)}."
                ) from None
            out[i] = np.nan
    return out


def _is_numeric(table: Table, name: str) -> bool:
    """Whether the filled cells of a column are numbers: judged on the first hundred."""
    column = table[name]
    if isinstance(column, np.ndarray):
        return column.dtype.kind in "fiu"
    filled = [c for c in column[:100] if c is not None and str(c).strip().lower() not in _MISSING]
    return 2 * sum(map(reads_as_number, filled)) > len(filled)


def _guess_columns(
    table: Table, x: str | None, y: str | None, group: str | None, origin: str
) -> tuple[str, str, str | None]:
    """x, y and the sentence that says what was guessed (None where nothing was)."""
    if x is not None and y is not None:
        return x, y, None
    free = [name for name in table if name not in (x, y, group) and _is_numeric(table, name)]
    ys = [name for name in free if _has_word(name, _Y_WORDS)]
    xs = [name for name in free if _has_word(name, _X_WORDS) and name not in ys]
    if not ys and (x or xs):  # the name says nothing, but it is all that is left
        ys = [name for name in free if name not in xs]
    if not xs and (y or ys):
        xs = [name for name in free if name not in ys]
    for axis, given, fits in (("x", x, xs), ("y", y, ys)):
        if given is None and len(fits) != 1:
            got = f"{len(fits)} that fit: {listed(fits)}" if fits else f"none that fits among {listed(table)}"
            raise CurveError(f"expected one column for {axis} in {origin}, got {got}. Name it with {option(axis)}.")
    guess_x, guess_y = x or xs[0], y or ys[0]
    said = [f"{axis} from '{n}'" for axis, given, n in (("x", x, guess_x), ("y", y, guess_y)) if given is None]
    return guess_x, guess_y, f"read {' and '.join(said)}; name other columns with {option('x')} and {option('y')}."


def _has_word(name: str, words: tuple[str, ...]) -> bool:
    pieces = "".join(c if c.isalnum() else " " for c in name.lower()).split()
    return any(word in pieces or (len(word) > 3 and word in name.lower()) for word in words)


def _refuse_hidden_groups(table: Table, x: str, y: str, origin: str) -> None:
    """Repeated x beside a text column whose values repeat too: several curves in one table."""
    for name in table:
        if name in (x, y) or _is_numeric(table, name):
            continue
        values = list(dict.fromkeys(str(v) for v in table[name]))
        if 1 < len(values) < len(table[name]):
            raise CurveError(
                f"expected one curve, got repeated {x} beside the text column '{name}' with values such as "
                f"'{values[0]}' and '{values[1]}' ({origin}). Separate the curves with {option('group', name)}."
            )
