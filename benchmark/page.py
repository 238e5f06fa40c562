"""Write docs/results.md and its figures from stored results: nothing in that page is typed."""

from pathlib import Path

import numpy as np

import forescale as fs

from . import checks, learners, published
from .cells import both, cell, group_rows, has_any, histogram, oracle
from .figures import draw_all
from .joint_page import section as joint_section
from .markdown import Table, markdown
from .markdown import shown as plain
from .prior_page import prior_page
from .scores import DIGITS, HEADS, coverage_from
from .store import RESULTS, Ledger, key_in, read_table
from .suites.learners import SHARES
from .suites.papers import CUTS, GROUPS, HEADLINE, SUITES, TITLES

DOCS = Path(__file__).resolve().parents[1] / "docs"
ORACLE = ("gp", "m4", "bnsl1")
TASKS = {"Birds": "bird_", "CIFAR-100": "c_", "Caltech-101": "cal_", "ImageNet": "inet_"}
"""The paper's tasks of IC, and how the names of their curves begin: 18 of each."""
LANGUAGE = ("nmt", "lm", "bb", "nano")
SECOND_SEED = "-seed-1"
"""What follows a method's name where rows of a second training are stored (`benchmark run --weights ... --name`)."""


def write_page(results: str = str(RESULTS), docs: str = str(DOCS), no_figures: bool = False) -> None:
    """Write docs/results.md and its figures from what is stored.

    Args:
        results: where rows are stored.
        docs: the folder of results.md.
        no_figures: leave docs/figures/results-*.png as they are.
    """
    root, folder = Path(results), Path(docs)
    folder.mkdir(parents=True, exist_ok=True)
    standing = {p.stem.removeprefix("results-"): p for p in (folder / "figures").glob("results-*.png")}
    drawn = standing if no_figures else draw_all(root, folder / "figures")
    (folder / "results.md").write_text(page(root, drawn))


def page(root: Path, drawn: dict[str, Path]) -> str:
    """The whole page as Markdown; the same rows give the same text."""
    listed = list(fs.methods())  # those with nothing stored are in the first tables too, so that a gap shows
    names = [name for name in listed if has_any(root, name)]
    picture = lambda name, text: f"![{text}](figures/{drawn[name].name})\n" if name in drawn else ""  # noqa: E731
    parts = [
        INTRODUCTION.format(version=fs.__version__, made=_made_by(root, listed)),
        "## The paper's averages beside ours\n",
        PAPER_NOTE,
        *(f"### {HEADS[key]}\n\n{markdown(beside_paper(root, listed, key))}\n" for key in ("rmsle", "ll", "msce")),
        _notes(root, listed),
        "## By task\n",
        TASK_NOTE,
        *(f"### {HEADS[key]}\n\n{markdown(task_table(root, names, key))}\n" for key in ("rmsle", "ll")),
        "## Every suite\n",
        SUITE_NOTE,
        *(f"### {TITLES[group]}\n\n{markdown(suite_table(root, names, group))}\n" for group in GROUPS),
        picture("examples", "The first curve of every suite with every method"),
        "## Fewer points\n",
        CUT_NOTE,
        *(
            f"### {HEADS[key]}, {TITLES[group]}\n\n{markdown(cut_table(root, names, group, key))}\n"
            for group in ("ic", "dd", "colpret", "nlp+nano")
            for key in ("rmsle", "ll_ln")
        ),
        picture("context", "Error against context size"),
        "## Seconds\n",
        seconds_section(root, names),
        picture("time", "Accuracy against time"),
        "## Calibration\n",
        CALIBRATION_NOTE,
        *(f"### {TITLES[g]}\n\n{markdown(coverage_table(root, names, g))}\n" for g in HEADLINE),
        picture("reliability", "Share of targets inside central intervals against their level"),
        picture("pit", "Histograms of PIT values"),
        prior_page(Ledger(root / "calibration.jsonl").facts()),
        picture("prior", "PIT values of the network on curves of its own prior"),
        synthetic_section(root, listed),
        learners_section(root, listed),
        joint_section(Ledger(root / "joint-scores.jsonl").facts()),
    ]
    return "\n".join(part for part in parts if part).rstrip() + "\n"


def beside_paper(root: Path, names: list[str], key: str) -> Table:
    """Ours and the paper's average in neighbouring columns, for each grouping."""
    paper = {"rmsle": published.RMSLE, "ll": published.LL, "msce": published.MSCE}[key]
    head = ["method"]
    for group in HEADLINE:
        head += [TITLES[group], "paper"]
    table = [head]
    for name in [*names, *(n for n in paper if n not in names)]:
        line = [f"`{name}`"]
        for group in HEADLINE:
            value = paper.get(name, {}).get(group)
            line += [shown(root, name, group, key), "" if value is None else f"{value:.{DIGITS[key]}f}"]
        table.append(line)
    best = max if key == "ll" else min
    aims = [oracle(root, ORACLE, group, key, best) for group in HEADLINE]
    cells = ["–" if c is None else f"{c.mean:.{DIGITS[key]}f} ± {c.error:.{DIGITS[key]}f}" for c in aims]
    table.append(["oracle", *(text for c in cells for text in (c, ""))])
    return table


