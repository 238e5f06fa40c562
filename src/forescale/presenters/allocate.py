"""The page of an allocation: the optimum, the law behind it, Chinchilla's roads; isoFLOP and isoloss lines."""

from collections.abc import Mapping, Sequence
from functools import partial
from math import isfinite
from typing import Any

import numpy as np

from ..errors import Caveat
from ..forecasts.quantity import Quantity
from ..joint.allocation import Allocation
from ..joint.approaches import Approach, compute_levels
from ..joint.model import JointModel
from ..laws.chinchilla import FLOPS_PER_PARAMETER_AND_TOKEN, Chinchilla
from ..pages.axes import tick_label
from ..pages.page import LEVELS, Column, Page, Row, Table, number, text
from ..pages.panel import Band, Line, Mark, Note, Panel, Points, Rule, Whiskers

_LABELS = {
    "params": "N*, parameters",
    "tokens": "D*, training tokens",
    "loss": "L*, noise-free loss",
    "tokens_per_param": "D*/N*",
    "near_optimal_params_min": "within 0.5 %: N from",
    "near_optimal_params_max": "within 0.5 %: N to",
    "a": "a, N* ∝ C^a",
    "b": "b, D* ∝ C^b",
    "extra_loss": "extra loss, N = median",
}
_LAW_TITLES = {
    "chinchilla": "L = E + A/N^alpha + B/D^beta (posterior)",
    "law": "L = E + A/N^alpha + B/D^beta, with a misfit (posterior)",
    "pfn": "for reading: L = E + A/N^alpha + B/D^beta with a misfit, fitted to the same runs",
}
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def page(
    answer: Allocation, levels: Sequence[float] = LEVELS, seed: int | None = None,
    roads: Mapping[str, Approach] | None = None,
) -> Page:  # fmt: skip
    """The answer of `allocate`."""
    joint = answer.joint
    assert joint is not None
    shares, fit = tuple(levels), joint.fit
    roads = joint.approaches(answer.flops, seed=seed or 0) if roads is None else roads
    facts: dict[str, Any] = {
        "method": answer.method, "conditional_on": answer.conditional_on, "flops": answer.flops,
        "rule": str(answer.rule),
        "seed": seed, "n_runs": joint.runs.n,
    }  # fmt: skip
    facts |= {name: q.to_dict(shares) for name, q in answer.quantities.items()}
    facts["parameters"] = {name: q.to_dict(shares) for name, q in joint.parameters.items()}
    facts["fit"] = fit.constants | {
        "params": float(answer.point.n_params), "tokens": float(answer.point.n_tokens),
        "loss": float(answer.point.loss),
        "huber_delta": fit.delta, "gradient_norm": fit.gradient_norm, "n_starts": fit.n_starts,
        "n_agreeing": fit.n_agreeing,
    }  # fmt: skip
    facts["approaches"] = {
        name: {
            "a": None if r.a is None else r.a.to_dict(shares),
            "params": None if r.params is None else r.params.to_dict(shares),
            "bias_a": r.bias_a, "bias_params": r.bias_params, "note": r.note,
        }
        for name, r in roads.items()
    }  # fmt: skip
    agree = f"point fit: gradient norm {fit.gradient_norm:.1e}, {fit.n_agreeing} of {fit.n_starts} starts agree"
    other = joint.second_opinion(answer.flops, answer.rule)
    told, caveats = _second(answer, other)
    if other is not None:
        facts["second_opinion"] = {"method": other.method} | {k: q.to_dict(shares) for k, q in other.quantities.items()}
    return Page(
        f"{answer.flops:.4g} FLOPs, {answer.rule}, from {len(joint.table['loss'])} runs: {answer.method}, "
        f"{answer.conditional_on}",
        tables=(
            _table("optimum", "", {_LABELS[k]: q for k, q in answer.quantities.items()}, levels),
            _table("law", _LAW_TITLES[joint.method], joint.parameters, levels),
        ),
        panels=(partial(isoflop_panel, joint, answer), partial(isoloss_panel, joint, answer)),
        sentences=(*told, agree, *_told(roads)),
        caveats=(*answer.warnings, *caveats),
        facts=facts,
    )


def isoflop_panel(joint: JointModel, answer: Allocation) -> Panel:
    """Loss against N at each compute level that was run, and at the budget."""
    n, d, loss = (joint.table[k] for k in ("params", "tokens", "loss"))
    log_c = np.log(FLOPS_PER_PARAMETER_AND_TOKEN * n * d)
    marks: list[Mark] = []
    for i, rows in enumerate(compute_levels(log_c) or [np.arange(len(n))]):
        grid = np.geomspace(n[rows].min() / 1.5, n[rows].max() * 1.5, 60)
        mean_c = np.exp(log_c[rows].mean())
        line = Chinchilla().loss(grid, mean_c / FLOPS_PER_PARAMETER_AND_TOKEN / grid, **joint.fit.constants)
        marks.append(Line(grid, line, "point fit at that compute" if i == 0 else "", -2, ""))
        marks.append(Points(n[rows], loss[rows], "runs, by compute level (FLOPs)" if i == 0 else ""))
        marks.append(Note(float(grid[-1]), float(line[-1]), tick_label(float(f"{mean_c:.2g}")), -2))
    low, high = (np.log(q.median) for q in answer.near_optimal)
    reach = max(high - low, 1.0)
    grid = np.linspace(low - reach, high + reach, 60)
    grid = grid[np.isfinite(answer.rule.log_tokens(grid, answer.flops))]
    x = np.exp(grid)
    q = joint.predict(x, np.exp(answer.rule.log_tokens(grid, answer.flops)), kind="curve").quantile(QUANTILES)
    marks += [Band(x, q[0], q[4], "90 % interval", 1), Band(x, q[1], q[3], "50 % interval", 1, 0.28)]
    marks.append(Line(x, q[2], f"{joint.method} at {answer.flops:.3g} FLOPs", 1, ""))
    ends = " to ".join(tick_label(float(f"{np.exp(end):.2g}")) for end in (low, high))
    marks.append(Rule("x", float(np.exp(low)), f"N within 0.5 % of L* ({ends})", to=float(np.exp(high))))
    marks.append(_star(answer.params, answer.loss, "N*, 90 % interval"))
    return Panel("N, parameters", "loss", marks, "loss at fixed compute", x_log=True)


