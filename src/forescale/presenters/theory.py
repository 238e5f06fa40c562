"""The pages of the theory: bounds, their optima, students that measure, and two frontiers."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..pages.page import Column, Draw, Page, Row, Table
from ..pages.page import text as name_form
from ..theory import Bound, Frontier, IsoCompute, Optimum
from . import theory_panels as panels

BOUND_NOTE = "Upper bounds on the regret in nats per sample; at 1/16 and above a bound says nothing."
OPTIMUM_NOTE = "The optimum of an upper bound, not of a learner: students moved more slowly in p (docs/theory.md)."
FRONTIER_NOTE = "C is FLOPs/6. Compare slopes, never levels: the theory's teacher is far easier than text."
STUDENT_NOTE = "Measured on simulated students; errors are a bootstrap over teachers."
_HEADS = {
    "estimation": "est", "misspecification": "mis", "says_nothing": "empty", "T_per_p": "T/p", "dlnp_dlnC": "p~C^",
    "dlnT_dlnC": "T~C^", "dlnp_dlnT": "p~T^", "dlnbound_dlnC": "bound~C^", "tokens_per_param": "per param",
}  # fmt: skip
"""Short heads for tables; JSON keeps the long names."""
_EXPONENT = re.compile(r"e\+?(-?)0*", re.ASCII)


def bound_page(n: Sequence[float], T: float, d: float, K: float, ask: Callable[[Any], Mapping[str, Bound]]) -> Page:
    """Each bound with its terms at the widths n; `ask(n)` gives name -> Bound, drawn over more widths."""
    rows: list[Row] = []
    for name, bound in ask(n).items():
        for i, width in enumerate(n):
            row = {"bound": name, "n": width, "T": T, "d": d, "K": K, "total": _at(bound.total, i)}
            row |= {"estimation": _at(bound.estimation, i), "misspecification": _at(bound.misspecification, i)}
            row |= {"eps": _at(bound.eps, i), "says_nothing": bool(np.atleast_1d(bound.says_nothing)[i])}
            rows.append(row)

    fine = np.geomspace(1, max(*n, 10.0), 300)
    draws = tuple(lambda name=name: panels.bound_panel(fine, T, d, K, name, ask(fine)[name]) for name in ("S", "T"))
    title = f"Bounds on regret at T = {T:g}, d = {d:g}, K = {K:g}"
    return _page("bound", title, BOUND_NOTE, draws, {}, rows=_table("rows", rows, leave_out=("T", "d", "K")))


def optimum_page(o: Optimum, fine: Callable[[], Mapping[str, Optimum]], d: float, K: float) -> Page:
    """The minimiser of a bound at each C; `fine()`, S and T, is what the figure draws."""
    rows = [
        {
            "C": _at(o.C, i), "n": _at(o.n, i), "p": _at(o.p, i), "T": _at(o.T, i),
            "T_per_p": _at(o.T, i) / _at(o.p, i), "bound": _at(o.bound, i),
            "dlnp_dlnC": _at(o.slopes.p, i), "dlnT_dlnC": _at(o.slopes.T, i),
            "dlnp_dlnT": _at(o.slopes.p_per_T, i), "dlnbound_dlnC": _at(o.slopes.bound, i),
        }
        for i in range(np.size(o.C))
    ]  # fmt: skip
    title = f"Minimiser of bound {o.name.upper()}, d = {d:g}, K = {K:g}"
    draws = (lambda: panels.split_panel(fine(), d, K), lambda: panels.slopes_panel(fine()))
    return _page(
        "optimum", title, OPTIMUM_NOTE, draws, {"bound": o.name, "d": d, "K": K},
        rows=_table("rows", rows, leave_out=("dlnT_dlnC",)),
    )  # fmt: skip


def isocompute_page(iso: IsoCompute, K: float) -> Page:
    """The measured optimum at each C, with the 90 % bootstrap interval of p, and the slopes through them."""
    rows = [
        {
            "C": float(iso.C[i]), "n": float(iso.p[i] / iso.d), "p": float(iso.p[i]), "p_low": float(iso.p_low[i]),
            "p_high": float(iso.p_high[i]), "T": float(iso.T[i]), "kl": float(iso.loss[i]),
        }
        for i in range(len(iso.C))
    ]  # fmt: skip
    draws = tuple(partial(draw, iso, K) for draw in (panels.students_panel, panels.bounds_panel, panels.optima_panel))
    return _page(
        "simulate", f"Measured optima of students, d = {iso.d}, K = {K:g}", STUDENT_NOTE, draws, {"d": iso.d, "K": K},
        rows=_table("rows", rows), slopes=_table("slopes", isocompute_slopes(iso), "Slopes through the optima"),
    )  # fmt: skip


def isocompute_slopes(iso: IsoCompute) -> list[Row]:
    """The measured slopes with bootstrap errors."""
    named = {
        "d ln p*/d ln C": iso.p_per_C, "d ln T*/d ln C": iso.T_per_C, "d ln p*/d ln T*": iso.p_per_T,
        "d ln KL*/d ln C": iso.loss_per_C,
    }  # fmt: skip
    return [{"slope": name, **e._asdict()} for name, e in named.items()]


def frontier_page(f: Frontier, fine: Callable[[], Frontier], d: float, K: float) -> Page:
    """Chinchilla's frontiers beside the theory's, a row for each budget and frontier."""
    rows: list[Row] = []
    for i, flops in enumerate(f.flops):
        for name, best in f.fits.items():
            n, tokens = float(best.n_params[i]), float(best.n_tokens[i])
            rows.append({"flops": float(flops), "C": float(f.C[i]), "frontier": name, "params": n, "tokens": tokens,
                         "tokens_per_param": tokens / n, "slope": f.slopes[name]})  # fmt: skip
        for o in (f.bound_s, f.bound_t):
            p, T = float(o.p[i]), float(o.T[i])
            row = {"flops": float(flops), "C": float(f.C[i]), "frontier": f"bound {o.name.upper()}", "params": p}
            rows.append(row | {"tokens": T, "tokens_per_param": T / p, "slope": float(o.slopes.p[i])})
    title = f"Compute-optimal frontiers (theory: d = {d:g}, K = {K:g})"
    draws = (lambda: panels.params_panel(fine()), lambda: panels.ratio_panel(fine()))
    return _page("frontier", title, FRONTIER_NOTE, draws, {"d": d, "K": K}, rows=_table("rows", rows, leave_out=("C",)))


def _page(kind: str, title: str, note: str, draws: tuple[Draw, ...], facts: Row, **tables: Table) -> Page:
    told = {"theory": kind, "note": note, **facts}
    return Page(title, tables=tuple(tables.values()), panels=draws, sentences=(note,), facts=told)


def _table(key: str, rows: Sequence[Row], title: str = "", leave_out: Sequence[str] = ()) -> Table:
    def column(name: str, value: Any) -> Column:
        head = "" if name in leave_out else _HEADS.get(name, name)
        return Column(
            name, head, name_form if isinstance(value, str) else _yes_no if isinstance(value, bool) else _cell
        )

    return Table(key, tuple(column(*item) for item in rows[0].items()), rows, title)


def _at(value: Any, i: int) -> float:
    return float(np.broadcast_to(np.atleast_1d(value), (max(np.size(value), i + 1),))[i])


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"


def _cell(value: float) -> str:
    return _EXPONENT.sub(r"e\1", f"{value:.3e}" if 0 < abs(value) < 1e-3 else f"{value:.4g}")
