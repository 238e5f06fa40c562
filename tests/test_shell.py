"""The shell as a user runs it: what is printed, what is refused in one sentence, and what is never imported."""

import csv
import io
import json
import subprocess
import sys

import numpy as np
import pytest

from forescale import cli
from forescale.network import forecaster

RUNS = "tokens,loss\n" + "".join(f"{x:g},{1 + 50 * x**-0.3:.5f}\n" for x in np.geomspace(1e6, 1e9, 20))


class Shell:
    """Runs `forescale` in this process, through its entry point."""

    def __init__(self, monkeypatch, capsys):
        self.monkeypatch, self.capsys = monkeypatch, capsys

    def __call__(self, *arguments, stdin: bytes | None = None) -> tuple[int, str, str]:
        self.monkeypatch.setattr(sys, "argv", ["forescale", *map(str, arguments)])
        if stdin is not None:
            self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = self.capsys.readouterr()
        return end.value.code, out, err

    def refuses(self, *arguments, **kwargs) -> str:
        """The one sentence of a refusal."""
        code, out, err = self(*arguments, **kwargs)
        assert (code, out) == (2, "")
        assert err.count("\n") == 1
        assert err.startswith("forescale: ")
        return err


@pytest.fixture
def shell(monkeypatch, capsys) -> Shell:
    return Shell(monkeypatch, capsys)


