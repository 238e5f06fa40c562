"""Tables as people write them: each is read as a person would read it, or refused in a sentence that shows why not."""

import json
import zipfile

import numpy as np
import pytest

from forescale.curves.columns import read_curves
from forescale.curves.numbers import parse_number
from forescale.errors import CurveError

X = (1e8, 2e8, 4e8, 8e8)
LOSS = (4.203, 3.726, 3.359, 3.051)
RUNS = tuple(zip(X, LOSS, strict=True))


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
    rows = (f"{a:.0f},{b},{b - 0.1},{b + 0.1}" for a, b in RUNS)
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
    rows = [f"{a:.0f},{b},{b - 0.1}" for a, b in RUNS]
    assert list(read_curves(written(tmp_path, table("tokens,loss_70M,loss_160M", *rows)))) == ["loss_70M", "loss_160M"]
    with pytest.raises(CurveError, match="2 that fit"):  # seeds, or losses of two kinds
        read_curves(written(tmp_path, table("tokens,loss_0,loss_1", *rows)))


def test_names_need_no_right_case(tmp_path):
    path = written(tmp_path, table("Train Tokens,LOSS", *(f"{a:.0f},{b}" for a, b in RUNS)))
    assert read_curves(path, x="train tokens", y="loss")["curve"].x_name == "Train Tokens"
    with pytest.raises(CurveError, match="Did you mean 'LOSS'"):
        read_curves(path, x="Train Tokens", y="lss")


def test_colours_of_a_terminal_are_left_aside(tmp_path):
    lines = (f"\x1b[31mstep: {a:.0f}  \x1b[32mloss: {b}  \x1b[36mmfu: 30.2%\x1b[39m" for a, b in RUNS)
    curve = read_curves(written(tmp_path, "\n".join(lines), "train.log"))["curve"]
    np.testing.assert_array_equal(curve.y, LOSS)


def test_a_table_with_a_row_a_curve_is_turned(tmp_path):
    curves = read_curves(written(tmp_path, "model,1B,2B,4B,8B\nsmall,3.5,3.2,3.0,2.8\nlarge,3.3,—,2.7,2.5\n"))
    np.testing.assert_array_equal(curves["large"].x, [1e9, 4e9, 8e9])
    np.testing.assert_array_equal(curves["small"].y, [3.5, 3.2, 3.0, 2.8])


ROWS = [f"{a:.0f},{b}" for a, b in RUNS]


def reads_the_runs(path, **columns):
    curve = read_curves(path, **columns)["curve"]
    np.testing.assert_array_equal(curve.x, X)
    np.testing.assert_allclose(curve.y, LOSS, rtol=1e-12)
    return [str(caveat) for caveat in curve.caveats]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (table("tokens,loss", "# restarted", *ROWS, "# the end"), "left out 2 lines of comment"),
        (table(",,", "The sweep,,", ",,", "tokens,loss,", *(f"{row}," for row in ROWS)), "left out 'The sweep'"),
        (table("tokens,loss", "(count),(nats)", *ROWS), "read 2 lines as one header"),
        (table("tokens,loss", *ROWS[:2], "tokens,loss", *ROWS[2:]), "left out the header where it stands again (1×)"),
        (table("tokens,loss", *(f'{a:.0f},"{b}"'.replace(".", ",") for a, b in RUNS)), "as 4.203"),
    ],
    ids=["comments", "title", "units", "header again", "decimal comma"],
)  # fmt: skip
def test_what_stands_around_the_rows_is_left_aside_and_said(tmp_path, content, said):
    path = written(tmp_path, content)
    assert any(said in text for text in reads_the_runs(path)), reads_the_runs(path)


def test_merged_cells_name_the_columns_below_them(tmp_path):
    rows = (f"{row},{float(row.split(',')[1]) + 1}" for row in ROWS)
    path = written(tmp_path, table(",small,", "tokens,train loss,val loss", *rows))
    reads_the_runs(path, y="small train loss")
    assert read_curves(path, y="small val loss")["curve"].y[0] == 5.203


def test_a_first_row_without_a_reading_is_no_header(tmp_path):
    path = written(tmp_path, table("tokens,loss,model", "50000000,—,a", *(f"{row},a" for row in ROWS)))
    assert any("dropped_rows" in text for text in reads_the_runs(path))


