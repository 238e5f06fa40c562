"""The page of a plan: which runs of (N, D) to do next, beside an IsoFLOP sweep and the largest run."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from ..joint.plan import Plan, Rival, Run
from ..laws.chinchilla import FLOPS_PER_PARAMETER_AND_TOKEN
from ..pages.page import LEVELS, Column, Page, Row, Table, text
from ..pages.panel import Line, Mark, Note, Panel, Points


def page(answer: Plan, levels: Sequence[float] = LEVELS, seed: int | None = None) -> Page:
    """The answer of `plan`; what a run will read is its 90 % interval."""
    spent = sum(run.flops for run in answer.runs)
    return Page(
        f"runs to do next, to know N* and L* at {answer.flops:.4g} FLOPs: {answer.method}, budget {answer.budget:.4g}",
        tables=(_runs(answer), _rivals(answer)),
        panels=(partial(panel, answer),),
        sentences=(f"spends {spent:.4g} FLOPs of {answer.budget:.4g}; narrowing is of the 90 % intervals, expected.",),
        caveats=answer.warnings,
        facts={
            "method": answer.method, "flops": answer.flops, "budget": answer.budget, "spent": spent, "seed": seed,
        },
    )  # fmt: skip


def panel(answer: Plan) -> Panel:
    """Runs done and runs to do, over N and D."""
    n, d = answer.joint.table["params"], answer.joint.table["tokens"]
    new_n, new_d = (np.array([getattr(run, name) for run in answer.runs]) for name in ("params", "tokens"))
    marks: list[Mark] = [Points(n, d, "runs"), Points(new_n, new_d, "to do next", 1)]
    marks += [
        Note(float(a), float(b), str(i + 1), 1, "above") for i, (a, b) in enumerate(zip(new_n, new_d, strict=True))
    ]
    flops = np.geomspace(FLOPS_PER_PARAMETER_AND_TOKEN * np.min(n * d), max(answer.flops, answer.budget), 40)
    best = answer.joint.best(flops, (0.5,))[0]
    marks.append(Line(best, flops / FLOPS_PER_PARAMETER_AND_TOKEN / best, "best split, median", 0))
    return Panel("N, parameters", "D, tokens", marks, "", True, True)


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


_NARROWS = (Column("narrows_params", "N* narrower by", _share), Column("narrows_loss", "L* narrower by", _share))


def _runs(answer: Plan) -> Table:
    columns = (
        Column("run", "run", str), Column("params", "N"), Column("tokens", "D"), Column("flops", "FLOPs"),
        Column("median", "will read"), Column("intervals", "{} % interval"), *_NARROWS,
    )  # fmt: skip
    return Table("runs", columns, [_row(i + 1, run) for i, run in enumerate(answer.runs)])


def _row(i: int, run: Run) -> Row:
    low, mid, high = run.reads
    return {
        "run": i, "params": run.params, "tokens": run.tokens, "flops": run.flops, "median": mid,
        "intervals": {0.9: (low, high)}, "narrows_params": run.narrows_params, "narrows_loss": run.narrows_loss,
    }  # fmt: skip


def _rivals(answer: Plan) -> Table:
    columns = (
        Column("name", "instead", text, "j"), Column("n_runs", "runs", str, "j"), Column("flops", "FLOPs", media="j"),
        *(Column(c.key, c.head, c.form, "j") for c in _NARROWS),
    )  # fmt: skip
    return Table("instead", columns, [_rival(r) for r in answer.rivals])


def _rival(r: Rival) -> Row:
    return {
        "name": r.name, "n_runs": len(r.runs), "flops": r.flops, "narrows_params": r.narrows_params,
        "narrows_loss": r.narrows_loss,
    }  # fmt: skip
