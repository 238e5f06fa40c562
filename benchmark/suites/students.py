"""Trained students of the theory's teachers (docs/theory.md) as scaling curves: KL against T or n, half hidden."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

import forescale as fs

from ..problem import Problem

STUDENTS = Path(__file__).parent / "students.csv"
"""What `forescale theory simulate` wrote: one row a student."""


def students(axis: str, fixed: str) -> Iterator[Problem]:
    """For each teacher and value of `fixed`: KL along `axis` ("T" samples or "n" width), the larger half hidden."""
    for (teacher, value), rows in pd.read_csv(STUDENTS, comment="#").groupby(["teacher", fixed]):
        name = f"teacher {teacher}, {fixed} = {value}"
        context, x, y = fs.Curve(rows[axis], rows["kl"], x_name=axis, y_name="KL", name=name).hold_out(0.5)
        yield Problem(f"students, {axis}", name, context, x, y)
