"""From a file to the columns of a table of runs: params, tokens, loss, guessed by name and said; FLOPs for one of two.
A unit in a name (`params (M)`, tokens_B) counts where the numbers are as small as it says.

Repeated data: where a table has a column of unique tokens U, tokens D beyond U count as effective tokens
U (1 + R (1 - exp(-(D / U - 1) / R))), R = 15.4. Source: Muennighoff et al. 2023 (arXiv 2305.16264).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..curves.choosing import rows_where
from ..curves.measure import direction_of
from ..curves.numbers import count, some
from ..curves.readers.base import Table, listed
from ..curves.readers.registry import load
from ..curves.words import unit_in
from ..errors import Caveat, CurveError
from ..laws.chinchilla import FLOPS_PER_PARAMETER_AND_TOKEN
from ..numerics import Floats
from ..spelling import option
from .design import off_rule

REUSE = 15.4
SMALL = 1e5
"""Below this a column whose name ends in a unit is in that unit: 70 of `params (B)`, not 7e10."""
WORDS = {
    "params": ("params", "parameters", "n_params", "num_params", "n_parameters", "parameter_count", "model_size",
               "non_embedding_params", "non_embedding_parameters", "n"),
    "tokens": ("tokens", "n_tokens", "num_tokens", "train_tokens", "training_tokens", "tokens_seen", "data", "d"),
    "loss": ("loss", "final_loss", "val_loss", "validation_loss", "eval_loss", "test_loss", "bpb", "l", "y"),
    "flops": ("flops", "train_flops", "training_flops", "compute", "c"),
    "unique": ("unique_tokens", "unique", "u"),
}  # fmt: skip
"""Names of columns by role, in lower case; an earlier word wins over a letter."""


@dataclass(frozen=True)
class RunsTable:
    """The runs of a file, (n,) each; `tokens` are effective ones where data were repeated."""

    params: Floats
    tokens: Floats
    loss: Floats
    caveats: tuple[Caveat, ...]


def read_runs_table(
    source: Any,
    *,
    params: str | None = None,
    tokens: str | None = None,
    loss: str | None = None,
    flops: str | None = None,
    unique: str | None = None,
    where: str | None = None,
) -> RunsTable:
    """Read a table of runs.

    Args:
        source: whatever `read_curves` reads.
        params, tokens, loss: column names; guessed where left out and one fits.
        flops: column of training FLOPs, in place of params or tokens (C = 6 N D), or to be checked against both.
        unique: column of unique tokens, where data were repeated.
        where: which rows count.

    Raises:
        CurveError: a column that is missing or that several fit, or a cell that is not positive and finite.
    """
    tables = [table for _, table in load(source)]
    names = {"params": params, "tokens": tokens, "loss": loss, "flops": flops, "unique": unique}
    found = {role: tables[0].named(name) if name else _guess(tables[0], role) for role, name in names.items()}
    told = [
        f"{role} from '{found[role]}'" for role in ("params", "tokens", "loss") if names[role] is None and found[role]
    ]
    found = _enough(found, tables[0])
    _refuse_twice(found, tables[0])
    if names["flops"] is None and found["flops"] and not (found["params"] and found["tokens"]):
        told.append(f"FLOPs from '{found['flops']}'")
    caveats = [Caveat("guessed_columns", f"read {', '.join(told)}.")] if told else []
    columns = _columns(tables, {role: name for role, name in found.items() if name is not None}, where, caveats)
    N, D, C = (columns.get(role) for role in ("params", "tokens", "flops"))
    if N is None:
        assert C is not None
        assert D is not None
        N = C / FLOPS_PER_PARAMETER_AND_TOKEN / D
    elif D is None:
        assert C is not None
        D = C / FLOPS_PER_PARAMETER_AND_TOKEN / N
    elif C is not None:
        caveats += off_rule(N, D, C)
    if "unique" in columns:
        D, more = _reused(D, columns["unique"])
        caveats += more
    return RunsTable(N, D, columns["loss"], tuple(caveats))


def effective_tokens(tokens: ArrayLike, unique: ArrayLike) -> Floats:
    """What tokens are worth where only `unique` of them are different; the same shape."""
    D, U = np.broadcast_arrays(np.asarray(tokens, float), np.asarray(unique, float))
    over = np.maximum(D / U - 1, 0.0)
    return np.asarray(np.where(D > U, U * (1 - REUSE * np.expm1(-over / REUSE)), D))


def _reused(D: Floats, U: Floats) -> tuple[Floats, list[Caveat]]:
    repeated = int(np.sum(D > U * 1.001))
    if not repeated:
        return D, []
    said = f"{repeated} of {len(D)} runs repeat their data: their tokens count as effective tokens (R = {REUSE:g})."
    return effective_tokens(D, U), [Caveat("repeated_data", said)]


def _guess(table: Table, role: str) -> str | None:
    """The only column whose name says so; None where none does.

    Raises:
        CurveError: several do.
    """
    by_word: dict[str, list[str]] = {}
    for name in table.columns:
        by_word.setdefault(_bare(name), []).append(name)
    fit = [name for word in WORDS[role] for name in by_word.get(word, [])]
    words = [name for name in fit if len(name.strip()) > 1]
    fit = words or fit
    if len(fit) > 1 and role != "unique":
        raise CurveError(
            f"expected one column of {role} in {table.origin}, got {listed(fit)}. Name one with {option(role)}."
        )
    return fit[0] if fit else None


def _bare(name: str) -> str:
    """A column's name in lower case, without its unit: n_tokens, params of 'Params (M)', eval_loss of eval/loss."""
    words = re.split(r"[^a-z0-9]+", name.lower().strip(" )]"))
    return "_".join(w for w in (words[:-1] if len(words) > 1 and unit_in(name) is not None else words) if w)


