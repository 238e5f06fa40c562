"""docs/ablation.md from what the ablation stored: nothing in that page is typed."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from benchmark.markdown import Table, markdown, mean_and_error, shown
from benchmark.methods import network
from benchmark.suites.papers import GROUPS, HEADLINE, TITLES
from numpy.typing import NDArray

N_SYNTHETIC = 20
Facts = dict[str, Any]


def longest(found: Mapping[str, Facts]) -> dict[str, Facts]:
    """Variant -> what is stored of it, at one budget: the one with most variants, the longest of equals."""
    budgets: dict[int, dict[str, Facts]] = {}
    for label, facts in found.items():
        budget, _, variant = label.partition("/")
        if budget.startswith("parts-"):
            budgets.setdefault(int(budget.rpartition("-")[2]), {})[variant] = facts
    return max(budgets.items(), key=lambda item: (len(item[1]), item[0]), default=(0, {}))[1]


def values(facts: Facts, suites: tuple[str, ...], key: str, cut: str = "100") -> NDArray[np.float64]:
    """One score for each curve of the suites."""
    return np.concatenate([facts["suites"][cut][suite][key] for suite in suites])


def change(values: NDArray[np.float64], reference: NDArray[np.float64], digits: int) -> str:
    """Mean difference on the same curves; bold from two standard errors on, in words where a density is zero."""
    if impossible := int((~np.isfinite(values)).sum()):
        return f"zero density on {impossible} curves" if impossible > 1 else "zero density on one curve"
    mean, error = mean_and_error(values - reference)
    text = f"{mean:+.{digits}f} ± {error:.{digits}f}"
    return f"**{text}**" if abs(mean) > 2 * error else text


def parts_table(found: dict[str, Facts]) -> Table:
    """RMSLE and LL of the reference, and what changes without each part."""
    base = found["all parts"]
    head = ["", "nats per ln y", *(f"{TITLES[g]}, RMSLE" for g in HEADLINE), *(f"{TITLES[g]}, LL" for g in HEADLINE)]
    table = [head]
    for name, facts in found.items():
        pairs = [(np.array(facts["validation"]["run"]), np.array(base["validation"]["run"]), 3)]
        for key, digits in (("rmsle", 4), ("ll", 2)):
            pairs += [(values(facts, GROUPS[g], key), values(base, GROUPS[g], key), digits) for g in HEADLINE]
        write = (lambda v, _, d: shown(v, d)) if name == "all parts" else change
        table.append([name, *(write(*pair) for pair in pairs)])
    return table


def few_points_table(found: dict[str, Facts]) -> Table:
    base = found["all parts"]
    table = [["", *(f"{TITLES[g]}, RMSLE" for g in HEADLINE), *(f"{TITLES[g]}, LL of ln y" for g in HEADLINE)]]
    for name, facts in found.items():
        cells = []
        for key, digits in (("rmsle", 3), ("ll_ln", 2)):
            for group in HEADLINE:
                mine, theirs = (values(f, GROUPS[group], key, "40") for f in (facts, base))
                cells.append(shown(mine, digits) if name == "all parts" else change(mine, theirs, digits))
        table.append([name, *cells])
    return table


def synthetic_table(found: dict[str, Facts]) -> Table:
    """LL of ln y on the checks whose truth is known; differences from the reference."""
    base = {(r["check"], r["variant"]): r for r in found["all parts"]["synthetic"]}
    table = [["", *(f"{check}, {variant}" for check, variant in base)]]
    for name, facts in found.items():
        rows = {(r["check"], r["variant"]): r for r in facts["synthetic"]}
        if name == "all parts":
            cells = [f"{r['ll_ln']:.2f} ± {r['ll_ln_se']:.2f}" for r in rows.values()]
        else:
            cells = [f"{r['ll_ln'] - base[key]['ll_ln']:+.2f}" for key, r in rows.items()]
        table.append([name, *cells])
    return table


def clean_table(found: dict[str, Facts]) -> Table:
    """Median error on clean curves, as a multiple of the reference's."""
    base = [r for r in found["all parts"]["synthetic"] if r["check"] == "clean"]
    table = [["", *(r["variant"] for r in base)]]
    for name, facts in found.items():
        rows = [r for r in facts["synthetic"] if r["check"] == "clean"]
        if name == "all parts":
            cells = [f"{r['median_rmsle']:.2g}" for r in rows]
        else:
            cells = [f"{r['median_rmsle'] / b['median_rmsle']:.3g}x" for r, b in zip(rows, base, strict=True)]
        table.append([name, *cells])
    return table