def isoloss_panel(joint: JointModel, answer: Allocation) -> Panel:
    """Lines of equal loss over N and D, the best split with its band, and the budget."""
    n, d = joint.table["params"], joint.table["tokens"]
    law, constants = Chinchilla(), joint.fit.constants
    every_n, every_d = np.append(n, answer.params.interval(0.9)), np.append(d, answer.tokens.interval(0.9))
    limits = [(float(every.min()) / 2, float(every.max()) * 2) for every in (every_n, every_d)]
    grid_n, grid_d = (np.geomspace(low / 9, high * 9, 200) for low, high in limits)  # lines run out of the panel
    seen = (grid_n >= limits[0][0]) & (grid_n <= limits[0][1])
    surface = law.loss(grid_n[None, :], grid_d[:, None], **constants)
    inside = law.loss(np.array(limits[0]), np.array(limits[1]), **constants) - constants["E"]
    marks: list[Mark] = []
    for i, step in enumerate(constants["E"] + np.geomspace(inside[1], inside[0], 10)[1:-1]):
        line = np.array([np.interp(-step, -column, grid_d, np.nan, np.nan) for column in surface.T])
        marks.append(Line(grid_n, line, "equal loss (point fit)" if i == 0 else "", -2, ""))
        ends = np.flatnonzero(seen & (line >= limits[1][0]) & (line <= limits[1][1]))
        if len(ends):
            at = ends[-1 - len(ends) // 12]
            marks.append(Note(float(grid_n[at]), float(line[at]), f"{step:.3g}", -2, "above"))
    flops = np.geomspace(FLOPS_PER_PARAMETER_AND_TOKEN * np.min(n * d), answer.flops, 60)
    paths = joint.best(flops, (0.05, 0.5, 0.95))
    best_d = flops / FLOPS_PER_PARAMETER_AND_TOKEN / paths[1]
    marks += [Band(best_d, paths[0], paths[2], "", 0, 0.2, "x"), Line(paths[1], best_d, "best split, 90 % band", 0)]
    left = np.exp(answer.rule.log_tokens(np.log(grid_n), answer.flops))
    marks.append(Line(grid_n, np.where(left > 0, left, np.nan), f"the budget, {answer.flops:.3g} FLOPs", 1, "6 2.5"))
    marks += [Points(n, d, ""), _star(answer.params, answer.tokens, "")]
    return Panel("N, parameters", "D, tokens", marks, "lines of equal loss", True, True, limits[0], limits[1])


def _second(answer: Allocation, other: Allocation | None) -> tuple[tuple[str, ...], tuple[Caveat, ...]]:
    """Both answers, where two methods exclude each other's."""
    if other is None:
        return (), ()
    (a, b), (c, d) = answer.params.interval(0.9), other.params.interval(0.9)
    said = (
        f"{answer.method} has N* {answer.params.median:.3g} ({a:.3g} to {b:.3g}), "
        f"{other.method} has {other.params.median:.3g} ({c:.3g} to {d:.3g})."
    )
    return (said,), (Caveat("methods_disagree", "two methods exclude each other's N*: " + said),)


def _star(x: Quantity, y: Quantity, label: str) -> Whiskers:
    low, high = (np.array([end]) for end in x.interval(0.9))
    return Whiskers(np.array([x.median]), np.array([y.median]), low, high, label, 3, "x")


def _table(key: str, title: str, quantities: Mapping[str, Quantity], levels: Sequence[float]) -> Table:
    columns = (
        Column("quantity", "quantity", text, "c"), Column("median", "median", media="c"),
        Column("intervals", "{} % interval", short, "c"),
    )  # fmt: skip
    rows: list[Row] = [
        {"quantity": label, "median": q.median, "intervals": {level: q.interval(level) for level in levels}}
        for label, q in quantities.items()
    ]
    return Table(key, columns, rows, title)


def short(value: float) -> str:
    """Four digits where they fit a column, three where an exponent is needed."""
    return f"{value:.3g}" if value >= 1e4 or 0 < value < 1e-3 else number(value)


def _told(roads: Mapping[str, Approach]) -> list[str]:
    lines = ["three roads to N* (90 % intervals; bias: on noise-free losses of the fit)"]
    for name, r in roads.items():
        if r.a is None or r.params is None:
            lines.append(f"  {name:<11} no answer: {r.note}")
            continue
        (a0, a1), (n0, n1) = r.a.interval(0.9), r.params.interval(0.9)
        answer = f"a {r.a.median:.3f} ({a0:.3f} to {a1:.3f}), N* {r.params.median:.3g} ({n0:.3g} to {n1:.3g})"
        told = name != "parametric" and isfinite(r.bias_a) and isfinite(r.bias_params)
        bias = f"; bias {r.bias_a:+.3f} in a, ×{r.bias_params:.3g} in N*" if told else ""
        lines += [f"  {name:<10} {answer}", f"  {'':<10} {r.note}{bias}"]
    return lines
