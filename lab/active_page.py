"""What the active-learning runs say: rows on disk, a table at half the pool, and a figure. It computes no forecast."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

COLUMNS = ("weights", "curve", "seed", "rule", "share", "n", "rmsle", "ll", "ll_ln")
TITLES = {"ic": "IC", "nlp": "NLP (NMT, LM, BB)", "dd": "DD"}
GROUPS = {"ic": ("ic",), "nlp": ("nmt", "lm", "bb"), "dd": ("dd",)}
OURS = "information"
HALF = 0.5


def done(path: Path, sha256: str) -> set[tuple[str, str, str]]:
    """(curve, seed, rule) stored to the end; a file of other weights is refused, not mixed."""
    rows = _read(path)
    if other := {row["weights"] for row in rows} - {sha256[:12]}:
        raise SystemExit(
            f"expected results of weights {sha256[:12]} in '{path}', got {other}. Use another --results or --redo."
        )
    return {(row["curve"], row["seed"], row["rule"]) for row in rows if float(row["share"]) == 1.0}


def append(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add the rows of one (curve, seed, rule) in one write."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = not path.exists()
    lines = [[_short(row[name]) for name in COLUMNS] for row in rows]
    with path.open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if fresh:
            writer.writerow(COLUMNS)
        writer.writerows(lines)


def write(root: Path, suites: Sequence[str], rules: Sequence[str], shares: Sequence[float]) -> None:
    """`table.md` and `active.png` from the rows in `root`; the table is printed too."""
    text = []
    scores = {group: _scores(root, members, rules) for group, members in GROUPS.items()}
    scores = {group: table for group, table in scores.items() if table}
    for group, table in scores.items():
        text += [f"### {TITLES[group]}: {_count(table, rules)}", "", *_table(table, rules), ""]
    (root / "table.md").write_text("\n".join(text).rstrip() + "\n")
    print("\n".join(text))
    if scores:
        _figure(scores, rules, shares, root / "active.png")


Scores = dict[str, dict[float, dict[str, dict[str, float]]]]  # rule -> share -> score -> curve -> mean over seeds


def _scores(root: Path, members: Sequence[str], rules: Sequence[str]) -> Scores:
    values: dict = defaultdict(list)
    for suite in members:
        for row in _read(root / f"{suite}.csv"):
            for name in ("ll_ln", "rmsle"):
                values[row["rule"], float(row["share"]), name, f"{suite}/{row['curve']}"].append(float(row[name]))
    table: Scores = {}
    for (rule, share, name, curve), found in values.items():
        table.setdefault(rule, {}).setdefault(share, {}).setdefault(name, {})[curve] = float(np.mean(found))
    return table


def _count(table: Scores, rules: Sequence[str]) -> str:
    return f"{len(table[rules[0]][1.0]['ll_ln'])} curves"


def _table(table: Scores, rules: Sequence[str]) -> list[str]:
    lines = [
        "| rule | LL at half the pool | behind the whole pool | ours better by | standard errors | RMSLE at half |",
        "|---|---|---|---|---|---|",
    ]
    whole = table[OURS][1.0]["ll_ln"]
    for rule in rules:
        half, ours = table[rule][HALF]["ll_ln"], table[OURS][HALF]["ll_ln"]
        mean, error = _mean(half.values())
        behind, behind_error = _mean(whole[c] - half[c] for c in half)
        better, better_error = _mean(ours[c] - half[c] for c in half)
        apart = "" if rule == OURS else f"{better:+.3f} ± {better_error:.3f} | {better / better_error:+.1f}"
        rmsle, rmsle_error = _mean(table[rule][HALF]["rmsle"].values())
        lines.append(
            f"| {rule} | {mean:.3f} ± {error:.3f} | {behind:.3f} ± {behind_error:.3f} | {apart or ' | '} "
            f"| {rmsle:.4f} ± {rmsle_error:.4f} |"
        )
    return lines


def _figure(scores: Mapping[str, Scores], rules: Sequence[str], shares: Sequence[float], path: Path) -> None:
    from forescale.pages import picture as figures

    figure, axes = figures.new_figure(2, len(scores), width=4.6, height=3.3)
    for column, (group, table) in enumerate(scores.items()):
        for row, (name, label) in enumerate((("ll_ln", "LL of ln y (nats)"), ("rmsle", "RMSLE"))):
            ax = axes[row, column]
            for i, rule in enumerate(rules):
                drawn = [s for s in shares if s in table[rule]]
                mean, error = np.array([_mean(table[rule][s][name].values()) for s in drawn]).T
                place = np.array(drawn) + 0.004 * (i - 2)
                ax.errorbar(place, mean, yerr=error, color=figures.COLOURS[i], lw=1.6, marker="o", ms=3.5, label=rule,
                            elinewidth=0.8)  # fmt: skip
            ax.axvline(HALF, color=figures.INK, lw=0.6, ls=":")
            ax.set_xlabel("share of the pool measured")
            ax.set_ylabel(label)
        axes[0, column].set_title(f"{TITLES[group]}, {_count(table, rules)}", fontsize=10, loc="left")
    figures.legend_outside(figure, axes[0, 0])
    figures.save(figure, path)


def _mean(values: Iterable[float]) -> tuple[float, float]:
    v = np.array(list(values))
    return float(v.mean()), float(v.std(ddof=1) / np.sqrt(len(v))) if len(v) > 1 else float("nan")


def _short(value: Any) -> Any:
    return f"{value:.5g}" if isinstance(value, float) else value


def _read(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
