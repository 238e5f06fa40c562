"""How a name is spelt for whoever reads it: options in Python's way or the shell's, and the right word for a slip.

A sentence that names an option asks `option("drop_bad", True)` for it, so that nobody in Python reads of `--drop-bad`
and nobody in the shell of `drop_bad=True`.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_IN_SHELL: ContextVar[bool] = ContextVar("forescale_in_shell", default=False)


@contextmanager
def in_the_shell() -> Iterator[None]:
    """While this holds, options are spelt as the shell takes them."""
    token = _IN_SHELL.set(True)
    try:
        yield
    finally:
        _IN_SHELL.reset(token)


def option(name: str, value: object = None, *, shell: str | None = None) -> str:
    """An option as its reader types it: `x=`, `group='size'` in Python; `--x`, `--group size` in the shell.

    Args:
        name: the keyword.
        value: what to give it; True is a switch, None leaves it open.
        shell: the shell's name of it where that is another one.
    """
    if not _IN_SHELL.get():
        return f"{name}={'' if value is None else repr(value)}"
    flag = f"--{(shell or name).replace('_', '-')}"
    return flag if value is None or value is True else f"{flag} {value}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like a slip, or None where none is."""
    from difflib import get_close_matches

    found = get_close_matches(word.lower(), list(known), n=1, cutoff=0.5)
    return found[0] if found else None


def checked_keywords(function: Callable[P, R]) -> Callable[P, R]:
    """Refuse a keyword that nobody reads, naming the nearest right one; and write out those behind `**columns`.

    Raises (when the function is called):
        TypeError: an unknown keyword.
    """
    signature = _written_out(inspect.signature(function))
    known = [p.name for p in signature.parameters.values() if p.kind is not inspect.Parameter.POSITIONAL_ONLY]

    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        for word in kwargs:
            if word not in known:
                right = nearest(word, known)
                hint = f"Did you mean '{right}'?" if right else f"It takes {', '.join(known)}."
                raise TypeError(f"{function.__name__}() got an unexpected keyword '{word}'. {hint}")
        return function(*args, **kwargs)

    checked.__signature__ = signature  # type: ignore[attr-defined]  # what `inspect` and help() look for
    return checked


def _written_out(signature: inspect.Signature) -> inspect.Signature:
    """`**columns: Unpack[Columns]` as the keywords of that TypedDict."""
    kept: list[inspect.Parameter] = []
    for p in signature.parameters.values():
        packed: Any = getattr(p.annotation, "__args__", None)
        if p.kind is not inspect.Parameter.VAR_KEYWORD or not packed:
            kept.append(p)
            continue
        kept += [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
            for name, kind in packed[0].__annotations__.items()
        ]
    return signature.replace(parameters=kept)
