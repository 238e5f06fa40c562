"""Tables in, curves out: CSV, TSV, JSON lines, Parquet, data frames and the CSV exports of W&B.

A table is a dict of columns here. Columns are guessed only when one guess fits, and the guess is said.
"""

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .curves import Curve, parse_number, some
from .errors import Caveat, CurveError, MissingExtraError

Table = dict[str, Any]

_X_WORDS = (
    "tokens", "examples", "samples", "images", "steps", "step", "iterations", "iteration", "epochs", "epoch",
    "flops", "flop", "compute", "params", "parameters", "size", "width", "n_embd", "x",
)  # fmt: skip
_Y_WORDS = ("loss", "error", "perplexity", "ppl", "nll", "bpb", "bpc", "wer", "cer", "mse", "rmse", "y")
_MISSING = {"", "nan", "na", "null", "none"}


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
    table, origin = _load(source)
    caveats: tuple[Caveat, ...] = ()
    if _is_wandb(table):
        table, x, y, group = _from_wandb(table, x, y, group)
        drop_bad = True
    for name in (x, y, group):
        if name is not None and name not in table:
            raise CurveError(
                f"expected a column '{name}' in {origin}, got {_listed(table)}. Name one of these columns."
            )
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
            f"({origin}, row {some(bad)}). Remove these rows, or drop them with --drop-bad (drop_bad=True)."
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
            notes = (
                *notes,
                Caveat("dropped_rows", f"{dropped} rows without a positive, finite {x} and {y} were dropped."),
            )
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
    table, origin = _load(source)
    out: dict[str, NDArray[np.float64]] = {}
    for role, name in names.items():
        if name not in table:
            raise CurveError(
                f"expected a column '{name}' ({role}) in {origin}, got {_listed(table)}. Name one of these."
            )
        values = _numeric(table, name, origin, False)
        bad = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
        if len(bad):
            raise CurveError(
                f"expected positive, finite {name}, got {values[bad[0]]:g} ({origin}, row {some(bad)}). Remove these rows."
            )
        out[role] = values
    return out


# --- loading -----------------------------------------------------------------------------------------------------


def _load(source: Any) -> tuple[Table, str]:
    """The columns of a source and how to call it in errors."""
    if not isinstance(source, str | Path):
        return _from_frame(source), "the data frame"
    if str(source) == "-":
        return _parse(sys.stdin.read(), "", "standard input"), "standard input"
    path = Path(source)
    origin = f"'{source}'"
    if path.suffix.lower() in {".parquet", ".pq"}:
        return _read_parquet(path, origin), origin
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise CurveError(f"expected a readable file, got no such file {origin}. Check the path.") from None
    except UnicodeDecodeError:
        raise CurveError(
            f"expected a text table (CSV, TSV, JSON lines) or Parquet, got binary data in {origin}. Export it as CSV."
        ) from None
    except OSError as error:
        raise CurveError(f"expected a readable file, got {error.strerror} for {origin}. Check the path.") from None
    return _parse(text, path.suffix.lower(), origin), origin


def _parse(text: str, suffix: str, origin: str) -> Table:
    if "\x00" in text:
        raise CurveError(f"expected a text table, got binary data in {origin}. Export it as CSV.")
    if not text.strip():
        raise CurveError(f"expected a table with a header, got an empty file ({origin}). Check the export.")
    if suffix in {".jsonl", ".ndjson", ".json"} or text.lstrip()[0] in "{[":
        return _parse_json(text, origin)
    header = text.lstrip().splitlines()[0]
    delimiter = "\t" if suffix == ".tsv" or "\t" in header else ";" if ";" in header and "," not in header else ","
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(cell.strip() for cell in row)]
    names = [cell.strip() for cell in rows[0]]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise CurveError(f"expected distinct column names, got {repeated} twice ({origin}). Rename one.")
    for i, row in enumerate(rows[1:]):
        if len(row) != len(names):
            raise CurveError(
                f"expected {len(names)} cells in a row, got {len(row)} ({origin}, row {i + 1}). Check the delimiter."
            )
    if len(rows) == 1:
        raise CurveError(f"expected rows below the header, got none ({origin}). Check the export.")
    return {name: [row[i] for row in rows[1:]] for i, name in enumerate(names)}


def _parse_json(text: str, origin: str) -> Table:
    try:
        rows = json.loads(text) if text.lstrip()[0] == "[" else [json.loads(s) for s in text.splitlines() if s.strip()]
        names = list(dict.fromkeys(key for row in rows for key in row))
        return {name: [row.get(name) for row in rows] for name in names}
    except (json.JSONDecodeError, TypeError, AttributeError):
        raise CurveError(f"expected one JSON object a line, got something else ({origin}). Check the export.") from None


def _read_parquet(path: Path, origin: str) -> Table:
    try:
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError(
            f"expected the extra [parquet] to read {origin}, got no pyarrow. Run: pip install 'forescale[parquet]'."
        ) from None
    try:
        return _from_frame(pyarrow.parquet.read_table(path))
    except FileNotFoundError:
        raise CurveError(f"expected a readable file, got no such file {origin}. Check the path.") from None
    except (OSError, pyarrow.ArrowException) as error:
        raise CurveError(f"expected a Parquet table, got {str(error).splitlines()[0]} ({origin}).") from None


