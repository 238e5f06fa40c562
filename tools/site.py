"""The docs site: Sphinx, with every warning an error."""

import subprocess
import sys
from pathlib import Path

from .house import ROOT


def site(out: str = str(ROOT / "docs" / "_build")) -> None:
    """Build the docs site (extra [docs]); a warning is an error.

    Args:
        out: the folder it is written to.
    """
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E", "docs", str(Path(out).resolve())]
    made = subprocess.run(command, cwd=ROOT)  # from the root, so that its configuration finds the tools
    sys.exit(made.returncode)
