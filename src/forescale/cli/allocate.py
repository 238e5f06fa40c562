"""`forescale allocate`."""

from typing import Annotated

import typer

from ..pages.page import Page
from . import options
from .command import command
from .read import Read

Params = Annotated[str, typer.Option("--params", help="Column of model parameters N.")]
Tokens = Annotated[str, typer.Option("--tokens", help="Column of training tokens D.")]
Loss = Annotated[str, typer.Option("--loss", help="Column of the final loss.")]
Compute = Annotated[float, Read("--compute", options.number, "Budget in FLOPs, such as 1e24.")]
Served = Annotated[
    float, Read("--serve-tokens", options.number, "Tokens served over the model's life, 2 N FLOPs each.", "{:g}".format)
]
Flops = Annotated[float, typer.Option("--flops-per-param-token", help="FLOPs for a parameter and training token.")]


@command()
def allocate(
    source: options.Source,
    compute: Compute,
    out: options.Out,
    params: Params = "params",
    tokens: Tokens = "tokens",
    loss: Loss = "loss",
    serve_tokens: Served = 0.0,
    flops_per_param_token: Flops = 6.0,
) -> Page:
    """Split a compute budget between parameters and tokens, with intervals, from finished runs."""
    from ..curves.columns import read_columns
    from ..joint.allocation import ComputeRule
    from ..joint.model import fit_joint
    from ..report.allocate import page

    rule = ComputeRule(train=flops_per_param_token, served_tokens=serve_tokens)
    columns = read_columns(source, {"params": params, "tokens": tokens, "loss": loss})
    joint = fit_joint(columns["params"], columns["tokens"], columns["loss"], seed=out.seed)
    return page(joint.allocate(compute, rule=rule), out.levels, out.seed)
