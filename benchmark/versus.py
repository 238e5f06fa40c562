"""Two files of weights on the same curves: paired differences, and how the error runs along the curve.

The measuring stick of docs/research-log.md. A change of the prior that should cure a bias must be seen in the bias.

python benchmark/versus.py runs/old.safetensors runs/new.safetensors [--cut 0.4]
"""

import argparse
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import forescale as fs
from benchmark.scores import mean_and_error, score, with_calibration
from benchmark.suites import GROUPS, SUITES, TITLES, load_suite
from benchmark.synthetic import measure, summary
from benchmark.truths import Question, checks

Floats = NDArray[np.float64]
DIGITS = {"rmsle": 4, "ll": 3, "coverage90": 3, "bias near": 4, "bias far": 4}
HEADS = {"rmsle": "RMSLE", "ll": "LL", "coverage90": "coverage 90", "bias near": "bias, near", "bias far": "bias, far"}


def score_suites(network: fs.Forecaster, cut: float, data: str | None) -> dict[str, list[dict[str, Any]]]:
    """Suite -> one row a curve; bias: mean ln(median / y) over the nearer and the farther half of the targets in x."""
    rows = {}
    for suite in SUITES:
        problems = load_suite(suite, cut, data)
        answers = network.forecast_many({p.name: p.context for p in problems}, {p.name: p.x for p in problems})
        rows[suite] = []
        for p in problems:
            error = np.log(answers[p.name].median / p.y)
            far = p.x >= np.median(p.x)
            near = ~far if not far.all() else far  # one target is both
            bias = {"bias near": float(error[near].mean()), "bias far": float(error[far].mean())}
            rows[suite].append(with_calibration(score(p, answers[p.name], 0.0)) | bias)
    return rows


def ask_many(network: fs.Forecaster, questions: list[Question]) -> list[dict[str, float] | None]:
    """What synthetic.ask gives, all curves in two calls."""
    curves = {str(i): q.context for i, q in enumerate(questions)}
    at = {str(i): q.x for i, q in enumerate(questions)}
    run, curve = (network.forecast_many(curves, at, kind=kind) for kind in ("run", "curve"))
    return [measure(q, run[str(i)], curve[str(i)], float("nan")) for i, q in enumerate(questions)]


def suites_table(old: dict[str, list[dict[str, Any]]], new: dict[str, list[dict[str, Any]]]) -> str:
    """For each group a line for old, new, and the paired difference."""
    lines = [f"{'':<10}{'':<8}" + "".join(f"{head:>18}" for head in HEADS.values())]
    for group, suites in GROUPS.items():
        values: dict[str, dict[str, Floats]] = {}
        for which, rows in (("old", old), ("new", new)):
            values[which] = {key: np.array([r[key] for s in suites for r in rows[s]]) for key in DIGITS}
        values["change"] = {key: values["new"][key] - values["old"][key] for key in DIGITS}
        for which, columns in values.items():
            cells = [(mean_and_error(columns[key]), d) for key, d in DIGITS.items()]
            sign = "+" if which == "change" else ""
            shown = "".join(f"{m:{sign}.{d}f} ± {e:.{d}f}".rjust(18) for (m, e), d in cells)
            lines.append(f"{TITLES[group] if which == 'old' else '':<10}{which:<8}{shown}")
    return "\n".join(lines)


def checks_table(networks: dict[str, fs.Forecaster], n_curves: int) -> str:
    """The synthetic checks of both: median RMSLE, 90 % coverage of a reading and of the truth, width of the band."""
    lines = [f"{'check':<26}{'':<6}{'median RMSLE':>14}{'LL of ln y':>18}{'cover run':>11}{'curve':>8}{'band':>10}"]
    for check, variant, questions in checks(n_curves):
        for which, network in networks.items():
            row = summary(check, variant, ask_many(network, questions))
            label = f"{check}, {variant}" if which == "old" else ""
            ll = f"{row['ll_ln']:.2f} ± {row['ll_ln_se']:.2f}"
            lines.append(
                f"{label:<26}{which:<6}{row['median_rmsle']:>14.2g}{ll:>18}{row['coverage90_run']:>11.3f}"
                f"{row['coverage90_curve']:>8.3f}{np.exp(row['log_width90']):>10.2g}"
            )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", help="a .safetensors file")
    parser.add_argument("new", help="another one")
    parser.add_argument("--cut", type=float, default=1.0, help="share of the context points that is seen")
    parser.add_argument("--data", help="folder of the CSV files")
    parser.add_argument("--curves", type=int, default=60, help="in each synthetic check; 0 leaves them out")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    networks = {"old": fs.Forecaster.load(options.old), "new": fs.Forecaster.load(options.new)}
    rows = {which: score_suites(network, options.cut, options.data) for which, network in networks.items()}
    print(f"first {100 * options.cut:g} % of the context; mean ± standard error over curves, change paired")
    print(suites_table(rows["old"], rows["new"]))
    if options.curves:
        print(f"\nsynthetic checks, {options.curves} curves each")
        print(checks_table(networks, options.curves))


if __name__ == "__main__":
    main()
