"""Options that several commands share, in groups, and how their text is read."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from ..curves.numbers import parse_number
from ..errors import CurveError
from ..forecasts.forecast import DEFAULT_LEVELS, Kind, check_kind, is_relative
from ..pages.page import percent
from ..pages.save import IMAGES, writable
from .read import Read

if TYPE_CHECKING:
    from ..curves.columns import Columns
    from ..curves.curve import Curve
    from ..errors import Caveat


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


def targets(text: str, flag: str) -> list[float | str]:
    """A comma-separated list such as 1e12,7B, or of multiples such as 10x, which are taken of each curve's largest x.

    Raises:
        CurveError: a piece that is neither.
    """
    return [p.strip() if is_relative(p) else numbers(p, flag)[0] for p in text.split(",")]


def number(text: str, flag: str) -> float:
    """A single number such as 3e20.

    Raises:
        CurveError: no number, or several.
    """
    found = numbers(text, flag)
    if len(found) != 1:
        raise CurveError(f"expected one number for {flag}, got '{text}'. Give a single value such as 3e20.")
    return found[0]


def ends(text: str, flag: str) -> tuple[float, float]:
    """Two numbers, from and to.

    Raises:
        CurveError: not two.
    """
    found = numbers(text, flag)
    if len(found) != 2:
        raise CurveError(f"expected two numbers for {flag}, got '{text}'. Try 1e9,1e13.")
    return found[0], found[1]


def levels(text: str, flag: str) -> tuple[float, ...]:
    """Interval levels in per cent, as shares."""
    shares = [value / 100 for value in numbers(text, flag)]
    for share in shares:
        if not 0 < share < 1:
            raise CurveError(f"expected {flag} between 0 and 100 per cent, got {100 * share:g}. Try 50,90.")
    return tuple(sorted(set(shares)))


def kind(text: str, flag: str) -> Kind:
    """run or curve."""
    return check_kind(text)


def notes(text: str, flag: str) -> dict[str, str]:
    """name=text, several separated by semicolons."""
    pairs = [piece.partition("=") for piece in text.split(";") if piece.strip()]
    if not pairs or not all(found and value.strip() for _, found, value in pairs):
        raise CurveError(f"expected name=text for {flag}, got '{text}'. Try 'x counts=tokens without padding'.")
    return {name.strip(): value.strip() for name, _, value in pairs}


def word(text: str, flag: str) -> Any:
    """A word that is checked where it is used."""
    return text


def names(text: str, flag: str) -> list[str]:
    """Names separated by commas.

    Raises:
        CurveError: none.
    """
    found = [name.strip() for name in text.split(",") if name.strip()]
    if not found:
        raise CurveError(f"expected names separated by commas for {flag}, got '{text}'. Try pfn,m2.")
    return found


def share(text: str, flag: str) -> float:
    """A share between 0 and 1.

    Raises:
        CurveError: another number, or none.
    """
    found = number(text, flag)
    if not 0 < found < 1:
        raise CurveError(f"expected {flag} between 0 and 1, got {text}. Try 0.3.")
    return found


def image(text: str, flag: str) -> str:
    """The path of a figure that can be written."""
    return str(writable(text, IMAGES))


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Seed = Annotated[int, typer.Option("--seed", help="Seed of methods that draw.")]
HoldOut = Annotated[float, Read("--hold-out", share, "Share of the distinct x to hide, the largest.")]
Params = Annotated[str | None, typer.Option("--params", help="Column of model parameters N (guessed by name).")]
Tokens = Annotated[str | None, typer.Option("--tokens", help="Column of training tokens D (guessed by name).")]
At = Annotated[Any, Read("--at", targets, "Where to forecast: 1e12,1e13 or 7B,70B; 10x is ten times the largest.")]
Methods = Annotated[list[str] | None, Read("--methods", names, "Names in `forescale methods`, separated by commas.")]
MethodName = Annotated[
    str, typer.Option("--method", help="A name in `forescale methods`, or the .safetensors file of a network.")
]
KindName = Annotated[Kind, Read("--kind", kind, "run: one new measurement; curve: the noise-free trend.")]
Levels = Annotated[
    tuple[float, ...],
    Read("--level", levels, "Central intervals, in per cent.", lambda shares: ",".join(map(percent, shares))),
]
Source = Annotated[
    str, typer.Argument(help="CSV, TSV, JSON lines or Parquet; - is standard input.", show_default=False)
]
Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE", help="A file (docs/formats.md), several, a folder or a pattern; - is standard input.",
        show_default=False,
    ),
]  # fmt: skip


@dataclass(frozen=True)
class Table:
    """Which table, and which of its columns and rows."""

    source: Sources
    x: Annotated[str | None, typer.Option("--x", help="Column of the resource (guessed when only one fits).")] = None
    y: Annotated[
        str | None,
        typer.Option("--y", help="Column of the measure (guessed when one fits); a,b or eval_*: a curve each."),
    ] = None
    group: Annotated[
        str | None, typer.Option("--group", help="Column (or a,b) whose values name the curves; none: pool them.")
    ] = None
    drop_bad: Annotated[bool, typer.Option("--drop-bad", help="Drop rows without a positive, finite x and y.")] = False
    where: Annotated[str | None, typer.Option("--where", help='Rows that count: "state = finished and lr < 1e-3".')] = (
        None
    )
    x_from: Annotated[float | None, Read("--from", number, "The smallest x that counts.")] = None
    x_to: Annotated[float | None, Read("--to", number, "The largest x that counts.")] = None
    better: Annotated[Any, Read("--better", word, "lower or higher (told from the name of y where it can be).")] = None
    best: Annotated[float | None, Read("--best", number, "The value that y can reach and not pass: 1, 100, 0.")] = None
    chance: Annotated[float | None, Read("--chance", number, "What pure guessing reaches, such as 0.25.")] = None

    def curves(self) -> "dict[str, Curve]":
        """Every curve of the table that is long enough to forecast from."""
        return self._read[0]

    @property
    def short(self) -> "dict[str, Caveat]":
        """Why the others are not: name -> `short_group`; none where no curve was read (a table of runs)."""
        return self._read[1] if "_read" in self.__dict__ else {}

    @property
    def place(self) -> "str | list[str]":
        """The source as `read_curves` takes it."""
        return self.source if len(self.source) > 1 else self.source[0]

    def keywords(self) -> "Columns":
        """The rest as keywords of `read_curves`, and of every function that takes a table."""
        from ..curves.columns import Columns

        return cast("Columns", {name: getattr(self, name) for name in Columns.__annotations__})

    @cached_property
    def _read(self) -> "tuple[dict[str, Curve], dict[str, Caveat]]":
        from ..curves.columns import read_curves
        from ..curves.sources import long_enough

        return long_enough(read_curves(self.place, **self.keywords()))


@dataclass(frozen=True)
class Ask:
    """Who answers, and what is asked."""

    method: MethodName = "pfn"
    kind: KindName = "run"


@dataclass(frozen=True)
class Written:
    """Levels and seed of what is written to a file, and JSON on standard output."""

    levels: Levels = DEFAULT_LEVELS
    as_json: AsJson = False
    seed: Seed = 0


@dataclass(frozen=True)
class Shown:
    """How the answer is shown."""

    plot: Annotated[str | None, Read("--plot", image, "Save the figure here (.png, .pdf, .svg).")] = None
    as_json: AsJson = False
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False

    def __post_init__(self) -> None:
        if self.as_json and self.as_csv:
            raise CurveError("expected one of --json and --csv, got both. Choose one.")


@dataclass(frozen=True)
class Out(Shown):
    """The same, with the levels of the intervals and the seed of what draws."""

    levels: Levels = DEFAULT_LEVELS
    seed: Seed = 0
