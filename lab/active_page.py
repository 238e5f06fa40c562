"""What the active-learning runs say: a table at half the pool, and a figure. It computes no forecast."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
from benchmark.markdown import Table, markdown, mean_and_error, shown

from benchmark import look

from .experiment import FIGURES

SHARES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
"""Shares of the pool at which the forecast is scored."""
TITLES = {"ic": "IC", "nlp": "NLP (NMT, LM, BB)", "dd": "DD"}
GROUPS = {"ic": ("ic",), "nlp": ("nmt", "lm", "bb"), "dd": ("dd",)}
OURS, HALF = "information", 0.5
Scores = dict[str, dict[float, dict[str, dict[str, float]]]]  # rule -> share -> score -> curve -> mean over seeds


def page(found: Mapping[str, Any]) -> str:
    """A table for each group of suites that has runs."""
    text = []
    for group, table in grouped(found).items():
        text += [f"### {TITLES[group]}: {len(table[OURS][1.0]['ll_ln'])} curves", "", markdown(_table(table)), ""]
    return "\n".join(text).rstrip() + "\n"


def grouped(found: Mapping[str, Any]) -> dict[str, Scores]:
    """Group -> scores, the mean over seeds for each curve."""
    values: dict[tuple[str, str, float, str, str], list[float]] = defaultdict(list)
    for label, rows in found.items():
        curve, _, rule = label.rsplit(", ", 2)
        group = next(g for g, suites in GROUPS.items() if curve.partition("/")[0] in suites)
        for row in rows:
            for name in ("ll_ln", "rmsle"):
                values[group, rule, row["share"], name, curve].append(row[name])
    scores: dict[str, Scores] = {}
    for (group, rule, share, name, curve), those in values.items():
        of_rule = scores.setdefault(group, {}).setdefault(rule, {})
        of_rule.setdefault(share, {}).setdefault(name, {})[curve] = float(np.mean(those))
    return {group: scores[group] for group in GROUPS if group in scores}


def _table(table: Scores) -> Table:
    heads = [
        "rule",
        "LL at half the pool",
        "behind the whole pool",
        "ours better by",
        "standard errors",
        "RMSLE at half",
    ]
    lines = [heads]
    whole, ours = table[OURS][1.0]["ll_ln"], table[OURS][HALF]["ll_ln"]
    for rule, scores in table.items():
        half = scores[HALF]["ll_ln"]
        better = [ours[c] - half[c] for c in half]
        mean, error = mean_and_error(better)
        apart = ["", ""] if rule == OURS else [shown(better, 3, "+"), f"{mean / error:+.1f}"]
        behind = shown((whole[c] - half[c] for c in half), 3)
        lines.append([rule, shown(half.values(), 3), behind, *apart, shown(scores[HALF]["rmsle"].values(), 4)])
    return lines


def draw(found: Mapping[str, Any]) -> None:
    """Scores against the share of the pool that is measured, a panel a group, a line a rule."""
    scores = grouped(found)
    figure, axes = look.new_figure(2, len(scores), width=4.6, height=3.3)
    for column, (group, table) in enumerate(scores.items()):
        for row, (name, label) in enumerate((("ll_ln", "LL of ln y (nats)"), ("rmsle", "RMSLE"))):
            ax = axes[row, column]
            for i, (rule, of_rule) in enumerate(table.items()):
                mean, error = np.array([mean_and_error(of_rule[s][name].values()) for s in of_rule]).T
                style = {"color": look.COLOURS[i], "lw": 1.6, "marker": "o", "ms": 3.5, "elinewidth": 0.8}
                ax.errorbar(np.array([*of_rule]) + 0.004 * (i - 2), mean, yerr=error, label=rule, **style)
            ax.axvline(HALF, color=look.INK, lw=0.6, ls=":")
            ax.set(xlabel="share of the pool measured", ylabel=label)
        n_curves = len(table[OURS][1.0]["ll_ln"])
        axes[0, column].set_title(f"{TITLES[group]}, {n_curves} curves", fontsize=10, loc="left")
    look.legend_outside(figure, axes[0, 0])
    look.save(figure, FIGURES / "active-learning.png", dpi=150)
