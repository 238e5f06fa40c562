"""`forescale runs`."""

from pathlib import Path
from typing import Annotated

import typer

from ..pages.page import Page
from . import options
from .command import command

Folder = Annotated[
    str,
    typer.Argument(
        help="A folder of TensorBoard, W&B (offline), MLflow, Trackio, Optuna, DVCLive or Comet (offline).",
        show_default=False,
    ),
]


@command()
def runs(folder: Folder, out: options.Shown) -> Page:
    """What a tracker's folder holds: runs, metrics, points."""
    from ..curves.readers.trackers.folder import runs_in
    from ..presenters.runs import page

    return page(folder, *runs_in(Path(folder)))
