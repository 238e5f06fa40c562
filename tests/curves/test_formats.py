"""Files that real tools wrote (tests/data/formats/make.py) are read as they are; others are called by their name."""

import contextlib
import gzip
import io
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forescale import CurveError, read_curves
from forescale.curves.readers.base import Column, Reader, Source, Table
from forescale.curves.readers.registry import BINARY, TEXT, differing, load, read_one, readers

DATA = Path(__file__).parents[1] / "data" / "formats"
TRACKERS = DATA.parent / "trackers"
STEPS = list(range(100, 1300, 100))
LOSS = 2 + (np.array(STEPS) / 100) ** -0.5

SAME = {
    "pandas.csv": {}, "pandas-index.csv": {}, "pandas.tsv": {}, "pandas-german.csv": {}, "pandas.csv.gz": {},
    "excel-unicode.txt": {}, "latin-1.csv": {}, "pandas-records.json": {}, "pandas-columns.json": {},
    "pandas-split.json": {}, "pandas-table.json": {}, "pandas-index.json": {}, "pandas.jsonl": {},
    "pandas.parquet": {}, "pandas.feather": {}, "openpyxl.xlsx": {}, "pandas.md": {}, "savetxt.dat": {},
    "savetxt.csv": {}, "savez.npz": {}, "run-small-tag-eval_loss.csv": {}, "tensorboard.json": {},
    "nanogpt.log": {}, "nanogpt-eval.log": {"y": "train loss"}, "logging.log": {}, "llm-c.log": {"y": "tel"},
    "mlflow_metric": {}, "log.jsonl.gz": {}, "wandb-chart.csv": {"y": "small"},
}  # fmt: skip
"""Files of the same twelve readings, with what has to be said of them."""


@pytest.mark.parametrize("name", SAME)
def test_each_format_gives_the_readings_that_were_written(name):
    (curve,) = read_curves(DATA / name, **SAME[name]).values()
    assert curve.x.tolist() == STEPS
    np.testing.assert_allclose(curve.y, LOSS, atol=6e-5)  # files hold four or five decimals


def test_a_hugging_face_trainer_state_gives_both_its_curves():
    asked = read_curves(DATA / "trainer_state.json", x="step", y="loss,eval_loss")
    assert [c.x.tolist() for c in asked.values()] == [list(range(10, 81, 10)), [20, 40, 60, 80]]
    assert "under 'log_history'" in asked["loss"].caveats[0].message


def test_a_keras_log_counts_epochs_from_one():
    curve = read_curves(DATA / "keras.csv", y="val_loss")["curve"]
    assert curve.x.tolist() == list(range(1, 9))
    assert [c.code for c in curve.caveats] == ["guessed_columns", "shifted_x"]
    accuracy = read_curves(DATA / "keras.csv", y="val_accuracy")["curve"]
    assert (accuracy.better, accuracy.best) == ("higher", 1.0)


def test_a_keras_history_has_no_x_and_says_so():
    with pytest.raises(CurveError, match="none that fits .* for x; 2 that fit: 'loss', 'val_loss' for y.* x='row'"):
        read_curves(DATA / "keras-history.json")
    assert read_curves(DATA / "keras-history.json", x="row", y="val_loss")["curve"].x.tolist() == list(range(1, 9))


def test_a_lightning_log_interleaves_its_metrics():
    training = read_curves(DATA / "lightning.csv", x="step", y="train_loss")["curve"]
    validation = read_curves(DATA / "lightning.csv", x="step", y="val_loss")["curve"]
    assert (training.n, validation.n) == (12, 4)
    assert "4 without 'train_loss'" in training.caveats[-1].message


def test_folds_of_scikit_learn_are_repeated_readings():
    for name in ("sklearn.npz", "sklearn.json"):
        curve = read_curves(DATA / name)["curve"]
        assert (curve.n, curve.x_name, curve.y_name) == (15, "train_sizes", "test_scores")
        assert np.unique(curve.x).tolist() == [60, 120, 240, 480, 960]


def test_an_optuna_table_counts_its_trials():
    curve = read_curves(DATA / "optuna.csv")["curve"]
    assert (curve.x_name, curve.y_name, curve.x.tolist()) == ("number", "value", list(range(1, 9)))


