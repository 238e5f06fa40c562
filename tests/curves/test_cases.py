"""Tables as people bring them: wide, interleaved, pooled, with holes; each read right, or refused with its name."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import forescale as fs
from forescale import CurveError, read_curves
from forescale.curves.sources import long_enough
from forescale.curves.words import unit_in


def write(tmp_path, text, name="runs.csv"):
    path = tmp_path / name
    path.write_text(text)
    return path


def table(header, *rows):
    return header + "\n" + "\n".join(rows) + "\n"


def codes(curve):
    return [c.code for c in curve.caveats if c.code != "guessed_columns"]


PLAIN = ["1e8,4.60", "2e8,4.35", "4e8,4.20", "8e8,4.11"]


# --- numbers


@pytest.mark.parametrize(
    ("text", "y"),
    [
        ("tokens;loss\n100000000;4,31\n200000000;3,98\n400000000;3,71\n", [4.31, 3.98, 3.71]),
        ("tokens;loss\n1.000.000;4,31\n2.000.000;3,98\n4.000.000;3,71\n", [4.31, 3.98, 3.71]),
        ("tokens;loss\n100.000;4,31\n200.000;3,98\n400.000;3,71\n", [4.31, 3.98, 3.71]),
        ("tokens\tloss\n1e8\t4,31\n2e8\t3,98\n4e8\t3,71\n", [4.31, 3.98, 3.71]),
        ('tokens,loss\n"1,000,000","4,31"\n"2,000,000","3,98"\n"4,000,000","3,71"\n', [4.31, 3.98, 3.71]),
        ("tokens,loss\n1.4 B,4.31\n2.8 B,3.98\n5.6 B tokens,3.71\n", [4.31, 3.98, 3.71]),
        ("tokens,error\n1,31.2%\n2,28.1 %\n4,—\n8,25.5%\n", [31.2, 28.1, 25.5]),
        (
            "| tokens | loss |\n|---|---|\n| 1e8 | 4.31 ± 0.02 |\n| 2e8 | **3.98** |\n| 4e8 | ~3.71 |\n",
            [4.31, 3.98, 3.71],
        ),
    ],
    ids=["semicolons", "dots", "thousands", "tabs", "quoted", "suffix", "per cent", "markdown"],
)
def test_numbers_are_read_as_they_are_written(tmp_path, text, y):
    assert read_curves(write(tmp_path, text))["curve"].y.tolist() == y


def test_commas_and_dots_are_read_by_what_the_file_says(tmp_path):
    german = read_curves(write(tmp_path, "tokens;loss\n100.000;4,31\n200.000;3,98\n400.000;3,7\n"))["curve"]
    assert german.x.tolist() == [1e5, 2e5, 4e5]
    english = read_curves(write(tmp_path, "tokens;loss\n100.000;4.31\n200.000;3.98\n400.000;3.7\n"))["curve"]
    assert english.x.tolist() == [100, 200, 400]
    tabs = read_curves(write(tmp_path, "tokens\tloss\n1,000\t4.31\n2,000\t3.98\n4,000\t3.7\n", "a.tsv"))["curve"]
    assert tabs.x.tolist() == [1000, 2000, 4000]


def test_a_cell_that_is_no_number_is_shown(tmp_path):
    with pytest.raises(CurveError, match="a number in 'loss', got 'diverged at 3' .*row 2"):
        read_curves(write(tmp_path, "tokens,loss\n1e8,4.3\n2e8,diverged at 3\n4e8,3.7\n"))


@pytest.mark.parametrize("cells", [[True, False, True, True], [3, 2, True, 1]])
def test_truth_values_are_no_numbers(cells):
    with pytest.raises(CurveError, match="a number in 'loss', got 'True'|one column for y"):
        read_curves({"tokens": [1, 2, 4, 8], "loss": cells}, x="tokens", y="loss")
    with pytest.raises(CurveError, match="numbers in y, got"):
        fs.Curve([1, 2, 4], [True, "3", 2])


def test_integers_of_400_digits_are_refused_in_a_sentence(tmp_path):
    long = "9" * 400
    for text, name in ((f"tokens,loss\n{long},3\n1,2\n", "a.csv"), (f'[{{"tokens":{long},"loss":3}}]', "a.json")):
        with pytest.raises(CurveError, match="tokens=inf"):
            read_curves(write(tmp_path, text, name))
    with pytest.raises(CurveError, match="does not parse"):
        read_curves(write(tmp_path, f'[{{"tokens":{"9" * 5000},"loss":3}}]', "b.json"))


def test_masked_values_are_refused_in_a_curve_and_empty_in_a_table():
    y = np.ma.masked_array([3.0, 2.5, 2.2, 2.0], [False, True, False, False])
    with pytest.raises(CurveError, match=r"got a masked one \(the curve, row 2\)"):
        fs.Curve([1, 2, 4, 8], y)
    assert read_curves({"tokens": [1, 2, 4, 8], "loss": y})["curve"].x.tolist() == [1, 4, 8]


LOGS = {
    "keras": ("Epoch {i}/9\n - loss: {y} - accuracy: 0.5\n", [1, 2, 3], {}),
    "boosting": ("[{i}]\ttrain-rmse:0.1\teval-rmse:{y}\n", [1, 2, 3], {"y": "eval-rmse"}),
    "megatron": ("[2024-05-01 12:00:0{i}] iteration {i}00/ 5000 | global batch size: 256 | lm loss: {y}E+00 |\n",
                 [100, 200, 300], {}),
    "imagenet": ("Epoch: [{i}/90]  Loss {y} (2.40)  Acc@1 31.2 (30.0)\n", [1, 2, 3], {}),
    "dict": ("{{'loss': {y}, 'grad_norm': 1.1, 'learning_rate': 5e-05, 'epoch': {i}.0}}\n", [1, 2, 3], {}),
    "words": ("INFO 12:00:0{i} step {i}00 loss {y} lr 3.0e-4 1.2it/s\n", [100, 200, 300], {}),
}  # fmt: skip


@pytest.mark.parametrize("name", LOGS)
def test_lines_that_scripts_print_are_rows(tmp_path, name):
    line, x, options = LOGS[name]
    y = [2.31, 2.11, 2.01]
    curve = read_curves(
        write(tmp_path, "".join(line.format(i=i + 1, y=v) for i, v in enumerate(y)), "train.log"), **options
    )
    assert (curve["curve"].x.tolist(), curve["curve"].y.tolist()) == (x, y)


# --- quotes and keys


@pytest.mark.parametrize(
    "text",
    [
        'tokens,loss,note\n1,3,"a\n2,2,b\n4,1,"\n8,1,c\n',
        'tokens,loss,note\n1,3,"a\n2,2,b\n4,1,c\n',
        'tokens,loss,note\n1,3,"a\n2,2,b\n4,1,"c\n8,1,d\n',
        'tokens,loss,"note\n1,3,a\n2,2,b"\n4,1,c\n',
        'tokens,loss,note\n1,3,"a"b\n2,2,c\n4,1,d\n',
    ],
)
def test_an_open_quote_swallows_no_row(tmp_path, text):
    with pytest.raises(CurveError, match="each quote to be closed"):
        read_curves(write(tmp_path, text))


def test_notes_of_several_lines_and_quoted_delimiters_are_read(tmp_path):
    text = 'tokens,"loss, nats",note\n1,3,"one\nline more"\n2,2,"a, b"\n4,1,"say ""hi"""\n'
    assert read_curves(write(tmp_path, text))["curve"].y.tolist() == [3, 2, 1]


