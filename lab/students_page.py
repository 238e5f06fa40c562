"""Write the stored results into docs/theory.md, between its markers: `python -m benchmark.theory.render`.

A block whose results are not stored yet says so.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

import forescale as fs
from forescale.report.theory import isocompute_slopes

from .meet import HERE, STUDENTS

PAGE = Path("docs/theory.md")
SHOWN_N, SHOWN_T = (1, 2, 4, 8, 16, 32), (2**8, 2**10, 2**12, 2**14, 2**16, 2**17)


def students() -> str:
    """Mean KL at some (n, T), the optima, and the slopes."""
    table = fs.theory.read_table(STUDENTS)
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
        _markdown(grid.reset_index(names="T")),
        "Optima at fixed C:",
        _markdown(optima),
        "Slopes of straight lines through the optima (bootstrap over teachers):",
        _markdown(slopes.rename(columns={"error": "standard error", "low": "5 %", "high": "95 %"})),
    )
    return "\n\n".join(parts)


def stored(name: str) -> str:
    return _markdown(pd.read_csv(HERE / f"{name}.csv").astype(object).where(lambda t: t.notna(), ""))


def _markdown(table: pd.DataFrame) -> str:
    rows = [[_cell(v) for v in row] for row in table.itertuples(index=False)]
    lines = [[str(c) for c in table.columns], ["---"] * len(table.columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def main() -> None:
    page = PAGE.read_text()
    for name in ("students", "forecast", "exponent", "prior"):
        ready = STUDENTS.exists() if name == "students" else (HERE / f"{name}.csv").exists()
        block = (students() if name == "students" else stored(name)) if ready else "*Not stored yet.*"
        mark = rf"(<!-- {name} -->\n).*?(<!-- end {name} -->)"
        page = re.sub(mark, lambda m, text=block: f"{m[1]}\n{text}\n\n{m[2]}", page, flags=re.DOTALL)
    PAGE.write_text(page)


if __name__ == "__main__":
    main()