def test_grouped_charts_of_wandb_have_a_curve_a_group():
    curves = read_curves(DATA / "wandb-grouped.csv")
    assert list(curves) == ["width: 64", "width: 128"]
    np.testing.assert_allclose(curves["width: 128"].y, LOSS - 0.1, atol=6e-5)


def test_a_crashed_run_in_a_table_of_runs_is_said():
    curve = read_curves(DATA / "wandb-runs.csv")["curve"]
    assert curve.caveats[-1].code == "mixed_states"
    assert read_curves(DATA / "wandb-runs.csv", where="State = finished")["curve"].n == 5


def test_results_of_several_models_are_one_curve():
    curves = read_curves(DATA / "lm_eval", y="acc")
    assert list(curves) == ["arc_easy"]
    assert curves["arc_easy"].x.tolist() == [70426624, 162322944, 405334016, 1011781632]
    assert curves["arc_easy"].y.tolist() == [0.31, 0.38, 0.46, 0.52]


@pytest.mark.parametrize("store", ["tensorboard", "wandb", "mlflow/mlruns", "trackio", "dvclive"])
def test_a_folder_of_a_tracker_is_a_source(store):
    curves = read_curves(TRACKERS / store, y="train/loss")
    assert set(curves) == {"small", "large"}
    np.testing.assert_allclose(curves["small"].y, LOSS, rtol=1e-6)


def test_a_folder_several_files_and_a_pattern_name_curves_by_what_differs():
    files = [DATA / "folder" / name / "metrics.csv" for name in ("large", "small")]
    for source in (DATA / "folder", files, str(DATA / "folder" / "*" / "metrics.csv")):
        curves = read_curves(source)
        assert list(curves) == ["large", "small"]
        assert curves["large"].name == "large"
    assert read_curves(DATA / "folder")["large"].caveats[0].code == "skipped_files"


def test_a_folder_of_thousands_of_files_asks_for_a_pattern(tmp_path, monkeypatch):
    monkeypatch.setattr("forescale.curves.readers.registry.MOST_FILES", 2)
    for i in range(3):
        (tmp_path / f"{i}.csv").write_text("step,loss\n1,3\n2,2\n4,1\n")
    with pytest.raises(CurveError, match="at most 2 tables in a folder, got 3 files"):
        read_curves(tmp_path)
    assert len(read_curves(str(tmp_path / "*.csv"))) == 3


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["a/x.csv", "b/x.csv"], ["a", "b"]),
        (["runs/a.csv", "runs/b.csv.gz"], ["a", "b"]),
        (["lr-0.1.csv", "lr-0.3.csv"], ["lr-0.1", "lr-0.3"]),
        (["a.csv", "a.json"], ["a.csv", "a.json"]),
        (["r/1/m.csv", "r/2/m.csv", "r/2/n.csv"], ["1/m", "2/m", "2/n"]),
    ],
)
def test_names_of_files_are_what_tells_them_apart(paths, names):
    assert differing(map(Path, paths)) == names


NO_TABLE = {
    "pointer.csv": (b"version https://git-lfs.github.com/spec/v1\noid 0\n", "a Git LFS pointer .*git lfs pull"),
    "plot.png": (b"\x89PNG\r\n\x1a\n\x00\x00", "a PNG image"),
    "plot.csv": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a JPEG image"),
    "paper.pdf": (b"%PDF-1.7\n\x00", "a PDF"),
    "page.html": (b"<!DOCTYPE html><html></html>", "a web page"),
    "state.pkl": (b"\x80\x04\x95\x00\x00\x00", "a pickle, which forescale never opens"),
    "model.pt": (b"PK\x03\x04\x00\x00archive/data.pkl\x00", "a ZIP archive"),
    "old.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
    "data.h5": (b"\x89HDF\r\n\x1a\n\x00", "an HDF5 file"),
    "a.zst": (b"\x28\xb5\x2f\xfd\x00", "a Zstandard archive"),
    "a.npy": (b"\x93NUMPY\x01\x00v\x00", "a bare NumPy array"),
    "noise.bin": (b"\x00\x01\x02\x03\xff", "binary data"),
    "cut.csv.gz": (gzip.compress(b"step,loss\n1,2\n2,1\n")[:-9], "a whole .gz file"),
    "book.xlsx": (b"PK\x03\x04\x00xl/", "an Excel workbook, got"),
    "cut.npz": (b"PK\x03\x04\x00", "an archive of numeric arrays"),
    "words.txt": (b"Dear all,\nwe trained a model.\n", "at least 2 columns|cells in a row"),
    "prose.log": (b"starting up\nall is well\n", "at least 2 columns"),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_TABLE)
