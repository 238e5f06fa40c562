"""What the steps of the paper's prior gave: a table beside the paper's, and its ranking pair by pair."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from benchmark.cells import cell
from benchmark.markdown import Table, markdown, mean_and_error
from benchmark.store import RESULTS
from benchmark.suites.papers import GROUPS, TITLES
from numpy.typing import NDArray

KEPT = ("rmsle", "ll", "ll_ln", "coverage90")
"""The scores of single curves that are stored."""
PAPER = {"m3": (0.064, 0.131), "m4": (0.050, 0.058), "m3+m4": (0.038, 0.071), "+breaks": (0.032, 0.051)}
PAPER |= {"+up": (0.028, 0.033), "lc-pfn": (0.0428, 0.0706)}
"""Variant -> RMSLE on IC and DD that arXiv 2505.23032 prints."""
TITLE = {"m3": "M3 only", "m4": "M4 only", "m3+m4": "M3 and M4", "+breaks": "+ breaks", "+up": "+ up: the whole prior"}
TITLE |= {"+up, later points only": "the whole prior, without context regression"}
TITLE |= {"+up, dropout .2": "the whole prior, with the paper's dropout of .2", "lc-pfn": "LC-PFN's prior"}
STEPS = tuple(TITLE)[:5]
Seeds = dict[str, list[dict[str, Any]]]
"""Variant -> the facts of each seed."""


def page(found: Mapping[str, Any]) -> str:
    """The table, the ranking and what was trained; the same facts give the same text."""
    seeds: Seeds = {}
    for label, facts in found.items():
        seeds.setdefault(label.rpartition(", seed ")[0], []).append(facts)
    if not seeds:
        return "Not stored yet: `python -m lab paper-prior`.\n"
    return "\n".join([NOTE.format(**_size(seeds), last=_last_value()), markdown(table(seeds)), "", ranking(seeds)])


def table(seeds: Seeds) -> Table:
    """Means over curves and seeds, the standard error over curves, and how far the two seeds lie apart."""
    lines = [["prior", "IC", "paper", "DD", "paper", "NLP+Nano", "ColPret", "IC, LL", "DD, LL", "nats per ln y"]]
    for name in [n for n in TITLE if n in seeds]:
        paper = [f"{v:.3f}" if name in STEPS else f"{v:.4f}" for v in PAPER.get(name, ())] or ["", ""]
        rmsle = [_cell(seeds[name], g, "rmsle", 4) for g in ("ic", "dd", "nlp+nano", "colpret")]
        ll = [_cell(seeds[name], g, "ll", 2) for g in ("ic", "dd")]
        nats = mean_and_error(np.mean([facts["validation"] for facts in seeds[name]], axis=0))
        nats = f"{nats[0]:.2f} ± {nats[1]:.2f}"
        lines.append([TITLE[name], rmsle[0], paper[0], rmsle[1], paper[1], *rmsle[2:], *ll, nats])
    return lines


def ranking(seeds: Seeds) -> str:
    """Whether the paper's order of the five steps returns, pair by pair, and how sure each pair is."""
    if not all(step in seeds for step in STEPS):
        return "The five steps are not all stored yet.\n"
    text = ["Lowest RMSLE first; a pair is clear where the difference is more than two standard errors, which hold the"]
    text += ["spread over curves and that over seeds (pooled over the steps that have two):", ""]
    for column, group in enumerate(("ic", "dd")):
        theirs = sorted(STEPS, key=lambda step: PAPER[step][column])
        ours = sorted(STEPS, key=lambda step: of_curves(seeds[step], group, "rmsle").mean())
        pairs = [(a, b) for i, a in enumerate(theirs) for b in theirs[i + 1 :]]  # a is better in the paper
        luck = of_seeds(seeds, group)
        found = [difference(seeds[a], seeds[b], group, luck) for a, b in pairs]
        against = [f"{a} < {b} ({mean:+.4f} ± {error:.4f})" for (a, b), (mean, error) in zip(pairs, found, strict=True)
                   if mean < -2 * error]  # fmt: skip
        text.append(
            f"- {TITLES[group]}: {' < '.join(ours)}; in the paper {' < '.join(theirs)}. "
            f"{sum(m > 0 for m, _ in found)} of {len(pairs)} pairs stand in the paper's order, "
            f"{sum(m > 2 * e for m, e in found)} of them clearly; clearly the other way round: "
            f"{', '.join(against) or 'none'}. "
            + (
                f"Standard deviation over seeds: {luck:.4f}."
                if luck
                else "One seed each: its luck is not in these errors."
            )
        )
    return "\n".join(text) + "\n"


def difference(
    better: list[dict[str, Any]], worse: list[dict[str, Any]], group: str, luck: float
) -> tuple[float, float]:
    """Mean RMSLE of the second minus that of the first, on the same curves, and its standard error."""
    a, b = (of_curves(facts, group, "rmsle") for facts in (better, worse))
    mean, error = mean_and_error(b.mean(axis=0) - a.mean(axis=0))
    return mean, float(np.hypot(error, luck * np.sqrt(1 / len(a) + 1 / len(b))))


def of_seeds(seeds: Seeds, group: str) -> float:
    """Standard deviation of a network's RMSLE over seeds, pooled over the steps that have more than one; 0 without."""
    means = [of_curves(seeds[step], group, "rmsle").mean(axis=1) for step in STEPS if len(seeds[step]) > 1]
    return float(np.sqrt(np.mean([np.var(m, ddof=1) for m in means]))) if means else 0.0


def of_curves(facts: list[dict[str, Any]], group: str, key: str) -> NDArray[np.float64]:
    """(seeds, curves) of one score."""
    return np.array([np.concatenate([f["suites"][suite][key] for suite in GROUPS[group]]) for f in facts])


def _cell(facts: list[dict[str, Any]], group: str, key: str, digits: int) -> str:
    values = of_curves(facts, group, key)
    mean, error = mean_and_error(values.mean(axis=0))
    apart = f" ({np.ptp(values.mean(axis=1)):.{digits}f})" if len(facts) > 1 else ""
    return f"{mean:.{digits}f} ± {error:.{digits}f}{apart}"


def _last_value() -> str:
    """RMSLE of the method `last` on IC and DD, where it is stored."""
    cells = [cell(RESULTS, "last", group, "rmsle") for group in ("ic", "dd")]
    return " and ".join(f"{c.mean:.3f}" if c else "(not stored)" for c in cells)


def _size(seeds: Seeds) -> dict[str, Any]:
    everything = [facts for those in seeds.values() for facts in those]
    network, train = everything[0]["train"]["network"], everything[0]["train"]
    curves = np.mean([facts["curves"] for facts in everything])
    return {"width": network["width"], "depth": network["depth"], "steps": train["steps"],
            "curves": round(curves / 1000), "asked": train["prior_options"].get("n_asked", 0)}  # fmt: skip


NOTE = """Networks of width {width} and depth {depth}, {steps:,} steps, some {curves} thousand curves each
(`python -m lab paper-prior`); the paper's has 26.8 M parameters and saw 1.6 M. Sizes, cuts, raw y and 1,000 bars as the
authors train; {asked} of a curve's points are asked. Means over curves and seeds ± standard error over curves, in
brackets how far the two seeds lie apart. Columns without a score in their head are RMSLE; "nats per ln y" is the
negative log density of later points on 25 fixed batches of the whole prior. Repeating the last value scores {last} on
IC and DD.
"""
