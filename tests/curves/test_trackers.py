"""What trackers wrote is read as they wrote it: the stores under tests/data/trackers are the libraries' own bytes."""

import contextlib
import shutil
import sqlite3
import struct
import time
from pathlib import Path

import numpy as np
import pytest

import forescale as fs
from forescale import CurveError
from forescale.curves.readers.trackers.folder import find_runs, runs_in
from forescale.curves.readers.trackers.run import Run, as_table, distinct

DATA = Path(__file__).parents[1] / "data" / "trackers"
STEPS = list(range(100, 1300, 100))
FLOORS = {"small": 2.0, "large": 1.5}


STORES = ["tensorboard", "wandb", "mlflow/mlruns", "mlflow/mlflow.db", "dvclive", "trackio", "comet"]
WANDB = ["wandb-0.12.21", "wandb-0.15.12", "wandb-0.17.9", "wandb-0.19.11"]


@pytest.mark.parametrize("store", [*STORES, *WANDB])
def test_each_store_gives_the_readings_that_were_logged(store):
    runs, found = runs_in(DATA / store)
    assert len(found) == 1
    assert {run.name for run in runs} == set(FLOORS)
    for run in runs:
        steps, values = run.metrics["train/loss"]
        assert steps == STEPS
        # TensorBoard keeps float32: 2^-24 relative
        np.testing.assert_allclose(values, FLOORS[run.name] + (np.array(steps) / 100) ** -0.5, rtol=1e-7)
        assert not run.truncated


def test_nested_readings_are_named_by_their_path():
    for run in runs_in(DATA / "wandb-0.12.21")[0]:
        assert run.metrics["eval.loss"] == run.metrics["train/loss"]


def test_a_session_that_starts_again_takes_the_place_of_what_was_logged_from_there_on():
    ((run,), _) = runs_in(DATA / "tensorboard_restart")
    steps, values = run.metrics["train/loss"]
    assert steps == STEPS  # TensorBoard's own reader gives the same
    np.testing.assert_allclose(values, 1 + (np.array(steps) / 100) ** -0.5 + (np.array(steps) >= 500), rtol=1e-7)


def test_a_trial_of_optuna_is_a_run():
    runs, _ = runs_in(DATA / "optuna")
    assert [run.name for run in runs] == ["trial 0", "trial 1"]
    assert runs[0].metrics["value"][0] == STEPS
    assert set(runs[0].config) == {"lr"}


def test_a_journal_of_optuna_gives_the_trials_of_studies_that_still_are(tmp_path):
    runs, found = runs_in(DATA / "optuna_journal")
    assert found == ["Optuna's journal files (2 runs)"]
    for run, floor in zip(runs, FLOORS.values(), strict=True):
        steps, values = run.metrics["value"]
        assert steps[:-1] == STEPS
        np.testing.assert_allclose(values[:-1], floor + (np.array(STEPS) / 100) ** -0.5, rtol=1e-12)
        assert np.isnan(values[-1])
        assert (run.name[:6], run.state, set(run.config)) == ("trial ", "complete", {"lr", "optimiser"})
        assert run.config["optimiser"] in ("adam", "sgd")
    curves = fs.read_curves(DATA / "optuna_journal" / "journal.log")
    assert {name: curve.n for name, curve in curves.items()} == {"trial 0": 12, "trial 1": 12}
    cut = (DATA / "optuna_journal" / "journal.log").read_bytes()[:2000]
    (tmp_path / "journal.log").write_bytes(cut)
    assert runs_in(tmp_path)[0][0].truncated


@pytest.mark.parametrize("store", ["mlruns", "mlflow.db"])
def test_nested_runs_of_mlflow_are_read_and_what_was_deleted_is_not(store):
    runs, _ = runs_in(DATA / "mlflow_odd" / store)
    assert {run.name for run in runs} == set(FLOORS)
    for run in runs:
        assert run.metrics["train/loss"][0] == STEPS
        steps, values = run.metrics["odd"]
        assert steps == [-3, -3, -3]
        np.testing.assert_array_equal(np.sort(values), [1.0, np.inf, np.nan])


def test_settings_come_along():
    assert {run.config["width"] for run in runs_in(DATA / "wandb")[0]} == {64}
    assert {run.config["width"] for run in runs_in(DATA / "mlflow" / "mlruns")[0]} == {"64"}


def test_a_folder_with_several_stores_says_each_and_keeps_names_apart():
    runs, found = find_runs(DATA / "mlflow")
    assert len(found) == 2
    assert len({run.name for run in runs}) == 4


