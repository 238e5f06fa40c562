"""Tables in, curves out: every format reads the same, guesses are said, and what is wrong is named with its row."""

import json

import numpy as np
import pandas as pd
import polars as pl
import pytest

from forescale import Curve, CurveError, read_curves

FRAME = pd.DataFrame({"tokens": [4e6, 1e6, 2e6], "loss": [1.0, 3.0, 2.0], "note": ["c", "a", "b"]})
TEXT = "tokens,loss\n1M,3\n2e6,2\n4_000_000,1\n"


def write(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content) if isinstance(content, bytes) else path.write_text(content)
    return path


def the_curve(source, **columns) -> Curve:
    (only,) = read_curves(source, **columns).values()
    return only


def save_csv(path):
    FRAME.to_csv(path, index=False)


def save_indexed_csv(path):
    FRAME.to_csv(path)


def save_tsv(path):
    FRAME.to_csv(path, index=False, sep="\t")


def save_semicolons(path):
    FRAME.to_csv(path, index=False, sep=";")


def save_windows(path):
    path.write_bytes(b"\xef\xbb\xbf" + FRAME.to_csv(index=False).encode().replace(b"\n", b"\r\n"))


def save_old_mac(path):
    path.write_bytes(FRAME.to_csv(index=False).encode().replace(b"\n", b"\r"))


def save_quoted(path):
    path.write_text('"tokens" , "loss"\n"1e6", "3"\n"2e6", "2"\n\n"4e6", "1"\n\n')


def save_lines(path):
    FRAME.to_json(path, orient="records", lines=True)


def save_array(path):
    FRAME.to_json(path, orient="records", indent=1)


def save_parquet(path):
    FRAME.to_parquet(path)


WRITERS = {
    "a.csv": save_csv, "indexed.csv": save_indexed_csv, "b.tsv": save_tsv, "tabs.txt": save_tsv,
    "c.csv": save_semicolons, "windows.csv": save_windows, "mac.csv": save_old_mac, "quoted.csv": save_quoted,
    "d.jsonl": save_lines, "lines.json": save_lines, "array.json": save_array, "e.parquet": save_parquet,
}  # fmt: skip


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_curve(tmp_path, name):
    WRITERS[name](tmp_path / name)
    curve = the_curve(tmp_path / name)
    assert (curve.x.tolist(), curve.y.tolist()) == ([1e6, 2e6, 4e6], [3, 2, 1])
    assert (curve.x_name, curve.y_name, curve.name) == ("tokens", "loss", None)
    assert curve.caveats[0].code == "guessed_columns"
    assert "'tokens'" in curve.caveats[0].message


@pytest.mark.parametrize(
    "frame",
    [
        FRAME,
        FRAME.set_index("note"),
        FRAME.astype({"tokens": "Int64"}),
        FRAME.astype({"loss": object}),
        pl.from_pandas(FRAME),
        pl.from_pandas(FRAME).to_arrow(),
    ],
    ids=["pandas", "index", "nullable", "object", "polars", "arrow"],
)
def test_every_frame_gives_the_same_curve(frame):
    curve = the_curve(frame)
    assert (curve.x.tolist(), curve.y.tolist()) == ([1e6, 2e6, 4e6], [3, 2, 1])


def test_columns_of_a_frame_may_be_numbers():
    frame = pd.DataFrame(np.array([[1.0, 3.0], [2.0, 2.0], [4.0, 1.0]]))
    assert the_curve(frame, x="0", y="1").x.tolist() == [1, 2, 4]


def test_repeated_column_names_are_refused(tmp_path):
    frame = pd.DataFrame([[1, 2, 3]], columns=["tokens", "loss", "loss"])
    with pytest.raises(CurveError, match="distinct column names, got 'loss' repeated"):
        read_curves(frame)
    with pytest.raises(CurveError, match="distinct column names, got 'loss' repeated"):
        read_curves(write(tmp_path, "a.csv", "tokens,loss,loss\n1,2,3\n"))


def test_what_is_no_table_is_refused():
    for source in (3, [1, 2], None, pl.LazyFrame({"x": [1]})):
        with pytest.raises(CurveError, match="expected a path or a data frame"):
            read_curves(source)