def test_a_name_of_two_lines_is_not_the_name_without_the_break(tmp_path):
    rows = [f'{x},{y},"{name}"' for name in ("a\nb", "ab") for x, y in ((1, 3), (2, 2), (4, 1))]
    curves = read_curves(write(tmp_path, "tokens,loss,recipe\n" + "\n".join(rows)), group="recipe")
    assert {name: len(c.x) for name, c in curves.items()} == {"a b": 3, "ab": 3}


def test_a_key_that_comes_twice_is_refused(tmp_path):
    for name, text in (
        ("a.json", '[{"step":1,"loss":3,"loss":2}]'),
        ("a.jsonl", '{"step":1,"loss":3,"step":2}\n{"step":2}\n'),
    ):
        with pytest.raises(CurveError, match="each key once in a JSON object, got '(loss|step)' twice"):
            read_curves(write(tmp_path, text, name))


@pytest.mark.parametrize("text", [",,,\n,,,\n", ",,,", "tokens,loss\n,\n,\n", ";;\n"])
def test_tables_of_delimiters_are_refused(tmp_path, text):
    with pytest.raises(CurveError, match="only delimiters|rows below the header|at least one usable row"):
        read_curves(write(tmp_path, text))


def test_a_title_above_the_header_is_left_out_and_said(tmp_path):
    curve = read_curves(write(tmp_path, "Our results 2024\ntokens,loss\n1,3\n2,2\n4,1\n"))["curve"]
    assert curve.y.tolist() == [3, 2, 1]
    assert curve.caveats[0].message == "left out 'Our results 2024' above the header."


