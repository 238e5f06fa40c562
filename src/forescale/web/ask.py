"""A question of the page, and its answer: the same functions and the same pages as in the shell."""

from collections.abc import Callable, Mapping
from typing import Any

from ..curves.curve import Curve
from ..curves.numbers import parse_number
from ..decisions.backtest import backtest
from ..decisions.compare import compare
from ..decisions.reach import reach_many
from ..decisions.recipes import recipes
from ..decisions.suggest import suggest
from ..errors import CurveError
from ..forecasts.forecast import is_relative
from ..joint.model import fit_joint
from ..joint.table import with_caveats
from ..method.registry import forecast_many
from ..pages.chart import chart
from ..pages.data import page_csv, page_json
from ..pages.page import Page, cells, text
from ..pages.svg import page_svg
from ..presenters import allocate as allocate_report
from ..presenters import backtest as backtest_report
from ..presenters import compare as compare_report
from ..presenters import forecasts as forecasts_report
from ..presenters import reach as reach_report
from ..presenters import recipes as recipes_report
from ..presenters import suggest as suggest_report
from ..presenters.whole import report

Curves = Mapping[str, Curve]
ROWS = 200
"""Rows of a table that the page shows; the download has all of them."""
FORMATS = {"csv": "text/csv", "json": "application/json", "svg": "image/svg+xml", "html": "text/html"}
QUICK = 12
"""A forecast of no more curves than these is answered at once."""


def is_quick(asked: Mapping[str, Any], curves: Curves) -> bool:
    """Whether the answer takes less than a blink."""
    return asked.get("command") == "forecast" and asked.get("method", "pfn") == "pfn" and len(curves) <= QUICK


def page_of(asked: Mapping[str, Any], curves: Curves) -> Page:
    """The Page of a question.

    Raises:
        ForescaleError: a question that cannot be answered.
    """
    name = asked.get("command")
    if name not in _ANSWERS:
        raise CurveError(f"expected one of {', '.join(_ANSWERS)}, got {name!r}. Reload the page.")
    return _ANSWERS[name](asked, curves)


def reply(asked: Mapping[str, Any], curves: Curves) -> dict[str, Any]:
    """What the page shows: cells as text, charts as SVG of ours."""
    page = page_of(asked, curves)
    tables = []
    for table in page.shown_tables:
        heads, sides, rows = cells(table)
        left = max(len(rows) - ROWS, 0)
        tables.append({"title": text(table.title), "heads": heads, "sides": sides, "rows": rows[:ROWS], "left": left})
    left_out = [c.message for c in page.left_out]
    charts = [chart(draw(), f"p{i}") for i, draw in enumerate(page.grid().values())]
    told: dict[str, Any] = {
        "title": text(page.title), "tables": tables, "sentences": [*page.shown_sentences, *left_out],
        "warnings": page.shown_caveats, "charts": charts,
    }  # fmt: skip
    if asked.get("command") != "allocate":
        told["x"] = {"min": min(float(c.x[0]) for c in curves.values()), "max": max(c.x_max for c in curves.values())}
    return told


def download(asked: Mapping[str, Any], curves: Curves, form: str) -> str:
    """The answer as a file.

    Raises:
        CurveError: an unknown format, or no figure to draw.
    """
    if form == "html":
        method = str(asked.get("method") or "pfn")
        target = numbers(asked, "target")[0] if asked.get("target") else None
        return report(dict(curves), targets(asked), method=method, target=target).html
    if form not in FORMATS:
        raise CurveError(f"expected a format among {', '.join(FORMATS)}, got '{form}'. Reload the page.")
    page = page_of(asked, curves)
    return {"csv": page_csv, "json": page_json, "svg": page_svg}[form](page)


def numbers(asked: Mapping[str, Any], name: str) -> list[float]:
    """The numbers of a field, written as people write them.

    Raises:
        CurveError: none, or something else.
    """
    words = str(asked.get(name) or "")
    try:
        return [parse_number(piece) for piece in words.split(",")]
    except ValueError:
        raise CurveError(f"expected numbers such as 1e12,7B in '{name}', got '{words}'. Type one.") from None


def targets(asked: Mapping[str, Any]) -> list[Any]:
    """Where to ask: numbers, or multiples of each curve's largest x such as 10x."""
    words = str(asked.get("at") or "").split(",")
    return [w.strip() if is_relative(w) else numbers({"at": w}, "at")[0] for w in words]


def _allocate(asked: Mapping[str, Any], columns: Any) -> Page:
    joint = with_caveats(fit_joint(columns["params"], columns["tokens"], columns["loss"]), columns["caveats"])
    return allocate_report.page(joint.allocate(numbers(asked, "compute")[0]), seed=0)


def _ask(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {"method": str(asked.get("method") or "pfn"), "kind": str(asked.get("kind") or "run")}


def _methods(asked: Mapping[str, Any]) -> list[str] | None:
    return [m.strip() for m in str(asked.get("methods") or "").split(",") if m.strip()] or None


def _forecast(asked: Mapping[str, Any], curves: Curves) -> Page:
    return forecasts_report.page(forecast_many(curves, targets(asked), **_ask(asked)), seed=0)


def _compare(asked: Mapping[str, Any], curves: Curves) -> Page:
    kind: Any = _ask(asked)["kind"]
    at, names = targets(asked), _methods(asked)
    return compare_report.page({n: compare(c, at, methods=names, kind=kind) for n, c in curves.items()}, seed=0)


def _reach(asked: Mapping[str, Any], curves: Curves) -> Page:
    target = numbers(asked, "target")[0]
    return reach_report.page(reach_many(curves, target, method=_ask(asked)["method"]), seed=0)


def _recipes(asked: Mapping[str, Any], curves: Curves) -> Page:
    return recipes_report.page(recipes(curves, targets(asked)[0], method=_ask(asked)["method"]), seed=0)


def _suggest(asked: Mapping[str, Any], curves: Curves) -> Page:
    budget = numbers(asked, "budget")[0] if asked.get("budget") else None
    chosen: dict[str, Any] = {"cost": asked.get("cost") or "x", "budget": budget, "n": int(numbers(asked, "n")[0])}
    at = targets(asked)
    return suggest_report.page({n: suggest(c, at, **chosen) for n, c in list(curves.items())[:QUICK]}, seed=0)


def _backtest(asked: Mapping[str, Any], curves: Curves) -> Page:
    names = _methods(asked) or ["pfn", "m2", "m4", "bnsl1", "line"]
    return backtest_report.page(backtest(curves, methods=names), seed=0)


_ANSWERS: dict[str, Callable[[Mapping[str, Any], Curves], Page]] = {
    "forecast": _forecast, "compare": _compare, "reach": _reach, "recipes": _recipes, "suggest": _suggest,
    "backtest": _backtest, "allocate": _allocate,
}  # fmt: skip