BAR = "+-----------+-------+"
TEX = r"""\begin{table}\begin{tabular}{lr}
\toprule Tokens & \textbf{Loss} \\ \midrule
$1 \times 10^{8}$ & 4.203 \\
200M & $3.726 \pm 0.02$ \\
\textbf{400M} & \textbf{3.359} \\
800{,}000{,}000 & 3.051 \\ \bottomrule
\end{tabular}\end{table}"""


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", table(BAR, "| tokens    | loss  |", BAR, *(f"| {row.replace(',', ' | ')} |" for row in ROWS), BAR)),
        ("rich.txt", table("┏━━┳━━┓", "┃ tokens ┃ loss ┃", "┡━━╇━━┩", *(f"│ {r.replace(',', ' │ ')} │" for r in ROWS))),
        ("grid.rst", table(BAR, "| tokens | loss |", BAR.replace("-", "="), *(
            line for row in ROWS for line in (f"| {row.replace(',', ' | ')} |", BAR)))),
        ("pandas.txt", table("  tokens   loss", *(f"{i} {row.replace(',', '  ')}" for i, row in enumerate(ROWS)))),
        ("a.tex", TEX),
    ],
)  # fmt: skip
def test_tables_for_people_are_read(tmp_path, name, content):
    reads_the_runs(written(tmp_path, content, name))


def test_the_one_file_of_a_zip_archive_is_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "one.zip", "w") as archive:
        archive.writestr("runs/runs.csv", table("tokens,loss", *ROWS))
    reads_the_runs(tmp_path / "one.zip")
    with zipfile.ZipFile(tmp_path / "one.zip", "a") as archive:
        archive.writestr("other.csv", "x,y\n1,2\n")
    with pytest.raises(CurveError, match="ZIP archive of one file, got 2: 'runs/runs.csv', 'other.csv'"):
        read_curves(tmp_path / "one.zip")
    written(tmp_path, (tmp_path / "one.zip").read_bytes()[:60], "cut.zip")
    with pytest.raises(CurveError, match="whole .zip file"):
        read_curves(tmp_path / "cut.zip")


LOGS = {
    "megatron": "\n".join(
        f" [2025-01-01 10:00:00] iteration {a:.0f}/ 900000000 | consumed samples: {i + 7} | elapsed time per iteration "
        f"(ms): 12.5 | learning rate: 6.000E-05 | global batch size:  256 | lm loss: {b:.6E} | loss scale: 1.0 | "
        "number of skipped iterations:   0 | number of nan iterations:   0 |"
        for i, (a, b) in enumerate(zip(X, LOSS, strict=True))
    ),
    "olmo": "\n".join(
        f"2025-01-01T10:00:00.123 node:0 olmo.train:900 INFO [step={a:.0f}/900000000,epoch=0]\n"
        f"    train/lm loss={b}\n    throughput/total_tokens={419430400:,}\n    System/Peak GPU Memory (MB)=70,123"
        for a, b in RUNS
    ),
    "tqdm": "\r".join(f" 9%|█▏  | {a:.0f}/900000000 [00:01<00:10, 1.20it/s, lm loss={b}]" for a, b in RUNS),
}  # fmt: skip


LOGS["boxes"] = "".join(
    f"{'-' * 30}\n| time/          |        |\n|    steps       | {a:.0f} |\n| train/         |        |\n"
    f"|    loss        | {b}  |\n{'-' * 30}\n"
    for a, b in RUNS
)
LOGS["boosting"] = "".join(
    f"[{a:.0f}]\ttraining's binary_logloss: {b - 0.1}\tvalid_1's binary_logloss: {b}\n" for a, b in RUNS
)
LOGS["epochs"] = "".join(f"Epoch 0: 9%|█▏| {a:.0f}/900000000 [00:01<00:10, 1.20it/s, loss={b}]\r" for a, b in RUNS)
NAMES = {"olmo": "train/lm loss", "megatron": "lm loss", "boosting": "valid_1's binary_logloss"}


@pytest.mark.parametrize(
    ("log", "x"),
    [("megatron", "iteration"), ("olmo", "step"), ("tqdm", "step"), ("boxes", "steps"), ("boosting", "round"),
     ("epochs", "step")],
)  # fmt: skip
def test_logs_of_trainers_keep_the_words_of_a_name(tmp_path, log, x):
    path = written(tmp_path, LOGS[log], "train.log")
    name = NAMES.get(log, "loss")
    assert reads_the_runs(path, x=x, y=name)[0].startswith("read_from: read a text log")