def page(found: Mapping[str, Facts]) -> str:
    """The whole page as Markdown; the same facts give the same text."""
    parts = longest(found)
    if not parts:
        return "# What one loses without each part\n\nNot stored yet: `python -m lab ablation`.\n"
    released = network("pfn").weights
    text = [
        INTRODUCTION.format(
            width=released.config.width, depth=released.config.depth, steps=f"{released.facts['steps']:,}"
        )
    ]
    if "all parts" in parts:
        text += [since(parts["all parts"]["train"], released.facts["train"])]
        text += [PARTS_NOTE.format(**size(parts)), markdown(parts_table(parts)), ""]
        text += [FEW_NOTE, markdown(few_points_table(parts)), ""]
        text += [SYNTHETIC_NOTE.format(n=N_SYNTHETIC), markdown(synthetic_table(parts)), ""]
        text += [CLEAN_NOTE, markdown(clean_table(parts)), ""]
    return "\n".join(text).rstrip() + "\n"


def since(measured: Mapping[str, Any], released: Mapping[str, Any]) -> str:
    """What the release does otherwise than the recipe that was measured; empty where it is the same."""
    net, now = measured["network"], released["network"]
    told = [f"{part} `{net.get(part)}` (`{now[part]}`)" for part in ("scaling", "head") if net.get(part) != now[part]]
    prior, today = measured.get("prior_options", {}), released["prior_options"]
    moved = sum(prior[name] != today[name] for name in prior if name in today)
    new = len(today.keys() - prior.keys())
    if moved or new:
        told.append(f"{moved} settings of the prior at other values, {new} newer ones missing")
    if not told:
        return ""
    return EARLIER.format(told=", ".join(told))


def size(found: dict[str, Facts]) -> dict[str, Any]:
    """Shape, steps, thousands of curves on average, and the code of prior and features that they share, or do not."""
    shapes = {(facts["train"]["network"]["width"], facts["train"]["network"]["depth"]) for facts in found.values()}
    shape = " or ".join("width {} and depth {}".format(*pair) for pair in sorted(shapes))
    curves = np.mean([facts["curves"] for facts in found.values()])
    code = " and, not comparable with it, ".join(sorted({facts["source"] for facts in found.values()}))
    steps = next(iter(found.values()))["train"]["steps"]
    return {"shape": shape, "steps": steps, "curves": round(curves / 1000), "code": code}


INTRODUCTION = """# What one loses without each part

Written by `python -m lab ablation --report` from benchmark/results/ablation.jsonl, which `python -m lab ablation`
fills; do not edit. Every variant is a network trained from scratch for one to three minutes on one core. The released
weights (width {width}, depth {depth}, {steps} steps; scores in results.md) are better; what is compared here is what
a part gives at equal, small cost. Scores are means over curves ± standard error. RMSLE: lower is better. LL: higher.
Nats per ln y (negative log density on 25 fixed batches of the full prior): lower. One seed a variant; the row of
another seed is the size of chance.
"""
EARLIER = """**What was measured is an earlier recipe**; in brackets what is released: {told}.
It says what the parts gave there. What those of later recipes gave is in the research log.
"""
PARTS_NOTE = """## Our recipe without one part

Networks of {shape}, {steps} steps, about {curves} thousand curves a run (code {code}; `--width`, `--depth`, `--tokens`
and `--steps` set the size). First row: scores; other rows: change against it, on the same curves.
**Bold**: more than two standard errors of the paired difference. "one anchor" keeps the features and drops the fits'
anchors; "no sharp anchor" drops the one whose scale has no floor of 2 % of the context's spread; "a fourth anchor on
the line" adds the straight line through the end of the context. All keep fourteen to sixteen components. The error of a
difference counts the curves, not the luck of a training run: a change is worth reading where it also exceeds the row of
another seed. Bars on logarithms begin 50 spreads below the last level and say zero below that.
"""
FEW_NOTE = """### With the first 40 % of the context
"""
SYNTHETIC_NOTE = """### Curves whose truth is known

LL of ln y on {n} curves of each check of suites/truths.py: first row ± standard error, then the change.
"""
CLEAN_NOTE = """Median RMSLE on clean power laws with a floor; other rows as a multiple of the first.
"""