def test_columns_without_a_name_or_a_cell_are_left_out(tmp_path):
    assert read_curves(write(tmp_path, "tokens,loss,,\n1,3,,\n2,2,,\n4,1,,\n"))["curve"].n == 3
    assert read_curves(write(tmp_path, "tokens,loss\n1,3,\n2,2,\n4,1,\n"))["curve"].n == 3  # a trailing delimiter
    assert read_curves(write(tmp_path, '"tokens","loss"\n"1",1,3\n"2",2,2\n"3",4,1\n'))["curve"].n == 3  # R's row names


# --- columns


def test_one_column_for_two_roles_is_refused():
    frame = pd.DataFrame({"tokens": [1, 2, 4], "loss": [3, 2, 1]})
    for roles in ({"x": "loss", "y": "loss"}, {"group": "loss", "y": "loss"}, {"x": "tokens", "y": "tokens"}):
        with pytest.raises(CurveError, match="different columns for x, y and the group, got '(loss|tokens)' twice"):
            read_curves(frame, **roles)


@pytest.mark.parametrize(
    ("header", "x", "y"),
    [
        ("Wall time,Step,Value", "Step", "Value"),
        ("number,value,params_learning_rate,params_gamma,params_batch_size,state", "number", "value"),
        ("seed,batch_size,lr,documents,loss", "documents", "loss"),
        ("rows,eval_loss,eval_samples_per_second,eval_runtime", "rows", "eval_loss"),
        ("parameter_count,MAE", "parameter_count", "MAE"),
        ("budget,brier", "budget", "brier"),
        ("params_M,entropy,seed", "params_M", "entropy"),
        ("gpu_hours,loss,time", "gpu_hours", "loss"),
        ("step,loss,accuracy", "step", "loss"),
        ("tokens,top-1 acc", "tokens", "top-1 acc"),
        ("tokens,acc_norm,acc_stderr", "tokens", "acc_norm"),
    ],
)
def test_settings_ids_and_clocks_are_never_x(tmp_path, header, x, y):
    n = header.count(",") + 1
    rows = (",".join(f"{0.1 * (i + 1) + 0.01 * j:.3f}" for j in range(n)) for i in range(4))
    curve = read_curves(write(tmp_path, table(header, *rows)))["curve"]
    assert (curve.x_name, curve.y_name) == (x, y)


