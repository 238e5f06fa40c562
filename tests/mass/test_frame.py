"""Frame in, frame out: the same digits as one by one, a bad group a row with its error."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import forescale as fs


def table(n_groups=5, n_points=12, seed=0):
    """Noisy power laws with a floor, their rows shuffled."""
    rng = np.random.default_rng(seed)
    x = np.tile(np.geomspace(1e6, 1e9, n_points), n_groups)
    y = (0.5 + 60 * x**-0.25) * np.exp(0.02 * rng.normal(size=len(x)))
    frame = pd.DataFrame({"run": np.repeat([f"r{i}" for i in range(n_groups)], n_points), "tokens": x, "loss": y})
    return frame.sample(frac=1, random_state=seed, ignore_index=True)


@pytest.mark.parametrize("method", ["pfn", "line"])
def test_a_row_is_the_forecast_of_its_group_alone(method):
    frame = pd.concat([table(), table(1, 40, 1).assign(run="long")], ignore_index=True)
    answer = fs.forecast_frame(frame, group="run", x="tokens", y="loss", at=[1e10, 1e11], method=method)
    curves = fs.read_curves(frame, x="tokens", y="loss", group="run")
    assert list(answer.group.unique()) == list(curves)
    for name, curve in curves.items():
        f, rows = fs.forecast(curve, [1e10, 1e11], method=method), answer[answer.group == name]
        own = f.quantile([0.05, 0.25, 0.5, 0.75, 0.95])
        np.testing.assert_allclose(rows[["q05", "q25", "median", "q75", "q95"]].to_numpy().T, own, rtol=1e-5)  # float32
        np.testing.assert_array_equal(rows.extrapolation_ratio, f.extrapolation_ratio)
        assert set(rows.warnings) == {";".join(w.code for w in f.warnings)}
    assert (answer.error == "").all()


def test_columns_are_those_of_the_contract_and_follow_the_levels():
    head, tail = ["group", "x", "median"], ["extrapolation_ratio", "warnings", "error"]
    answer = fs.forecast_frame(table(), group="run", ratio=10)
    assert list(answer.columns) == [*head, "q05", "q25", "q75", "q95", *tail]
    wide = fs.forecast_frame(table(), group="run", ratio=10, levels=[0.99])
    assert list(wide.columns) == [*head, "q00.5", "q99.5", *tail]


def test_a_ratio_is_of_each_groups_own_largest_x():
    frame = table(2)
    frame.loc[frame.run == "r1", "tokens"] *= 1000
    answer = fs.forecast_frame(frame, group="run", ratio=[2, 10])
    assert answer.set_index("group").loc["r0", "x"].tolist() == pytest.approx([2e9, 1e10])
    assert answer.set_index("group").loc["r1", "x"].tolist() == pytest.approx([2e12, 1e13])
    assert answer.extrapolation_ratio.tolist() == pytest.approx([2, 10, 2, 10])


BAD = pd.DataFrame(
    {"g": list("aaabbbccdee"), "tokens": [1, 2, 4] * 3 + [5, 5.0], "loss": [3, 2, 1.5, 3, -1, 2, 3, 2, 1, 1, 2]}
)


def test_a_bad_group_is_a_row_with_its_error_and_stops_no_other():
    answer = fs.forecast_frame(BAD, group="g", x="tokens", y="loss", at=8).set_index("group")
    assert np.isfinite(answer.loc["a", "median"])
    assert answer.loc["b", "error"].startswith("expected positive, finite tokens and loss, got tokens=2.0, loss=-1.0")
    assert "at least 3 context points, got 2" in answer.loc["c", "error"]
    assert answer.drop(index="a")["median"].isna().all()
    assert len(answer) == 5


def test_drop_bad_drops_rows_and_keeps_the_group_if_enough_are_left():
    frame = pd.concat([BAD, pd.DataFrame({"g": ["b"] * 2, "tokens": [8, 16.0], "loss": [1.9, 1.8]})])
    answer = fs.forecast_frame(frame, group="g", x="tokens", y="loss", at=32, drop_bad=True).set_index("group")
    assert answer.loc["b", "error"] == ""
    assert "dropped_rows" in answer.loc["b", "warnings"]


def test_a_target_that_one_group_cannot_be_asked_at_is_its_error_alone():
    frame = pd.DataFrame({"g": list("aaabbb"), "x": [1, 2, 4, 1e60, 2e60, 4e60], "y": [3, 2.5, 2.2] * 2})
    answer = fs.forecast_frame(frame, group="g", at=1e110, method="line").set_index("group")
    assert "within a factor of" in answer.loc["a", "error"]
    assert answer.loc["b", "error"] == ""


def test_polars_and_files_are_tables_too(tmp_path):
    frame = table(3)
    frame.to_csv(tmp_path / "runs.csv", index=False)
    expected = fs.forecast_frame(frame, group="run", ratio=10)
    for source in (pl.from_pandas(frame), tmp_path / "runs.csv", frame.to_dict("list")):
        pd.testing.assert_frame_equal(fs.forecast_frame(source, group="run", ratio=10), expected)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({}, "expected one of at= and ratio=, got none"),
        ({"at": 1e10, "ratio": 10}, "expected one of at= and ratio=, got both"),
        ({"ratio": -1}, "expected positive, finite numbers for ratio="),
        ({"at": []}, "expected at least one target, got an empty list \\(the question\\)"),
        ({"at": [1e9, -1]}, "expected positive, finite targets, got -1"),
        ({"at": "soon"}, "expected numbers in targets, got \\['soon'\\]"),
        ({"ratio": 10, "method": "pnf"}, "Did you mean 'pfn'"),
    ],
)
def test_a_question_that_is_none_is_refused(words, said):
    with pytest.raises(fs.CurveError, match=said):
        fs.forecast_frame(table(2), group="run", **words)


def test_a_curve_that_is_better_when_higher_keeps_its_quantiles_in_order():
    frame = table(3).assign(accuracy=lambda t: 1 - t.loss / 4)
    answer = fs.forecast_frame(frame, group="run", x="tokens", y="accuracy", ratio=10, better="higher", best=1.0)
    assert (answer.q05 < answer["median"]).all()
    assert (answer["median"] < answer.q95).all()
    assert (answer.q95 <= 1).all()


def one(name, y, x=None):
    return pd.DataFrame({"run": name, "tokens": np.geomspace(1e6, 1e9, len(y)) if x is None else x, "loss": y})


@pytest.mark.parametrize(
    ("y", "x", "said"),
    [
        ([4, 3, 1e200, 2], None, "expected loss within a factor of 1e\\+100 of one another, got 2 to 1e\\+200"),
        ([4, 3, 2, 1], [1, 2, 3, 1e150], "expected tokens within a factor"),
        ([4, 3, 2], [5, 5, 5], "at least 2 distinct tokens"),
        ([np.nan] * 4, None, "expected rows of 'bad', got no usable row: 4 rows left out"),
    ],
)
def test_a_group_that_makes_no_curve_is_a_row_beside_others_and_alone(y, x, said):
    ask = {"group": "run", "x": "tokens", "y": "loss", "ratio": 10, "method": "line"}
    for frame in (pd.concat([one("good", [4, 3, 2.5, 2.2]), one("bad", y, x)]), one("bad", y, x)):
        answer = fs.forecast_frame(frame, **ask).set_index("group")
        assert pd.isna(answer.loc["bad", "median"])
        assert answer.error.str.contains(said).to_dict() == {name: name == "bad" for name in answer.index}


def test_a_reading_beyond_the_best_value_spoils_its_own_group_alone():
    frame = pd.concat([one("a", [0.5, 0.6, 0.7, 0.75]), one("b", [0.5, 0.6, 1.2, 0.7]), one("c", [1.0] * 4)])
    answer = fs.forecast_frame(frame, group="run", y="loss", ratio=10, better="higher", best=1.0).set_index("group")
    assert answer.loc["a", "error"] == ""
    assert "of at most 1, the best value, got 1.2" in answer.loc["b", "error"]
    assert "nothing left to forecast" in answer.loc["c", "error"]


@pytest.mark.parametrize("method", ["pfn", "line"])
def test_a_partition_without_rows_or_names_is_an_answer_without_rows(method):
    ask = {"group": "run", "x": "tokens", "y": "loss", "ratio": 10, "method": method}
    some = fs.forecast_frame(table(2), **ask)
    for frame in (table(2).iloc[:0], one("", [3, 2, 1.0]), one(None, [3, 2, 1.0])):
        answer = fs.forecast_frame(frame, **ask)
        assert len(answer) == 0
        assert answer.dtypes.equals(some.dtypes)
