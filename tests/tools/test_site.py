"""The docs site builds without a warning, and every page of docs/ is in it."""

import subprocess
import sys

import pytest
from tools.house import ROOT


def test_every_page_of_the_docs_is_in_the_site(tmp_path):
    for library in ("sphinx", "furo", "myst_parser"):
        pytest.importorskip(library, reason="needs the extra [docs]")
    command = [sys.executable, "-m", "tools", "site", "--out", str(tmp_path)]
    made = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert made.returncode == 0, made.stderr  # a page in no table of contents is a warning, and a warning is an error
    assert (tmp_path / "reference" / "command-line.html").stat().st_size > 20_000
    assert "fit_joint" in (tmp_path / "reference" / "python.html").read_text()