def test_a_constant_column_is_never_x(tmp_path):
    text = "params,tokens,loss\n" + "".join(f"7B,{x}e9,{4 - 0.1 * x}\n" for x in (1, 2, 3, 4))
    assert read_curves(write(tmp_path, text))["curve"].x_name == "tokens"


def test_x_and_y_are_asked_for_in_one_sentence(tmp_path):
    text = "epoch,step,train_loss,val_loss\n1,10,3,\n1,10,,3.1\n2,20,2,\n2,20,,2.1\n"
    with pytest.raises(
        CurveError, match=r"2 that fit: 'epoch', 'step' for x; 2 that .* for y. Name them with x= and y="
    ):
        read_curves(write(tmp_path, text))


def test_blank_cells_are_rows_of_another_metric_and_nan_is_none(tmp_path):
    text = "step,train_loss,val_loss\n99,2.9,\n199,2.61,\n249,,2.70\n299,2.44,\n499,,2.38\n749,,2.21\n"
    curve = read_curves(write(tmp_path, text), y="val_loss")["curve"]
    assert curve.x.tolist() == [249, 499, 749]
    assert curve.caveats[-1].message == "3 rows left out, 3 without 'val_loss'."
    with pytest.raises(CurveError, match="val_loss=nan .*row 6"):
        read_curves(write(tmp_path, text.replace("2.21", "nan")), y="val_loss")


def test_a_wide_table_is_a_curve_a_column(tmp_path):
    text = "tokens,70M,160M,410M\n1e9,4.31,4.10,3.90\n2e9,3.98,3.77,3.60\n4e9,3.71,3.50,3.31\n"
    assert list(read_curves(write(tmp_path, text))) == ["70M", "160M", "410M"]
    assert list(read_curves(write(tmp_path, text), y="70M,410M")) == ["70M", "410M"]
    assert list(read_curves(write(tmp_path, text), y=["*0M"])) == ["70M", "160M", "410M"]
    with pytest.raises(CurveError, match="expected a column '1B'"):
        read_curves(write(tmp_path, text), y="70M,1B")


def test_several_measures_by_group_name_both(tmp_path):
    text = "recipe,tokens,loss_a,loss_b\nA,1,3,4\nA,2,2,3\nB,1,3,5\nB,2,2,4\n"
    curves = read_curves(write(tmp_path, text), group="recipe", y="loss_*")
    assert list(curves) == ["A/loss_a", "B/loss_a", "A/loss_b", "B/loss_b"]
    assert curves["B/loss_b"].y.tolist() == [5, 4]


# --- x from 0


def test_epochs_from_0_count_from_1_and_steps_at_0_are_left_out(tmp_path):
    epochs = read_curves(write(tmp_path, table("epoch,loss", *(f"{i},{3 - 0.1 * i}" for i in range(5)))))["curve"]
    assert epochs.x.tolist() == [1, 2, 3, 4, 5]
    assert codes(epochs) == ["shifted_x"]
    steps = read_curves(write(tmp_path, table("step,loss", *(f"{100 * i},{3 - 0.1 * i}" for i in range(5)))))["curve"]
    assert steps.x.tolist() == [100, 200, 300, 400]
    assert steps.caveats[-1].message == "1 row left out, 1 at step 0."
    halves = read_curves(write(tmp_path, table("epoch,loss", "0,4", "0.5,3", "1.0,2", "1.5,1.5")))["curve"]
    assert halves.x.tolist() == [0.5, 1.0, 1.5]


# --- pooled curves


POOLED = {
    "width": ("width,tokens,loss", lambda w, x: f"{w},{x},{5 - np.log10(x) / 3 - w / 1e4:.4f}"),
    "text": ("kind,tokens,loss", lambda w, x: f"k{w},{x},{5 - np.log10(x) / 3 - w / 1e4:.4f}"),
    "budget": (
        "flops,params,tokens,loss",
        lambda w, x: f"{w}e15,{x},{w * 1e15 / 6 / x:.6g},{5 - np.log10(x * w) / 3:.4f}",
    ),
}


