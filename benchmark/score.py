"""Score one method, or one file of weights, on every suite in seconds: the figures of a model card."""

import time
from collections.abc import Mapping
from typing import Any

from .markdown import Table, aligned, shown
from .methods import Ask, ask_with, reads_raw, title
from .problem import Problem, contexts, targets
from .scores import DIGITS, HEADS, score, with_calibration
from .suites.papers import GROUPS, SUITES, TITLES, load_suite

Rows = list[dict[str, Any]]


def score_suite(problems: list[Problem], ask: Ask) -> Rows:
    """One row for each curve, all asked in one call."""
    start = time.perf_counter()
    answers = ask(contexts(problems), targets(problems))
    seconds = (time.perf_counter() - start) / len(problems)
    return [with_calibration(score(p, answers[p.name], seconds)) for p in problems]


def score_all(ask: Ask, cut: float = 1.0, data: str = "", *, raw: bool = False) -> dict[str, Rows]:
    """Suite -> its rows; `raw` asks in the unit that each suite's LL is written down in."""
    loaded = {suite: load_suite(suite, cut, data) for suite in SUITES}
    return {suite: score_suite([p.in_units() for p in ps] if raw else ps, ask) for suite, ps in loaded.items()}


def table(rows: Mapping[str, Rows]) -> Table:
    """Mean ± standard error over the curves of each suite and grouping."""
    lines = [["suite", "curves", *HEADS.values()]]
    for group, suites in GROUPS.items():
        pooled = [row for s in suites for row in rows[s]]
        cells = (shown((row[key] for row in pooled), digits) for key, digits in DIGITS.items())
        lines.append([TITLES[group], str(len(pooled)), *cells])
    return lines


def score_command(method: str = "pfn", weights: str = "", once: bool = False, cut: float = 1.0, data: str = "") -> None:
    """Score one method, or one file of weights, on every suite.

    Args:
        method: a method by name, where no weights are given.
        weights: a .safetensors file.
        once: a network reads long contexts once only, without truncation averaging.
        cut: share of the context points that is seen.
        data: folder of the CSV files.
    """
    start = time.perf_counter()
    rows = score_all(ask_with(method, weights, read_twice=not once), cut, data, raw=reads_raw(method, weights))
    print(f"{title(method, weights)}, first {100 * cut:g} % of the context; mean ± standard error over curves")
    print(aligned(table(rows)))
    print(f"{time.perf_counter() - start:.1f} s")
