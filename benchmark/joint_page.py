"""Tables of runs: what `python -m lab joint-scores` stored, as the docs, docs/results.md and the card show it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .markdown import Table, markdown

METHODS = ("chinchilla", "law", "pfn")
DEFAULT = "law"
PARTS = ("tables", "cut", "N*", "exact", "students", "seconds")
Found = Mapping[str, Any]
MEAN = "mean of suites"

NOTES = {
    "tables": """Five suites of real tables, and Chinchilla's runs; those of at most a tenth of the largest compute are
given, the dearer ones asked. RMSLE of ln L / mean log density of ln L / share of 90 % intervals that hold the run /
their width in ln L / bias, the mean of ln median - ln L. Means over the groups of a suite.""",
    "N*": """90 % intervals of ln N\\* at 5.76e23 FLOPs from 50 subsamples of Chinchilla's runs: share that hold
7.08e10, which the law gives from all 240 (itself an answer of the law, ± 15 %) / width / width over that of the plain
posterior widened by its best factor, the one with which it would hold 90 %.""",
    "exact": """Where the law is exactly true: simulated tables of 4 to 7 levels, asked at 100 times their compute.
Coverage of 90 % intervals / width / width over that of the plain posterior.""",
    "students": """Two-layer students of the theory, the allocation exponent a from 50 subsamples of the cheaper half:
coverage of 90 % intervals / width.""",
    "seconds": "Seconds of CPU for 240 runs, fit and split together, the least of three.",
}


def joint_page(found: Found) -> str:
    """Every part that is stored, a row a method, with what its cells say."""
    parts = []
    for name, note in NOTES.items():
        table = TABLES[name](found)
        if len(table) > 1:
            parts.append(f"{note}\n\n{markdown(table)}" + (f"\n\n{_rule(found)}" if name == "tables" else ""))
    return "\n\n".join(parts)


def section(found: Found) -> str:
    """The same as a section of docs/results.md."""
    if not found:
        return "## Tables of runs\n\nNot stored yet: `python -m lab joint-scores`.\n"
    return (
        "## Tables of runs\n\n"
        "The joint methods of [allocate.md](allocate.md), scored by `python -m lab joint-scores`.\n\n"
        + joint_page(found)
        + "\n"
    )


def mean_of_suites(found: Found, method: str) -> dict[str, float]:
    """Mean over suites of each score of a method."""
    facts = found[f"tables, {method}"]
    return {name: float(np.mean([suite[name] for suite in facts.values()])) for name in next(iter(facts.values()))}


def _stored(found: Found, part: str) -> dict[str, Any]:
    return {m: found[f"{part}, {m}"] for m in METHODS if f"{part}, {m}" in found}


def _real(found: Found) -> Table:
    rows = _stored(found, "tables")
    suites = list(next(iter(rows.values()), {}))
    table = [["method", *suites, MEAN, "Chinchilla"]]
    for method, facts in rows.items():
        cut = found.get(f"cut, {method}")
        cells = [*(facts[s] for s in suites), mean_of_suites(found, method), *([cut] if cut else [])]
        table.append([f"`{method}`", *map(_scores, cells), *([] if cut else ["–"])])
    return table


def _rule(found: Found) -> str:
    """What the default costs against the better of the two, in hindsight."""
    density = {m: mean_of_suites(found, m)["density"] for m in ("law", "pfn") if f"tables, {m}" in found}
    if len(density) < 2:
        return ""
    best = max(density, key=lambda m: density[m])
    lost = density[best] - density[DEFAULT]
    return (
        f"Without a look at any target the choice is `{DEFAULT}`, whatever the table: {density[DEFAULT]:.2f} nats. "
        f"The better of the two in hindsight is `{best}` with {density[best]:.2f}: the rule loses {lost:.2f}."
    )


def _optima(found: Found) -> Table:
    plain = found.get("N*, chinchilla")
    rows = _stored(found, "N*")
    designs = list(next(iter(rows.values()), {}))
    table = [["method", *designs]]
    for method, facts in rows.items():
        widened = {d: plain[d]["width"] * plain[d]["factor"] for d in designs} if plain else {}
        table.append([f"`{method}`", *(_interval(facts[d], widened.get(d)) for d in designs)])
    return table


def _exact(found: Found) -> Table:
    plain = found.get("exact, chinchilla")
    table = [["method", "N\\*", "L\\*"]]
    for method, facts in _stored(found, "exact").items():
        cells = (_interval(facts[q], plain[q]["width"] if plain else None) for q in ("params", "loss"))
        table.append([f"`{method}`", *cells])
    return table


def _students(found: Found) -> Table:
    rows = _stored(found, "students")
    sizes = list(next(iter(rows.values()), {}))
    table = [["method", *(f"{size} runs" for size in sizes)]]
    return table + [[f"`{m}`", *(_interval(facts[size]) for size in sizes)] for m, facts in rows.items()]


def _seconds(found: Found) -> Table:
    rows = _stored(found, "seconds")
    return [["method", "240 runs"], *([f"`{m}`", f"{next(iter(f.values())):.3g}"] for m, f in rows.items())]


TABLES = {"tables": _real, "N*": _optima, "exact": _exact, "students": _students, "seconds": _seconds}


def _scores(s: Mapping[str, float]) -> str:
    return f"{s['rmsle']:.4f} / {s['density']:.2f} / {s['coverage']:.2f} / {s['width']:.3f} / {s['bias']:+.3f}"


def _interval(s: Mapping[str, float], beside: float | None = None) -> str:
    return f"{s['coverage']:.2f} / {s['width']:.3g}" + ("" if beside is None else f" / {s['width'] / beside:.2f}")
