"""`python -m benchmark COMMAND`: score methods, and write what is known of them."""

import sys

import forescale as fs

from .checks import checks
from .compare import compare
from .examples import examples
from .learners import learners
from .page import write_page
from .run import run
from .score import score_command
from .shell import shell
from .suites.draw_learners import draw_learners
from .suites.folder import MissingData

COMMANDS = {
    "score": score_command,
    "run": run,
    "checks": checks,
    "learners": learners,
    "draw-learners": draw_learners,
    "compare": compare,
    "examples": examples,
    "page": write_page,
}


def main() -> None:
    try:
        shell("benchmark", COMMANDS)()
    except KeyboardInterrupt:
        sys.exit("interrupted; the same command goes on from here")
    except (MissingData, fs.CheckpointError, fs.CurveError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
