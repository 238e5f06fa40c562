"""Many curves in buckets: complete, resumed, with workers that die; and a bucket that fails is rows with its error."""

import json
import os
import signal
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.mass.test_frame import BAD, one, table

import forescale as fs
from forescale.mass import batch, buckets, engines, pool

RATIO = batch.Question(at=None, ratio=(10.0,), method="line")
ROLES = {"group": "run", "x": "tokens", "y": "loss"}


def here(work, tasks):
    """An engine in this very process."""
    for task in tasks:
        yield task, work(task), None


def answers(out):
    parts = sorted(p for p in out.iterdir() if p.name.startswith("part-"))
    read = pd.read_parquet if parts[0].suffix == ".parquet" else lambda p: pd.read_csv(p, keep_default_na=True)
    return pd.concat([read(p) for p in parts]).set_index("group").sort_index()


@pytest.fixture
def runs(tmp_path):
    """Sixty groups, their rows shuffled."""
    frame = table(60)
    frame.to_csv(tmp_path / "runs.csv", index=False)
    frame.to_parquet(tmp_path / "runs.parquet")
    return tmp_path / "runs.csv"


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_the_parts_together_are_the_single_process(runs, tmp_path, monkeypatch, ending):
    monkeypatch.setattr(buckets, "PIECE", 100)
    outcome = batch.run(runs.with_suffix(ending), tmp_path / "out", RATIO, ROLES, here, n_buckets=5)
    assert (outcome.groups, outcome.errors, outcome.parts, outcome.resumed) == (60, 0, 5, 0)
    whole = fs.forecast_frame(table(60), ratio=10, method="line", **ROLES).set_index("group").sort_index()
    numbers = ["x", "median", "q05", "q95", "extrapolation_ratio"]
    pd.testing.assert_frame_equal(answers(tmp_path / "out")[numbers], whole[numbers], rtol=1e-9)
    assert not (tmp_path / "out" / "buckets").exists()


def test_a_second_call_goes_on_where_the_first_was_stopped(runs, tmp_path):
    out, done = tmp_path / "out", []

    def stopped(work, tasks):
        for n, task in enumerate(tasks):
            if n == 2:
                raise KeyboardInterrupt
            yield task, work(task), None

    with pytest.raises(KeyboardInterrupt):
        batch.run(runs, out, RATIO, ROLES, stopped, n_buckets=5)
    counted = lambda work, tasks: here(lambda task: (done.append(task), work(task))[1], tasks)  # noqa: E731
    outcome = batch.run(runs, out, RATIO, ROLES, counted, n_buckets=5)
    assert (len(done), outcome.resumed, outcome.groups) == (3, 2, 60)
    assert len(answers(out)) == 60
    again = batch.run(runs, out, RATIO, ROLES, here, n_buckets=5)
    assert (again.resumed, again.groups) == (5, 60)


@pytest.mark.parametrize(
    ("ending", "separator", "comma"), [("tsv", "\t", "."), ("csv", ";", ","), ("csv.gz", ",", ".")]
)
def test_text_tables_are_read_whatever_separates_their_cells(runs, tmp_path, ending, separator, comma):
    path = tmp_path / f"other.{ending}"
    table(60).to_csv(path, index=False, sep=separator, decimal=comma)
    batch.run(path, tmp_path / "out", RATIO, ROLES, here)
    batch.run(runs, tmp_path / "usual", RATIO, ROLES, here)
    pd.testing.assert_series_equal(answers(tmp_path / "out")["median"], answers(tmp_path / "usual")["median"])


def test_a_folder_of_another_question_is_refused(runs, tmp_path):
    batch.run(runs, tmp_path / "out", RATIO, ROLES, here)
    with pytest.raises(fs.CurveError, match="expected a folder of this same question"):
        batch.run(runs, tmp_path / "out", replace(RATIO, ratio=(5.0,)), ROLES, here)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("")
    with pytest.raises(fs.CurveError, match="expected a new or empty folder"):
        batch.run(runs, tmp_path / "other", RATIO, ROLES, here)


