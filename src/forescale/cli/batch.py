"""`forescale batch`."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import CurveError
from ..forecasts.forecast import DEFAULT_LEVELS
from . import options
from .command import command
from .read import Read

Out = Annotated[Path, typer.Option("--out", help="Folder of the part files; the same call goes on from there.")]
Ratio = Annotated[Any, Read("--ratio", options.numbers, "The same as multiples of each group's largest x: 10 or 2,10.")]
Anywhere = Annotated[Any, Read("--at", options.targets, "Where to forecast: 1e12,1e13 or 10x.")]
EngineName = Annotated[str, typer.Option("--engine", help="processes, or dask (docs/guides/many-curves.md).")]
Workers = Annotated[int | None, typer.Option("--workers", help="Processes; as many as there are cores.")]
Address = Annotated[str | None, typer.Option("--address", help="Of a running Dask scheduler: tcp://host:8786.")]


@command(logged=True)
def batch(
    table: options.Table,
    out: Out,
    ask: options.Ask,
    at: Anywhere = None,
    ratio: Ratio = None,
    level: options.Levels = DEFAULT_LEVELS,
    seed: options.Seed = 0,
    engine: EngineName = "processes",
    workers: Workers = None,
    address: Address = None,
) -> None:
    """Forecast any number of curves of one Parquet or CSV file into part files; a second call resumes."""
    from ..mass.batch import Question, run
    from ..mass.engines import find_engine

    if len(table.source) != 1:
        raise CurveError(
            f"expected one Parquet or CSV file, got {len(table.source)} sources. Join them, or call again."
        )
    words: Any = dict(table.keywords())
    question = Question(
        None if at is None else tuple(at), None if ratio is None else tuple(ratio), level, ask.method, ask.kind, seed,
        words.pop("drop_bad"), words.pop("x_from"), words.pop("x_to"),
    )  # fmt: skip
    start = time.monotonic()
    outcome = run(Path(table.source[0]), out, question, words, find_engine(engine, workers, address))
    seconds = time.monotonic() - start
    text = (
        f"{outcome.groups:,} groups in {outcome.parts} parts in '{out}': {outcome.groups - outcome.errors:,} answered, "
    )
    text += f"{outcome.errors:,} with an error; {outcome.resumed} parts were there; {seconds:.1f} s."
    if outcome.groups == outcome.errors:
        raise CurveError(
            f"expected one group to be answered, got none of {outcome.groups:,} ('{out}'). The column 'error' says why."
        )
    print(text)
