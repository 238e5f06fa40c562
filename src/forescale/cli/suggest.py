"""`forescale suggest`."""

from typing import Annotated, Any

import typer

from ..errors import CurveError
from . import app, options

CostText = Annotated[str, typer.Option("--cost", help="Cost of a run: arithmetic over x, such as '6 * x * 1e9'.")]
Budget = Annotated[str | None, typer.Option("--budget", help="What all runs together may cost.")]
Number = Annotated[int, typer.Option("-n", "--runs", help="How many runs at most.")]
Candidates = Annotated[str | None, typer.Option("--candidates", help="The x that can be measured: 1e19,3e19,1e20.")]
Range = Annotated[str | None, typer.Option("--range", help="Candidates as a range: 1e18,3e20 (default: to --at).")]
Rule = Annotated[str, typer.Option("--acquisition", help="information, max-variance, random, cheapest or even.")]
Strategy = Annotated[str, typer.Option("--strategy", help="look-ahead, or greedy: the best gain per cost each time.")]


@app.command()
def suggest(
    source: options.Source,
    at: options.At,
    cost: CostText = "x",
    budget: Budget = None,
    n: Number = 1,
    candidates: Candidates = None,
    candidate_range: Range = None,
    x: options.XColumn = None,
    y: options.YColumn = None,
    group: options.Group = None,
    method: options.MethodName = "pfn",
    acquisition: Rule = "information",
    strategy: Strategy = "look-ahead",
    level: options.Level = "90",
    plot: options.Plot = None,
    as_json: options.AsJson = False,
    as_csv: options.AsCsv = False,
    seed: options.Seed = 0,
    drop_bad: options.DropBad = False,
) -> None:
    """Which runs to do next: those expected to narrow the forecast most within a budget (one plan a group)."""
    from ..curves.columns import read_curves
    from ..decisions.suggest import suggest as ask
    from ..pages.data import csv_text, print_warnings
    from ..report import suggest as report

    options.one_format(as_json, as_csv)
    targets, shares = options.numbers(at, "--at"), options.levels(level)
    chosen = {
        "candidates": _candidates(candidates, candidate_range),
        "cost": cost,
        "budget": None if budget is None else options.one_number(budget, "--budget"),
        "level": shares[-1],
    }
    curves = read_curves(source, x, y, group, drop_bad=drop_bad)
    answers = {
        name: ask(curve, targets, n=n, method=method, acquisition=acquisition, strategy=strategy, seed=seed, **chosen)  # type: ignore[arg-type]
        for name, curve in curves.items()
    }
    if plot is not None:
        report.plot_suggestions(list(answers.values()), plot)
    if as_json:
        print(report.suggestions_json(answers, seed))
    elif as_csv:
        print(csv_text(report.suggestion_rows(answers)), end="")
    else:
        for answer in answers.values():
            report.print_suggestion(answer)
    several = len(answers) > 1
    print_warnings((c, name if several else None) for name, answer in answers.items() for c in answer.warnings)


def _candidates(listed: str | None, ends: str | None) -> Any:
    if listed is not None and ends is not None:
        raise CurveError("expected one of --candidates and --range, got both. Choose one.")
    if listed is not None:
        return options.numbers(listed, "--candidates")
    if ends is None:
        return None
    low_high = options.numbers(ends, "--range")
    if len(low_high) != 2:
        raise CurveError(f"expected two numbers for --range, got '{ends}'. Try 1e18,3e20.")
    return tuple(low_high)
