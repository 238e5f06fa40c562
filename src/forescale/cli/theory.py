"""`forescale theory bound | optimum | simulate | frontier`: the information-theoretic side."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer
from numpy.typing import ArrayLike

from ..errors import CurveError
from . import app, options

if TYPE_CHECKING:
    from ..theory import Bound

theory = typer.Typer(
    help="What can be shown about scaling: bounds, their optima, and students that measure.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(theory, name="theory")

Dimension = Annotated[str, typer.Option("--d", help="Input dimension of the teacher.")]
Scale = Annotated[str, typer.Option("--K", help="Dirichlet-process scale of the teacher.")]
BOUND_NOTE = "Upper bounds on the regret in nats per sample; at 1/16 and above a bound says nothing."
OPTIMUM_NOTE = "The optimum of an upper bound, not of a learner: students moved more slowly in p (docs/theory.md)."
FRONTIER_NOTE = "C is FLOPs/6. Compare slopes, never levels: the theory's teacher is far easier than text."
STUDENT_NOTE = "Measured on simulated students; errors are a bootstrap over teachers."


@theory.command()
def bound(
    n: Annotated[str, typer.Option("--n", help="Widths: 10,100,1000.")] = "1,10,100,1000,10000",
    samples: Annotated[str, typer.Option("--T", help="Samples.")] = "1e6",
    d: Dimension = "16",
    k: Scale = "10",
    plot: options.Plot = None,
    as_json: options.AsJson = False,
) -> None:
    """Bounds S and T with their terms, against the width n at fixed T."""
    from ..report import theory as report
    from ..theory import bound_s, bound_t

    widths, (t, dim, scale) = options.numbers(n, "--n"), _three(samples, d, k)

    def both(at: ArrayLike) -> "dict[str, Bound]":
        return {"S": bound_s(n=at, T=t, d=dim, K=scale), "T": bound_t(n=at, T=t, d=dim, K=scale)}

    rows = report.bound_rows(widths, t, dim, scale, both(widths))
    if plot is not None:
        from ..report.theory_figures import plot_bounds

        fine = np.geomspace(1, max(*widths, 10.0), 300)
        plot_bounds(fine, t, dim, scale, both(fine), plot)
    if as_json:
        print(report.to_json("bound", BOUND_NOTE, rows=rows))
    else:
        title = f"Bounds on regret at T = {t:g}, d = {dim:g}, K = {scale:g}"
        report.print_rows(title, rows, BOUND_NOTE, leave_out=("T", "d", "K"))


@theory.command()
def optimum(
    compute: Annotated[
        str, typer.Option("--C", help="Parameter-sample products (FLOPs/6).")
    ] = "1e6,1e9,1e12,1e18,1e24",
    d: Dimension = "16",
    k: Scale = "10",
    name: Annotated[str, typer.Option("--bound", help="s or t.")] = "s",
    plot: options.Plot = None,
    as_json: options.AsJson = False,
) -> None:
    """The width and data that minimise a bound at each compute, with local slopes."""
    from .. import theory as room
    from ..report import theory as report

    C, dim, scale = options.numbers(compute, "--C"), options.one_number(d, "--d"), options.one_number(k, "--K")
    rows = report.optimum_rows(room.optimum(C=C, d=dim, K=scale, bound=name.lower()))  # type: ignore[arg-type]
    if plot is not None:
        from ..report.theory_figures import plot_optimum

        fine = np.geomspace(min(C), max(C), 120) if len(set(C)) > 1 else np.geomspace(C[0] / 100, C[0] * 100, 120)
        both = {b.upper(): room.optimum(C=fine, d=dim, K=scale, bound=b) for b in ("s", "t")}
        plot_optimum(both, plot)
    if as_json:
        print(report.to_json("optimum", OPTIMUM_NOTE, bound=name.lower(), d=dim, K=scale, rows=rows))
    else:
        report.print_rows(f"Minimiser of bound {name.upper()}, d = {dim:g}, K = {scale:g}", rows, OPTIMUM_NOTE,
                          leave_out=("dlnT_dlnC",))  # fmt: skip


@theory.command()
def simulate(
    out: Annotated[Path, typer.Option("--out", help="CSV of the grid; completed where it exists.", show_default=False)],
    teachers: Annotated[int | None, typer.Option("--teachers", help="Independent teachers (12).")] = None,
    widths: Annotated[str | None, typer.Option("--widths", help="Student widths (1,2,3,4,6,8,12,16,24,32).")] = None,
    samples: Annotated[str | None, typer.Option("--samples", help="Training-set sizes (2^8 to 2^17).")] = None,
    d: Annotated[int | None, typer.Option("--d", help="Input dimension (8).")] = None,
    k: Annotated[float | None, typer.Option("--K", help="Dirichlet-process scale (16).")] = None,
    steps: Annotated[int | None, typer.Option("--steps", help="Adam steps at the largest T (8000).")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Of teachers, data and students (0).")] = None,
    threads: Annotated[int, typer.Option("--threads", help="CPU threads; one is often fastest.")] = 1,
    bootstrap: Annotated[int, typer.Option("--bootstrap", help="Resamplings of the teachers.")] = 1000,
    plot: options.Plot = None,
    as_json: options.AsJson = False,
) -> None:
    """Train students on known teachers and read the optimum off their iso-compute curves; resumes, needs [train]."""
    from .. import theory as room
    from ..report import theory as report

    given = {
        "n_teachers": teachers, "d": d, "K": k, "steps": steps, "seed": seed,
        "widths": None if widths is None else _whole(widths, "--widths"),
        "samples": None if samples is None else _whole(samples, "--samples"),
    }  # fmt: skip
    asked = {key: value for key, value in given.items() if value is not None}
    grid = room.Grid(**asked) if asked else None  # type: ignore[arg-type]
    if not out.parent.is_dir():
        raise CurveError(f"expected a folder for --out, got '{out.parent}', which is none. Make it first.")
    grid, table = room.simulate(out, grid, threads=threads, progress=sys.stderr.isatty())
    iso = room.isocompute(table, n_bootstrap=bootstrap, seed=grid.seed)
    if plot is not None:
        from ..report.theory_figures import plot_isocompute

        plot_isocompute(iso, grid.K, plot)
    rows, slopes = report.isocompute_rows(iso), report.isocompute_slopes(iso)
    if as_json:
        print(report.to_json("simulate", STUDENT_NOTE, d=grid.d, K=grid.K, rows=rows, slopes=slopes))
    else:
        report.print_rows(f"Measured optima of students, d = {grid.d}, K = {grid.K:g}", rows)
        report.print_rows("Slopes through the optima", slopes, STUDENT_NOTE)


@theory.command()
def frontier(
    flops: Annotated[str, typer.Option("--flops", help="Training FLOPs.")] = "1e18,1e20,1e22,5.76e23,1e26",
    d: Dimension = "16",
    k: Scale = "10",
    plot: options.Plot = None,
    as_json: options.AsJson = False,
) -> None:
    """Chinchilla's compute-optimal frontier beside the theory's, in the same units."""
    from .. import theory as room
    from ..report import theory as report

    budget, dim, scale = options.numbers(flops, "--flops"), options.one_number(d, "--d"), options.one_number(k, "--K")
    rows = report.frontier_rows(room.frontier(budget, d=dim, K=scale))
    if plot is not None:
        from ..report.theory_figures import plot_frontier

        ends = (min(budget), max(budget)) if len(set(budget)) > 1 else (budget[0] / 100, budget[0] * 100)
        plot_frontier(room.frontier(np.geomspace(*ends, 120), d=dim, K=scale), plot)
    if as_json:
        print(report.to_json("frontier", FRONTIER_NOTE, d=dim, K=scale, rows=rows))
    else:
        title = f"Compute-optimal frontiers (theory: d = {dim:g}, K = {scale:g})"
        report.print_rows(title, rows, FRONTIER_NOTE, leave_out=("C",))


def _three(*texts: str) -> tuple[float, float, float]:
    t, d, k = (options.one_number(text, flag) for text, flag in zip(texts, ("--T", "--d", "--K"), strict=True))
    return t, d, k


def _whole(text: str, flag: str) -> tuple[int, ...]:
    values = options.numbers(text, flag)
    if any(v != int(v) for v in values):
        raise CurveError(f"expected whole numbers for {flag}, got '{text}'. Give counts such as 256,1024.")
    return tuple(int(v) for v in values)
