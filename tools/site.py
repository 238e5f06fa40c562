"""The docs site: Sphinx, with every warning an error."""

import subprocess
import sys

from .house import ROOT


def site(out: str = str(ROOT / "docs" / "_build")) -> None:
    """Build the docs site (extra [docs]); a warning is an error.

    Args:
        out: the folder it is written to.
    """
    made = subprocess.run([sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E", str(ROOT / "docs"), out])
    sys.exit(made.returncode)