@pytest.fixture
def runs(tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text(RUNS)
    return path


@pytest.fixture
def ask(shell, runs, tiny_checkpoint):
    """`forescale forecast` on the runs, with untrained weights."""
    return lambda *extra, at="1e10,1T": shell("forecast", runs, "--at", at, "--method", tiny_checkpoint, *extra)


def test_the_table_is_for_people(ask):
    code, out, err = ask()
    assert code == 0
    assert out.splitlines()[0].startswith("tiny: one new measurement (run)")
    assert out.splitlines()[1].split("  ")[0] == "tokens"
    assert "90 % interval" in out
    assert out.splitlines()[2].split()[0] == "1e+10"
    assert out.splitlines()[2].endswith("10×")
    assert err.splitlines()[0].startswith("note: guessed_columns: read x from 'tokens' and y from 'loss'")
    assert "far_extrapolation" in err


def test_the_json_has_the_promised_shape(ask):
    code, out, _ = ask("--json", "--level", "50,90", "--seed", "3")
    answer = json.loads(out)
    assert code == 0
    assert set(answer) >= {"forescale", "method", "kind", "weights", "seed", "curves"}
    assert (answer["method"], answer["kind"], answer["seed"]) == ("tiny", "run", 3)
    assert len(answer["weights"]["sha256"]) == 64
    (curve,) = answer["curves"]
    assert (curve["group"], curve["n_context"]) == (None, 20)
    assert curve["x"] == {"name": "tokens", "min": 1e6, "max": 1e9}
    assert set(curve["y"]) == {"name", "min", "max"}
    first = curve["forecasts"][0]
    assert set(first) == {"x", "median", "intervals", "extrapolation_ratio"}
    assert (first["x"], first["extrapolation_ratio"]) == (1e10, 10)
    assert first["intervals"]["90"][0] < first["intervals"]["50"][0] < first["median"] < first["intervals"]["90"][1]
    assert [w["code"] for w in curve["warnings"]] == ["guessed_columns", "far_extrapolation"]


def test_the_csv_has_the_promised_columns(ask):
    code, out, _ = ask("--csv")
    header = "group,x,method,kind,median,q05,q25,q75,q95,extrapolation_ratio,warnings"
    assert (code, out.splitlines()[0]) == (0, header)
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [float(row["x"]) for row in rows] == [1e10, 1e12]
    assert rows[0]["warnings"] == "guessed_columns;far_extrapolation"


def test_the_shell_and_python_give_the_same_digits(ask, runs, tiny_checkpoint):
    import forescale as fs

    f = fs.forecast(runs, at=[1e10, 1e12], method=str(tiny_checkpoint))
    _, out, _ = ask("--csv")
    assert [float(row["median"]) for row in csv.DictReader(io.StringIO(out))] == f.median.tolist()


def test_groups_standard_input_and_kinds(shell, tiny_checkpoint):
    table = "recipe,tokens,loss\n" + "".join(f"{r},{x},{5 / x}\n" for r in "ab" for x in (1, 2, 4, 8, 16))
    arguments = ("--at", "32", "--group", "recipe", "--method", tiny_checkpoint, "--kind", "curve", "--csv")
    code, out, _ = shell("forecast", "-", *arguments, stdin=table.encode())
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert [(row["group"], row["kind"]) for row in rows] == [("a", "curve"), ("b", "curve")]


def test_a_figure_is_saved(ask, tmp_path):
    assert ask("--plot", tmp_path / "out.png")[0] == 0
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


def test_the_demo_sets_measurements_beside_forecasts(shell, tiny_checkpoint, tmp_path):
    code, out, err = shell("demo", "--method", tiny_checkpoint, "--plot", tmp_path / "demo.png")
    assert (code, err) == (0, "")
    assert out.count("mlp-") == 9
    assert "of 135 hidden readings" in out
    assert (tmp_path / "demo.png").exists()


def test_methods_are_listed_with_their_source(shell):
    code, out, _ = shell("methods")
    assert code == 0
    assert {line.split()[0] for line in out.splitlines()} >= {"pfn", "nsl-pfn", "m4", "line", "last"}


def test_help_and_version(shell):
    assert shell()[0] == 0
    assert "Commands:" in shell()[1]
    assert shell("--version")[1].startswith("forescale 0.")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "got an empty file"),
        (b"\x89PNG\x00\xff\xfe", "got a PNG image"),
        (b"steps,flops,loss\n1,2,3\n", "2 that fit: 'steps', 'flops'. Name it with --x"),
        (b"tokens,loss\n1,3\n2,oops\n3,1\n", "expected a number in 'loss', got 'oops'"),
        (b"tokens,loss\n1,3\n2,nan\n3,1\n", "row 2). Remove these rows, or drop them with --drop-bad"),
        (b"tokens,loss\n1,3\n2,inf\n3,1\n", "loss=inf"),
        (b"tokens,loss\n-1,3\n2,2\n3,1\n", "tokens=-1"),
        (b"tokens,loss\n1,3\n2,-2\n3,1\n", "loss=-2"),
        (b"tokens,loss\n1,3\n", "at least 3 context points, got 1"),
        (b"tokens,loss\n1,3\n2,2\n", "at least 3 context points, got 2"),
        (b"tokens,loss\n5,3\n5,2\n5,1\n", "2 distinct tokens, got only 5"),
        (b"recipe,tokens,loss\na,1,3\na,2,2\nb,1,2\nb,2,1\n", "--group recipe"),
    ],
)
def test_unusable_data_is_refused_in_one_sentence(shell, tiny_checkpoint, content, sentence):
    assert sentence in shell.refuses("forecast", "-", "--at", "10", "--method", tiny_checkpoint, stdin=content)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["forecast"], "Missing argument"),
        (["forecast", "{runs}"], "expected one of --at and --double, got neither"),
        (["forecast", "{runs}", "--at", "1e9", "--double", "2"], "expected one of --at and --double, got both"),
        (["forecast", "{runs}", "--at", "soon"], "for --at, got 'soon'"),
        (["forecast", "{runs}", "--at", ""], "for --at, got ''"),
        (["forecast", "{runs}", "--at", "1e9,,2e9"], "for --at, got ''"),
        (["forecast", "{runs}", "--at", "-3"], "positive, finite targets, got -3"),
        (["forecast", "{runs}", "--at", "1e999"], "got inf"),
        (["forecast", "{runs}", "--at", "1e9", "--method", "magic"], "expected a method among pfn"),
        (["forecast", "{runs}", "--at", "1e9", "--kind", "mean"], "kind 'run' or 'curve', got 'mean'"),
        (["forecast", "{runs}", "--at", "1e9", "--level", "150"], "--level between 0 and 100"),
        (["forecast", "{runs}", "--at", "1e9", "--x", "flops"], "expected a column 'flops'"),
        (["forecast", "{runs}", "--at", "1e9", "--json", "--csv"], "one of --json and --csv"),
        (["forecast", "{runs}", "--at", "1e9", "--plot", "{runs}/x.png"], "expected a writable image path"),
        (["forecast", "{runs}", "--at", "1e9", "--plot", "out.doc"], "image path ending in .png"),
        (["forecast", "none.csv", "--at", "1e9"], "no such file or directory"),
        (["forecast", "{runs}", "--at", "1e9", "--method", "none.safetensors"], "expected a weight file"),
        (["forecast", "{runs}", "--at", "1e9", "--nonsense"], "No such option"),
        (["forecasts"], "No such command 'forecasts'"),
    ],
)
def test_unusable_arguments_are_refused_in_one_sentence(shell, runs, arguments, sentence):
    assert sentence in shell.refuses(*(a.format(runs=runs) for a in arguments))


