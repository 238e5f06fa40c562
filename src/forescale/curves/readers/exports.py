"""Exports that are known by their columns, whatever file or frame they come in."""

import re
from collections.abc import Sequence
from dataclasses import replace

from . import wandb
from .base import Table


def recognised(table: Table, ys: Sequence[str]) -> tuple[Table, list[str]]:
    """A table with the roles that its tool gives the columns, and the columns of y in it; others as they are."""
    if {"Wall time", "Step", "Value"} == set(table.columns):
        tag = re.search(r"-tag-(.+?)\.(?:csv|json)", table.origin)
        return replace(table, x="Step", y="Value", y_name=tag[1] if tag else None), list(ys)
    return wandb.reshaped(table, ys)