def _from_frame(frame: Any) -> Table:
    import narwhals as nw

    try:
        table = nw.from_native(frame, eager_only=True)
    except TypeError:
        raise CurveError(
            f"expected a path or a data frame (pandas, polars, Arrow), got {type(frame).__name__}. Pass one of these."
        ) from None
    return {str(name): table[name].to_numpy() if table[name].dtype.is_numeric() else table[name].to_list()
            for name in table.columns}  # fmt: skip


# --- columns -----------------------------------------------------------------------------------------------------


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
                    "Write numbers such as 1.5, 3e20 or 7B, or drop such rows with --drop-bad (drop_bad=True)."
                ) from None
            out[i] = np.nan
    return out


def _is_numeric(table: Table, name: str) -> bool:
    """Whether the filled cells of a column are numbers: judged on the first hundred."""
    column = table[name]
    if isinstance(column, np.ndarray):
        return column.dtype.kind in "fiu"
    filled = [c for c in column[:100] if c is not None and str(c).strip().lower() not in _MISSING]
    numbers = 0
    for cell in filled:
        try:
            parse_number(cell)
            numbers += 1
        except ValueError:
            pass
    return bool(filled) and numbers * 2 > len(filled)


def _guess_columns(
    table: Table, x: str | None, y: str | None, group: str | None, origin: str
) -> tuple[str, str, str | None]:
    """x, y and the sentence that says what was guessed (None where nothing was)."""
    if x is not None and y is not None:
        return x, y, None
    free = [name for name in table if name not in (x, y, group) and _is_numeric(table, name)]
    ys = [name for name in free if _has_word(name, _Y_WORDS)]
    xs = [name for name in free if _has_word(name, _X_WORDS) and name not in ys]
    if y is None and not ys and len(free) - (x is None) == 1:
        ys = [name for name in free if name not in xs] or ys
        ys = ys[-1:]
    if x is None and not xs and len(free) - (y is None) == 1:
        xs = [name for name in free if name not in ys[:1]]
    for axis, flag, given, fits in (("x", "--x", x, xs), ("y", "--y", y, ys)):
        if given is None and len(fits) != 1:
            got = f"{len(fits)} that fit: {', '.join(fits)}" if fits else f"none that fits among {_listed(table)}"
            raise CurveError(f"expected one column for {axis} in {origin}, got {got}. Name it with {flag}.")
    guess_x, guess_y = x or xs[0], y or ys[0]
    said = [f"{axis} from '{n}'" for axis, given, n in (("x", x, guess_x), ("y", y, guess_y)) if given is None]
    return guess_x, guess_y, f"read {' and '.join(said)}; name other columns with --x and --y."


def _has_word(name: str, words: tuple[str, ...]) -> bool:
    pieces = "".join(c if c.isalnum() else " " for c in name.lower()).split()
    whole = name.lower()
    return any(word in pieces or whole == word or (len(word) > 3 and word in whole) for word in words)


def _refuse_hidden_groups(table: Table, x: str, y: str, origin: str) -> None:
    for name in table:
        if name in (x, y) or _is_numeric(table, name):
            continue
        values = list(dict.fromkeys(str(v) for v in table[name]))
        if len(values) > 1:
            raise CurveError(
                f"expected one curve, got repeated {x} beside the text column '{name}' with values such as "
                f"'{values[0]}' and '{values[1]}' ({origin}). Separate the curves with --group {name}."
            )


def _listed(table: Table) -> str:
    return ", ".join(f"'{name}'" for name in table)


# --- W&B ---------------------------------------------------------------------------------------------------------


def _is_wandb(table: Table) -> bool:
    """A W&B chart export: one column a run, named 'run - metric', with __MIN and __MAX beside it."""
    return any(name.endswith("__MIN") for name in table) and any(name.endswith("__MAX") for name in table)


def _from_wandb(table: Table, x: str | None, y: str | None, group: str | None) -> tuple[Table, str, str, str | None]:
    """The export as a long table: x, y and a column 'run' (used as group where there are several runs)."""
    runs = [name for name in table if " - " in name and not name.endswith(("__MIN", "__MAX"))]
    if y is not None:
        runs = [name for name in runs if name == y or name.split(" - ", 1)[1] == y or name.split(" - ", 1)[0] == y]
    metrics = sorted({name.split(" - ", 1)[1] for name in runs if not name.endswith("_step")})
    runs = [name for name in runs if name.split(" - ", 1)[1] in metrics]
    if len(metrics) != 1:
        raise CurveError(f"expected one metric in the W&B export, got {metrics or 'none'}. Name it with --y.")
    first = next(iter(table))
    x = first if x is None else x
    if x not in table:
        raise CurveError(f"expected a column '{x}' in the W&B export, got {_listed(table)}. Name one of these.")
    long: Table = {x: [], metrics[0]: [], "run": []}
    for name in runs:
        long[x] += list(table[x])
        long[metrics[0]] += list(table[name])
        long["run"] += [name.split(" - ", 1)[0]] * len(table[name])
    return long, x, metrics[0], group or ("run" if len(runs) > 1 else None)
