"""The command line, thin: parse, call, print. One file for each family of commands.

Exit 0 with warnings on standard error; exit 2 with one sentence on standard error for anything a user can mend.
"""

import os
import sys
from importlib import import_module
from typing import Annotated

import typer

from ..errors import ForescaleError
from ..spelling import in_the_shell
from ..version import __version__

# Matrices of one forecast are small: on a busy machine NumPy's threads wait for one another fifty times longer than
# they compute. Set before NumPy is imported; whoever sets the variable keeps their choice.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

COMMANDS = ("demo", "forecast", "compare", "reach", "recipes", "suggest", "allocate", "theory", "train")
"""The files of this folder, in the order in which --help shows what they register."""

app = typer.Typer(
    name="forescale",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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


def main() -> None:
    """Entry point of the `forescale` command."""
    for name in COMMANDS:  # each registers its commands
        import_module(f".{name}", __name__)

    try:
        with in_the_shell():
            code = app(sys.argv[1:] or ["--help"], standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except ForescaleError as error:
        _fail(str(error))
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        where = f"'{error.filename}'" if error.filename else "a file"
        _fail(f"expected a path that can be read and written, got '{error.strerror or error}' for {where}. Check it.")
    except Exception as error:
        # Usage errors: typer's releases differ in where the class lives, not in its face.
        if not hasattr(error, "format_message"):
            raise
        _fail(f"{error.format_message()} See --help.")


def _fail(sentence: str) -> None:
    print(f"forescale: {' '.join(sentence.split())}", file=sys.stderr)
    sys.exit(2)