def test_thousands_in_a_log_are_thousands(tmp_path):
    log = "".join(f"tokens: {a:,.0f} loss: {b}\n" for a, b in RUNS)
    reads_the_runs(written(tmp_path, log, "train.log"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("runs.csv", table("tokens,loss", *ROWS) + "1600000000,2."),
        ("runs.csv", table("tokens,loss", *ROWS) + "1600000000,2"),
        ("train.log", "".join(f"step {i} loss {b}\n" for i, b in enumerate(LOSS, 1)) + "step 5 loss 2.8"),
    ],
)
def test_a_file_that_breaks_off_in_a_number_is_noticed(tmp_path, name, content):
    said = [c.code for c in read_curves(written(tmp_path, content, name))["curve"].caveats]
    assert "truncated_log" in said
    said = [c.code for c in read_curves(written(tmp_path, content + "\n", name))["curve"].caveats]
    assert "truncated_log" not in said


@pytest.mark.parametrize(
    ("name", "content", "rest"),
    [
        ("runs.csv", table("tokens,loss", *ROWS), "16000"),
        ("runs.jsonl", "".join(f'{{"tokens": {a}, "loss": {b}}}\n' for a, b in RUNS), '{"tokens": 1'),
    ],
)  # fmt: skip
def test_a_last_line_that_is_not_whole_is_left_out_and_said(tmp_path, name, content, rest):
    assert any("the file breaks off" in text for text in reads_the_runs(written(tmp_path, content + rest, name)))
    with pytest.raises(CurveError):  # written to its end, that line is wrong
        read_curves(written(tmp_path, content + rest + "\n", name))


@pytest.mark.parametrize("ending", ["1600000000,2.85", "1600000000,2.8", "1600000000,2.9123"])
def test_a_file_without_a_last_line_break_is_not_suspected_for_that(tmp_path, ending):
    rows = (f"{a:.0f},{b:.2f}" for a, b in RUNS)
    curve = read_curves(written(tmp_path, table("tokens,loss", *rows) + ending))["curve"]
    assert [c.code for c in curve.caveats] == ["guessed_columns"]


def test_steps_that_start_again_are_noticed(tmp_path):
    first = [f"{s},{4 / s:.4f}" for s in range(1, 9)]
    again = [f"{s},{4.1 / s:.4f}" for s in range(6, 12)]
    told = read_curves(written(tmp_path, table("step,loss", *first, *again)))["curve"].caveats
    assert "step falls back from 8 to 6 (row 9)" in {c.code: c.message for c in told}["starts_again"]
    seeds = [f"{row},{i // 8}" for i, row in enumerate([*first, *again])]
    told = read_curves(written(tmp_path, table("step,loss,seed", *seeds)))["curve"].caveats
    assert "starts_again" not in {c.code for c in told}


def test_a_logarithm_as_x_is_noticed(tmp_path):
    rows = (f"{18 + i / 2},{b}" for i, b in enumerate(LOSS))
    assert "log_x" in [
        c.code for c in read_curves(written(tmp_path, table("log10 FLOPs,loss", *rows)))["curve"].caveats
    ]


@pytest.mark.parametrize(
    ("document", "x"),
    [
        ({"loss": {f"{a:.0f}": b for a, b in RUNS}}, "index"),
        ({f"{a:.0f}": {"loss": b} for a, b in RUNS}, "name"),
        (list(RUNS), "x"),
    ],
    ids=["metric, step, value", "step, metric, value", "pairs"],
)
def test_json_whose_keys_are_the_scales_is_read(tmp_path, document, x):
    path = written(tmp_path, json.dumps(document), "losses.json")
    reads_the_runs(path)
    assert read_curves(path)["curve"].x_name == x


def test_the_letters_of_the_papers_are_columns(tmp_path):
    path = written(tmp_path, table("N,D,L", *(f"1e8,{row}" for row in ROWS)))
    reads_the_runs(path)
    assert read_curves(path)["curve"].x_name == "D"


def test_a_percentage_that_rises_ends_at_100(tmp_path):
    rows = [f"{a:.0f},{100 - 15 * b:.1f}%" for a, b in RUNS]
    curve = read_curves(written(tmp_path, table("tokens,wins", *rows)))["curve"]
    assert (curve.better, curve.best) == ("higher", 100.0)
    assert any("'wins' rises in per cent" in c.message for c in curve.caveats)
    falls = [f"{a:.0f},{15 * b:.1f}%" for a, b in RUNS]
    assert read_curves(written(tmp_path, table("tokens,wins", *falls)))["curve"].better == "lower"


def test_an_average_of_the_measure_is_not_its_x(tmp_path):
    path = written(
        tmp_path, "\n".join(f"[{i} | 2.5] loss={b} avg={b + 0.1:.3f}" for i, b in enumerate(LOSS, 1)), "a.log"
    )
    with pytest.raises(CurveError, match="none that fits among 'loss', 'avg'"):
        read_curves(path)
