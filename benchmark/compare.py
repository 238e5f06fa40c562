"""Two files of weights on the same curves: paired differences, and how the error runs along the curve.

The measuring stick of the research log. A change of the prior that should cure a bias must be seen in the bias.
"""

import warnings
from typing import Any

import numpy as np

import forescale as fs

from .checks import measured
from .markdown import Table, aligned, shown
from .methods import network
from .problem import contexts, targets
from .scores import DIGITS, HEADS, score, with_calibration
from .suites.papers import GROUPS, SUITES, TITLES, load_suite
from .suites.truths import checks

COMPARED = {key: DIGITS[key] for key in ("rmsle", "ll", "coverage90")} | {"bias near": 4, "bias far": 4}


def score_suites(asked: fs.Forecaster, cut: float, data: str) -> dict[str, list[dict[str, Any]]]:
    """Suite -> one row a curve; bias: mean ln(median / y) over the nearer and the farther half of the targets in x."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for suite in SUITES:
        problems = load_suite(suite, cut, data)
        answers = asked.forecast_many(contexts(problems), targets(problems))
        rows[suite] = []
        for p in problems:
            error = np.log(answers[p.name].median / p.y)
            far = p.x >= np.median(p.x)
            near = ~far if not far.all() else far  # one target is both
            bias = {"bias near": float(error[near].mean()), "bias far": float(error[far].mean())}
            rows[suite].append(with_calibration(score(p, answers[p.name], 0.0)) | bias)
    return rows


def suites_table(old: dict[str, list[dict[str, Any]]], new: dict[str, list[dict[str, Any]]]) -> Table:
    """Old, new and the paired change; mean ± standard error over curves."""
    lines = [["suite", "", *(HEADS.get(key, key) for key in COMPARED)]]
    for group, suites in GROUPS.items():
        for which in ("old", "new", "change"):
            cells = []
            for key, digits in COMPARED.items():
                before, after = (np.array([r[key] for s in suites for r in rows[s]]) for rows in (old, new))
                values = {"old": before, "new": after, "change": after - before}[which]
                cells.append(shown(values, digits, "+" if which == "change" else ""))
            lines.append([TITLES[group] if which == "old" else "", which, *cells])
    return lines


def checks_table(networks: dict[str, fs.Forecaster], n_curves: int) -> Table:
    """The synthetic checks of both: median RMSLE, 90 % coverage of a reading and of the truth, width of the band."""
    lines = [["check", "", "median RMSLE", "LL of ln y", "coverage 90, run", "curve", "band"]]
    for check, variant, problems in checks(n_curves):
        for which, asked in networks.items():
            row = measured(check, variant, problems, asked.forecast)
            cells = [f"{row['median_rmsle']:.2g}", f"{row['ll_ln']:.2f} ± {row['ll_ln_se']:.2f}"]
            cells += [f"{row[f'coverage90_{kind}']:.3f}" for kind in ("run", "curve")]
            label = f"{check}, {variant}" if which == "old" else ""
            lines.append([label, which, *cells, f"{np.exp(row['log_width90']):.2g}"])
    return lines


def compare(old: str, new: str, cut: float = 1.0, curves: int = 60, data: str = "") -> None:
    """Two files of weights on all suites and on curves whose truth is known.

    Args:
        old: a .safetensors file.
        new: another one.
        cut: share of the context points that is seen.
        curves: in each synthetic check; 0 leaves them out.
        data: folder of the CSV files.
    """
    warnings.simplefilter("ignore")
    networks = {which: network(which, path) for which, path in (("old", old), ("new", new))}
    rows = {which: score_suites(asked, cut, data) for which, asked in networks.items()}
    print(f"first {100 * cut:g} % of the context; mean ± standard error over curves, change paired")
    print(aligned(suites_table(rows["old"], rows["new"])))
    if curves:
        print(f"\nsynthetic checks, {curves} curves each\n{aligned(checks_table(networks, curves))}")
