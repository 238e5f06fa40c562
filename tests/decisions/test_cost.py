"""The cost of a run: arithmetic and nothing else."""

import numpy as np
import pytest

from forescale import CurveError
from forescale.decisions.cost import cost_of

X = np.array([1.0, 10.0, 100.0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", X),
        ("6 * tokens * 1e9", 6e9 * X),
        ("x**1.5 + 3", X**1.5 + 3),
        ("(x + 1) / 2", (X + 1) / 2),
        ("+x - -x", 2 * X),
        ("sqrt(x) * log10(x * 10)", np.sqrt(X) * np.log10(10 * X)),
        ("max(x, 7)", np.maximum(X, 7)),
        (" 5 ", np.full(3, 5.0)),
    ],
)
def test_arithmetic_is_read_as_written(text, expected):
    np.testing.assert_allclose(cost_of(text, {"tokens": X, "x": X}), expected, rtol=1e-15)


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("__import__('os').system('true')", "__import__"),
        ("x.__class__", "x.__class__"),
        ("(lambda: x)()", "lambda: x"),
        ("[x for x in (1,)]", "for x in"),
        ("open('f')", "open"),
        ("x if x > 1 else 2", "x if x > 1 else 2"),
        ("x[0]", "x[0]"),
        ("x and 1", "x and 1"),
        ("x // 2", "x // 2"),
        ("x @ x", "x @ x"),
        ("'a' * 9", "'a'"),
        ("True", "True"),
        ("1j", "1j"),
        ("f'{x}'", "x"),
        ("sqrt(x, 2)", "sqrt(x, 2)"),
        ("sqrt(x=2)", "sqrt(x=2)"),
        ("(y := 3)", "y := 3"),
    ],
)
def test_anything_else_is_refused_by_its_name(text, piece):
    with pytest.raises(CurveError) as error:
        cost_of(text, {"x": X})
    assert piece in str(error.value)


def test_an_unknown_name_lists_the_columns():
    with pytest.raises(CurveError, match=r"columns tokens, x in the cost, got 'flops'"):
        cost_of("6 * flops", {"tokens": X, "x": X})


@pytest.mark.parametrize("text", ["", "x +", "3 x", "((((", "\x00", "x\ny"])
def test_what_is_no_expression_is_refused(text):
    with pytest.raises(CurveError, match="expected an arithmetic cost"):
        cost_of(text, {"x": X})


@pytest.mark.parametrize("text", ["-x", "x - 10", "log(x)", "x / 0", "1e308 * 1e308 * x", "9**9**9**9"])
def test_a_cost_that_is_not_positive_and_finite_is_refused(text):
    """`9**9**9**9` overflows a float at once; as Python integers it would never return."""
    with pytest.raises(CurveError, match="positive, finite cost"):
        cost_of(text, {"x": X})


@pytest.mark.parametrize("text", ["x+" * 400 + "x", "(" * 300 + "x" + ")" * 300, "9" * 400])
def test_an_expression_made_to_exhaust_the_parser_is_refused(text):
    with pytest.raises(CurveError):
        cost_of(text, {"x": X})


def test_a_deep_expression_within_the_limit_is_still_arithmetic():
    np.testing.assert_array_equal(cost_of("-" * 450 + "x", {"x": X}), X)
