"""The face: what it takes, what it refuses, and that every name of it has a type."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forescale as fs
from forescale.curves.columns import Columns
from forescale.spelling import in_the_shell, nearest, option

ROOT = Path(__file__).parents[1]
X, Y = [1e6, 1e7, 1e8, 1e9], [4.0, 3.1, 2.5, 2.1]
TABLES = {
    "forecast": lambda source, **k: fs.forecast(source, at=1e10, method="line", **k).median,
    "compare": lambda source, **k: fs.compare(source, at=1e10, methods=["line"], **k).forecasts["line"].median,
    "backtest": lambda source, **k: fs.backtest(source, methods=["line"], **k).scores[0].rmsle,
    "reach": lambda source, **k: fs.reach(source, target=2.0, method="line", **k).median,
    "suggest": lambda source, **k: fs.suggest(source, at=1e10, method="line", **k).now.median,
    "read_curves": lambda source, **k: next(iter(fs.read_curves(source, **k).values())).y,
}
"""Each function that takes a table of one curve, called as a user would."""
SLIPS = {
    "forecast": ("knd", "kind"), "forecast_many": ("metod", "method"), "compare": ("method", "methods"),
    "backtest": ("holdout", "hold_out"), "reach": ("traget", "target"), "doublings": ("treshold", "threshold"),
    "suggest": ("candidate", "candidates"),
    "recipes": ("grop", "group"), "read_curves": ("drop_bda", "drop_bad"), "fit_joint": ("exponent", "exponents"),
}  # fmt: skip


@pytest.mark.parametrize("name", SLIPS)
def test_a_keyword_that_nobody_reads_is_refused_with_the_nearest_right_word(name):
    slip, right = SLIPS[name]
    with pytest.raises(TypeError, match=rf"{name}\(\) got an unexpected keyword '{slip}'. Did you mean '{right}'\?"):
        getattr(fs, name)(**{slip: 1})


def test_a_slip_unlike_any_keyword_lists_those_there_are():
    with pytest.raises(TypeError, match=r"unexpected keyword 'zzzz'. It takes source, at, method, kind, seed, x, y"):
        fs.forecast((X, Y), 1e10, zzzz=1)


@pytest.mark.parametrize("name", [*TABLES, "recipes"])
def test_the_keywords_of_a_table_are_written_out_in_the_signature(name):
    assert set(Columns.__annotations__) <= set(inspect.signature(getattr(fs, name)).parameters)


def test_the_keywords_of_a_table_are_those_of_read_curves():
    assert set(Columns.__annotations__) == set(inspect.signature(fs.read_curves).parameters) - {"source"}


@pytest.mark.parametrize("name", TABLES)
def test_every_decision_takes_a_frame_a_dict_of_columns_and_a_series(name):
    frame = pd.DataFrame({"tokens": X, "loss": Y})
    expected = TABLES[name](frame, x="tokens", y="loss")
    tables = {"lists": {"tokens": X, "loss": Y}, "arrays": {"tokens": np.array(X), "loss": np.array(Y)}}
    tables |= {"series": {"tokens": frame.tokens, "loss": frame.loss}, "tuples": {"tokens": (*X,), "loss": (*Y,)}}
    tables |= {"one series": frame.set_index("tokens").loss, "text": {"tokens": ["1M", "10M", "100M", "1B"], "loss": Y}}
    for kind, table in tables.items():
        np.testing.assert_array_equal(TABLES[name](table), expected, err_msg=kind)


def test_recipes_takes_a_table_with_a_group_like_every_other_decision():
    frame = pd.DataFrame({"tokens": X + X, "loss": [*Y, *np.multiply(Y, 1.2)], "recipe": ["a"] * 4 + ["b"] * 4})
    answer = fs.recipes(frame, at=1e10, group="recipe", method="line")
    by_hand = fs.recipes({"a": (X, Y), "b": (X, np.multiply(Y, 1.2))}, at=1e10, method="line")
    assert answer.prob_better("a", "b") == by_hand.prob_better("a", "b") > 0.5
    assert [r.method for r in fs.backtest(frame, group="recipe", methods=["line"]).ranking] == ["line"]


def test_a_keyword_of_tables_beside_a_curve_is_refused_not_ignored():
    with pytest.raises(fs.CurveError, match=r"expected x= beside a table only, got it beside a Curve"):
        fs.forecast(fs.Curve(X, Y), 1e10, x="tokens")
    with pytest.raises(fs.CurveError, match="a dict of curves"):
        fs.recipes({"a": (X, Y), "b": (X, Y)}, 1e10, group="recipe")


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ({"tokens": X, "loss": Y[:2]}, "columns of one length, got 4 in 'tokens', 2 in 'loss'"),
        ({"tokens": X, 0: Y, "0": Y}, "distinct column names, got '0' repeated"),
        ({"tokens": X, "loss": "abc"}, "a list of cells in column 'loss', got str"),
        ({"tokens": X, "loss": np.ones((4, 2))}, "a list of cells in column 'loss', got ndarray"),
        (7, r"expected a path or a data frame .* got int"),
    ],
)
def test_a_table_in_memory_that_is_none_is_refused_in_a_sentence(table, text):
    with pytest.raises(fs.CurveError, match=text):
        fs.read_curves(table)


def test_a_masked_cell_is_an_empty_one():
    table = {"tokens": X, "loss": np.ma.masked_array(Y, [False, True, False, False])}
    assert fs.read_curves(table, drop_bad=True)["curve"].n == 3


def test_options_are_spelt_for_whoever_reads_them():
    assert [option("x"), option("drop_bad", True), option("group", "size")] == ["x=", "drop_bad=True", "group='size'"]
    with in_the_shell():
        assert [option("x"), option("drop_bad", True), option("group", "size")] == ["--x", "--drop-bad", "--group size"]
        assert option("x_range", shell="range") == "--range"
    assert option("x") == "x="


def test_a_refusal_in_python_names_keywords_and_in_the_shell_flags():
    table = {"tokens": X, "steps": X, "loss": Y}
    with pytest.raises(fs.CurveError, match=r"Name it with x=\.$"):
        fs.read_curves(table)
    with in_the_shell(), pytest.raises(fs.CurveError, match=r"Name it with --x\.$"):
        fs.read_curves(table)


def test_no_sentence_below_the_shell_spells_an_option_by_hand():
    flag = re.compile(r'"[^"\n]*(?<![\w(-])--[a-z][^"\n]*"')
    for path in (ROOT / "src" / "forescale").rglob("*.py"):
        if path.relative_to(ROOT / "src" / "forescale").parts[0] in ("cli", "spelling.py"):
            continue
        for i, line in enumerate(path.read_text().splitlines(), 1):
            code = line.split("#")[0]
            assert '"""' in code or not flag.search(code), f"{path.name}:{i}: ask spelling.option for it"


def test_the_nearest_word_is_one_of_those_known():
    assert nearest("knd", ["method", "kind"]) == "kind"
    assert nearest("zzzz", ["method", "kind"]) is None


def test_every_public_name_has_a_type():
    face = (ROOT / "src" / "forescale" / "__init__.py").read_text()
    typed = set(re.findall(r"import \w+ as ([A-Za-z]\w*)", face)) | {"__version__"}
    assert typed == set(fs.__all__)


def test_user_code_is_type_checked_against_the_face():
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "--strict", "--warn-unused-ignores", "tests/typing/face.py"]
    done = subprocess.run(command, cwd=ROOT, env=_plain(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _plain() -> dict[str, str]:
    import os

    return {**os.environ, "MYPYPATH": str(ROOT / "src")}