@pytest.mark.parametrize("name", POOLED)
def test_curves_that_lie_in_one_table_are_refused_with_the_column_that_tells_them_apart(tmp_path, name):
    header, row = POOLED[name]
    x_name = "params" if name == "budget" else "tokens"
    text = table(header, *(row(w, x) for w in (256, 512, 1024) for x in (1e8, 2e8, 4e8, 8e8)))
    column = header.split(",")[0]
    with pytest.raises(CurveError, match=f"'{column}' with values such as .* group='{column}', or pool them"):
        read_curves(write(tmp_path, text), x=x_name)
    assert len(read_curves(write(tmp_path, text), x=x_name, group=column)) == 3
    assert read_curves(write(tmp_path, text), x=x_name, group="none")["curve"].n == 12


def test_a_second_column_is_asked_for_beside_a_group(tmp_path):
    rows = (
        f"{r},{s},{x}e8,{4 - 0.2 * x - len(s) / 10 - len(r) / 9:.3f}"
        for r in "AB"
        for s in ("small", "l")
        for x in (1, 2, 4)
    )
    path = write(tmp_path, table("recipe,size,tokens,loss", *rows))
    with pytest.raises(CurveError, match="group='recipe,size'"):
        read_curves(path)
    with pytest.raises(CurveError, match="Add 'size' to the columns of group="):
        read_curves(path, group="recipe")
    assert list(read_curves(path, group="recipe,size")) == ["A/small", "A/l", "B/small", "B/l"]
    assert list(read_curves(path, group=["recipe", "size"])) == ["A/small", "A/l", "B/small", "B/l"]


@pytest.mark.parametrize("column", ["seed", "run_id", "wall_time", "trial", "timestamp"])
def test_seeds_ids_and_times_do_not_separate_curves(tmp_path, column):
    rows = (f"{s},{x}e8,{4 - 0.2 * x + s / 100}" for s in (1, 2, 3) for x in (1, 2, 4, 8))
    curve = read_curves(write(tmp_path, table(f"{column},tokens,loss", *rows)))["curve"]
    assert curve.n == 12
    assert codes(curve) == []


def test_a_column_that_tells_most_apart_is_said(tmp_path):
    rows = [f"{w},{x}e8,{4 - 0.2 * x - w / 10 + k / 100:.3f}" for w in (1, 2, 3) for x in (1, 2, 4, 8) for k in (0, 1)]
    rows += [r.replace(f"{r.split(',')[0]},", "9,", 1) for r in rows[:1]]
    with pytest.raises(CurveError, match="kind"):  # text: refused, as ever
        read_curves(write(tmp_path, table("kind,tokens,loss", *(f"k{r}" for r in rows))))
    curve = read_curves(write(tmp_path, table("depth,tokens,loss", *rows)))["curve"]
    assert "pooled_curves" in codes(curve)


def test_states_are_for_where_and_not_for_group(tmp_path):
    text = table("Name,State,tokens,loss", "a,finished,2e8,4.1", "b,crashed,2e8,5.1", "c,finished,4e8,3.8",
                 "d,running,4e8,4.9", "e,finished,8e8,3.5")  # fmt: skip
    with pytest.raises(CurveError, match="where='State = finished'"):
        read_curves(write(tmp_path, text))
    assert read_curves(write(tmp_path, text), where="State = finished")["curve"].n == 3


# --- groups