def test_what_holds_no_table_is_called_by_its_name(tmp_path, name):
    content, said = NO_TABLE[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CurveError, match=said):
        read_curves(tmp_path / name)


def test_addresses_and_missing_patterns_are_refused(tmp_path):
    with pytest.raises(CurveError, match="a file on this machine, got the address"):
        read_curves("https://example.org/runs.csv")
    with pytest.raises(CurveError, match="files that match .*, got none"):
        read_curves(str(tmp_path / "*.csv"))


def test_a_closed_standard_input_is_a_sentence(monkeypatch):
    for closed in (None, io.TextIOWrapper(io.BytesIO())):
        if closed is not None:
            closed.close()
        monkeypatch.setattr(sys, "stdin", closed)
        with pytest.raises(CurveError, match="a table on standard input, got none: it is closed"):
            read_curves("-")


def test_standard_input_is_unpacked_and_decoded(monkeypatch):
    for blob in (gzip.compress(b"step,loss\n1,3\n2,2\n"), "step,loss\n1,3\n2,2\n".encode("utf-16")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(blob)))
        assert read_curves("-")["curve"].y.tolist() == [3, 2]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(CurveError, match="got an empty file"):
        read_curves("-")


def test_an_empty_parquet_file_with_a_group_is_a_sentence(tmp_path):
    pd.DataFrame({"recipe": [], "step": [], "loss": []}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(CurveError, match="expected rows, got none"):
        read_curves(tmp_path / "a.parquet", group="recipe")


def test_a_reader_of_another_package_is_found_by_its_entry_point(tmp_path, monkeypatch):
    class Ours(Reader):
        name = "ours"

        def can_read(self, source: Source) -> bool:
            return source.suffix == ".ours"

        def read(self, source: Source) -> Table:
            return Table({"step": Column([1, 2, 4]), "loss": Column([3, 2, 1])}, source.origin)

    class Entry:
        def load(self):
            return Ours

    monkeypatch.setattr("forescale.curves.readers.registry.entry_points", lambda group: [Entry()])
    (tmp_path / "a.ours").write_bytes(b"\x00anything")
    assert read_curves(tmp_path / "a.ours")["curve"].y.tolist() == [3, 2, 1]
    assert "ours" in {reader.name for reader in readers()}


@pytest.mark.parametrize("reader", [*BINARY, *TEXT], ids=lambda r: type(r).__name__)
def test_every_reader_keeps_the_contract(reader):
    assert reader.name
    for blob, suffix in [
        (b"", ""),
        (b"\x00\xff", ".bin"),
        (b"a,b\n1,2\n", ".csv"),
        (b"{}", ".json"),
        (b"PK\x03\x04", ""),
    ]:
        source = Source("x", "'x'", Path("x"), blob, suffix)
        if reader.can_read(source):  # and never raises
            with contextlib.suppress(CurveError):  # anything else is a traceback
                assert len({len(c) for c in reader.read(source).columns.values()}) == 1


def test_every_reader_is_named_in_the_docs():
    text = (Path(__file__).parents[2] / "docs" / "formats.md").read_text()
    for reader in (*BINARY, *TEXT):
        assert reader.name in text


def test_documents_with_two_lists_of_records_name_both(tmp_path):
    two = {
        "train": {"log": [{"step": 1, "loss": 2}, {"step": 2, "loss": 1}]},
        "eval": {"log": [{"step": 1, "acc": 2}] * 2},
    }
    (tmp_path / "a.json").write_text(json.dumps(two))
    with pytest.raises(CurveError, match="got 2: 'train.log', 'eval.log'"):
        read_curves(tmp_path / "a.json")
    sisters = {name: [{"step": s, "loss": 3.0 / s} for s in (1, 2, 4)] for name in ("a", "b")}
    (tmp_path / "b.json").write_text(json.dumps({"runs": sisters}))
    assert list(read_curves(tmp_path / "b.json")) == ["a", "b"]


def test_load_keeps_what_a_source_says_of_itself():
    ((name, table),) = load(DATA / "run-small-tag-eval_loss.csv")
    assert (name, table.n) == (None, 13)
    assert read_one(Source({"step": [1], "loss": [2]}, "the table")).n == 1
