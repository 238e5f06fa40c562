"""Tables as people write them: each is read as a person would read it, or refused in a sentence that shows why not."""

import numpy as np
import pytest

from forescale.curves.columns import read_curves
from forescale.curves.numbers import parse_number
from forescale.errors import CurveError

X = (1e8, 2e8, 4e8, 8e8)
LOSS = (4.203, 3.726, 3.359, 3.051)


def written(tmp_path, content, name="runs.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def table(head, *rows):
    return "\n".join([head, *rows]) + "\n"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2.31(2)", 2.31), ("2.31 (0.02)", 2.31), ("2.31 ± .02", 2.31), ("10^20.5", 10**20.5), ("$1,000", 1000.0),
        ("-€2.5", -2.5), ("0,412", 0.412), ("1,203", 1203.0), ("12.5% (0.3)", 12.5),
    ],
)  # fmt: skip
def test_a_number_is_read_with_its_currency_its_spread_and_its_comma(cell, value):
    assert parse_number(cell) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("cell", ["(2)", "±2", "2.3(a)", "$", "10^"])
def test_what_only_looks_like_a_number_is_none(cell):
    with pytest.raises(ValueError, match="no number"):
        parse_number(cell)


@pytest.mark.parametrize(
    ("head", "x", "y"),
    [
        ("step,val_loss/mean,val_loss/min,val_loss/max", "step", "val_loss/mean"),
        ("D,loss_mean,loss_sem,loss_ci_low", "D", "loss_mean"),
        ("episodes,mean_reward,seed,fps", "episodes", "mean_reward"),
        ("timesteps,episode_reward_mean,time,lr", "timesteps", "episode_reward_mean"),
    ],
)
def test_ends_of_error_bars_are_not_what_was_measured(tmp_path, head, x, y):
    rows = (f"{a:.0f},{b},{b - 0.1},{b + 0.1}" for a, b in zip(X, LOSS, strict=True))
    curve = read_curves(written(tmp_path, table(head, *rows)))["curve"]
    assert (curve.x_name, curve.y_name) == (x, y)


def test_a_loss_is_never_guessed_as_x(tmp_path):
    history = '{"loss": [3.0, 2.5, 2.2], "val_loss": [3.1, 2.6, 2.4]}'
    with pytest.raises(CurveError, match="none that fits among 'loss', 'val_loss'.*x='row'"):
        read_curves(written(tmp_path, history, "history.json"), y="val_loss")


def test_x_is_the_counter_that_stands_where_y_does(tmp_path):
    lines = (f"step {i}: train loss {4 / i}, val loss {5 / i}\niter {i}: loss {4 / i}, time 3ms" for i in range(1, 6))
    curve = read_curves(written(tmp_path, "\n".join(lines), "train.log"), y="val loss")["curve"]
    assert (curve.x_name, len(curve.x)) == ("step", 5)


def test_a_summary_at_the_end_of_a_log_is_not_its_measure(tmp_path):
    lines = [f"{{'loss': {b}, 'epoch': {i + 1}}}" for i, b in enumerate(LOSS)]
    path = written(tmp_path, "\n".join([*lines, "{'train_runtime': 10.1, 'train_loss': 3.5, 'epoch': 4.0}"]), "a.log")
    assert read_curves(path)["curve"].y_name == "loss"


def test_columns_that_differ_in_a_size_are_a_curve_each(tmp_path):
    rows = [f"{a:.0f},{b},{b - 0.1}" for a, b in zip(X, LOSS, strict=True)]
    assert list(read_curves(written(tmp_path, table("tokens,loss_70M,loss_160M", *rows)))) == ["loss_70M", "loss_160M"]
    with pytest.raises(CurveError, match="2 that fit"):  # seeds, or losses of two kinds
        read_curves(written(tmp_path, table("tokens,loss_0,loss_1", *rows)))


def test_names_need_no_right_case(tmp_path):
    path = written(tmp_path, table("Train Tokens,LOSS", *(f"{a:.0f},{b}" for a, b in zip(X, LOSS, strict=True))))
    assert read_curves(path, x="train tokens", y="loss")["curve"].x_name == "Train Tokens"
    with pytest.raises(CurveError, match="Did you mean 'LOSS'"):
        read_curves(path, x="Train Tokens", y="lss")


def test_colours_of_a_terminal_are_left_aside(tmp_path):
    lines = (
        f"\x1b[31mstep: {a:.0f}  \x1b[32mloss: {b}  \x1b[36mmfu: 30.2%\x1b[39m" for a, b in zip(X, LOSS, strict=True)
    )
    curve = read_curves(written(tmp_path, "\n".join(lines), "train.log"))["curve"]
    np.testing.assert_array_equal(curve.y, LOSS)