def test_labels_are_trimmed_and_rows_without_one_are_one_caveat(tmp_path):
    text = table("recipe,tokens,loss", "A,1,4", "A ,2,3", "B,1,4.1", ",1,9", "None,2,9", "nan,4,9", " B,2,3.1")
    curves = read_curves(write(tmp_path, text), group="recipe")
    assert list(curves) == ["A", "B"]
    assert [codes(c) for c in curves.values()] == [["unlabelled_rows"], []]
    assert curves["A"].caveats[-1].message == "3 rows without a 'recipe' left out."


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, dict], ids=["pandas", "polars", "dict"])
def test_numbers_name_curves_as_they_are_written(make):
    frame = make({"width": [64, 64, 128, 128], "tokens": [1, 2, 1, 2], "loss": [4.0, 3.0, 3.5, 2.5]})
    assert list(read_curves(frame, group="width")) == ["64", "128"]


def test_a_short_group_is_a_reason_and_stops_no_other(tmp_path):
    text = table("recipe,tokens,loss", *(f"A,{r}" for r in PLAIN), "B,1e8,4.2", "B,2e8,3.9", "C,1e8,")
    curves = read_curves(write(tmp_path, text), group="recipe")
    fit, short = long_enough(curves)
    assert list(fit) == ["A"]
    assert {name: c.code for name, c in short.items()} == {"B": "short_group", "C": "short_group"}
    assert "at least 3 context points, got 2 (curve 'B')" in short["B"].message
    assert "no usable row: 1 row left out, 1 without 'loss'" in short["C"].message
    with pytest.raises(CurveError, match="at least 3 context points"):
        long_enough({"B": curves["B"]})


# --- where, from, to


RUNS = table(
    "name,state,lr,val loss,tokens", "a,finished,1e-3,4.1,1e8", "b,crashed,1e-3,7.0,2e8", "c,finished,3e-4,3.6,4e8",
    "gpt-d,Finished,1e-2,3.4,8e8", "e,,1e-3,3.2,1.6e9",
)  # fmt: skip


@pytest.mark.parametrize(
    ("where", "x"),
    [
        ("state = finished", [1e8, 4e8, 8e8]),
        ("state = finished and lr < 2e-3", [1e8, 4e8]),
        ("state = finished and lr < 2e-3 or name = e", [1e8, 4e8, 1.6e9]),
        ("state = finished and (lr < 2e-3 or name = e)", [1e8, 4e8]),
        ("not state = crashed and tokens >= 400M", [4e8, 8e8, 1.6e9]),
        ("state != crashed", [1e8, 4e8, 8e8, 1.6e9]),
        ('"val loss" <= 3.6', [4e8, 8e8, 1.6e9]),
        ("val loss <= 3.6", [4e8, 8e8, 1.6e9]),
        ("name ~ gpt*", [8e8]),
        ("lr = 0.001 and name != b", [1e8, 1.6e9]),
        ("STATE='finished'", [1e8, 4e8, 8e8]),
    ],
)
def test_rows_are_chosen_by_a_condition(tmp_path, where, x):
    assert read_curves(write(tmp_path, RUNS), where=where)["curve"].x.tolist() == x


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("state finished", "no comparison after 'state finished'"),
        ("state =", "nothing where a name or a value should stand"),
        ("stat = finished", "expected a column 'stat'"),
        ("lr < big", "a number after 'lr <', got 'big'"),
        ("state = finished)", r"got '\)'"),
        ("(state = finished", "no closing parenthesis"),
        ("__import__('os').system('ls')", "no comparison"),
        ("state = 'open", "got .*open"),
        ("state = done", "rows that meet 'state = done', got none of 5 rows"),
        ("x " * 600 + "= 1", "more than 500 words"),
    ],
)
def test_a_condition_that_does_not_parse_is_refused(tmp_path, where, said):
    with pytest.raises(CurveError, match=said):
        read_curves(write(tmp_path, RUNS), where=where)


def test_a_range_of_x_is_chosen(tmp_path):
    curve = read_curves(write(tmp_path, RUNS), x_from=2e8, x_to=8e8, where="state = finished")["curve"]
    assert curve.x.tolist() == [4e8, 8e8]


# --- words at the right time


