"""Functions as commands: arguments without a default are given by place, others are options; docstrings are help."""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer


def shell(name: str, commands: Mapping[str, Callable[..., None]]) -> Any:
    """A program whose commands are these functions."""
    app = typer.Typer(
        name=f"python -m {name}", add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False
    )
    for command, function in commands.items():
        app.command(command)(described(function))
    return app


def described(function: Callable[..., None]) -> Callable[..., None]:
    """The function with the `Args` of its docstring as the help of its options."""
    text = inspect.getdoc(function) or ""
    summary, _, listed = text.partition("\n\nArgs:\n")
    meanings = dict(line.strip().split(": ", 1) for line in listed.splitlines() if ": " in line)
    parameters = []
    for p in inspect.signature(function, eval_str=True).parameters.values():
        told: Any = {"help": meanings.get(p.name, "")}
        info = typer.Argument(**told) if p.default is p.empty else typer.Option(f"--{p.name.replace('_', '-')}", **told)
        parameters.append(p.replace(annotation=Annotated[p.annotation, info]))

    def command(**options: Any) -> None:
        function(**options)

    command.__doc__ = summary
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it
    return command
