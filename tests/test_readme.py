"""The README holds: its example runs, its shell section runs as it stands, its figures are those that are stored."""

import contextlib
import io
import re
import warnings
from pathlib import Path

import pytest

from tools import readme

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
WEIGHTS = ROOT / "src" / "forescale" / "weights" / "base.safetensors"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.S)


def test_two_commands_set_a_machine_up():
    commands = [line for block in blocks("bash") for line in block.splitlines() if ".venv/" in line]
    assert len(commands) == 2
    assert commands[0].endswith("forescale demo")
    assert commands[1].endswith("pytest")


@pytest.mark.skipif(not WEIGHTS.exists(), reason="needs the released weights")
def test_the_ten_line_example_runs(tmp_path, monkeypatch):
    (example,) = blocks("python")
    assert sum(bool(line.strip()) for line in example.splitlines()) == 10
    monkeypatch.chdir(tmp_path)
    out = io.StringIO()
    with contextlib.redirect_stdout(out), warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(compile(example, "README.md", "exec"), {})
    assert out.getvalue().count("90 % interval") == 2
    assert (tmp_path / "forecast.svg").exists()


def test_every_command_is_named():
    unnamed = [name for name in load_names() if f"forescale {name}" not in README]
    assert unnamed == [], "name it in the README: a shell line that runs on the demo's table, or words below"


def load_names() -> list[str]:
    from typer.main import get_command

    from forescale.cli import load

    return list(get_command(load()).commands)


def test_what_is_made_of_the_readme_is_what_is_stored():
    assert readme.alternatives() in README, "python -m tools readme"
    assert readme.PICTURE.exists()
