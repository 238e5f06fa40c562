"""What the design of a table of runs cannot tell, as warnings; each also widens the answers, down to the prior."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..curves.curve import Curve
from ..errors import Caveat, CurveError
from ..laws.chinchilla import FLOPS_PER_PARAMETER_AND_TOKEN
from ..numerics import Floats
from .fit import JointRuns

FEW_RUNS = 12
FEWEST = 3
CORRELATED = 0.98
"""Beyond this |correlation| of ln N and ln D the two terms cannot be told apart."""
OFF_RULE = 0.1
"""FLOPs that differ from 6 N D by more than this share are told."""


def table_of(runs: JointRuns, r: int) -> dict[str, Floats]:
    """The runs of recipe r: "params", "tokens", "loss", (n,) each."""
    mine = runs.group == r
    return {"params": runs.params[mine], "tokens": runs.tokens[mine], "loss": runs.loss[mine]}


def context_of(table: dict[str, Floats], name: str | None = None) -> Curve:
    """Loss against training FLOPs 6 N D."""
    flops = FLOPS_PER_PARAMETER_AND_TOKEN * table["params"] * table["tokens"]
    if not np.isfinite(flops).all():
        worst = int(np.argmax(table["params"]))
        raise CurveError(
            f"expected params and tokens whose product is a number, got {table['params'][worst]:.3g} and "
            f"{table['tokens'][worst]:.3g}. Give them in larger units, such as billions."
        )
    return Curve(flops, table["loss"], x_name="FLOPs", y_name="loss", name=name)


def refuse_too_few(n: int) -> None:
    """Raises CurveError below three runs."""
    if n < FEWEST:
        raise CurveError(f"expected at least {FEWEST} runs, got {n}. Add finished runs of other sizes or lengths.")


def caveats(table: dict[str, Floats], *, exponents_fixed: bool = False) -> tuple[Caveat, ...]:
    """What a reader of any number from these runs must know."""
    log_n, log_d, y = np.log(table["params"]), np.log(table["tokens"]), table["loss"]
    log_c = log_n + log_d
    one_level = float(np.ptp(log_c)) < np.log(1.5)
    distinct = len(np.unique(log_n)), len(np.unique(log_d))
    out = []
    if len(y) < FEW_RUNS:
        out.append(Caveat("few_points", _FEW.format(n=len(y))))
    if min(distinct) < 3:
        out.append(Caveat("not_identified", _TOO_FEW_LEVELS.format(*distinct)))
    elif one_level:
        out.append(Caveat("one_compute_level", _ONE_LEVEL))
    elif abs(np.corrcoef(log_n, log_d)[0, 1]) > CORRELATED and not exponents_fixed:
        out.append(Caveat("not_identified", _CORRELATED))
    if not one_level and np.ptp(y) > 0 and np.corrcoef(log_c, np.log(y))[0, 1] >= 0:
        out.append(Caveat("not_decreasing", "loss does not fall with compute; if it is an accuracy, fit 1 − accuracy."))
    return tuple(out)


def off_rule(params: ArrayLike, tokens: ArrayLike, flops: ArrayLike) -> tuple[Caveat, ...]:
    """Whether measured FLOPs are those of 6 N D, as every budget here is read."""
    ratio = np.asarray(flops, float) / (FLOPS_PER_PARAMETER_AND_TOKEN * np.asarray(params) * np.asarray(tokens))
    typical = float(np.median(ratio))
    off = int(np.sum(np.abs(ratio - 1) > OFF_RULE))
    if not off:
        return ()
    said = (
        f"FLOPs differ from 6 N D by more than 10 % in {off} of {len(ratio)} runs (typically {typical:.3g} times it); "
        "budgets here are 6 N D."
    )
    return (Caveat("off_rule", said),)


_FEW = "only {n} runs for five parameters: the prior carries much of the answer."
_TOO_FEW_LEVELS = "{} distinct params and {} distinct tokens, and an exponent needs three: the prior decides it."
_ONE_LEVEL = (
    "all runs spend about the same FLOPs: how the optimum moves with compute, and the floor E, rest on the prior."
)
_CORRELATED = (
    "params and tokens rise together in all runs, so their terms cannot be told apart: the exponents and N* rest on "
    "the prior. Vary tokens at fixed params."
)
