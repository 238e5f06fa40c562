"""Every command that a page names exists."""

import re

from benchmark.__main__ import COMMANDS as BENCHMARK
from lab.__main__ import EXPERIMENTS
from tools.__main__ import COMMANDS as TOOLS
from tools.house import ROOT
from typer.main import get_command

from forescale.cli import load

KNOWN = {"benchmark": BENCHMARK, "lab": EXPERIMENTS, "tools": TOOLS}
PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "changes").glob("*.md"),
    ROOT / "benchmark" / "README.md",
]


def test_commands_beside_the_package_exist():
    named = {(room, name, page.name) for page in PAGES for room, name in re.findall(
        r"`python -m (benchmark|lab|tools) ([a-z][a-z-]+)", page.read_text())}  # fmt: skip
    assert len(named) > 20
    assert {entry for entry in named if entry[1] not in KNOWN[entry[0]]} == set()


def test_commands_of_the_shell_exist():
    known = {"--help", "--version", *get_command(load()).commands}
    said = re.compile(r"(?m)(?:`|^)forescale ([a-z-]+)")
    named = {(name, page.name) for page in PAGES for name in said.findall(page.read_text())}
    assert len(named) > 10
    assert {entry for entry in named if entry[0] not in known} == set()


def test_the_old_ways_to_call_are_gone():
    old = re.compile(r"python (?:-m )?benchmark[./][a-z_]+(?:\.py)?\b")
    assert {page.name: found for page in PAGES if (found := old.findall(page.read_text()))} == {}
