"""The notebooks run from top to bottom, and every answer in them shows a table and a picture unasked."""

import ast
import warnings
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "examples" / "notebooks").glob("*.py"))


def cells(path: Path) -> list[str]:
    """The code cells of a `py:percent` file."""
    parts = path.read_text().split("# %%")[1:]
    return [part.partition("\n")[2] for part in parts if not part.startswith(" [markdown]")]


def shown(code: str, names: dict) -> object:
    """Run a cell; what a notebook would show of it: its last expression."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_runs_and_its_answers_show_themselves(path):
    names, answers = {}, 0
    for code in cells(path):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # caveats travel with the answer
            value = shown(code, names)
        if type(value).__module__.startswith("forescale"):
            html = value._repr_html_()
            assert "<table" in html
            assert "<svg" in html
            assert len(html) < 60_000
            answers += 1
    assert answers >= 1


def test_there_are_three():
    assert [path.stem for path in NOTEBOOKS] == ["first_forecast", "splitting_a_budget", "which_recipe"]
