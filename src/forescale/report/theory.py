"""The theory's answers as flat rows, from which tables and JSON are printed."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..pages.data import json_text
from ..theory import Bound, Frontier, IsoCompute, Optimum

Rows = list[dict[str, Any]]


def bound_rows(n: Sequence[float], T: float, d: float, K: float, bounds: dict[str, Bound]) -> Rows:
    """One row for each bound and width."""
    rows = []
    for name, bound in bounds.items():
        for i, width in enumerate(n):
            row = {"bound": name, "n": width, "T": T, "d": d, "K": K, "total": _at(bound.total, i)}
            row |= {"estimation": _at(bound.estimation, i), "misspecification": _at(bound.misspecification, i)}
            row |= {"eps": _at(bound.eps, i), "says_nothing": bool(np.atleast_1d(bound.says_nothing)[i])}
            rows.append(row)
    return rows


def optimum_rows(o: Optimum) -> Rows:
    """One row for each C."""
    return [
        {
            "C": _at(o.C, i), "n": _at(o.n, i), "p": _at(o.p, i), "T": _at(o.T, i),
            "T_per_p": _at(o.T, i) / _at(o.p, i), "bound": _at(o.bound, i),
            "dlnp_dlnC": _at(o.slopes.p, i), "dlnT_dlnC": _at(o.slopes.T, i),
            "dlnp_dlnT": _at(o.slopes.p_per_T, i), "dlnbound_dlnC": _at(o.slopes.bound, i),
        }
        for i in range(np.size(o.C))
    ]  # fmt: skip


def isocompute_rows(iso: IsoCompute) -> Rows:
    """One row for each C: the measured optimum with the 90 % bootstrap interval of p."""
    return [
        {
            "C": float(iso.C[i]), "n": float(iso.p[i] / iso.d), "p": float(iso.p[i]), "p_low": float(iso.p_low[i]),
            "p_high": float(iso.p_high[i]), "T": float(iso.T[i]), "kl": float(iso.loss[i]),
        }
        for i in range(len(iso.C))
    ]  # fmt: skip


def isocompute_slopes(iso: IsoCompute) -> Rows:
    """The measured slopes with bootstrap errors."""
    named = {
        "d ln p*/d ln C": iso.p_per_C, "d ln T*/d ln C": iso.T_per_C, "d ln p*/d ln T*": iso.p_per_T,
        "d ln KL*/d ln C": iso.loss_per_C,
    }  # fmt: skip
    return [{"slope": name, **e._asdict()} for name, e in named.items()]


def frontier_rows(f: Frontier) -> Rows:
    """One row for each budget and frontier."""
    rows = []
    for i, flops in enumerate(f.flops):
        for name, best in f.fits.items():
            n, tokens = float(best.n_params[i]), float(best.n_tokens[i])
            rows.append({"flops": float(flops), "C": float(f.C[i]), "frontier": name, "params": n, "tokens": tokens,
                         "tokens_per_param": tokens / n, "slope": f.slopes[name]})  # fmt: skip
        for o in (f.bound_s, f.bound_t):
            p, T = float(o.p[i]), float(o.T[i])
            row = {"flops": float(flops), "C": float(f.C[i]), "frontier": f"bound {o.name.upper()}", "params": p}
            rows.append(row | {"tokens": T, "tokens_per_param": T / p, "slope": float(o.slopes.p[i])})
    return rows


def print_rows(title: str, rows: Rows, note: str = "", *, leave_out: Sequence[str] = ()) -> None:
    """A table on standard output that fits 80 columns, and below it how to read it."""
    from rich.console import Console
    from rich.table import Table

    names = [name for name in rows[0] if name not in leave_out]
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in names:
        justify: Any = "left" if isinstance(rows[0][name], str) else "right"
        table.add_column(_HEADS.get(name, name), justify=justify)
    for row in rows:
        table.add_row(*(_cell(row[name]) for name in names))
    console = Console(width=None)
    console.print(table)
    if note:
        console.print(note, highlight=False)


_HEADS = {
    "estimation": "est", "misspecification": "mis", "says_nothing": "empty", "T_per_p": "T/p", "dlnp_dlnC": "p~C^",
    "dlnT_dlnC": "T~C^", "dlnp_dlnT": "p~T^", "dlnbound_dlnC": "bound~C^", "tokens_per_param": "per param",
}  # fmt: skip
"""Short heads for tables; JSON keeps the long names."""


def to_json(kind: str, note: str, **rows: Any) -> str:
    """{"forescale", "theory": kind, "note", …rows}."""
    return json_text({"theory": kind, "note": note, **rows})


def _at(value: Any, i: int) -> float:
    return float(np.broadcast_to(np.atleast_1d(value), (max(np.size(value), i + 1),))[i])


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, float):
        return str(value)
    return _EXPONENT.sub(r"e\1", f"{value:.3e}" if 0 < abs(value) < 1e-3 else f"{value:.4g}")


_EXPONENT = re.compile(r"e\+?(-?)0*", re.ASCII)