@pytest.mark.parametrize("damage", ["truncated", "altered", "no checksum", "other version"])
def test_damaged_weights_are_refused_in_one_sentence(shell, runs, tiny_checkpoint, tmp_path, damage):
    import hashlib

    weights = tmp_path / "net.safetensors"
    blob = tiny_checkpoint.read_bytes()
    digest = hashlib.sha256(blob).hexdigest()
    if damage == "truncated":
        blob = blob[:-100]
    elif damage == "altered":
        blob = blob[:-1] + bytes([blob[-1] ^ 1])
    elif damage == "other version":
        blob = blob.replace(b'"format_version":"1"', b'"format_version":"9"')
        digest = hashlib.sha256(blob).hexdigest()
    weights.write_bytes(blob)
    if damage != "no checksum":
        weights.with_suffix(".sha256").write_text(f"{digest}  net.safetensors\n")
    expected = {"no checksum": "expected the checksum", "other version": "expected format version 1, got 9"}
    sentence = shell.refuses("forecast", runs, "--at", "1e9", "--method", weights)
    assert expected.get(damage, "truncated or altered") in sentence


@pytest.mark.parametrize(
    ("content", "at", "code"),
    [
        (RUNS, "1e7", "interpolation"),
        (RUNS, "1e18", "far_extrapolation"),
        ("tokens,quality\n1,.1\n2,.2\n4,.3\n8,.5\n16,.6\n", "32", "not_decreasing"),
        ("tokens,accuracy\n1,.1\n2,.2\n4,.3\n8,.5\n16,.6\n", "32", "better"),
        ("tokens,loss\n1,3\n2,2\n2,2\n4,1\n8,.9\n", "32", "repeated_rows"),
        ("tokens,loss\n1,3\n2,2\n4,1\n", "32", "few_points"),
        ("tokens,loss\n" + "".join(f"{i},{9 / i}\n" for i in range(1, 100_001)), "2e5", "thinned"),
    ],
)
def test_doubtful_questions_are_answered_with_a_warning(shell, tiny_checkpoint, content, at, code):
    status, out, err = shell("forecast", "-", "--at", at, "--method", tiny_checkpoint, stdin=content.encode())
    assert status == 0
    assert f"{'note' if code == 'better' else 'warning'}: {code}: " in err
    assert len(out.splitlines()) == 3


def test_dropped_rows_are_counted(shell, tiny_checkpoint):
    table = b"tokens,loss\n0,9\n1,3\n2,\n4,1\n8,.9\n"
    status, _, err = shell("forecast", "-", "--at", "9", "--method", tiny_checkpoint, "--drop-bad", stdin=table)
    assert status == 0
    assert "warning: dropped_rows: 2 rows" in err


def test_a_rising_curve_is_told_how_to_turn_into_an_error(shell, tiny_checkpoint):
    table = b"tokens,quality\n1,.1\n2,.2\n4,.3\n8,.5\n16,.6\n"
    _, _, err = shell("forecast", "-", "--at", "32", "--method", tiny_checkpoint, stdin=table)
    assert "say so with --better higher: then 1 − accuracy is forecast" in err


