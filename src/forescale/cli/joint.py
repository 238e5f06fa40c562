"""The commands of tables of runs: `forescale predict`, `allocate` and `plan`."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from ..errors import CurveError
from ..pages.page import Page
from . import options
from .command import command
from .read import Read

Compute = Annotated[float, Read("--compute", options.number, "Budget in FLOPs, such as 1e24.")]
Served = Annotated[
    float, Read("--serve-tokens", options.number, "Tokens served over the model's life, 2 N FLOPs each.", "{:g}".format)
]
Flops = Annotated[float, typer.Option("--flops-per-param-token", help="FLOPs for a parameter and training token.")]
Budget = Annotated[float, Read("--budget", options.number, "FLOPs that the new runs may take in all.")]
Count = Annotated[int, typer.Option("-n", "--runs", help="How many runs.")]


def pairs(text: str, flag: str) -> list[tuple[float, float]]:
    """8B:15T,70B:1.4T as (params, tokens)."""
    out = []
    for piece in text.split(","):
        ends = piece.split(":")
        if len(ends) != 2:
            raise CurveError(f"expected params:tokens such as 8B:15T for {flag}, got '{piece.strip()}'. Try 70B:1.4T.")
        out.append((options.number(ends[0], flag), options.number(ends[1], flag)))
    return out


At = Annotated[list[tuple[float, float]], Read("--at", pairs, "Models to predict, params:tokens: 8B:15T,70B:1.4T.")]


@dataclass(frozen=True)
class Runs:
    """A table of runs, or a model of one that was saved."""

    source: Annotated[str | None, typer.Argument(help="Table of runs; left out with --model.", show_default=False)] = (
        None
    )
    params: options.Params = None
    tokens: options.Tokens = None
    loss: Annotated[str | None, typer.Option("--loss", help="Column of the final loss (guessed by name).")] = None
    flops: Annotated[
        str | None, typer.Option("--flops", help="Column of training FLOPs, for one of params and tokens.")
    ] = None
    unique: Annotated[str | None, typer.Option("--unique", help="Column of unique tokens, where data repeat.")] = None
    where: Annotated[str | None, typer.Option("--where", help='Rows that count, such as "state = finished".')] = None
    method: Annotated[Any, Read("--method", options.word, "law (the default), pfn or chinchilla.")] = None
    save: Annotated[str | None, typer.Option("--save", help="Save the fitted model here (JSON).")] = None
    model: Annotated[str | None, typer.Option("--model", help="Read a saved model in place of a table.")] = None

    def fitted(self, seed: int) -> Any:
        """The joint model, saved where that was asked.

        Raises:
            CurveError: neither a table nor a model, or both.
        """
        from ..joint.model import JointModel, fit_joint
        from ..joint.table import with_caveats

        if (self.source is None) == (self.model is None):
            raise CurveError("expected a table of runs or --model, one of them. Give runs.csv, or --model model.json.")
        if self.model is not None:
            found = JointModel.load(self.model)
        else:
            table = self.table()
            found = fit_joint(table.params, table.tokens, table.loss, method=self.method, seed=seed)
            found = with_caveats(found, table.caveats)
        if self.save is not None:
            found.save(self.save)
        return found

    def table(self) -> Any:
        """The columns, (n,) each."""
        from ..joint.table import read_runs_table

        return read_runs_table(
            self.source, params=self.params, tokens=self.tokens, loss=self.loss, flops=self.flops, unique=self.unique,
            where=self.where,
        )  # fmt: skip


@command()
def predict(runs: Runs, at: At, out: options.Out, kind: options.KindName = "run") -> Page:
    """The loss of models of N parameters trained on D tokens, with intervals and its parts, from finished runs."""
    from ..presenters.predict import page

    return page(runs.fitted(out.seed), at, kind, out.levels, out.seed)


@command()
def allocate(
    runs: Runs,
    compute: Compute,
    out: options.Out,
    serve_tokens: Served = 0.0,
    flops_per_param_token: Flops = 6.0,
) -> Page:
    """Split a compute budget between parameters and tokens, with intervals, from finished runs."""
    from ..joint.allocation import ComputeRule
    from ..presenters.allocate import page

    rule = ComputeRule(train=flops_per_param_token, served_tokens=serve_tokens)
    return page(runs.fitted(out.seed).allocate(compute, rule=rule), out.levels, out.seed)


@command()
def plan(runs: Runs, compute: Compute, budget: Budget, out: options.Out, n: Count = 6) -> Page:
    """Which runs of (N, D) to do next, to know N* and L* at a budget; beside an IsoFLOP sweep and the largest run."""
    from ..presenters.plan import page

    return page(runs.fitted(out.seed).plan(compute, budget, n, seed=out.seed), out.levels, out.seed)