def task_table(root: Path, names: list[str], key: str) -> Table:
    """IC by its four tasks and the language suites apart; a second seed of a network in a row of its own."""
    table = [["method", *TASKS, *(TITLES[suite] for suite in LANGUAGE)]]
    for name in names:
        for seed in ("", SECOND_SEED):
            if not has_any(root, name + seed):
                continue
            ic = [row for row in group_rows(root, name + seed, "ic") if not row["error"]]
            tasks = [[row[key] for row in ic if row["curve"].startswith(prefix)] for prefix in TASKS.values()]
            cells = [plain(values, DIGITS[key]) if values else "–" for values in tasks]
            line = [f"`{name}`{', seed 1' if seed else ''}", *cells]
            table.append(line + [shown(root, name + seed, suite, key) for suite in LANGUAGE])
    return table


def suite_table(root: Path, names: list[str], group: str) -> Table:
    head = ["method", "RMSLE", "median RMSLE", "LL", "LL of ln y", "MSCE", "coverage 90", "failed"]
    table = [head]
    for name in names:
        found = cell(root, name, group, "rmsle")
        scores = [shown(root, name, group, key) for key in DIGITS]
        median = f"{found.median:.4f}" if found else "–"
        failed = str(found.failed) if found else "–"
        table.append([f"`{name}`", scores[0], median, *scores[1:], failed])
    return table


def cut_table(root: Path, names: list[str], group: str, key: str) -> Table:
    table = [["method", *(f"{100 * cut:.0f} %" for cut in CUTS)]]
    return table + [[f"`{name}`", *(shown(root, name, group, key, cut) for cut in CUTS)] for name in names]


def coverage_table(root: Path, names: list[str], group: str) -> Table:
    """Coverage at every level, each curve with the same weight."""
    table = [["method", *(f"{100 * p:g} %" for p in fs.metrics.MSCE_LEVELS)]]
    for name in names:
        shares = histogram(root, name, group)
        if shares is not None:
            table.append([f"`{name}`", *(f"{coverage_from(shares, p):.3f}" for p in fs.metrics.MSCE_LEVELS)])
    return table


def shown(root: Path, name: str, group: str, key: str, cut: float = 1.0) -> str:
    """`mean ± standard error`; how many curves where not all of them; a dash where there is nothing."""
    found = cell(root, name, group, key, cut)
    if found is None:
        return "–"
    text = f"{found.mean:.{DIGITS[key]}f} ± {found.error:.{DIGITS[key]}f}"
    return text if found.n == found.expected else f"{text} ({found.n} of {found.expected})"


def seconds_section(root: Path, names: list[str]) -> str:
    table = [["method", *(TITLES[s] for s in SUITES), "all", "paper"]]
    for name in [*names, *(n for n in published.SECONDS if n not in names)]:
        cells = [cell(root, name, suite, "seconds") for suite in SUITES]
        known = [c for c in cells if c]
        mean = sum(c.mean * c.n for c in known) / sum(c.n for c in known) if known else float("nan")
        line = [f"{c.mean:.2g}" if c else "–" for c in cells] + [f"{mean:.2g}" if known else "–"]
        table.append([f"`{name}`", *line, f"{published.SECONDS[name]:g}" if name in published.SECONDS else ""])
    slow, fast, n = both(root, "mcmc-m4", "pfn", "seconds", SUITES)
    batched = [row["seconds_batch"] for suite in SUITES for row in group_rows(root, "pfn", suite)]
    ratio = (
        f"On the {n} curves that both answered, `mcmc-m4` takes {slow:.2g} s and `pfn` {1000 * fast:.2g} ms a curve: "
        f"**{slow / fast:,.0f} times** as long. Asked in batches, a suite in one call, `pfn` takes "
        f"{1000 * np.nanmean(batched):.2g} ms a curve: {slow / np.nanmean(batched):,.0f} times."
        if n
        else "`pfn` against `mcmc-m4`: not measured yet; both are needed at the full context."
    )
    return f"{SECONDS_NOTE}\n{markdown(table)}\n\n{ratio}\n"


def synthetic_section(root: Path, names: list[str]) -> str:
    results = {name: rows for name in names if (rows := checks.read(name, root))}
    if not results:
        return "## Curves whose truth is known\n\nNot stored yet: `python -m benchmark checks`.\n"
    parts = ["## Curves whose truth is known\n", SYNTHETIC_NOTE]
    for head, table, said in checks.tables(results):
        clean = "\n" + "\n".join(f"{text}\n" for text in said) if said else ""
        parts.append(f"### {head}\n\n{markdown(table)}\n{clean}")
    return "\n".join(parts)


