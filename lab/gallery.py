"""The pictures of docs/how-it-works.md: forecasts that are right, forecasts that are wrong, and calibration.

Which curves are shown is a rule, not a choice. Right: in each of six suites, among the curves with at least 80 % of
their hidden points in the 90 % band, the one of median RMSLE. Wrong: the three curves of lowest LL of ln y, one of
each series (curves of one series fail together).

python benchmark/gallery.py                                   # the released network
python benchmark/gallery.py --weights runs/x.safetensors --folder runs
"""

import argparse
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import forescale as fs
from benchmark.calibration import sample
from benchmark.scores import coverage_from, read_counts, score, with_calibration
from benchmark.suites import GROUPS, SUITES, TITLES, Problem, load_suite
from forescale.pages import picture as look
from forescale.prior import make_prior

RIGHT_SUITES = ("ic", "nmt", "lm", "bb", "dd", "colpret")
BAND, COVERED, DPI = 0.9, 0.8, 85
Scored = tuple[Problem, dict[str, Any]]


def series(problem: Problem) -> str:
    """Suite and the letters of the name before its first number: 'colpret pythia-'."""
    return f"{problem.suite} {re.split(r'[0-9]', problem.name)[0]}"


def right(scored: list[Scored]) -> list[Scored]:
    """Of each suite the curve of median RMSLE (the lower one of two) among those that their band covers."""
    chosen = []
    for suite in RIGHT_SUITES:
        covered = (s for s in scored if s[0].suite == suite and s[1]["coverage90"] >= COVERED)
        rows = sorted(covered, key=lambda s: float(s[1]["rmsle"]))
        chosen.append(rows[(len(rows) - 1) // 2])
    return chosen


def wrong(scored: list[Scored], n: int = 3) -> list[Scored]:
    """The curves of lowest LL of ln y, at most one of each series."""
    chosen: dict[str, Scored] = {}
    for entry in sorted(scored, key=lambda s: float(s[1]["ll_ln"])):
        chosen.setdefault(series(entry[0]), entry)
    return list(chosen.values())[:n]


def draw(network: fs.Forecaster, chosen: list[Scored], path: Path) -> None:
    """A panel for each curve: what was seen, what was hidden, the median and bands of `run`, the band of `curve`."""
    figure, axes = look.new_figure(-(-len(chosen) // 3), 3, width=4.3, height=3.4)
    for ax, (problem, row) in zip(axes.flat, chosen, strict=True):
        grid = np.geomspace(problem.context.x_max, problem.x.max(), 60)
        run, curve = (network.forecast(problem.context, grid, kind=kind) for kind in ("run", "curve"))
        look.draw_points(ax, problem.context.x, problem.context.y, "context")
        look.draw_points(ax, problem.x, problem.y, "hidden", hidden=True)
        bands = {level: run.interval(level) for level in (0.5, BAND)}
        look.draw_bands(ax, grid, run.median, bands, "median of run", look.COLOURS[0])
        for edge in curve.interval(BAND):
            ax.plot(grid, edge, color=look.COLOURS[1], lw=1, ls="--", label=f"{100 * BAND:.0f} % interval of curve")
        frame(ax, problem)
        ax.set_title(f"{TITLES[problem.suite]}: {problem.name}", fontsize=9, loc="left")
        note = f"RMSLE {row['rmsle']:.3f}, {100 * row['coverage90']:.0f} % of hidden points in the 90 % band"
        ax.text(0.02, 0.02, note, transform=ax.transAxes, fontsize=7.5, color="#555555")
    look.legend_outside(figure, axes.flat[0])
    figure.savefig(path, dpi=DPI)


def draw_calibration(network: fs.Forecaster, scored: list[Scored], n_curves: int, path: Path) -> dict[str, float]:
    """Coverage of central intervals: of `run` on the suites, and of both answers on curves of the network's own prior.

    Returns coverage over the prior, the mean width of `curve` over that of `run` (geometric), how often it is narrower.
    """
    levels = np.array([*(p for p in np.arange(1, 20) / 20 if round(p * 20) % 2 == 0), 0.95, 0.99])
    train = network.weights.facts["train"]
    draws = sample(network, make_prior({"name": train["prior"], **train["prior_options"]}), n_curves)
    figure, axes = look.new_figure(1, 2, width=4.6, height=3.8)
    for ax, title in zip(axes.flat, ("real curves, run", "curves of its own prior"), strict=True):
        ax.plot([0, 1], [0, 1], color="#999999", lw=1, ls=":")
        ax.set(xlabel="level of the central interval", ylabel="share of targets inside", title=title)
    for colour, group in zip(look.COLOURS, ("ic", "nlp+nano", "dd", "colpret"), strict=False):
        counts = [read_counts(row["pit"]) for p, row in scored if p.suite in GROUPS[group]]
        shares = np.mean([c / c.sum() for c in counts], axis=0)
        axes[0, 0].plot(levels, [coverage_from(shares, p) for p in levels], color=colour, label=TITLES[group])
    for colour, kind, pit in zip(look.COLOURS, ("run", "curve"), (draws.pit_run, draws.pit_curve), strict=False):
        axes[0, 1].plot(levels, [np.mean(np.abs(pit - 0.5) <= p / 2) for p in levels], color=colour, label=kind)
    for ax in axes.flat:
        ax.legend(fontsize=8.5, frameon=False, loc="upper left")
    figure.savefig(path, dpi=DPI)
    covered = {kind: float(np.mean(np.abs(pit - 0.5) <= BAND / 2)) for kind, pit in
               (("coverage90 run", draws.pit_run), ("coverage90 curve", draws.pit_curve))}  # fmt: skip
    narrower = {
        "curve over run": float(np.exp(draws.log_ratio.mean())),
        "narrower": float((draws.log_ratio < 0).mean()),
    }
    return covered | narrower


def frame(ax: Any, problem: Problem) -> None:
    """Both parts in view, without the steep beginning of the context, which would flatten the rest."""
    x, y = problem.context.x, problem.context.y
    late = (x >= np.quantile(x, 0.3)) if len(x) > 8 else np.ones(len(x), bool)
    seen_x, seen_y = np.concatenate([x[late], problem.x]), np.concatenate([y[late], problem.y])
    look.choose_axes(ax, seen_x, seen_y, "x", "y")
    if ax.get_xscale() == "log":
        ax.xaxis.set_minor_formatter(lambda *_: "")
    spread = max(float(seen_y.max() / seen_y.min()), 1.02)
    ax.set_ylim(seen_y.min() / spread**0.45, seen_y.max() * spread**0.15)
    ax.set_xlim(seen_x.min() * 0.97, seen_x.max() * 1.05)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", default="base", help="a .safetensors file; without it, the released network")
    parser.add_argument("--data", help="folder of the CSV files")
    parser.add_argument("--folder", type=Path, default=Path(__file__).resolve().parents[1] / "docs" / "figures")
    parser.add_argument("--curves", type=int, default=1000, help="drawn from the prior for the calibration")
    options = parser.parse_args()
    network = fs.Forecaster.load(options.weights)
    scored: list[Scored] = []
    for suite in SUITES:
        problems = load_suite(suite, 1.0, options.data)
        answers = network.forecast_many({p.name: p.context for p in problems}, {p.name: p.x for p in problems})
        scored += [(p, with_calibration(score(p, answers[p.name], 0.0))) for p in problems]
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, chosen in (("right", right(scored)), ("wrong", wrong(scored))):
        draw(network, chosen, options.folder / f"gallery-{name}.png")
        for problem, row in chosen:
            bias = np.mean(np.log(network.forecast(problem.context, problem.x).median / problem.y))
            print(f"{name}: {problem.suite} {problem.name}, RMSLE {row['rmsle']:.4f}, LL of ln y {row['ll_ln']:.2f}, "
                  f"mean ln(median / y) {bias:+.3f}, {problem.context.n} points")  # fmt: skip
    facts = draw_calibration(network, scored, options.curves, options.folder / "gallery-calibration.png")
    print(", ".join(f"{name} {value:.3f}" for name, value in facts.items()))


if __name__ == "__main__":
    main()
