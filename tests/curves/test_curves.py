"""Curve: checked at the door, sorted, cut into context and target."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from forescale import Curve, CurveError
from forescale.curves.numbers import parse_number


def test_rows_are_sorted_and_frozen():
    curve = Curve([3, 1, 2, 2], [0.3, 0.9, 0.7, 0.5], x_name="tokens", y_name="loss", name="a")
    assert curve.x.tolist() == [1, 2, 2, 3]
    assert curve.y.tolist() == [0.9, 0.5, 0.7, 0.3]
    assert (curve.n, curve.x_max, curve.caveats) == (4, 3.0, ())
    assert repr(curve) == "Curve('a', 4 points, tokens 1 to 3, loss 0.3 to 0.9)"
    with pytest.raises(ValueError, match="read-only"):
        curve.x[0] = 5


def test_the_caller_keeps_its_arrays():
    x = np.array([2.0, 1.0, 3.0])
    curve = Curve(x, [3, 2, 1])
    x[0] = 99
    assert curve.x.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7B", 7e9),
        ("1.4T", 1.4e12),
        ("250k", 2.5e5),
        ("3e20", 3e20),
        (" 10M ", 1e7),
        ("1_000", 1000),
        ("5", 5),
        (7, 7),
        ("1,000,000", 1e6),
        ("4,31", 4.31),
        ("1.4 B", 1.4e9),
        ("31.2%", 31.2),
        ("2.5e9 tokens", 2.5e9),
        ("1 000 000", 1e6),
        ("7 billion", 7e9),
        ("10^9", 1e9),
        ("2×10⁹", 2e9),
        ("−3.2", -3.2),
        ("4.31 ± 0.02", 4.31),
        ("~4.3", 4.3),
    ],
)
def test_numbers_are_read_as_people_write_them(text, value):
    assert parse_number(text) == value


@pytest.mark.parametrize(
    "text", ["", "B", "7Q", "seven", "1,000,00", "1e", "2024-01-01", "3 days ago", "12:30", "--", "7BB"]
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError):
        parse_number(text)


def test_text_columns_are_read_as_numbers():
    assert Curve(["7B", "1B", "3e9"], [1, 3, 2]).x.tolist() == [1e9, 3e9, 7e9]


@pytest.mark.parametrize(
    ("x", "y", "sentence"),
    [
        ([1, 2, 3], [1, 2], "as many x as y values, got 3 and 2"),
        ([], [], "at least one measurement, got none"),
        ([[1, 2]], [[1, 2]], r"1-D x values, got shape \(1, 2\)"),
        ([[1], [1, 2]], [1, 2], "ragged"),
        (["a", "b"], [1, 2], r"numbers in x, got \['a', 'b'\]"),
        ([1, 2, 0], [1, 2, 3], "positive, finite x, got 0 .*row 3"),
        ([1, 2, 3], [1, -2, np.nan], "positive, finite y, got -2 .*rows 2, 3"),
        ([1, 2, np.inf], [1, 2, 3], "got inf"),
        ([1, 2, None], [1, 2, 3], "numbers in x"),
    ],
)
def test_unusable_values_are_named(x, y, sentence):
    with pytest.raises(CurveError, match=sentence):
        Curve(x, y)


def test_exact_copies_are_kept_and_said():
    curve = Curve([1, 1, 1, 2], [5, 5, 5, 4])
    assert curve.n == 4
    assert [c.code for c in curve.caveats] == ["repeated_rows"]
    assert curve.caveats[0].message.startswith("2 rows repeat another row exactly")
    assert Curve([1, 1, 2], [5, 5.1, 4]).caveats == ()


def test_a_cut_splits_context_from_target():
    context, x, y = Curve([1, 2, 4, 8], [4, 3, 2, 1]).cut(2)
    assert (context.x.tolist(), x.tolist(), y.tolist()) == ([1, 2], [4, 8], [2, 1])
    for cutoff in (0.5, 8, np.nan):
        with pytest.raises(CurveError, match="cutoff between 1 and 8"):
            Curve([1, 2, 4, 8], [4, 3, 2, 1]).cut(cutoff)


@pytest.mark.parametrize(("fraction", "hidden"), [(0.3, [8, 9, 10, 10]), (0.05, [10, 10]), (0.5, [7, 8, 9, 10, 10])])
def test_hold_out_hides_the_largest_distinct_x(fraction, hidden):
    x = [1, 2, 3, 4, 6, 7, 8, 9, 10, 10]
    assert Curve(x, np.arange(1, 11)).hold_out(fraction)[1].tolist() == hidden


def test_hold_out_needs_a_share_and_two_distinct_x():
    with pytest.raises(CurveError, match=r"fraction in \(0, 1\)"):
        Curve([1, 2], [2, 1]).hold_out(1.5)
    with pytest.raises(CurveError, match="at least 2 distinct x"):
        Curve([1, 1], [2, 1]).hold_out()


def test_a_context_needs_three_points_at_two_scales():
    with pytest.raises(CurveError, match="at least 3 context points, got 2 "):
        Curve([1, 2], [2, 1], name="a").as_context()
    with pytest.raises(CurveError, match=r"2 distinct x, got only 5 \(curve 'a'\)"):
        Curve([5, 5, 5], [1, 2, 3], name="a").as_context()


rows = st.lists(st.tuples(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6)), min_size=1, max_size=20)


@given(rows, st.randoms())
def test_the_order_of_rows_does_not_matter(pairs, random):
    shuffled = list(pairs)
    random.shuffle(shuffled)
    a, b = (Curve(*zip(*p, strict=True)) for p in (pairs, shuffled))
    assert np.array_equal(a.x, b.x)
    assert np.array_equal(a.y, b.y)
    assert a.caveats == b.caveats