def test_a_minimum_that_is_passed_is_said():
    y = [0.74, 0.67, 0.64, 0.63, 0.66, 0.70, 0.755]
    said = {
        w.code: w.message for w in fs.forecast(fs.Curve(range(1, 8), y, x_name="epoch", y_name="val_loss"), 30).warnings
    }
    assert said["turned_up"].startswith("val_loss was lowest at epoch 4 and is 20 % higher since")
    assert "not_decreasing" not in said
    higher = fs.Curve(range(1, 8), [1 - v / 2 for v in y], better="higher", y_name="acc")
    assert "acc was highest at x 4" in {w.code: w.message for w in fs.forecast(higher, 30).warnings}["turned_up"]


def test_noise_is_no_minimum(rng):
    x = np.geomspace(1e6, 1e9, 40)
    for _ in range(20):
        y = (1 + 50 * x**-0.3) * np.exp(0.02 * rng.normal(size=40))
        assert "turned_up" not in {w.code for w in fs.forecast((x, y), 1e10, method="line").warnings}


def test_the_log_of_one_run_says_that_its_rate_may_decay():
    step = np.arange(1, 41) * 100
    y = 2 + 5 * step**-0.3
    for name, said in (("step", True), ("global_step", True), ("tokens", False)):
        f = fs.forecast(fs.Curve(step, y, x_name=name), 1e4, method="line")
        assert ("decay_ahead" in {w.code for w in f.warnings}) is said


def test_a_target_in_another_unit_is_asked_about():
    frame = {"tokens_B": [0.1, 0.2, 0.4, 0.8, 1.6], "loss": [4.33, 3.98, 3.72, 3.49, 3.30]}
    with pytest.raises(CurveError, match=r"whose largest is 1.6, got 1e\+11; did you mean 100\?"):
        fs.forecast(frame, "100B")
    assert fs.forecast(frame, 100, method="line").extrapolation_ratio[0] == 62.5
    raw = {"tokens": [1e8, 2e8, 4e8, 8e8], "loss": [4.6, 4.35, 4.2, 4.11]}
    said = {w.code: w.message for w in fs.forecast(raw, [100, 1e14], method="line").warnings}
    assert "below_range" in said
    assert "is asked" in said["unit_doubtful"]


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("tokens_B", 1e9),
        ("params (M)", 1e6),
        ("tokens in billions", 1e9),
        ("tokens", None),
        ("lr_b", None),
        ("n_T", 1e12),
    ],
)
def test_units_are_read_from_names(name, unit):
    assert unit_in(name) == unit


def test_targets_may_be_multiples_of_the_largest_x():
    curve = fs.Curve([1, 2, 4, 8], [4, 3, 2.5, 2.2])
    assert fs.forecast(curve, ["10x", "2×", 100], method="line").x.tolist() == [80, 16, 100]
    assert fs.forecast(curve, "10x", method="line").x.tolist() == [80]
    with pytest.raises(CurveError, match="a multiple such as 10x, got 'tenx'"):
        fs.forecast(curve, "tenx", method="line")


def test_a_hundred_thousand_groups_and_fifty_thousand_columns_are_read_in_line(tmp_path):
    """A guard against growth, not a clock: 20,000 groups and 20,000 columns in a few seconds on any machine."""
    import time

    groups = "run,tokens,loss\n" + "".join(f"r{g},{x},{3 + 1 / x}\n" for g in range(20_000) for x in (1, 2, 4))
    columns = "tokens,loss," + ",".join(f"f{i}" for i in range(20_000)) + "\n"
    columns += "".join(f"{x},{3 + 1 / x}," + ",".join(["1"] * 20_000) + "\n" for x in (1, 2, 4))
    for text, options, n in ((groups, {"group": "run"}, 20_000), (columns, {}, 1)):
        path = write(tmp_path, text)
        start = time.process_time()
        assert len(read_curves(path, **options)) == n
        assert time.process_time() - start < 8  # seconds of CPU: 1 s where it was written
