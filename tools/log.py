"""The research log: one file an entry under docs/log, each with the same five lines in its head, and their index."""

import re
from pathlib import Path
from typing import NamedTuple

from .house import ROOT

LOG = ROOT / "docs" / "log"
HEAD = ("Hypothesis", "Predicted", "Measured", "Verdict", "Command")
INTRODUCTION = """# Research log

What was tried to make the network better: a hypothesis, the effect that was predicted before the run, the effect that
was measured, what became of it, and the command. Negative results stay. [How to read it](000-about.md) says what the
numbers are and which run is which. This table is written by `python -m tools log` from the heads of the entries; a new
entry is a new file `NNN-title.md` with the five lines.
"""


class Entry(NamedTuple):
    """The head of one file."""

    path: Path
    title: str
    said: dict[str, str]


def entries() -> list[Entry]:
    """All entries in order.

    Raises:
        ValueError: a head lacks a line, or is not numbered as its file is.
    """
    return [read(path) for path in sorted(LOG.glob("[0-9][0-9][0-9]-*.md")) if path.name[:3] != "000"]


def read(path: Path) -> Entry:
    """One entry's head."""
    text = path.read_text()
    title = text.partition("\n")[0].removeprefix("# ")
    said = dict(re.findall(r"^- \*\*(\w+):\*\* (.+)$", text.partition("\n\n")[2].partition("\n\n")[0], re.M))
    if tuple(said) != HEAD or not title.startswith(f"{int(path.name[:3])}. "):
        raise ValueError(
            f"expected '# N. Title' and the lines {', '.join(HEAD)} on top of {path.name}, got {list(said)}."
        )
    return Entry(path, title, said)


def index() -> str:
    """docs/log/index.md."""
    rows = [f"| [{e.title}]({e.path.name}) | {e.said['Hypothesis']} | {e.said['Verdict']} |" for e in entries()]
    lines = ["| entry | hypothesis | verdict |", "| --- | --- | --- |", *rows]
    hidden = "\n".join(["```{toctree}", ":hidden:", "", "000-about", *(e.path.stem for e in entries()), "```"])
    return f"{INTRODUCTION}\n" + "\n".join(lines) + f"\n\n{hidden}\n"


def log() -> None:
    """Write docs/log/index.md from the heads of the entries."""
    (LOG / "index.md").write_text(index())
