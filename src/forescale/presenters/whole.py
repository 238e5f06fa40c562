"""The report: everything that a table lets us say, in one file that travels.

What was asked, a verdict, the forecast, the methods beside each other, the backtest of the user's own runs, reach and
recipes and allocation where the table allows, every warning, how to do it again, and a card of what a reader of a
scaling law should be told (after the checklist of Li et al. 2025, "(Mis)Fitting: a survey of scaling laws",
arXiv 2502.18969).
"""

import hashlib
import platform
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import numpy as np
from numpy.typing import ArrayLike

from ..curves.columns import Columns
from ..curves.curve import Curve
from ..curves.numbers import count
from ..curves.sources import as_curves, long_enough
from ..decisions.backtest import backtest
from ..decisions.compare import Comparison, ask_each, default_methods, disagreements
from ..decisions.reach import reach_many
from ..decisions.recipes import recipes
from ..errors import NOTES, ForescaleError
from ..forecasts.forecast import Forecast, Kind, check_kind, check_targets
from ..joint.model import fit_joint
from ..joint.table import read_runs_table
from ..laws.chinchilla import FLOPS_PER_PARAMETER_AND_TOKEN
from ..method.registry import find_method
from ..pages.book import Book, Chapter, book_html, book_object
from ..pages.page import LEVELS, Page, gather, number, percent, short
from ..pages.save import writable, write_text
from ..spelling import checked_keywords
from ..version import __version__
from . import allocate as allocate_report
from . import backtest as backtest_report
from . import compare as compare_report
from . import forecasts as forecasts_report
from . import reach as reach_report
from . import recipes as recipes_report

CHARTED = 6
"""With more curves than these, only the forecasts are drawn; the other chapters are tables."""
MAX_RECIPES = 12
"""More recipes than these are not compared with one another in a report."""


@dataclass(frozen=True)
class Report:
    """A report, ready to be written."""

    book: Book

    @property
    def verdict(self) -> str:
        return " ".join(self.book.verdict)

    @property
    def html(self) -> str:
        """The whole file as text."""
        return book_html(self.book)

    def to_dict(self) -> dict[str, Any]:
        """The JSON that stands inside the file."""
        return book_object(self.book)

    def save(self, path: str | Path) -> None:
        """Write it as one HTML file.

        Raises:
            CurveError: a path that cannot be written.
        """
        write_text(writable(path, (".html",)), self.html)

    def __repr__(self) -> str:
        return f"Report({self.verdict})"


@checked_keywords
def report(
    source: Any,
    at: ArrayLike,
    *,
    method: str = "pfn",
    methods: Sequence[str] | None = None,
    kind: Kind = "run",
    levels: Sequence[float] = LEVELS,
    target: float | None = None,
    compute: float | None = None,
    hold_out: float = 0.3,
    seed: int = 0,
    notes: Mapping[str, str] | None = None,
    path: str | Path | None = None,
    command: str | None = None,
    **columns: Unpack[Columns],
) -> Report:
    """Everything that a table lets us say of its curves, as one self-contained HTML file.

    Args:
        source: whatever `read_curves` or `recipes` takes: a table, a Curve, a dict of curves.
        at: shape (T,), where to forecast, in the unit of x.
        method: who answers; `methods`: who is asked beside it (four that are quick where left out).
        target: a value of y: when it is reached is told too.
        compute: FLOPs to split, where the table has parameters and tokens; ten times the largest run where left out.
        hold_out: share of the distinct x that the backtest hides.
        notes: what a reader should know and no table says, such as {"x counts": "tokens without padding"}.
        path: where to write it, checked before any work is done.
        command: how it was asked, for the reader; made up where left out.

    Returns:
        Report: `.save(path)`, `.html`, `.verdict`, `.to_dict()`.

    Raises:
        CurveError: an unusable table, target or path.
    """
    where = None if path is None else writable(path, (".html",))
    digest = _digest(source)
    curves, too_short = long_enough(as_curves(source, **columns))
    first = next(iter(curves.values()))
    kind = check_kind(kind)
    asked_x = {name: check_targets(at, curve) for name, curve in curves.items()}
    x = max(asked_x.values(), key=lambda values: float(values.max()))
    names = tuple(dict.fromkeys((method, *(methods or default_methods()))))
    comparisons = {
        name: _compare(curve, asked_x[name], names, kind, max(levels), seed) for name, curve in curves.items()
    }
    forecasts = {name: c.forecasts[method] for name, c in comparisons.items() if method in c.forecasts}
    if not forecasts:
        raise ForescaleError(
            f"expected '{method}' to answer, got none: {comparisons[next(iter(curves))].failures[method]}"
        )
    charted = len(curves) <= CHARTED
    chapters = [
        Chapter("forecast", "The forecast", forecasts_report.page(forecasts, levels, seed)),
        Chapter(
            "compare", "Methods beside each other", compare_report.page(comparisons, levels, seed), charted=charted
        ),
        *_chapters(curves, x, names, method, target, hold_out, levels, seed, charted),
        *_allocation(source, compute, levels, seed),
    ]
    if too_short:
        said = tuple(f"{name}: {caveat.message}" for name, caveat in too_short.items())
        chapters.append(
            Chapter("left-out", "Too short to forecast from", Page("left out", sentences=said), charted=False)
        )
    asked = {
        "table": str(source) if isinstance(source, str | Path) else f"{type(source).__name__} in Python",
        "curves": f"{len(curves)}: {', '.join(short(name) for name in list(curves)[:12])}" if len(curves) > 1 else "1",
        "where": f"{first.x_name} {', '.join(map(number, x))}; {number(float(x.max()) / first.x_max)}× the largest",
        "what": f"{first.y_name}, {'one new run' if kind == 'run' else 'the noise-free trend'}",
        "by": f"{method}, beside {', '.join(names[1:])}; intervals of {', '.join(map(percent, levels))} %",
    }  # fmt: skip
    book = Book(
        f"{first.y_name} at {number(float(x[-1]))} {first.x_name}",
        tuple(_verdict(forecasts, comparisons, chapters, method)),
        asked,
        chapters,
        _every_caveat(chapters),
        _again(source, x, method, kind, seed, command, digest, forecasts),
        _card(curves, forecasts, method, chapters, notes or {}),
        {"sha256": digest},
    )
    made = Report(book)
    if where is not None:
        made.save(where)
    return made


