"""`forescale allocate`."""

from typing import Annotated

import typer

from . import app, options

Params = Annotated[str, typer.Option("--params", help="Column of model parameters N.")]
Tokens = Annotated[str, typer.Option("--tokens", help="Column of training tokens D.")]
Loss = Annotated[str, typer.Option("--loss", help="Column of the final loss.")]
Compute = Annotated[str, typer.Option("--compute", help="Budget in FLOPs, such as 1e24.", show_default=False)]
Served = Annotated[str, typer.Option("--serve-tokens", help="Tokens served over the model's life, 2 N FLOPs each.")]
Flops = Annotated[float, typer.Option("--flops-per-param-token", help="FLOPs for a parameter and training token.")]


@app.command()
def allocate(
    source: options.Source,
    compute: Compute,
    params: Params = "params",
    tokens: Tokens = "tokens",
    loss: Loss = "loss",
    serve_tokens: Served = "0",
    flops_per_param_token: Flops = 6.0,
    level: options.Level = "50,90",
    plot: options.Plot = None,
    as_json: options.AsJson = False,
    seed: options.Seed = 0,
) -> None:
    """Split a compute budget between parameters and tokens, with intervals, from finished runs."""
    from ..curves.columns import read_columns
    from ..joint.allocation import ComputeRule
    from ..joint.model import fit_joint
    from ..pages.data import print_warnings
    from ..report import allocate as report

    budget, shares = options.one_number(compute, "--compute"), options.levels(level)
    rule = ComputeRule(train=flops_per_param_token, served_tokens=options.one_number(serve_tokens, "--serve-tokens"))
    columns = read_columns(source, {"params": params, "tokens": tokens, "loss": loss})
    joint = fit_joint(columns["params"], columns["tokens"], columns["loss"], seed=seed)
    answer, roads = joint.allocate(budget, rule=rule), joint.approaches(budget, seed=seed)
    if plot is not None:
        report.plot_allocation(joint, answer, plot)
    if as_json:
        print(report.allocation_json(joint, answer, roads, shares, seed))
    else:
        report.print_allocation(joint, answer, roads, shares)
    print_warnings((caveat, None) for caveat in answer.warnings)
