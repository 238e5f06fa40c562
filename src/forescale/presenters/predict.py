"""The page of predictions: a row for each model asked, and the parts of its loss."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from ..forecasts.forecast import Forecast, Kind
from ..joint.model import JointModel
from ..joint.parts import Parts
from ..pages.page import INTERVALS, LEVELS, Column, Page, Row, Table, text, times
from ..pages.panel import Mark, Panel, Points, Whiskers

_PARTS = {
    "irreducible": "irreducible", "from_params": "more parameters buy", "from_tokens": "more tokens buy",
}  # fmt: skip


def page(
    model: JointModel, at: Sequence[tuple[float, float]], kind: Kind = "run", levels: Sequence[float] = LEVELS,
    seed: int | None = None,
) -> Page:  # fmt: skip
    """The answer of `predict` for several (params, tokens)."""
    params, tokens = (np.array(column) for column in zip(*at, strict=True))
    answer = model.predict(params, tokens, kind=kind)
    parts = [model.parts(n, d) for n, d in at]
    facts = {
        "method": model.method, "conditional_on": model.conditional_on, "kind": kind, "n_runs": model.runs.n,
        "seed": seed,
    }  # fmt: skip
    weights = (answer.details or {}).get("weights")
    said = {"run": "what one new run would read", "curve": "the noise-free loss"}[kind]
    return Page(
        f"{model.method}, {model.conditional_on}: {said}, from {model.runs.n} runs",
        tables=(_predictions(answer, levels), _parts(at, parts, levels)),
        panels=(partial(panel, model, answer),),
        caveats=answer.warnings,
        facts=facts | ({} if weights is None else {"weights": weights}),
    )


def panel(model: JointModel, answer: Forecast) -> Panel:
    """The runs and the models asked, loss against 6 N D."""
    low, high = answer.interval(0.9)
    marks: list[Mark] = [
        Points(model.runs.x, model.runs.y, "runs"),
        Whiskers(answer.x, answer.median, low, high, f"{model.method}: median, 90 % ({answer.kind})", 1),
    ]
    return Panel("FLOPs, 6 N D", "loss", marks, "", True)


def _predictions(answer: Forecast, levels: Sequence[float]) -> Table:
    columns = (
        Column("params", "N"), Column("tokens", "D"), Column("flops", "6 N D"), Column("median", "loss (median)"),
        INTERVALS, Column("extrapolation_ratio", "FLOPs / largest seen", times),
    )  # fmt: skip
    details = answer.details or {}
    ends = {level: answer.interval(level) for level in levels}
    rows: list[Row] = [
        {
            "params": float(details["params"][i]), "tokens": float(details["tokens"][i]), "flops": float(answer.x[i]),
            "median": float(answer.median[i]),
            "intervals": {level: (float(low[i]), float(high[i])) for level, (low, high) in ends.items()},
            "extrapolation_ratio": float(answer.extrapolation_ratio[i]),
        }
        for i in range(len(answer.x))
    ]  # fmt: skip
    return Table("predictions", columns, rows)


def _parts(at: Sequence[tuple[float, float]], parts: Sequence[Parts], levels: Sequence[float]) -> Table:
    columns = (
        Column("params", "N", media="j"), Column("tokens", "D", media="j"),
        Column("part", "part of the loss", text, "j"),
        Column("median", "median", media="j"), Column("intervals", "{} % interval", media="j"),
    )  # fmt: skip
    rows: list[Row] = [
        {
            "params": n, "tokens": d, "part": label, "median": q.median,
            "intervals": {level: q.interval(level) for level in levels},
        }
        for (n, d), found in zip(at, parts, strict=True)
        for label, q in ((_PARTS[name], found.quantities[name]) for name in _PARTS)
    ]  # fmt: skip
    return Table("parts", columns, rows, "parts of the noise-free loss under the law")