def test_weights_are_read_once_in_a_process(ask, monkeypatch):
    read = []
    parse = forecaster.load_weights
    monkeypatch.setattr(forecaster, "load_weights", lambda path: (read.append(path), parse(path))[1])
    monkeypatch.setattr(forecaster, "_LOADED", type(forecaster._LOADED)())
    ask()
    ask()
    assert len(read) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--config", "huge"], "expected a configuration tiny, base"),
        (["--config", "tiny", "--steps", "0"], "expected steps >= 1"),
        (["--config", "tiny", "--resume"], "expected"),
    ],
)
def test_training_refuses_what_cannot_be_trained(shell, tmp_path, arguments, said):
    pytest.importorskip("torch")
    assert said in shell.refuses("train", "--out", tmp_path / "run", *arguments)


def test_training_into_a_file_is_refused(shell, tmp_path):
    pytest.importorskip("torch")
    (tmp_path / "file").write_text("")
    assert "expected a path" in shell.refuses(
        "train", "--config", "tiny", "--steps", "5", "--out", tmp_path / "file" / "x"
    )


def run_module(*arguments, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """`forescale` in a process of its own, which prints the outer modules it loaded as the last line of stderr."""
    code = (
        "import sys, atexit; from forescale.cli import main;"
        "atexit.register(lambda: print(*(m for m in sys.modules if '.' not in m), file=sys.stderr));"
        "main()"
    )
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True)