def _compare(curve: Curve, x: np.ndarray, names: Sequence[str], kind: Kind, level: float, seed: int) -> Comparison:
    forecasts, failures = ask_each(curve, x, names, kind, seed)
    return Comparison(curve, x, forecasts, failures, disagreements(forecasts, level), level)


def _chapters(
    curves: Mapping[str, Curve], x: np.ndarray, names: Sequence[str], method: str, target: float | None,
    hold_out: float, levels: Sequence[float], seed: int, charted: bool,
) -> list[Chapter]:  # fmt: skip
    """Backtest, recipes and reach; one that cannot be answered is a chapter that says why."""
    found = []

    def add(key: str, heading: str, ask: Any, told: tuple[str, ...] = (), drawn: bool = charted) -> None:
        try:
            found.append(Chapter(key, heading, ask(), told, drawn))
        except ForescaleError as error:
            found.append(Chapter(key, heading, Page("not answered", sentences=(str(error),)), charted=False))

    add(
        "backtest", "Tried on these runs: the largest hidden, then forecast",
        lambda: backtest_report.page(backtest(curves, hold_out, methods=names, seed=seed), levels, seed),
        (f"The largest {100 * hold_out:g} % of the distinct x of each curve were hidden and forecast from the rest.",),
    )  # fmt: skip
    if 1 < len(curves) <= MAX_RECIPES:
        add("recipes", "Which is better there", lambda: recipes_report.page(
            recipes(curves, float(x[-1]), method=method, seed=seed), levels, seed), drawn=True)  # fmt: skip
    if target is not None:
        add("reach", "When the target is reached", lambda: reach_report.page(
            reach_many(curves, target, method=method, seed=seed), levels, seed))  # fmt: skip
    return found


def _allocation(source: Any, compute: float | None, levels: Sequence[float], seed: int) -> list[Chapter]:
    """The best split of a budget, where the table has parameters and tokens; nothing where it has not."""
    if isinstance(source, Curve) or str(source) == "-":
        return []
    try:
        runs = read_runs_table(source)
        budget = compute or 10 * float(np.max(FLOPS_PER_PARAMETER_AND_TOKEN * runs.params * runs.tokens))
        answer = fit_joint(runs.params, runs.tokens, runs.loss, seed=seed).allocate(budget)
        page = allocate_report.page(answer, levels, seed)
    except ForescaleError as error:
        if compute is None:
            return []
        page = Page("not answered", sentences=(str(error),))
    said = () if compute else ("Nobody named a budget: ten times the largest run is split.",)
    return [Chapter("allocate", "How to split a budget between parameters and tokens", page, said)]


def _verdict(
    forecasts: Mapping[str, Forecast], comparisons: Mapping[str, Comparison], chapters: Sequence[Chapter], method: str
) -> list[str]:
    """What to take away, and how far to trust it."""
    by_key = {c.key: c.page for c in chapters}
    name, f = next(iter(forecasts.items()))
    table = by_key["recipes"].tables[0].rows if "recipes" in by_key and by_key["recipes"].tables else []
    said = []
    if table:
        best = table[0]
        name, f = best["recipe"], forecasts.get(best["recipe"], f)
        said.append(
            f"Of {len(table)} recipes, {short(best['recipe'])} is most likely the best at {number(float(f.x[-1]))} "
            f"{f.context.x_name} (probability {best['prob_best']:.2f})."
        )
    low, high = (end[-1] for end in f.interval(0.9))
    what = "one new run is expected to read" if f.kind == "run" else "the noise-free trend is expected to stand at"
    whose = f"For {short(name)}: at" if len(forecasts) > 1 else "At"
    said.append(
        f"{whose} {number(float(f.x[-1]))} {f.context.x_name}, {number(float(f.extrapolation_ratio[-1]))} times the "
        f"largest measured, {what} {f.context.y_name} {number(float(f.median[-1]))}, and with 90 % probability "
        f"between {number(float(low))} and {number(float(high))}."
    )
    scores = [r for t in by_key["backtest"].tables for r in t.rows if t.key == "ranking" and r["method"] == method]
    if scores:
        n = sum(r["n_targets"] for r in by_key["backtest"].tables[0].rows if r["method"] == method)
        said.append(
            f"On {count(n, 'hidden scale')} of these runs, {method} held {100 * scores[0]['coverage']:.0f} % of the "
            f"readings inside its 90 % intervals and missed by {100 * scores[0]['rmsle']:.1f} % (RMSLE)."
        )
    apart = sum(any(w.code == "methods_disagree" for w in c.warnings) for c in comparisons.values())
    if apart:
        said.append(f"The methods disagree on {apart} of {count(len(comparisons), 'curve')}: see below.")
    codes = dict.fromkeys(w.code for f in forecasts.values() for w in f.warnings if w.code not in NOTES)
    if codes:
        said.append(f"Read with care: {', '.join(codes)} (in full below).")
    return said