def learners_section(root: Path, names: list[str]) -> str:
    results = {name: rows for name in names if (rows := read_table(learners.stored(name, root))) is not None}
    head = "## Curves of other learners\n"
    if not results:
        return f"{head}\nNot stored yet: `python -m benchmark learners`.\n"
    n_curves = next(iter(results.values()))["curve"].nunique()
    parts = [
        f"### {100 * share:.0f} % of the points read\n\n{markdown(learners.table(results, share))}\n"
        for share in SHARES
    ]
    return "\n".join((head, LEARNERS_NOTE.format(n=n_curves), *parts))


def _made_by(root: Path, names: list[str]) -> str:
    """Which weights stand behind the stored rows of the networks."""
    found = []
    for name in names:
        for path in sorted((root / name).glob("*.csv"))[:1]:
            key = key_in(path)
            if "weights" in key:
                found.append(f"`{name}` {key['weights']}")
    return ", ".join(found) or "no network stored yet"


def _notes(root: Path, names: list[str]) -> str:
    """Why a cell is empty or differs, for each method where there is something to say."""
    lines = [f"- `{name}`: {note}." for name, note in published.NOTES.items()]
    for name in names:
        if extra := fs.find_method(name).missing:
            lines.append(f"- `{name}`: its extra was not installed, [{extra}].")
        elif not has_any(root, name):
            lines.append(f"- `{name}`: not run yet, `python -m benchmark run --methods {name} --cuts 100`.")
        else:
            gaps = [f"{100 * cut:.0f} %" for cut in CUTS if not any(_has(root, name, s, cut) for s in SUITES)]
            if gaps:
                lines.append(f"- `{name}`: not run at {', '.join(gaps)} of the context.")
    return "Empty and odd cells:\n\n" + "\n".join(lines) + "\n"


def _has(root: Path, name: str, suite: str, cut: float) -> bool:
    return cell(root, name, suite, "rmsle", cut) is not None


INTRODUCTION = """# Results

Written by `python -m benchmark page` from the rows under `benchmark/results`; do not edit. forescale {version};
weights (sha256, first digits): {made}. To score again: `python -m benchmark run`, which goes on from what is stored.

Scores are means over curves ± their standard error. RMSLE is sqrt(mean (ln median − ln y)²) over a curve's targets.
LL is the mean ln density at the targets, as the paper computes it: with y in raw units on IC, NMT, LM and BB, in units
of max(context y) on Nano, DD and ColPret. LL of ln y is the same density per unit of ln y, so that suites compare.
MSCE is the mean over the levels 50, 60, 70, 80, 90, 95, 99 % of (coverage − level)². Repeated rows are kept, as the
paper keeps them, among contexts and targets alike; `pfn` itself counts a copy in its context once.
"""
PAPER_NOTE = """A dash is a cell without stored rows; a number in brackets counts the curves behind a cell, where
some are missing. Columns "paper" are the averages that arXiv 2505.23032 prints; empty where it prints none.
The last line is the best of `gp`, `m4` and `bnsl1`, chosen for every curve after its targets are seen: no one can use
it, it is our aim.
"""
TASK_NOTE = """IC by its four tasks (18 curves each) and the language suites apart, as in the paper's tables; its own
numbers by task could not be read. "Seed 1" is a second training of the same configuration: the size of chance.
"""
SUITE_NOTE = """Methods with stored rows. NMT and Nano have one target a curve: their calibration scores say little.
DD has about 11 independent curves.
"""
CUT_NOTE = """A method sees the first 100 to 20 % of the context points (at least 3, at 3 distinct x); targets stay the
same, so that small contexts also mean far targets. LL orders methods as LL of ln y does. All curves of NMT and Nano
have 3 points at 20 %.
"""
SECONDS_NOTE = """CPU seconds of one process with one thread, curves asked one by one: from the context to the median
and the 90 % interval at every target. The paper's are its own, on its machine.
"""
CALIBRATION_NOTE = """Share of targets inside the central interval of each level; each curve has the same weight.
"""
SYNTHETIC_NOTE = """Curves of benchmark/suites/truths.py. RMSLE of the median against the noise-free truth; "/ best"
divides by the best classical method that answered every curve; coverage of the 90 % interval, `run` against a new
reading, `curve` against the truth; band is the geometric mean of ln(upper / lower) of the 90 % interval of `run`.
"""
LEARNERS_NOTE = """{n} curves of scikit-learn's forests, kernels, trees, boosting and small networks: test error against
examples, with one training set or the mean of five; test loss against epochs, trees and width (suites/learners.py).
The last columns are LL of ln y for each kind.
"""