def test_bad_groups_are_rows_with_their_error(tmp_path):
    BAD.to_csv(tmp_path / "bad.csv", index=False)
    roles = {"group": "g", "x": "tokens", "y": "loss"}
    outcome = batch.run(tmp_path / "bad.csv", tmp_path / "out", RATIO, roles, here, n_buckets=3)
    assert (outcome.groups, outcome.errors) == (5, 4)
    assert "loss=-1.0" in answers(tmp_path / "out").loc["b", "error"]


def test_one_group_that_makes_no_curve_stops_nothing_wherever_it_lies(tmp_path):
    far = pd.DataFrame({"run": "far", "tokens": [1, 2, 4.0], "loss": [3, 2, 1e200]})
    nameless = pd.DataFrame({"run": None, "tokens": [1, 2, 4.0], "loss": [3, 2, 1]})
    pd.concat([far, nameless, table(3)]).to_csv(tmp_path / "runs.csv", index=False)
    outcome = batch.run(tmp_path / "runs.csv", tmp_path / "out", RATIO, ROLES, here, n_buckets=50)
    assert (outcome.groups, outcome.errors) == (4, 1)
    assert "within a factor of 1e+100" in answers(tmp_path / "out").loc["far", "error"]


def test_parts_are_one_data_set_with_or_without_rows(tmp_path):
    from pyarrow import dataset

    pd.concat([one("", [3, 2, 1.0]), table(3)]).to_parquet(tmp_path / "runs.parquet")
    batch.run(tmp_path / "runs.parquet", tmp_path / "out", RATIO, ROLES, here, n_buckets=50)
    parts = list((tmp_path / "out").glob("part-*"))
    assert {len(pd.read_parquet(p)) for p in parts} == {0, 1}
    assert dataset.dataset(parts).to_table().num_rows == 3


def test_steps_that_count_from_0_are_shifted_in_every_bucket_alike(tmp_path):
    frame = table(30).rename(columns={"tokens": "epoch"})
    frame["epoch"] = frame.groupby("run").cumcount() + (frame.run != "r3")
    frame.to_csv(tmp_path / "runs.csv", index=False)
    roles = {"group": "run", "x": "epoch", "y": "loss"}
    batch.run(tmp_path / "runs.csv", tmp_path / "out", RATIO, roles, here, n_buckets=7)
    whole = fs.forecast_frame(frame, ratio=10, method="line", **roles).set_index("group").sort_index()
    pd.testing.assert_series_equal(answers(tmp_path / "out")["x"], whole["x"])


def test_a_bucket_that_fails_three_times_is_rows_with_the_reason(runs, tmp_path):
    failing = lambda work, tasks: ((t, None, "out of memory") if n else (t, work(t), None) for n, t in enumerate(tasks))  # noqa: E731
    outcome = batch.run(runs, tmp_path / "out", RATIO, ROLES, failing, n_buckets=3)
    found = answers(tmp_path / "out")
    assert outcome.groups == len(found) == 60
    assert outcome.errors == found.error.notna().sum() > 0
    assert found.error.dropna().str.contains("got none in 3 attempts: out of memory").all()