@pytest.mark.parametrize("store", ["tensorboard", "wandb"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.99])
def test_a_log_cut_anywhere_gives_what_stands_before_the_cut(store, share, tmp_path):
    shutil.copytree(DATA / store, tmp_path / store)
    for path in (tmp_path / store).rglob("*"):
        if path.is_file():
            blob = path.read_bytes()
            path.write_bytes(blob[: int(share * len(blob))])
    for run in find_runs(tmp_path / store)[0]:
        steps, values = run.metrics["train/loss"]
        assert run.truncated
        assert steps == STEPS[: len(steps)]
        assert len(values) == len(steps)


@pytest.mark.parametrize("store", ["mlflow", "trackio", "optuna", "optuna_journal", "comet", "dvclive"])
def test_damaged_stores_are_never_a_traceback(store, rng, tmp_path):
    for trial in range(8):
        folder = tmp_path / str(trial)
        shutil.copytree(DATA / store, folder)
        for path in [p for p in folder.rglob("*") if p.is_file() and p.stat().st_size]:
            blob = bytearray(path.read_bytes())
            for at in rng.integers(0, len(blob), 4 * trial):
                blob[at] = int(rng.integers(256))
            path.write_bytes(bytes(blob[: int(rng.uniform() * len(blob))] if trial % 2 else blob))
        with contextlib.suppress(CurveError):  # "got none. Looked for ..."
            runs_in(folder)


@pytest.mark.parametrize("store", ["tensorboard", "wandb"])
def test_damaged_bytes_are_never_a_traceback(store, rng, tmp_path):
    for path in (DATA / store).rglob("*"):
        if path.is_file():
            blob = bytearray(path.read_bytes())
            for _ in range(60):
                damaged = blob.copy()
                for at in rng.integers(8, len(blob), 5):
                    damaged[at] = int(rng.integers(256))
                (tmp_path / path.name).write_bytes(damaged)
                find_runs(tmp_path)


def test_a_live_store_is_read_and_not_locked(tmp_path):
    shutil.copy(DATA / "mlflow" / "mlflow.db", tmp_path)
    writer = sqlite3.connect(tmp_path / "mlflow.db", isolation_level=None)
    writer.execute("pragma journal_mode = wal")
    writer.execute("begin immediate")
    writer.execute("update runs set name = 'changed'")
    assert {run.name for run in runs_in(tmp_path)[0]} == set(FLOORS)
    writer.execute("commit")
    assert {run.name for run in runs_in(tmp_path)[0]} == {"changed", "changed (2)"}
    writer.close()


def test_nothing_to_read_says_what_was_looked_for(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing")
    (tmp_path / "other.db").write_bytes(b"not a store")
    with pytest.raises(CurveError, match="TensorBoard event files, W&B offline logs"):
        runs_in(tmp_path)


def test_a_long_event_file_is_read_whole_and_fast(tmp_path):
    """TensorBoard's own reader keeps 10,000 of these unless told otherwise."""
    n = 30_000
    with (tmp_path / "events.out.tfevents.1").open("wb") as stream:
        for step in range(1, n + 1):
            value = b"\x0a\x04loss" + b"\x15" + struct.pack("<f", 1 / step)
            summary = b"\x0a" + bytes([len(value)]) + value
            event = b"\x10" + _varint(step) + b"\x2a" + bytes([len(summary)]) + summary
            stream.write(struct.pack("<QI", len(event), 0) + event + bytes(4))
    began = time.process_time()
    ((run,), _) = find_runs(tmp_path)
    assert run.metrics["loss"][0] == list(range(1, n + 1))
    assert time.process_time() - began < 10  # .4 s on a quiet machine


def test_a_table_has_a_row_a_step_and_keeps_repeated_readings_apart():
    run = Run("a", {"loss": ([1, 2, 2], [3.0, 2.0, 2.5]), "lr": ([2], [0.1])})
    table = as_table([run, Run("b", {"loss": ([1], [4.0])})])
    assert table["run"] == ["a", "a", "a", "b"]
    np.testing.assert_array_equal(table["step"], [1, 2, 2, 1])
    np.testing.assert_array_equal(table["loss"], [3.0, 2.0, 2.5, 4.0])
    np.testing.assert_array_equal(table["lr"], [np.nan, 0.1, np.nan, np.nan])


def test_runs_without_readings_are_left_out():
    assert distinct([Run("empty"), Run("a", {"y": ([1], [1.0])})])[0].name == "a"


def _varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def test_the_shell_lists_what_a_folder_holds(capsys, monkeypatch):
    from forescale.cli import main

    monkeypatch.setattr("sys.argv", ["forescale", "runs", str(DATA / "tensorboard")])
    with pytest.raises(SystemExit) as stop:
        main()
    printed = capsys.readouterr().out
    assert stop.value.code == 0
    assert "TensorBoard event files (2 runs)" in printed
    assert "train/loss" in printed
