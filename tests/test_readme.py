"""The README holds: its example runs, its commands are two, its map names every room."""

import contextlib
import io
import re
import warnings
from pathlib import Path

import pytest

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
    assert (tmp_path / "forecast.png").exists()


def test_the_map_names_every_room():
    (the_map,) = re.findall(r"## The map\n+```\n(.*?)```", README, flags=re.S)
    package = ROOT / "src" / "forescale"
    rooms = [p.name + "/" * p.is_dir() for p in package.iterdir() if not p.name.startswith(("_", "."))]
    unnamed = {room for room in rooms if not room.endswith((".py", ".typed"))}
    assert [room for room in sorted(unnamed) if room not in the_map] == []
