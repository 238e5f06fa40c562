"""How a command is made: options by group, and a function from them to a Page.

To add one in five lines:

1. `@command()` above a function whose parameters are options (`options.At`, ...) or groups of options (`options.Table`,
   `options.Ask`, `options.Out`), a dataclass each; its docstring is the help;
2. import what is heavy inside it, call, and return a Page: `return report.page(answer, out.levels)`;
3. an option read from text is `Annotated[type, Read("--flag", parse, "help")]`: the function gets the parsed value;
4. an option that belongs to all tables (or answers) is one more field of its group in `options.py`;
5. add the file to COMMANDS. `--level`, `--plot`, `--json`, `--csv`, warnings and refusals come with the group `Out`.
"""

import inspect
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer

from ..progress import shown
from ..version import __version__
from .read import Read

COMMANDS = (
    "demo",
    "forecast",
    "compare",
    "reach",
    "recipes",
    "suggest",
    "joint",
    "batch",
    "runs",
    "theory",
    "report",
    "serve",
    "train",
)
"""The files of this folder, in the order in which --help shows what they register."""

app = typer.Typer(
    name="forescale",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def command(
    name: str | None = None, *, of: typer.Typer = app, watched: bool = True, logged: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function of options and groups of options. The Page that it returns is shown as its `Out` says.

    A terminal sees how far it is, unless it is not to be `watched`: because it shows that itself, or never ends.
    Where `logged`, a log sees it too, in tenths.
    """

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        parameters = _parameters(function)
        groups: dict[str, Any] = {p.name: p.hint for p in parameters if is_dataclass(p.hint)}
        flat = {q.name: q for p in parameters for q in (_fields(p.hint) if p.name in groups else [p])}

        def run(**given: Any) -> None:
            from .options import Shown, Table, Written
            from .show import show, with_short

            values = {name: flat[name].read(value) for name, value in given.items()}
            made = {name: hint(**{f.name: values.pop(f.name) for f in fields(hint)}) for name, hint in groups.items()}
            with shown(name or function.__name__, logged=logged) if watched else nullcontext():
                page = function(**values, **made)
            page = with_short(page, next((v for v in made.values() if isinstance(v, Table)), None))
            if page is not None:
                show(page, next((v for v in made.values() if isinstance(v, Shown | Written)), None))

        run.__name__, run.__doc__ = function.__name__, function.__doc__
        # typer reads it, and a function has no such attribute to a checker
        run.__signature__ = inspect.Signature([p.for_typer() for p in flat.values()])  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.for_typer().annotation for p in flat.values()}
        of.command(name)(run)
        return function

    return register


@dataclass(frozen=True)
class _Parameter:
    """One option: how the function knows it, and how typer does."""

    name: str
    hint: Any
    default: Any

    @property
    def reader(self) -> Read | None:
        found = get_args(self.hint)[1:] if get_origin(self.hint) is Annotated else ()
        return next((item for item in found if isinstance(item, Read)), None)

    @property
    def shown(self) -> str | None:
        """The default as text, where there is one to show."""
        assert self.reader is not None
        return None if self.default in (MISSING, None) else self.reader.show(self.default)

    def read(self, value: Any) -> Any:
        """The value that the function gets."""
        if self.reader is None or value is None:
            return value
        return self.default if value == self.shown else self.reader.parse(value, self.reader.flag)

    def for_typer(self) -> inspect.Parameter:
        """The parameter as typer reads it: text where we parse it."""
        default, hint = self.default, self.hint
        if self.reader is not None:
            option = typer.Option(self.reader.flag, help=self.reader.help, show_default=self.shown is not None)
            default = self.shown or default
            hint = Annotated[str | None if default is None else str, option]
        bare = inspect.Parameter.empty if default is MISSING else default
        return inspect.Parameter(self.name, inspect.Parameter.KEYWORD_ONLY, default=bare, annotation=hint)


def _parameters(function: Callable[..., Any]) -> list[_Parameter]:
    hints = get_type_hints(function, include_extras=True)
    signature = inspect.signature(function).parameters.values()
    return [_Parameter(p.name, hints[p.name], MISSING if p.default is p.empty else p.default) for p in signature]


def _fields(group: Any) -> list[_Parameter]:
    hints: Mapping[str, Any] = get_type_hints(group, include_extras=True)
    return [_Parameter(f.name, hints[f.name], f.default) for f in fields(group)]


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"forescale {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Bayesian forecasts of neural scaling curves, and the decision that follows from them."""
