"""What the shell does with an output that is odd: a closed pipe, a full disk, another encoding, no output at all."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TABLE = "recipe,tokens,loss\n" + "".join(f"{r},{x},{5 * x**-0.2:.4f}\n" for r in ("a×b", "c") for x in (1, 2, 4, 8, 16))
ASK = "forecast - --at 32 --method line --group recipe"


def shell(command: str, *, flags: str = "", then: str = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """`forescale` in a shell of its own, its table on standard input."""
    whole = f"{sys.executable} {flags} -m forescale {command} {then}"
    return subprocess.run(
        ["bash", "-c", whole], input=TABLE.encode(), capture_output=True, env={**os.environ, **environment}
    )


def test_a_closed_pipe_is_no_error():
    done = shell(ASK, then="| true; exit ${PIPESTATUS[0]}")
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("form", ["", "--json", "--csv"])
def test_a_full_disk_is_a_sentence(form):
    done = shell(f"{ASK} {form}", then="> /dev/full")
    assert done.returncode == 2
    assert b"No space left" in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


def test_nothing_written_is_never_a_success():
    done = shell(ASK, then=">&-")
    assert done.returncode == 2
    assert b"closed" in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-16"])
def test_other_encodings_are_written(encoding):
    done = shell(ASK, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert "a" in done.stdout.decode(encoding)
    if encoding == "ascii":
        assert b"axb" in done.stdout
        assert b"2x" in done.stdout
        assert b"\\u00d7b" in shell(f"{ASK} --json", PYTHONIOENCODING="ascii").stdout


def test_warnings_of_python_stop_nothing(tmp_path):
    done = shell(f"{ASK} --plot {tmp_path / 'x.png'}", flags="-W error")
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "x.png").exists()


def test_without_standard_error_the_answer_is_still_clean():
    done = shell(f"{ASK} --csv", then="2>&-")
    assert done.returncode == 0
    assert done.stdout.decode().splitlines()[0].startswith("group,x")
    assert "warning" not in done.stdout.decode().splitlines()[-1]


def test_numbers_come_before_a_picture_that_fails(monkeypatch, capsys, tmp_path):
    from forescale import cli
    from forescale.pages import picture

    table = tmp_path / "runs.csv"
    table.write_text(TABLE)

    def fails(*_: object) -> None:
        raise RuntimeError("out of ink")

    monkeypatch.setattr(picture, "draw_page", fails)
    words = ["forecast", table, "--at", "32", "--method", "line", "--group", "recipe", "--plot", tmp_path / "x.png"]
    monkeypatch.setattr(sys, "argv", ["forescale", *map(str, words)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    out, err = capsys.readouterr()
    assert end.value.code == 2
    assert "90 % interval" in out
    assert "out of ink" in err.splitlines()[-1]


def test_an_interrupt_while_modules_load_is_quiet():
    code = (
        "import sys, builtins; real = builtins.__import__\n"
        "def stop(name, *rest):\n"
        "    if name == 'typer': raise KeyboardInterrupt\n"
        "    return real(name, *rest)\n"
        "from forescale.cli import main; builtins.__import__ = stop; sys.argv = ['forescale', 'methods']; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


STEERS = "\x9b31m", "\u202eback", "\x1b[2J"


@pytest.mark.parametrize("name", STEERS)
def test_no_output_carries_signs_that_steer_a_terminal(name, tmp_path, monkeypatch, capsys):
    table = tmp_path / "runs.jsonl"
    rows = [{"recipe": n, "x": x, "loss": 3 * x**-0.2} for n in (name, "plain") for x in (1.0, 2.0, 4.0, 8.0, 16.0)]
    table.write_text("\n".join(map(json.dumps, rows)))
    from forescale import cli

    for shape in ([], ["--json"]):
        words = ["forecast", str(table), "--at", "32", "--method", "line", "--group", "recipe", *shape]
        monkeypatch.setattr(sys, "argv", ["forescale", *words])
        with pytest.raises(SystemExit):
            cli.main()
        out = capsys.readouterr().out
        assert "plain" in out
        assert all(c.isprintable() or c == "\n" for c in out), shape
    assert {c["group"] for c in json.loads(out)["curves"]} == {name, "plain"}


def test_a_terminal_sees_the_codes_of_control_signs_in_csv_and_a_pipe_gets_the_name(tmp_path):
    table = tmp_path / "runs.jsonl"
    rows = [{"recipe": n, "x": x, "loss": 3 * x**-0.2} for n in ("\x1b[2Ja", "b") for x in (1, 2, 4, 8, 16)]
    table.write_text("\n".join(map(json.dumps, rows)))
    words = f"{sys.executable} -m forescale forecast {table} --at 32 --method line --group recipe --csv"
    piped = subprocess.run(words.split(), capture_output=True).stdout
    assert b"\x1b[2Ja" in piped
    shown = subprocess.run(["script", "-qec", words, "/dev/null"], capture_output=True)
    if shown.returncode == 0:
        assert b"\x1b[2J" not in shown.stdout
        assert b"\\x1b[2Ja" in shown.stdout
