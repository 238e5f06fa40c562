"""Tables of docs/theory.md on students, as `python -m lab students...` writes them between its marks."""

from typing import Any

import pandas as pd
from benchmark.markdown import markdown
from benchmark.suites.students import STUDENTS

import forescale as fs
from forescale.presenters.theory import isocompute_slopes
from forescale.training.simulation import read_table

SHOWN_N, SHOWN_T = (1, 2, 4, 8, 16, 32), (2**8, 2**10, 2**12, 2**14, 2**16, 2**17)


def measured() -> str:
    """Mean KL at some (n, T), the optima, and the slopes, as Markdown."""
    table = read_table(STUDENTS)
    of = table.groupby(["T", "n"])["kl"]
    cell = of.mean().map("{:.2e}".format) + " (" + (of.sem() * 1e5).map("{:.0f}e-5".format) + ")"
    grid = cell.unstack("n").loc[[t for t in SHOWN_T if t in set(table["T"])], list(SHOWN_N)]
    grid.index, grid.columns = [f"2^{t.bit_length() - 1}" for t in grid.index], [f"n = {n}" for n in grid.columns]
    iso = fs.theory.isocompute(table)
    optima = pd.DataFrame({"C": iso.C, "n*": iso.p / iso.d, "p*": iso.p, "T*": iso.T, "KL*": iso.loss})
    optima.insert(3, "90 % of p*", [f"{a:.0f} to {b:.0f}" for a, b in zip(iso.p_low, iso.p_high, strict=True)])
    slopes = pd.DataFrame(isocompute_slopes(iso))
    parts = (
        "Mean KL over teachers, nats (standard error):",
        plain(grid.reset_index(names="T")),
        "Optima at fixed C:",
        plain(optima),
        "Slopes of straight lines through the optima (bootstrap over teachers):",
        plain(slopes.rename(columns={"error": "standard error", "low": "5 %", "high": "95 %"})),
    )
    return "\n\n".join(parts)


def records(rows: list[dict[str, Any]]) -> str:
    """Dictionaries with the same keys as a table."""
    return plain(pd.DataFrame(rows).astype(object).where(lambda t: t.notna(), ""))


def plain(table: pd.DataFrame) -> str:
    """Three digits, all columns to the left."""
    rows = [[f"{v:.3g}" if isinstance(v, float) else str(v) for v in row] for row in table.itertuples(index=False)]
    return markdown([[str(column) for column in table.columns], *rows], words=True)
