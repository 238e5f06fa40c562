"""What of the README is made: the picture on top, from its Python example, and the table of alternatives."""

import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from benchmark.cells import cell
from benchmark.markdown import markdown, placed
from benchmark.store import RESULTS
from benchmark.suites.papers import COUNTS, HEADLINE

from .house import ROOT

README = ROOT / "README.md"
PICTURE = ROOT / "docs" / "figures" / "readme.svg"
ABOUT = """Means over four groups of {n} real curves, each continued beyond its context; every suite, smaller contexts
and calibration are in [results](docs/results.md)."""
ALTERNATIVES = {
    "pfn": "**forescale** (`pfn`)",
    "nsl-pfn": "NSL-PFN's configuration, trained here (Lee et al. 2025)",
    "lc-pfn": "LC-PFN's prior, trained here (Adriaensen et al. 2023)",
    "mcmc-m4": "MCMC of M4, emcee (Alabdulmohsin et al. 2022)",
    "mcmc-bnsl1": "MCMC of the broken law, emcee",
    "gp": "Gaussian process, scikit-learn",
    "bnsl1": "broken law, least squares (Caballero et al. 2022)",
    "m4": "M4, least squares",
    "m2": "power law with a floor, least squares",
    "line": "log-log line",
}


def alternatives() -> str:
    """Error, density, coverage and seconds of methods by name, the mean over the four groups of real curves."""
    table = [["method", "RMSLE", "LL of ln y", "90 % interval holds", "CPU s a curve", "command"]]
    for method, title in ALTERNATIVES.items():
        cells = {key: [cell(RESULTS, method, g, key) for g in HEADLINE] for key in ("rmsle", "ll_ln", "coverage90")}
        if not all(c and c.complete for found in cells.values() for c in found):
            continue  # a cell that is not stored yet is no figure
        error, density, inside = (np.mean([c.mean for c in found if c]) for found in cells.values())
        seconds = [cell(RESULTS, method, group, "seconds") for group in HEADLINE]
        slow = sum(c.mean * c.n for c in seconds if c) / sum(c.n for c in seconds if c)
        command = f"`python -m benchmark run --methods {method} --cuts 100`"
        table.append([title, f"{error:.4f}", f"{density:.2f}", f"{100 * inside:.0f} %", f"{slow:.2g}", command])
    n = sum(COUNTS.values())
    return f"{markdown(table, words=True)}\n\n{ABOUT.format(n=n)}"


def example() -> str:
    """The README's Python block."""
    (block,) = re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.S)
    return str(block)


def shell_lines() -> list[str]:
    """The commands of the README's section on the shell, without their comments."""
    section = README.read_text().partition("## In the shell\n")[2]
    (block, *_) = re.findall(r"```bash\n(.*?)```", section, flags=re.S)
    return [line.partition("  #")[0].rstrip() for line in str(block).splitlines()]


def run(line: str, folder: Path) -> str:
    """What a command of the README prints, run in that folder by this Python."""
    command = [sys.executable, "-m", "forescale", *shlex.split(line)[1:]]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def printed() -> str:
    """What the second command of that section prints."""
    with tempfile.TemporaryDirectory() as folder:
        first, second, *_ = shell_lines()
        run(first, Path(folder))
        return f"```text\n{run(second, Path(folder)).rstrip()}\n```"


def page() -> str:
    """The README with its made parts renewed."""
    text = placed(README.read_text(), "alternatives", alternatives())
    return placed(text, "printed", printed())


def readme() -> None:
    """Renew the README's table from stored results, its printed answer, and its picture from its own example."""
    README.write_text(page())
    names: dict[str, object] = {}
    exec(compile(example().replace('"forecast.svg"', f'"{PICTURE}"'), "README.md", "exec"), names)
