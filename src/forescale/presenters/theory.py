"""The pages of the theory: bounds, their optima, students that measure, and two frontiers."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..pages.page import INTERVALS, LEVELS, Column, Draw, Page, Row, Table
from ..pages.page import text as name_form
from ..theory import Bound, Frontier, IsoCompute, Optimum, bound_s, bound_t, optimum
from ..theory.bounds import TRIVIAL
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


def page(answer: Bound | Optimum | Frontier | IsoCompute, levels: Sequence[float] = LEVELS) -> Page:
    """An answer of the theory as Python has it: a bound where it was asked, an optimum, a frontier, students."""
    if isinstance(answer, Bound):
        name, ask = ("S", bound_s) if answer.eta is None else ("T", bound_t)
        n, T, d, K = (np.unique(v) for v in (answer.n, answer.T, answer.d, answer.K))
        fine = np.geomspace(1, max(*n, 10.0), 300)
        return _page(
            "bound", f"Bound {name} on regret", BOUND_NOTE,
            (lambda: panels.bound_panel(fine, T[0], d[0], K[0], name, ask(n=fine, T=T[0], d=d[0], K=K[0])),), {},
            rows=_table("rows", _bound_rows(name, answer)),
        )  # fmt: skip
    if isinstance(answer, Optimum):
        d0, K0 = float(np.min(answer.d)), float(np.min(answer.K))  # of one teacher; several are drawn otherwise
        spread = np.geomspace(np.min(answer.C), max(np.max(answer.C), 100 * np.min(answer.C)), 60)
        return optimum_page(
            answer, lambda: {answer.name.upper(): optimum(C=spread, d=d0, K=K0, bound=answer.name)}, d0, K0
        )
    if isinstance(answer, Frontier):
        return frontier_page(answer, lambda: answer, float(np.min(answer.bound_s.d)), float(np.min(answer.bound_s.K)))
    return isocompute_page(answer)


def _bound_rows(name: str, bound: Bound) -> list[Row]:
    where = np.broadcast_arrays(bound.total, bound.n, bound.T, bound.d, bound.K)
    flat = zip(*(np.ravel(v).tolist() for v in where), strict=True)
    return [
        {
            "bound": name, "n": n, "T": T, "d": d, "K": K, "total": total, "estimation": _at(bound.estimation, i),
            "misspecification": _at(bound.misspecification, i), "eps": _at(bound.eps, i),
            "says_nothing": total >= TRIVIAL,
        }
        for i, (total, n, T, d, K) in enumerate(flat)
    ]  # fmt: skip


def bound_page(n: Sequence[float], T: float, d: float, K: float, ask: Callable[[Any], Mapping[str, Bound]]) -> Page:
    """Each bound with its terms at the widths n; `ask(n)` gives name -> Bound, drawn over more widths."""
    rows = [row for name, bound in ask(n).items() for row in _bound_rows(name, bound)]
    fine = np.geomspace(1, max(*n, 10.0), 300)
    draws = tuple(lambda name=name: panels.bound_panel(fine, T, d, K, name, ask(fine)[name]) for name in ("S", "T"))
    title = f"Bounds on regret at T = {T:g}, d = {d:g}, K = {K:g}"
    return _page("bound", title, BOUND_NOTE, draws, {}, rows=_table("rows", rows, leave_out=("T", "d", "K")))


def optimum_page(o: Optimum, fine: Callable[[], Mapping[str, Optimum]], d: float, K: float) -> Page:
    """The minimiser of a bound at each C; `fine()`, S and T, is what the figure draws of one teacher. Of several, it
    draws how the split moves with what they differ in."""
    rows = [
        {
            "C": _at(o.C, i), "n": _at(o.n, i), "p": _at(o.p, i), "T": _at(o.T, i),
            "T_per_p": _at(o.T, i) / _at(o.p, i), "bound": _at(o.bound, i),
            "dlnp_dlnC": _at(o.slopes.p, i), "dlnT_dlnC": _at(o.slopes.T, i),
            "dlnp_dlnT": _at(o.slopes.p_per_T, i), "dlnbound_dlnC": _at(o.slopes.bound, i),
        }
        for i in range(np.size(o.C))
    ]  # fmt: skip
    several = {name: values.tolist() for name in ("d", "K") if np.size(values := np.unique(getattr(o, name))) > 1}
    if several:
        rows = [{"d": _at(o.d, i), "K": _at(o.K, i)} | row for i, row in enumerate(rows)]
    teacher = {"d": d, "K": K} | several
    said = ", ".join(f"{name} = {_numbers(value)}" for name, value in teacher.items())
    draws: tuple[Draw, ...] = tuple(partial(panels.teacher_panel, o, name) for name in several)
    draws = draws or (lambda: panels.split_panel(fine(), d, K), lambda: panels.slopes_panel(fine()))
    left_out = ["dlnT_dlnC", *(name for name in teacher if name not in several)]
    return _page(
        "optimum", f"Minimiser of bound {o.name.upper()}, {said}", OPTIMUM_NOTE, draws, {"bound": o.name, **teacher},
        rows=_table("rows", rows, leave_out=left_out + ["n", "dlnbound_dlnC"] * bool(several)),
    )  # fmt: skip


def isocompute_page(iso: IsoCompute, K: float | None = None) -> Page:
    """The measured optimum at each C, with the 90 % bootstrap interval of p, and the slopes through them."""
    rows = [
        {
            "C": float(iso.C[i]), "n": float(iso.p[i] / iso.d), "p": float(iso.p[i]), "p_low": float(iso.p_low[i]),
            "p_high": float(iso.p_high[i]), "T": float(iso.T[i]), "kl": float(iso.loss[i]),
        }
        for i in range(len(iso.C))
    ]  # fmt: skip
    draws: tuple[Draw, ...] = (partial(panels.students_panel, iso),)
    if K is not None:
        draws += (partial(panels.bounds_panel, iso, K), partial(panels.optima_panel, iso, K))
    teacher, facts = ("", {"d": iso.d}) if K is None else (f", K = {K:g}", {"d": iso.d, "K": K})
    return _page(
        "simulate", f"Measured optima of students, d = {iso.d}{teacher}", STUDENT_NOTE, draws, facts,
        rows=_table("rows", rows), slopes=_table("slopes", isocompute_slopes(iso), "Slopes through the optima"),
    )  # fmt: skip


def isocompute_slopes(iso: IsoCompute) -> list[Row]:
    """The measured slopes with bootstrap errors."""
    named = {
        "d ln p*/d ln C": iso.p_per_C, "d ln T*/d ln C": iso.T_per_C, "d ln p*/d ln T*": iso.p_per_T,
        "d ln KL*/d ln C": iso.loss_per_C,
    }  # fmt: skip
    return [
        {"slope": name, "value": e.value, "error": e.error, "intervals": {0.9: (e.low, e.high)}}
        for name, e in named.items()
    ]


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
        if name.endswith("intervals"):
            return Column(name, INTERVALS.head, _cell)
        head = "" if name in leave_out else _HEADS.get(name, name)
        return Column(
            name, head, name_form if isinstance(value, str) else _yes_no if isinstance(value, bool) else _cell
        )

    return Table(key, tuple(column(*item) for item in rows[0].items()), rows, title)


def _at(value: Any, i: int) -> float:
    flat = np.ravel(value)
    return float(flat[i if len(flat) > 1 else 0])


def _numbers(value: float | list[float]) -> str:
    return ", ".join(f"{v:g}" for v in np.atleast_1d(value))


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"


def _cell(value: float) -> str:
    return _EXPONENT.sub(r"e\1", f"{value:.3e}" if 0 < abs(value) < 1e-3 else f"{value:.4g}")