def test_names_of_any_text_and_length_come_back(tmp_path):
    names = ["plain", "ünï/cödé", "x" * 5000, "a,b", "1.0", "lr=1e-3"]
    frame = pd.concat([table(1, 5, i).assign(run=name) for i, name in enumerate(names)])
    frame.to_parquet(tmp_path / "runs.parquet")
    batch.run(tmp_path / "runs.parquet", tmp_path / "out", RATIO, ROLES, here, n_buckets=4)
    assert sorted(answers(tmp_path / "out").index) == sorted(names)


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("none.parquet", ROLES, "expected a Parquet or CSV file, got none"),
        ("runs.csv", {**ROLES, "y": "los"}, "expected a column 'los' in .* got 'run', 'tokens', 'loss'"),
        ("runs.parquet", {**ROLES, "x": "steps"}, "expected a column 'steps'"),
        (
            "runs.csv",
            {**ROLES, "group": None},
            "expected the column that names the curves, got none",
        ),
        ("no.parquet", ROLES, "expected a Parquet table"),
        ("runs.jsonl", ROLES, "expected a Parquet, CSV or TSV file, got '.*runs.jsonl'"),
        ("words.csv", ROLES, "expected at least one usable row, got none \\('.*words.csv': 3 rows left out"),
    ],
)
def test_what_cannot_be_read_is_refused_before_any_worker_starts(runs, tmp_path, name, words, said):
    (tmp_path / "no.parquet").write_text("not parquet")
    (tmp_path / "runs.jsonl").write_text("{}")
    (tmp_path / "words.csv").write_text("run,tokens,loss\n" + "a,1,none so far\n" * 3)
    with pytest.raises(fs.CurveError, match=said):
        batch.run(tmp_path / name, tmp_path / "out", RATIO, words, lambda work, tasks: pytest.fail("a worker started"))


def half_dead(task):
    """Dies of -9 at the first try of every third task."""
    number, folder = task
    mark = os.path.join(folder, str(number))
    if number % 3 == 0 and not os.path.exists(mark):
        open(mark, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def always_dead(task):
    if task == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    if task == 2:
        raise ValueError("no such thing")
    return task


def test_a_killed_worker_is_replaced_and_costs_its_task_alone(tmp_path):
    tasks = [(n, str(tmp_path)) for n in range(5)]
    found = {task[0]: result for task, result, why in pool.each(half_dead, tasks, 2)}
    assert found == {n: n * n for n in range(5)}


def test_a_task_is_given_up_after_three_attempts():
    found = {task: (result, why) for task, result, why in pool.each(always_dead, [0, 1, 2], 2)}
    assert found[0] == (0, None)
    assert found[1] == (None, "the worker ended with code -9")
    assert found[2] == (None, "ValueError: no such thing")


def test_an_engine_is_one_of_two():
    with pytest.raises(fs.CurveError, match="'processes' or 'dask', got 'spark'"):
        engines.find_engine("spark")
    with pytest.raises(fs.CurveError, match="at least one worker, got 0"):
        engines.find_engine("processes", 0)


def test_the_plan_says_what_was_asked(runs, tmp_path):
    batch.run(runs, tmp_path / "out", RATIO, ROLES, here)
    plan = json.loads((tmp_path / "out" / "plan.json").read_text())
    assert plan["columns"]["x"] == "tokens"
    assert plan["rows"] == 60 * 12


@pytest.mark.slow
def test_two_workers_answer_as_one_process_does(runs, tmp_path):
    outcome = batch.run(
        runs, tmp_path / "out", replace(RATIO, method="pfn"), ROLES, engines.find_engine("processes", 2), n_buckets=4
    )
    assert (outcome.groups, outcome.errors) == (60, 0)
    whole = fs.forecast_frame(table(60), ratio=10, **ROLES).set_index("group").sort_index()
    np.testing.assert_allclose(answers(tmp_path / "out")["median"], whole["median"], rtol=1e-5)  # float32


def test_a_long_parquet_file_is_not_held_as_it_is_read(tmp_path, monkeypatch):
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    monkeypatch.setattr(buckets, "PIECE", 20_000)
    rng = np.random.default_rng(0)
    schema = pa.schema([("x", pa.float64())])
    with ParquetWriter(tmp_path / "long.parquet", schema) as writer:
        for _ in range(30):
            writer.write_table(pa.table({"x": rng.normal(size=20_000)}, schema=schema))
    held = [pa.total_allocated_bytes() for _ in buckets.pieces(tmp_path / "long.parquet", {"x": "x"})]
    assert len(held) == 30
    assert max(held[5:]) - held[5] < 500_000  # a piece has 160,000 bytes; all that was read would be 4 MB
