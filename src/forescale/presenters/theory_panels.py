"""The theory's panels: bounds against width, the optimal split, iso-compute curves, two frontiers."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from ..pages.panel import GREY, INK, Line, Mark, Note, Panel, Points, Rule, Whiskers
from ..theory import Bound, Frontier, IsoCompute, Optimum, bound_s, bound_t, optimum
from ..theory.bounds import TRIVIAL

COMPUTE = "C (parameters × samples)"


def bound_panel(n: np.ndarray, T: float, d: float, K: float, name: str, bound: Bound) -> Panel:
    """A bound with its two terms against n at fixed T, and its minimum."""
    marks: list[Mark] = [
        Line(n, bound.misspecification, "misspecification: only n lowers it", 1),
        Line(n, bound.estimation, "estimation: T lowers it", 2),
        Line(n, bound.total, "their sum, the bound", 0),
        Rule("y", TRIVIAL, "1/16: always ½ does as well"),
    ]
    best = int(np.argmin(bound.total))
    inside = 0 < best < len(n) - 1
    if inside:
        marks.append(Points(n[best : best + 1], bound.total[best : best + 1], "", 0))
    limits = (float(bound.total.min()) / 30, max(float(bound.total.max()), TRIVIAL) * 1.5)
    least = f", least at n = {n[best]:.3g}" if inside else ""
    where = f"width n (T = {_short(T)}, d = {d:g}, K = {K:g})"
    return Panel(where, "bound on regret (nats)", marks, f"bound {name}{least}", True, True, y_range=limits)


def split_panel(optima: Mapping[str, Optimum], d: float, K: float) -> Panel:
    """p* and T* against C."""
    marks: list[Mark] = []
    for i, (name, o) in enumerate(optima.items()):
        marks.append(Line(o.C, o.T, f"T*, bound {name}", i, ""))
        marks.append(Line(o.C, o.p, f"p*, bound {name}", i, "6 2.5"))
    return Panel(COMPUTE, "parameters, samples", marks, f"best split of C = p·T (d = {d:g}, K = {K:g})", True, True,
                 y_range=_span(marks))  # fmt: skip


def slopes_panel(optima: Mapping[str, Optimum]) -> Panel:
    """The local slope of p* in C and in T*."""
    marks: list[Mark] = [Rule("y", 1.0, "", GREY), Rule("y", 0.5, "", GREY)]
    for i, (name, o) in enumerate(optima.items()):
        marks.append(Line(o.C, o.slopes.p, f"d ln p*/d ln C, bound {name}", i, "1.5 2"))
        marks.append(Line(o.C, o.slopes.p_per_T, f"d ln p*/d ln T*, bound {name}", i, "7 2 1.5 2"))
    return Panel(
        COMPUTE, "slope", marks, "local slopes; limits ½ and 1 for bound S", True, False, y_range=(-0.02, 1.06)
    )


def teacher_panel(o: Optimum, name: str) -> Panel:
    """Samples per parameter at the optimum against d or K of the teacher, a line for each C, where the bound says
    something; the other in the middle of those asked."""
    asked = {key: np.unique(getattr(o, key)) for key in ("C", "d", "K")}
    low, high = asked[name][[0, -1]]
    x = np.geomspace(low, high, 80)
    other = "K" if name == "d" else "d"
    at = float(asked[other][(len(asked[other]) - 1) // 2])
    marks: list[Mark] = []
    for i, C in enumerate(asked["C"][asked["C"] >= (high if name == "d" else at)]):
        best = optimum(C=C, d=x if name == "d" else at, K=x if name == "K" else at, bound=o.name)
        ratio = np.where(best.bound < TRIVIAL, best.T / best.p, np.nan)
        if np.isfinite(ratio).any():
            marks.append(Line(x, ratio, f"C = {_short(C)}", i))
    what = {"d": "input dimension d", "K": "richness of the teacher K"}[name]
    title = f"bound {o.name.upper()}: best split against {name} ({other} = {at:g})"
    limits = _span(marks) if marks else (1.0, 10.0)
    return Panel(what, "samples per parameter T*/p*", marks, title, True, True, y_range=limits)


def students_panel(iso: IsoCompute) -> Panel:
    """Measured iso-compute curves with their optima."""
    marks: list[Mark] = []
    for c, kl in zip(iso.C, iso.kl_GW, strict=True):
        good = np.flatnonzero(np.isfinite(kl))
        marks.append(Line(iso.n * iso.d, kl, "", GREY, ""))
        if len(good):
            marks.append(Note(float(iso.n[good[-1]] * iso.d), float(kl[good[-1]]), f" C = {_short(c)}", GREY))
    marks += [Line(iso.p, iso.loss, "optimum", 3, ""), Points(iso.p, iso.loss, "", 3)]
    ends = float(iso.n[0] * iso.d) / 1.1, 3.0 * float(iso.n[-1] * iso.d)  # room for what stands behind a line
    return Panel("parameters p = n d", "nats per sample", marks, "students: exact KL, measured", True, True,
                 x_range=ends, y_range=_span(marks))  # fmt: skip


def bounds_panel(iso: IsoCompute, K: float) -> Panel:
    """Bounds at the smallest (dotted) and the largest C only: between them nothing new happens."""
    n = np.geomspace(1, 64, 200)
    marks: list[Mark] = []
    for i, dash in ((0, "1.5 2"), (len(iso.C) - 1, "")):
        T = np.maximum(iso.C[i] / (n * iso.d), 1.0)
        for name, bound, series in (("S", bound_s, 0), ("T", bound_t, 1)):
            total = bound(n=n, T=T, d=iso.d, K=K).total
            marks.append(Line(n * iso.d, np.minimum(total, 30.0), "" if dash else f"bound {name}", series, dash))
        marks.append(Line(iso.n * iso.d, iso.kl_GW[i], "" if dash else "measured", INK, dash))
    marks.append(Rule("y", TRIVIAL, "always ½ (1/16)"))
    title = f"bounds at C = {_short(iso.C[0])} (dotted), {_short(iso.C[-1])}"
    limits = (float(np.nanmin(iso.kl_GW[[0, -1]])) / 1.5, 40.0)
    return Panel("parameters p = n d", "nats per sample", marks, title, True, True, y_range=limits)


def optima_panel(iso: IsoCompute, K: float) -> Panel:
    """The optimal p against C: measured, and of both bounds."""
    said = f"measured, slope {iso.p_per_C.value:.2f} ± {iso.p_per_C.error:.2f}"
    marks: list[Mark] = [Whiskers(iso.C, iso.p, iso.p_low, iso.p_high, said, 2)]
    bounds: tuple[Literal["s", "t"], ...] = ("s", "t")
    for i, name in enumerate(bounds):
        o = optimum(C=iso.C, d=iso.d, K=K, bound=name)
        slope = np.polyfit(np.log(iso.C), np.log(o.p), 1)[0]
        marks.append(Line(np.asarray(o.C), np.asarray(o.p), f"bound {name.upper()}, slope {slope:.2f}", i))
    return Panel(COMPUTE, "parameters", marks, "optimal p (90 % bootstrap)", True, True, y_range=_span(marks))


def params_panel(f: Frontier) -> Panel:
    """Optimal parameters against compute, of the fits and of the bounds."""
    marks: list[Mark] = [
        Line(f.C, best.n_params, f"{name}, slope {f.slopes[name]:.2f}", 2 + i, "")
        for i, (name, best) in enumerate(f.fits.items())
    ]
    for i, o in enumerate((f.bound_s, f.bound_t)):
        ends = f"{o.slopes.p[0]:.2f} to {o.slopes.p[-1]:.2f}"
        marks.append(Line(f.C, np.asarray(o.p), f"bound {o.name.upper()}, slope {ends}", i, "6 2.5"))
    return Panel("C = training FLOPs / 6", "parameters", marks, "optimal parameters", True, True, y_range=_span(marks))


def ratio_panel(f: Frontier) -> Panel:
    """Tokens (samples) for each parameter."""
    marks: list[Mark] = [
        Line(f.C, best.n_tokens / best.n_params, "", 2 + i, "") for i, best in enumerate(f.fits.values())
    ]
    marks += [Line(f.C, np.asarray(o.T / o.p), "", i, "6 2.5") for i, o in enumerate((f.bound_s, f.bound_t))]
    return Panel("C = training FLOPs / 6", "tokens per parameter", marks, "tokens (samples) per parameter", True, True,
                 y_range=_span(marks))  # fmt: skip


def _short(value: float) -> str:
    """Two digits, as one types them: 1e9 and not 1e+09."""
    return f"{value:.2g}".replace("e+", "e").replace("e0", "e")


def _span(marks: list[Mark]) -> tuple[float, float]:
    """Limits of a logarithmic y that show every line whole: theory has no wild ones."""
    y = np.concatenate([np.asarray(m.y, float).ravel() for m in marks if isinstance(m, Line | Points | Whiskers)])
    low, high = float(np.nanmin(y)), float(np.nanmax(y))
    room = (high / low) ** 0.05
    return low / room, high * room
