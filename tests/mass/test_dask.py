"""The same parts from a Dask cluster of two workers, one of which dies of -9 on the way."""

import os
import signal
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from tests.mass.test_batch import RATIO, ROLES, answers
from tests.mass.test_frame import table

import forescale as fs
from forescale.mass import batch, engines

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.slow


def test_a_cluster_that_loses_a_worker_gives_complete_parts_without_duplicates(tmp_path):
    table(200).to_csv(tmp_path / "runs.csv", index=False)
    question = replace(RATIO, method="pfn")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        victim = next(iter(cluster.workers.values())).process.process.pid

        def kill():
            while not list((tmp_path / "out").glob("part-*")):
                time.sleep(0.05)
            os.kill(victim, signal.SIGKILL)

        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        engine = engines.find_engine("dask", address=cluster.scheduler_address)
        outcome = batch.run(tmp_path / "runs.csv", tmp_path / "out", question, ROLES, engine, n_buckets=20)
        killer.join(10)
        assert not killer.is_alive()
    assert (outcome.groups, outcome.errors, outcome.parts) == (200, 0, 20)
    found = answers(tmp_path / "out")
    whole = fs.forecast_frame(table(200), ratio=10, **ROLES).set_index("group").sort_index()
    assert found.index.is_unique
    np.testing.assert_allclose(found["median"], whole["median"], rtol=1e-5)  # float32


def test_partitions_of_a_dask_frame_are_frames(tmp_path):
    dd = pytest.importorskip("dask.dataframe")
    frame = table(12)
    ask = {"ratio": 10, "method": "line", **ROLES}
    meta = fs.forecast_frame(frame, **ask).iloc[:0]
    parts = dd.from_pandas(frame, npartitions=3).shuffle("run", npartitions=3)
    found = parts.map_partitions(fs.forecast_frame, meta=meta, **ask).compute(scheduler="synchronous")
    whole = fs.forecast_frame(frame, **ask).set_index("group").sort_index()
    np.testing.assert_allclose(found.set_index("group").sort_index()["median"], whole["median"], rtol=1e-9)