def _enough(found: dict[str, str | None], table: Table) -> dict[str, str | None]:
    missing = [role for role in ("params", "tokens", "loss") if not found[role]]
    if found["flops"] and len(missing) == 1 and missing[0] != "loss":
        return found
    if missing:
        raise CurveError(
            f"expected columns of params, tokens and loss in {table.origin}, got {listed(table.columns)}. "
            f"Name {' and '.join(option(role) for role in missing)}, or {option('flops')} for one of params and tokens."
        )
    return found


def _refuse_twice(found: dict[str, str | None], table: Table) -> None:
    named = [name for name in found.values() if name is not None]
    if twice := [name for name in dict.fromkeys(named) if named.count(name) > 1]:
        roles = [role for role, name in found.items() if name == twice[0]]
        raise CurveError(
            f"expected a column for each of {' and '.join(roles)}, got '{twice[0]}' for both ({table.origin}). "
            "Name another."
        )


def _columns(
    tables: Sequence[Table], found: dict[str, str], where: str | None, caveats: list[Caveat]
) -> dict[str, Floats]:
    """The columns by role; what is to be said of them is added to the caveats."""
    if direction_of(found["loss"]) == "higher":
        raise CurveError(
            f"expected a loss, which falls, got '{found['loss']}', which is better when higher ({tables[0].origin}). "
            f"Give a column of what is missing, such as 1 - {found['loss']}."
        )
    kept = [_rows(table, [n for role, n in found.items() if role != "unique"], where) for table in tables]
    blank = sum(int((rows & empty).sum()) for rows, empty in kept)
    if blank:
        caveats.append(Caveat("dropped_rows", f"{count(blank, 'row')} with a blank cell left out."))
    columns = {
        role: _column(tables, name, role, [rows & ~empty for rows, empty in kept]) for role, name in found.items()
    }
    for role, name in found.items():
        unit = unit_in(name)
        if role != "loss" and unit is not None and np.max(columns[role][np.isfinite(columns[role])], initial=0) < SMALL:
            columns[role] = columns[role] * unit
            caveats.append(Caveat("read_from", f"read '{name}' in units of {unit:g}."))
    return columns


def _rows(table: Table, names: Sequence[str], where: str | None) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The rows that count, and those that lack a cell."""
    empty = np.zeros(table.n, bool)
    for name in names:
        empty |= table.columns[table.named(name)].blank
    return np.ones(table.n, bool) if where is None else rows_where(table, where), empty


def _column(tables: Sequence[Table], name: str, role: str, kept: Sequence[NDArray[np.bool_]]) -> Floats:
    parts = []
    for table, rows in zip(tables, kept, strict=True):
        column = table.columns[table.named(name)]
        values = column.numbers
        if role == "unique":  # blank where nothing was repeated
            values = np.where(np.isfinite(values) & (values > 0), values, np.inf)
        bad = np.flatnonzero(rows & ~((np.isfinite(values) | (role == "unique")) & (values > 0)))
        if len(bad):
            raise CurveError(
                f"expected positive, finite {name}, got {column.cell(int(bad[0]))} ({table.origin}, {some(bad)}). "
                "Remove these rows."
            )
        parts.append(values[rows])
    return np.concatenate(parts)


def with_caveats(model: Any, caveats: tuple[Caveat, ...]) -> Any:
    """The model with what was said of its table in front of its warnings."""
    made = replace(model, warnings=(*caveats, *model.warnings))
    for name in ("fit", "law"):  # what was computed once stays computed
        if name in model.__dict__ and name not in made.__dict__:
            made.__dict__[name] = model.__dict__[name]
    return made
