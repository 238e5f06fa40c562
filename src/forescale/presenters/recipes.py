"""The page of a comparison of recipes: a row for each recipe, sentences on pairs, both in one figure."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from ..decisions.recipes import Duel, Recipes
from ..pages.page import INTERVALS, LEVELS, Column, Page, Row, Table, digits, number, percent, short, text
from ..pages.panel import Band, Line, Mark, Panel, Rule, Whiskers
from .parts import measured

ALL_PAIRS = 3
"""With more recipes than this, sentences are said of neighbours in the ranking only."""


def page(answer: Recipes, levels: Sequence[float] = LEVELS, seed: int | None = None) -> Page:
    """The answer of `recipes`, best first."""
    first, any_forecast = answer.curves[answer.names[0]], answer.forecasts[answer.names[0]]
    facts = {
        "method": any_forecast.method, "kind": any_forecast.kind, "seed": seed, "at": answer.at,
        "cross_range": list(answer.cross_range), "correlation": answer.correlation, "note": answer.note,
    }  # fmt: skip
    return Page(
        f"noise-free {first.y_name} at {number(answer.at)} {first.x_name} (curve)",
        tables=(_ranking(answer, levels), _pairs(answer, levels)),
        panels=(partial(curves_panel, answer), partial(duels_panel, answer)),
        sentences=(*_told(answer, max(levels)), f"note: {answer.note}"),
        caveats=answer.warnings,
        facts=facts,
    )


def curves_panel(answer: Recipes) -> Panel:
    """Every recipe's runs and noise-free band."""
    marks: list[Mark] = []
    seen = _seen(answer)
    n = len(answer.names)
    for i, name in enumerate(answer.ranking):
        f, c = answer.forecasts[name], answer.curves[name]
        low, high = f.interval(0.9)
        aside = min(5.0, 60 / n) * (i - (n - 1) / 2)
        marks += [Band(answer.x[seen], low[:-1][seen], high[:-1][seen], "", i, 0.3 / max(n, 3))]
        marks += [Line(answer.x[seen], f.median[:-1][seen], name, i), measured(c, series=i, label="")]
        marks += [Whiskers(f.x[-1:], f.median[-1:], low[-1:], high[-1:], "", i, aside=aside)]
    first = answer.curves[answer.names[0]]
    marks.append(Rule("x", answer.at, "target"))
    return Panel(first.x_name, first.y_name, marks, "runs, median and 90 % interval (curve)", x_log=True)


def duels_panel(answer: Recipes) -> Panel:
    """Along x, the chance that the best at the target is better than each other recipe."""
    best, *others = answer.ranking
    seen = _seen(answer)
    marks: list[Mark] = [Rule("y", 0.5, "", -2), Rule("x", answer.at)]
    for i, name in enumerate(others, start=1):
        d = answer.duel(best, name)
        along = d.prob_along if d.a == best else 1 - d.prob_along
        marks.append(Line(answer.x[seen], along[seen], "", i))
    x_name, title = answer.curves[best].x_name, f"P({short(best, 20)} beats each other)"
    return Panel(x_name, "probability (curve)", marks, title, x_log=True, y_log=False,
                 y_range=(-0.02, 1.02))  # fmt: skip


def _seen(answer: Recipes) -> Any:
    """The grid as far as the figure shows it."""
    return answer.x <= 3 * max(answer.at, *(c.x_max for c in answer.curves.values()))


