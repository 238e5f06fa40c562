"""docs/ablation.md from what the ablation stored: nothing in that page is typed."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from benchmark.cells import cell
from benchmark.markdown import Table, markdown, mean_and_error, shown
from benchmark.store import RESULTS
from benchmark.suites.papers import GROUPS, HEADLINE, TITLES
from numpy.typing import NDArray

from forescale.network.config import CONFIGS

N_SYNTHETIC = 20
PAPER = {"m3": (0.064, 0.131), "m4": (0.050, 0.058), "m3+m4": (0.038, 0.071), "+breaks": (0.032, 0.051)}
PAPER |= {"+up": (0.028, 0.033), "lc-pfn": (0.0428, 0.0706)}
"""Variant -> RMSLE on IC and DD that arXiv 2505.23032 prints."""
STEPS = ("m3", "m4", "m3+m4", "+breaks", "+up")
TITLE = {"m3": "M3 only", "m4": "M4 only", "m3+m4": "M3 and M4", "+breaks": "+ breaks", "+up": "+ up: the whole prior"}
TITLE |= {"lc-pfn": "LC-PFN's prior", "+up, later points only": "the whole prior, without context regression"}
TITLE |= {"+up, 10 targets": "the whole prior, 10 targets a curve"}  # stored by an earlier configuration
Facts = dict[str, Any]


def longest(found: Mapping[str, Facts], group: str) -> dict[str, Facts]:
    """Variant -> what is stored of it, at one budget: the one with most variants, the longest of equals."""
    budgets: dict[int, dict[str, Facts]] = {}
    for label, facts in found.items():
        budget, _, variant = label.partition("/")
        if budget.rpartition("-")[0] == group:
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


def prior_table(found: dict[str, Facts]) -> Table:
    table = [["prior", "IC", "paper", "DD", "paper", "NLP+Nano", "IC, LL", "DD, LL", "nats per ln y"]]
    for name, facts in found.items():
        paper = [f"{v:.3f}" if name in STEPS else f"{v:.4f}" for v in PAPER.get(name, ())] or ["", ""]
        rmsle = [shown(values(facts, GROUPS[g], "rmsle"), 3) for g in ("ic", "dd", "nlp+nano")]
        ll = [shown(values(facts, GROUPS[g], "ll"), 2) for g in ("ic", "dd")]
        nll = shown(np.array(facts["validation"]["run"]), 2)
        table.append([TITLE[name], rmsle[0], paper[0], rmsle[1], paper[1], rmsle[2], *ll, nll])
    return table


def ordering(found: dict[str, Facts]) -> str:
    """Whether the paper's order of the five steps returns, pair by pair, and how sure a reversed pair is."""
    if not all(step in found for step in STEPS):
        return "The five steps are not all stored yet.\n"
    lines = []
    for column, suite in enumerate(("ic", "dd")):
        scores = {step: values(found[step], (suite,), "rmsle") for step in STEPS}
        theirs = sorted(STEPS, key=lambda step: PAPER[step][column])
        ours = sorted(STEPS, key=lambda step: scores[step].mean())
        pairs = [(a, b) for i, a in enumerate(theirs) for b in theirs[i + 1 :]]  # a is better in the paper
        differences = [mean_and_error(scores[b] - scores[a]) for a, b in pairs]
        clear = [abs(mean) > 2 * error for mean, error in differences]
        agree = [mean > 0 for mean, _ in differences]
        sure = sum(c and a for c, a in zip(clear, agree, strict=True))
        against = sum(c and not a for c, a in zip(clear, agree, strict=True))
        lines.append(
            f"- {TITLES[suite]}: {' < '.join(ours)}; in the paper {' < '.join(theirs)}. {sum(agree)} of {len(pairs)} "
            f"pairs stand in the paper's order, {sure} of them by more than two standard errors of the difference over "
            f"curves; {against} stand clearly the other way round."
        )
    return "Lowest RMSLE first:\n\n" + "\n".join(lines) + "\n"


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
    prior, parts = longest(found, "prior"), longest(found, "parts")
    if not prior and not parts:
        return "# What one loses without each part\n\nNot stored yet: `python -m lab ablation`.\n"
    base = CONFIGS["base"]
    text = [INTRODUCTION.format(width=base.network.width, depth=base.network.depth, steps=f"{base.steps:,}")]
    if prior:
        text += [
            PRIOR_NOTE.format(**size(prior), last=last_value()),
            markdown(prior_table(prior)),
            "",
            ordering(prior),
        ]
    if "all parts" in parts:
        text += [PARTS_NOTE.format(**size(parts)), markdown(parts_table(parts)), ""]
        text += [FEW_NOTE, markdown(few_points_table(parts)), ""]
        text += [SYNTHETIC_NOTE.format(n=N_SYNTHETIC), markdown(synthetic_table(parts)), ""]
        text += [CLEAN_NOTE, markdown(clean_table(parts)), ""]
    return "\n".join(text).rstrip() + "\n"


def last_value() -> str:
    """RMSLE of the method `last` on IC and DD, where it is stored."""
    cells = [cell(RESULTS, "last", group, "rmsle") for group in ("ic", "dd")]
    return " and ".join(f"{c.mean:.3f}" if c else "(not stored)" for c in cells)


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
PRIOR_NOTE = """## The paper's prior, step by step

The `paper` configuration (linear scaling, bars) at {shape}, {steps} steps and about {curves} thousand curves a
run (code {code}); the paper's network has 26.8 M parameters and saw 1.6 M curves. 50 targets a curve, because this
network learns to look only as far as its targets lie; the last row shows the 10 of the configuration. Columns without a
score in their head are RMSLE. Repeating the last value scores {last} on IC and DD: a network that is not below has not
learnt to read.
"""
PARTS_NOTE = """## Our recipe without one part

Networks of {shape}, {steps} steps, about {curves} thousand curves a run (code {code}; `--group parts`, `--width`,
`--depth`, `--tokens` and `--steps` set the size). First row: scores; other rows: change against it, on the same curves.
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