def _every_caveat(chapters: Sequence[Chapter]) -> list[str]:
    """Once each, with the curves it is said of: a backtest says those of the curves again, their names in front."""
    pairs = dict.fromkeys((str(c), s.name) for ch in chapters for s in ch.page.sections for c in s.caveats)
    said = {c.message for ch in chapters for s in ch.page.sections for c in s.caveats}
    whole = (c for ch in chapters for c in ch.page.caveats if c.message.partition(": ")[2] not in said)
    return gather([*pairs, *((str(c), None) for c in whole)], limit=8)


def _again(
    source: Any, x: np.ndarray, method: str, kind: str, seed: int, command: str | None, digest: str,
    forecasts: Mapping[str, Forecast],
) -> dict[str, str]:  # fmt: skip
    """Everything that the same digits need."""
    if command is None:
        called = repr(str(source)) if isinstance(source, str | Path) else "source"
        command = f"fs.report({called}, at={x.tolist()}, method={method!r}, kind={kind!r}, seed={seed})"
    weights = {
        w["name"]: w["sha256"] for f in forecasts.values() if (w := (f.details or {}).get("weights")) is not None
    }
    return {
        "command": command, "forescale": __version__, "seed": str(seed),
        **{f"sha256 of the weights '{name}'": sha for name, sha in weights.items()},
        "sha256 of the table": digest,
        "made with": f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}",
    }  # fmt: skip


def _card(
    curves: Mapping[str, Curve], forecasts: Mapping[str, Forecast], method: str, chapters: Sequence[Chapter],
    notes: Mapping[str, str],
) -> dict[str, str]:  # fmt: skip
    """What a reader of a scaling law should be told."""
    first, sizes = next(iter(curves.values())), [c.n for c in curves.values()]
    low, high = min(float(c.x[0]) for c in curves.values()), max(c.x_max for c in curves.values())
    repeats = sum(c.n - len(np.unique(c.x)) for c in curves.values())
    f = next(iter(forecasts.values()))
    dropped = gather((c.message, name) for name, curve in curves.items() for c in curve.caveats if "drop" in c.code)
    judged = next(c.page for c in chapters if c.key == "backtest")
    card = {
        "law or network": f"{method}: {find_method(method).summary}",
        "kind of distribution": f.note or "posterior predictive of the network's prior, or of the law",
        "runs": f"{sum(sizes)} readings in {count(len(curves), 'curve')} ({min(sizes)} to {max(sizes)} each); "
                f"{repeats} at an x that is measured more than once",
        "range": f"{first.x_name} from {number(low)} to {number(high)} ({np.log10(high / low):.1f} decades); asked at "
                 f"{number(float(f.x.min()))} to {number(float(f.x.max()))}",
        "x counts": f"the column '{first.x_name}', as it stands in the table",
        "y is": f"the column '{first.y_name}', as it stands in the table",
        "dropped rows": " ".join(dropped) or "none",
        "fitted to these runs": "nothing" if (f.details or {}).get("weights") else "the parameters of the law",
        "hyperparameters along the curve": "not said by the table; a curve mixes them where the runs do",
        "validation": judged.sentences[-1] if judged.sentences else "none",
    }  # fmt: skip
    return card | dict(notes)


def _digest(source: Any) -> str:
    """sha256 of a file's bytes, or of the values that were passed."""
    if isinstance(source, str | Path) and Path(source).is_file():
        return hashlib.sha256(Path(source).read_bytes()).hexdigest()
    if isinstance(source, str | Path):
        return "not a single file"
    if isinstance(source, Curve):
        return hashlib.sha256(source.x.tobytes() + source.y.tobytes()).hexdigest()
    if isinstance(source, Mapping):
        return hashlib.sha256("".join(f"{name}:{_digest(one)};" for name, one in source.items()).encode()).hexdigest()
    return hashlib.sha256(repr(source).encode()).hexdigest()


def shell_command(words: Sequence[str]) -> str:
    """Words as they are typed."""
    return shlex.join(["forescale", *words])