def _ranking(answer: Recipes, levels: Sequence[float]) -> Table:
    first = answer.curves[answer.names[0]]
    columns = (
        Column("recipe", "recipe", text), Column("n_context"), Column("median", "median"),
        INTERVALS, Column("prob_best", "P(best)", digits(3)), Column("rank_probs", media="j"),
        Column("prob_beats", media="j"),
        Column("largest_y", "largest run so far"), Column("largest_x", f"at {first.x_name}"),
        Column("n_runs", "seeds"), Column("largest_rank", "ranks"),
    )  # fmt: skip
    ranked = {run.name: (i, run) for i, run in enumerate(answer.baseline, start=1)}
    rows = []
    for name in answer.ranking:
        f, (place, run) = answer.forecasts[name].take(slice(-1, None)), ranked[name]
        probs = answer.rank_probs[answer.names.index(name)]
        row: dict[str, Any] = {"recipe": name, "n_context": f.context.n, "median": f.median.item()}
        row["intervals"] = {level: tuple(end.item() for end in f.interval(level)) for level in levels}
        beaten = answer.beats[answer.names.index(name)].tolist()
        row["prob_beats"] = {other: p for other, p in zip(answer.names, beaten, strict=True) if other != name}
        row |= {"prob_best": float(probs[0]), "rank_probs": probs.tolist(), "largest_y": run.y, "largest_x": run.x}
        rows.append(row | {"n_runs": run.n_runs, "largest_rank": place})
    return Table("recipes", columns, rows)


def _pairs(answer: Recipes, levels: Sequence[float]) -> Table:
    """For machines: the pairs that were looked into; P(better) of every pair is `prob_beats` of the recipes."""
    names = (
        "a", "b", "prob_a_better", "multiplier", "multiplier_range", "prob_out_of_reach", "prob_cross", "crossing",
        "leads_now", "called",
    )  # fmt: skip

    def row(d: Duel) -> Row:
        told = [None if q is None else q.to_dict(tuple(levels)) for q in (d.multiplier, d.crossing)]
        values = (
            d.a, d.b, d.prob_better, told[0], list(d.multiplier_range), d.prob_out_of_reach, d.prob_cross, told[1],
            d.leads_now, d.called,
        )  # fmt: skip
        return dict(zip(names, values, strict=True))

    return Table("pairs", tuple(Column(name) for name in names), [row(d) for d in answer.duels])


def _told(answer: Recipes, level: float) -> list[str]:
    """The pairs in sentences: all of them for a few recipes, neighbours in the ranking for more."""
    if len(answer.names) <= ALL_PAIRS:
        duels = list(answer.duels)
    else:
        duels = [answer.duel(a, b) for a, b in zip(answer.ranking, answer.ranking[1:], strict=False)]
    return [line for d in duels for line in _duel(d, answer, level)]


def _duel(d: Duel, answer: Recipes, level: float) -> list[str]:
    """What is known of a pair, in sentences, the better one first."""
    x_name = answer.curves[d.a].x_name
    low, high = (_times(value, d) for value in d.multiplier.interval(level))
    lines = [f"P({d.a} better than {d.b}) = {d.prob_better:.3f}{_against_now(d)}"]
    middle = _times(d.multiplier.median, d)
    spread = f"{low} to {high}" if low != high else f"{low} throughout"
    lines.append(
        f"  to match {d.a} at {answer.at:.3g} {x_name}, {d.b} needs {middle} as much ({percent(level)} %: {spread})"
    )
    where = f"between {answer.cross_range[0]:.3g} and {answer.cross_range[1]:.3g}"
    crossed = f"  they cross {where} with probability {d.prob_cross:.3f}"
    if d.crossing is None:
        return [*lines, crossed]
    left, right = d.crossing.interval(level)
    return [*lines, f"{crossed}; if so, at {d.crossing.median:.3g} ({percent(level)} %: {left:.3g} to {right:.3g})"]


def _against_now(d: Duel) -> str:
    """What the probability means beside the order that is measured."""
    if not d.flips:
        return ""
    if d.called:
        return f", although {d.b} reads better so far"
    return f": too little to call, as {d.b} reads better so far"


def _times(value: float, d: Duel) -> str:
    """A multiplier; at an edge of what was looked at, as a bound."""
    low, high = d.multiplier_range
    if value <= low * (1 + 1e-9):
        return f"less than {low:.2g}×"
    return f"{value:.3g}×" if value < high else f"over {high:.4g}×"