@pytest.mark.parametrize(
    ("header", "x", "y"),
    [
        ("tokens,loss", "tokens", "loss"),
        ("n_tokens,val/loss,seed", "n_tokens", "val/loss"),
        ("train/global_step,eval/perplexity,lr", "train/global_step", "eval/perplexity"),
        ("tokens,bleu", "tokens", "bleu"),
        ("days,loss", "days", "loss"),
        ("x,y", "x", "y"),
    ],
)
def test_columns_are_guessed_where_one_guess_fits(tmp_path, header, x, y):
    n = header.count(",") + 1
    rows = "\n".join(",".join(str(i + j + 1) for j in range(n)) for i in range(3))
    curve = the_curve(write(tmp_path, "a.csv", f"{header}\n{rows}\n"))
    assert (curve.x_name, curve.y_name) == (x, y)


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("tokens,train_loss,val_loss", "one column for y .*got 2 that fit: 'train_loss', 'val_loss'. Name it with y="),
        ("tokens,flops,loss", "one column for x .*got 2 that fit: 'tokens', 'flops'. Name it with x="),
        ("a,b", "one column for x .*none that fits among 'a', 'b'"),
        ("a,b,loss", "one column for x .*got 2 that fit: 'a', 'b'"),
    ],
)
def test_two_guesses_or_none_are_refused(tmp_path, header, sentence):
    n = header.count(",") + 1
    with pytest.raises(CurveError, match=sentence):
        read_curves(write(tmp_path, "a.csv", f"{header}\n{','.join('123'[:n])}\n"))


def test_named_columns_are_not_guessed(tmp_path):
    path = write(tmp_path, "a.csv", "a,b\n1,3\n2,2\n")
    assert the_curve(path, x="b", y="a").x.tolist() == [2, 3]
    assert the_curve(path, x="b", y="a").caveats == ()
    with pytest.raises(CurveError, match="a column 'tokens' in .* got 'a', 'b'"):
        read_curves(path, x="tokens")


def test_groups_become_curves_in_their_order(tmp_path):
    path = write(tmp_path, "a.csv", "recipe,tokens,loss\nb,1,3\na,1,4\nb,2,2\na,2,3\n")
    curves = read_curves(path, group="recipe")
    assert list(curves) == ["b", "a"]
    assert curves["a"].y.tolist() == [4, 3]
    assert curves["a"].name == "a"


def test_hidden_groups_are_refused_and_row_labels_are_not(tmp_path):
    path = write(tmp_path, "a.csv", "recipe,tokens,loss\nb,1,3\na,1,4\nb,2,2\na,2,3\n")
    with pytest.raises(CurveError, match=r"text column 'recipe' .*'b' and 'a'.* group='recipe'"):
        read_curves(path)
    labels = write(tmp_path, "b.csv", "run,tokens,loss\nr1,1,3\nr2,1,4\nr3,2,2\n")
    assert the_curve(labels).n == 3


BAD = "tokens,loss\n0,3\n2e6,\n4e6,nan\n5e6,-1\n6e6,1\n7e6,0.9\n8e6,0.8\n"


def test_unusable_rows_are_named_or_dropped(tmp_path):
    path = write(tmp_path, "a.csv", BAD)
    with pytest.raises(CurveError, match=r"tokens=4e\+06, loss=nan .*rows 3, 4\)\. .*drop_bad=True"):
        read_curves(path)
    curve = the_curve(path, drop_bad=True)
    assert curve.n == 3
    assert [c.code for c in curve.caveats] == ["guessed_columns", "dropped_rows"]
    assert curve.caveats[1].message.startswith("4 rows ")


