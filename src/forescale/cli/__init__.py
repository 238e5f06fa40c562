"""The command line, thin: read options, call, show a Page. One file for each family of commands; see `command.py`.

Exit 0 with warnings on standard error; exit 2 with one sentence on standard error for anything a user can mend.
"""

import os
import sys
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

from ..errors import ForescaleError
from ..spelling import in_the_shell

if TYPE_CHECKING:
    from typer import Typer

# Matrices of one forecast are small: on a busy machine NumPy's threads wait for one another fifty times longer than
# they compute. Set before NumPy is imported; whoever sets the variable keeps their choice.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def load() -> "Typer":
    """The whole command line, as typer's object."""
    from importlib import import_module

    from .command import COMMANDS, app

    for name in COMMANDS:  # each registers its commands
        import_module(f".{name}", __name__)
    return app


@cache
def _built() -> Any:
    """The same as the command that typer makes of it, which takes longer than many an answer; made once a process."""
    from typer.main import get_command

    return get_command(load())


def main() -> None:
    """Entry point of the `forescale` command. Modules load inside the guard, so that Ctrl-C is quiet from the start."""
    try:
        with in_the_shell(), warnings.catch_warnings():
            for kind in (DeprecationWarning, PendingDeprecationWarning, FutureWarning):
                warnings.simplefilter(
                    "ignore", kind
                )  # what libraries plan is nothing that a user of the shell can mend
            code = _built()(sys.argv[1:] or ["--help"], standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else 0)
    except ForescaleError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        _drop_output()
        where = f"'{error.filename}'" if error.filename else "the output"
        _fail(f"expected a path that can be read and written, got '{error.strerror or error}' for {where}. Check it.")
    except Exception as error:
        # Aborts and usage errors: typer's releases differ in where the class lives, not in its face.
        if type(error).__name__ == "Abort":
            sys.exit(130)
        if not hasattr(error, "format_message"):
            raise
        _fail(f"{error.format_message()} See --help.")


def _drop_output() -> None:
    """Where what is left cannot be written, it goes nowhere, so that Python does not complain of it at its end."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(sentence: str) -> None:
    from .show import say

    try:
        say(f"forescale: {sentence}")
    finally:
        sys.exit(2)
