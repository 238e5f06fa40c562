"""The section of docs/results.md on a network and its own prior, from what `python -m lab calibration` stored."""

from collections.abc import Mapping
from typing import Any

from .markdown import markdown


def prior_page(found: Mapping[str, Any]) -> str:
    """Coverage by group of question, a test of uniformity, and the gap to the Bayes optimum, for each network."""
    parts = [f"## `{name}` on its own prior\n\n{section(facts)}" for name, facts in found.items()]
    return "\n".join(parts) or "## On its own prior\n\nNot stored yet: `python -m lab calibration`.\n"


def section(facts: dict[str, Any]) -> str:
    table = [["question", "curves", "run 50", "run 90", "curve 50", "curve 90", "band curve / run"]]
    for name, g in facts["groups"].items():
        pairs = [g[kind]["coverage"][level] for kind in ("run", "curve") for level in ("0.5", "0.9")]
        covered = [f"{mean:.3f} ± {error:.3f}" for mean, error in pairs]
        table.append([name, str(g["curves"]), *covered, f"{g['curve_over_run']:.3f}"])
    p, gap = facts["uniformity_p"], facts["gap"]
    room = [["target", "gap", "optimum", "network"]]
    for name, row in gap["groups"].items():
        both = [f"{row['optimal']:.3f}", f"{row['network']:.3f}"]
        room.append([name, f"{row['gap']:+.3f} ± {row['se']:.3f}", *both])
    return (
        f"{PRIOR_NOTE}\n{markdown(table)}\n\n"
        "Kolmogorov-Smirnov p-value of PIT values, one target a curve: "
        f"run {p['run']:.2g}, curve {p['curve']:.2g}.\n\n"
        f"### Gap to the Bayes-optimal predictive\n\n{GAP_NOTE.format(**gap)}\n{markdown(room)}\n"
    )


PRIOR_NOTE = """Coverage of central intervals over curves drawn from the prior that the network was trained on,
± standard error (targets of one curve count as one draw). `run` is held against new readings, `curve` against the
noise-free truth.
"""
GAP_NOTE = """{curves} curves of the family "{family}" (lab/bayes_gap.py), whose exact predictive is found by
importance sampling ({draws} draws; effective draws: median {ess_median:.0f}, smallest {ess_min:.0f}). Nats of ln y a
target; the network is not told the family, so the gap holds both its error and the price of being general.
"""