def test_the_package_runs_as_a_module():
    command = [sys.executable, "-m", "forescale", "--version"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.startswith("forescale ")


def test_a_forecast_from_the_shell_never_imports_torch(tiny_checkpoint):
    done = run_module("forecast", "-", "--at", "1e10", "--method", tiny_checkpoint, "--csv", stdin=RUNS)
    assert done.returncode == 0
    assert done.stdout.startswith("group,x,method")
    loaded = set(done.stderr.splitlines()[-1].split())
    assert "numpy" in loaded
    assert not {"torch", "pandas", "matplotlib", "emcee", "sklearn", "narwhals"} & loaded


def test_a_refusal_has_no_traceback(tiny_checkpoint):
    done = run_module("forecast", "none.csv", "--at", "1e10", "--method", tiny_checkpoint)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[0].startswith("forescale: expected a readable file")
    assert "Traceback" not in done.stderr


RECIPES = "recipe,tokens,accuracy\n" + "".join(
    f"{r},{10**8 * 2**i},{a}\n"
    for r, row in (("plain", [0.50, 0.54, 0.57, 0.60, 0.62]), ("better", [0.52, 0.58, 0.63, 0.68, 0.72]))
    for i, a in enumerate(row)
)
SHORT = RECIPES + "third,1e8,0.5\nthird,2e8,0.6\n"


@pytest.fixture
def table(tmp_path):
    def write(text):
        path = tmp_path / "table.csv"
        path.write_text(text)
        return path

    return write


def test_a_measure_that_rises_is_answered_the_right_way_up(shell, table):
    path = table(RECIPES)
    code, out, _ = shell("recipes", path, "--at", "1e11", "--group", "recipe", "--json")
    rows = json.loads(out)["recipes"]
    assert (code, [row["recipe"] for row in rows]) == (0, ["better", "plain"])
    assert all(row["intervals"]["90"][1] <= 1 for row in rows)
    code, out, err = shell("reach", path, "--target", "0.8", "--group", "recipe", "--json")
    assert code == 0
    assert "already_reached" not in err
    code, out, _ = shell("forecast", path, "--at", "10x", "--group", "recipe", "--json")
    answer = json.loads(out)["curves"][1]
    assert (answer["y"]["better"], answer["y"]["best"], answer["y"]["chance"]) == ("higher", 1.0, None)
    assert 0.72 < answer["forecasts"][0]["median"] < answer["forecasts"][0]["intervals"]["90"][1] <= 1


def test_a_rising_column_without_a_telling_name_is_refused_with_the_flag(shell, table):
    path = table(RECIPES.replace("accuracy", "quality"))
    for command in (("recipes", "--at", "1e11"), ("reach", "--target", "0.8")):
        said = shell.refuses(command[0], path, *command[1:], "--group", "recipe")
        assert "say so with --better higher; if not, with --better lower" in said
    code, out, _ = shell("recipes", path, "--at", "1e11", "--group", "recipe", "--better", "higher", "--csv")
    assert (code, next(csv.DictReader(io.StringIO(out)))["recipe"]) == (0, "better")


@pytest.mark.parametrize(
    "command",
    [("forecast", "--at", "10x"), ("compare", "--at", "1e10", "--methods", "line"), ("backtest", "--methods", "m1"),
     ("reach", "--target", "0.8"), ("recipes", "--at", "1e10"), ("suggest", "--at", "1e10", "--candidates", "2e9"),
     ("forecast", "--double", "2")],
    ids=lambda c: " ".join(c[:2]),
)  # fmt: skip
def test_a_short_group_is_a_row_with_its_reason_and_stops_no_other(shell, table, command):
    code, out, err = shell(command[0], table(SHORT), *command[1:], "--group", "recipe", "--json")
    assert code == 0
    answer = json.loads(out)
    assert [row["group"] for row in answer["left_out"]] == ["third"]
    assert "at least 3 context points, got 2" in answer["left_out"][0]["reason"]
    assert err.count("short_group") == 1
    assert "plain" in out


def test_two_recipes_of_which_one_is_short_say_so(shell, table):
    text = RECIPES.split("better")[0] + "third,1e8,0.5\n"
    said = shell.refuses("recipes", table(text), "--at", "1e11", "--group", "recipe")
    assert "got 1 that is long enough. Left out: short_group: expected at least 3 context points, got 1" in said


def test_rows_ranges_measures_and_several_files_are_chosen_in_the_shell(shell, table, tmp_path):
    path = table("state,tokens,loss,acc\n" + "".join(f"finished,{2**i},{4 - i / 4},{0.3 + i / 20}\n" for i in range(8)))
    ask = ("--at", "10x", "--method", "line", "--json")
    code, out, _ = shell(
        "forecast", path, *ask, "--where", "state = finished", "--from", "2", "--to", "64", "--y", "loss"
    )
    (curve,) = json.loads(out)["curves"]
    assert (code, curve["n_context"], curve["x"]["min"], curve["x"]["max"]) == (0, 6, 2, 64)
    code, out, _ = shell(
        "forecast", path, *ask, "--y", "loss,acc", "--best", "1", "--better", "higher", "--chance", "0.25"
    )
    assert code == 2  # a loss of 4 lies beyond the best value 1
    code, out, _ = shell("forecast", path, *ask, "--y", "loss,acc")
    assert [c["group"] for c in json.loads(out)["curves"]] == ["loss", "acc"]
    other = tmp_path / "other.csv"
    other.write_text(path.read_text())
    code, out, _ = shell("forecast", path, other, *ask, "--y", "loss")
    assert [c["group"] for c in json.loads(out)["curves"]] == ["table", "other"]
    code, out, _ = shell("forecast", tmp_path, *ask, "--y", "loss")
    assert [c["group"] for c in json.loads(out)["curves"]] == ["other", "table"]


def test_checkpoints_of_a_level_with_one_size_do_not_take_allocate_down(shell, table):
    text = "params,tokens,loss\n100M,1B,3.94\n100M,2B,3.64\n100M,4B,3.40\n" + "".join(
        f"1B,{16 + i}B,{2.60 - i / 100:.2f}\n" for i in range(4)
    )
    code, _, err = shell("allocate", table(text), "--compute", "1e22")
    assert code == 0
    assert "SVD" not in err


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("backtest - --hold-out 2", "expected --hold-out between 0 and 1, got 2. Try 0.3."),
        ("compare - --at 1e12 --methods ,", "expected names separated by commas for --methods, got ','."),
        ("forecast - --at 1e12 --from 1e15", "expected rows with tokens from 1e+15, got none of"),
        ("allocate - --compute 0 --params N --tokens D --loss L", "positive, finite flops, got 0.0. Try --compute"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_option_that_was_typed(shell, command, text):
    table = RUNS if "allocate" not in command else "N,D,L\n1e8,1e9,3\n1e9,1e9,2.8\n1e8,1e10,2.7\n1e9,1e10,2.5\n"
    status, out, err = shell(*command.split(), stdin=table.encode())
    assert (status, out) == (2, "")
    assert text in err
