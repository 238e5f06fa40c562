"""`forescale theory bound | optimum | simulate | frontier`: the information-theoretic side."""

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import numpy as np
import typer

from ..errors import CurveError
from ..pages.page import Page
from . import options
from .command import app, command
from .read import Read

if TYPE_CHECKING:
    from ..theory import Bound, Optimum

theory = typer.Typer(
    help="What can be shown about scaling: bounds, their optima, and students that measure.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(theory, name="theory")


def whole(text: str, flag: str) -> tuple[int, ...]:
    """Whole numbers separated by commas."""
    values = options.numbers(text, flag)
    if any(v != int(v) for v in values):
        raise CurveError(f"expected whole numbers for {flag}, got '{text}'. Give counts such as 256,1024.")
    return tuple(int(v) for v in values)


def listed(values: Any) -> str:
    """Numbers as they are typed."""
    return ",".join(f"{v:g}".replace("e+", "e") for v in values)


Dimension = Annotated[float, Read("--d", options.number, "Input dimension of the teacher.", "{:g}".format)]
Scale = Annotated[float, Read("--K", options.number, "Dirichlet-process scale of the teacher.", "{:g}".format)]
Dimensions = Annotated[list[float], Read("--d", options.numbers, "Input dimension of the teacher, or several.", listed)]
Scales = Annotated[
    list[float], Read("--K", options.numbers, "Dirichlet-process scale of the teacher, or several.", listed)
]
Widths = Annotated[list[float], Read("--n", options.numbers, "Widths: 10,100,1000.", listed)]
Samples = Annotated[float, Read("--T", options.number, "Samples.", "{:g}".format)]
Products = Annotated[list[float], Read("--C", options.numbers, "Parameter-sample products (FLOPs/6).", listed)]
Flops = Annotated[list[float], Read("--flops", options.numbers, "Training FLOPs.", listed)]
Counts = tuple[int, ...] | None
Sizes = Annotated[Counts, Read("--samples", whole, "Training-set sizes (2^8 to 2^17).")]
StudentWidths = Annotated[Counts, Read("--widths", whole, "Student widths (1,2,3,4,6,8,12,16,24,32).")]


@command(of=theory)
def bound(
    out: options.Shown,
    n: Widths = [1, 10, 100, 1000, 10000],  # noqa: B006  (read only)
    samples: Samples = 1e6,
    d: Dimension = 16.0,
    k: Scale = 10.0,
) -> Page:
    """Bounds S and T with their terms, against the width n at fixed T."""
    from ..presenters.theory import bound_page
    from ..theory import bound_s, bound_t

    def both(at: Any) -> "dict[str, Bound]":
        return {"S": bound_s(n=at, T=samples, d=d, K=k), "T": bound_t(n=at, T=samples, d=d, K=k)}

    return bound_page(n, samples, d, k, both)


@command(of=theory)
def optimum(
    out: options.Shown,
    compute: Products = [1e6, 1e9, 1e12, 1e18, 1e24],  # noqa: B006
    d: Dimensions = [16.0],  # noqa: B006
    k: Scales = [10.0],  # noqa: B006
    name: Annotated[str, typer.Option("--bound", help="s or t.")] = "s",
) -> Page:
    """The width and data that minimise a bound at each compute, with local slopes; for each of several teachers."""
    from .. import theory as room
    from ..presenters.theory import optimum_page

    @cache
    def fine() -> "dict[str, Optimum]":
        return {b.upper(): room.optimum(C=_spread(compute), d=d[0], K=k[0], bound=b) for b in ("s", "t")}

    dimension, scale, budget = (v.ravel() for v in np.meshgrid(d, k, compute, indexing="ij"))
    found = room.optimum(C=budget, d=dimension, K=scale, bound=cast("Any", name.lower()))  # refused there if it is none
    return optimum_page(found, fine, d[0], k[0])


@command(of=theory, watched=False)
def simulate(
    out: options.Shown,
    grid_file: Annotated[
        Path, typer.Option("--out", help="CSV of the grid; completed where it exists.", show_default=False)
    ],
    teachers: Annotated[int | None, typer.Option("--teachers", help="Independent teachers (12).")] = None,
    widths: StudentWidths = None,
    samples: Sizes = None,
    d: Annotated[int | None, typer.Option("--d", help="Input dimension (8).")] = None,
    k: Annotated[float | None, typer.Option("--K", help="Dirichlet-process scale (16).")] = None,
    steps: Annotated[int | None, typer.Option("--steps", help="Adam steps at the largest T (8000).")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Of teachers, data and students (0).")] = None,
    threads: Annotated[int, typer.Option("--threads", help="CPU threads; one is often fastest.")] = 1,
    bootstrap: Annotated[int, typer.Option("--bootstrap", help="Resamplings of the teachers.")] = 1000,
) -> Page:
    """Train students on known teachers and read the optimum off their iso-compute curves; resumes, needs [train]."""
    from ..presenters.theory import isocompute_page
    from ..theory import isocompute
    from ..training import simulation
    from ..training.students import Grid

    given = {"n_teachers": teachers, "d": d, "K": k, "steps": steps, "seed": seed, "widths": widths, "samples": samples}
    asked = {key: value for key, value in given.items() if value is not None}
    grid = Grid(**cast("dict[str, Any]", asked)) if asked else None
    if not grid_file.parent.is_dir():
        raise CurveError(f"expected a folder for --out, got '{grid_file.parent}', which is none. Make it first.")
    grid, table = simulation.simulate(grid_file, grid, threads=threads, progress=sys.stderr.isatty())
    return isocompute_page(isocompute(table, n_bootstrap=bootstrap, seed=grid.seed), grid.K)


@command(of=theory)
def frontier(
    out: options.Shown,
    flops: Flops = [1e18, 1e20, 1e22, 5.76e23, 1e26],  # noqa: B006
    d: Dimension = 16.0,
    k: Scale = 10.0,
) -> Page:
    """Chinchilla's compute-optimal frontier beside the theory's, in the same units."""
    from .. import theory as room
    from ..presenters.theory import frontier_page

    fine = cache(lambda: room.frontier(_spread(flops), d=d, K=k))
    return frontier_page(room.frontier(flops, d=d, K=k), fine, d, k)


def _spread(values: list[float]) -> np.ndarray:
    """120 values from the smallest to the largest, or around a single one."""
    low, high = min(values), max(values)
    return np.geomspace(low, high, 120) if low < high else np.geomspace(low / 100, low * 100, 120)
