"""Options that several commands share, and how their text is read."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ..curves.curve import parse_number
from ..errors import CurveError

IMAGES = (".png", ".pdf", ".svg", ".jpg", ".webp")


def writable_image(path: str | None) -> str | None:
    """The path of a figure, refused before any work is done where it could not be written.

    Raises:
        CurveError: an unknown ending, or no folder to write to.
    """
    if path is None:
        return None
    target = Path(path)
    if target.suffix.lower() not in IMAGES:
        raise CurveError(f"expected an image path ending in {', '.join(IMAGES)}, got '{path}'. Try out.png.")
    written = target if target.exists() else target.parent
    if target.is_dir() or not target.parent.is_dir() or not os.access(written, os.W_OK):
        raise CurveError(f"expected a writable image path, got '{path}'. Check that its folder exists, or try out.png.")
    return path


Source = Annotated[
    str, typer.Argument(help="CSV, TSV, JSON lines or Parquet; - is standard input.", show_default=False)
]
XColumn = Annotated[str | None, typer.Option("--x", help="Column of the resource (guessed when only one fits).")]
YColumn = Annotated[str | None, typer.Option("--y", help="Column of the loss or error (guessed when only one fits).")]
Group = Annotated[str | None, typer.Option("--group", help="Column whose values name the curves.")]
DropBad = Annotated[bool, typer.Option("--drop-bad", help="Drop rows without a positive, finite x and y.")]
At = Annotated[str, typer.Option("--at", help="Where to forecast: 1e12,1e13 or 7B,70B.", show_default=False)]
MethodName = Annotated[
    str, typer.Option("--method", help="A name in `forescale methods`, or the .safetensors file of a network.")
]
KindName = Annotated[str, typer.Option("--kind", help="run: one new measurement; curve: the noise-free trend.")]
Level = Annotated[str, typer.Option("--level", help="Central intervals, in per cent.")]
Plot = Annotated[
    str | None, typer.Option("--plot", help="Save the figure here (.png, .pdf, .svg).", callback=writable_image)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
Seed = Annotated[int, typer.Option("--seed", help="Seed of methods that draw.")]


def numbers(text: str, flag: str) -> list[float]:
    """A comma-separated list such as 1e12,7B.

    Raises:
        CurveError: a piece that is no number.
    """
    out = []
    for piece in text.split(","):
        try:
            out.append(parse_number(piece))
        except ValueError:
            raise CurveError(
                f"expected numbers such as 1e12,7B for {flag}, got '{piece.strip()}'. Separate them with commas."
            ) from None
    return out


def one_number(text: str, flag: str) -> float:
    """A single number such as 3e20.

    Raises:
        CurveError: no number, or several.
    """
    found = numbers(text, flag)
    if len(found) != 1:
        raise CurveError(f"expected one number for {flag}, got '{text}'. Give a single value such as 3e20.")
    return found[0]


def levels(text: str) -> list[float]:
    """Interval levels in per cent, as shares."""
    shares = [value / 100 for value in numbers(text, "--level")]
    for share in shares:
        if not 0 < share < 1:
            raise CurveError(f"expected --level between 0 and 100 per cent, got {100 * share:g}. Try 50,90.")
    return sorted(set(shares))


def one_format(as_json: bool, as_csv: bool) -> None:
    if as_json and as_csv:
        raise CurveError("expected one of --json and --csv, got both. Choose one.")