def test_a_cell_of_text_is_named_or_dropped(tmp_path):
    path = write(tmp_path, "a.csv", TEXT + "8e6,diverged\n")
    with pytest.raises(CurveError, match="a number in 'loss', got 'diverged' .*row 4"):
        read_curves(path)
    assert the_curve(path, drop_bad=True).n == 3


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", "", "got an empty file"),
        ("a.csv", " \n\n", "got an empty file"),
        ("a.csv", "tokens,loss\n", "rows below the header, got none"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\x00\xff", "got a PNG image .*a.csv"),
        ("a.csv", "tokens\n1\n2\n", "at least 2 columns, got only 'tokens'"),
        ("a.bin", b"\x00\x01\x02\xff", "got binary data in .*a.bin"),
        ("a.csv", "1,2\n3,4\n", "a header line with column names, got the numbers '1', '2'"),
        ("a.csv", "tokens,loss\n1,2\n3\n", "2 cells in a row, got 1 .*row 2"),
        ("a.jsonl", "{'tokens': 1}\n", "one JSON object a line"),
        ("a.jsonl", "[]", "got an empty list"),
        ("a.jsonl", "[1, 2]", "got a list of int"),
        ("a.parquet", "PAR1 no", "expected a Parquet table"),
    ],
)
def test_broken_files_are_refused(tmp_path, name, content, sentence):
    with pytest.raises(CurveError, match=sentence):
        read_curves(write(tmp_path, name, content))


def test_missing_files_and_folders_are_refused(tmp_path):
    for name in ("none.csv", "none.parquet"):
        with pytest.raises(CurveError, match="no such file"):
            read_curves(tmp_path / name)
    with pytest.raises(CurveError, match="a folder with tables, got"):
        read_curves(tmp_path)


def test_missing_cells_of_json_and_frames_are_empty(tmp_path):
    lines = "\n".join(map(json.dumps, [{"tokens": 1}, {"tokens": 2, "loss": 3}, {"tokens": 3, "loss": None}]))
    path = write(tmp_path, "a.jsonl", lines)
    curve = the_curve(path)
    assert curve.n == 1
    assert "2 rows left out, 2 without 'loss'" in curve.caveats[-1].message
    frame = pl.DataFrame({"tokens": [1, 2, 3], "loss": [None, 3, None]})
    assert the_curve(frame, drop_bad=True).n == 1


SINGLE = 'Step,"run-1 - val/loss","run-1 - val/loss__MIN","run-1 - val/loss__MAX"\n0,9,9,9\n10,3,3,3\n20,,,\n30,2,2,2\n'
SEVERAL = (
    '"tokens","a - b - loss","a - b - loss__MIN","a - b - loss__MAX",'
    '"c - _step","c - loss","c - loss__MIN","c - loss__MAX"\n'
    '"0","5","5","5","0","6","6","6"\n"10","4","4","4","1","","",""\n"20","","","","2","3","3","3"\n'
)


def test_a_wandb_chart_of_one_run(tmp_path):
    curve = the_curve(write(tmp_path, "a.csv", SINGLE))
    assert (curve.x.tolist(), curve.y.tolist()) == ([10, 30], [3, 2])
    assert (curve.x_name, curve.y_name, curve.name) == ("Step", "val/loss", None)
    assert [c.code for c in curve.caveats] == ["dropped_rows"]


def test_a_wandb_chart_of_several_runs(tmp_path):
    curves = read_curves(write(tmp_path, "a.csv", SEVERAL))
    assert list(curves) == ["a - b", "c"]
    assert (curves["c"].x.tolist(), curves["c"].y.tolist()) == ([20], [3])
    assert list(read_curves(write(tmp_path, "a.csv", SEVERAL), y="c")) == ["curve"]


def test_a_wandb_chart_of_two_metrics_asks_which(tmp_path):
    text = "Step,r - loss,r - loss__MIN,r - loss__MAX,r - acc\n1,2,2,2,3\n"
    path = write(tmp_path, "a.csv", text)
    with pytest.raises(CurveError, match="one metric in the W&B export, got 'acc', 'loss'"):
        read_curves(path)
    assert the_curve(path, y="acc").y.tolist() == [3]


def test_the_history_of_a_wandb_run(tmp_path):
    text = "_step,_runtime,_timestamp,loss\n0,1,2,9\n1,2,3,\n2,3,4,5\n"
    curve = the_curve(write(tmp_path, "a.csv", text), x="_step")
    assert curve.x.tolist() == [2]
