"""Several processes train one network as one process with all their batches would, and stop together."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from forescale.network import checkpoint  # noqa: E402
from forescale.network.config import CONFIGS  # noqa: E402
from forescale.training import data  # noqa: E402
from forescale.training import train as training  # noqa: E402

CONFIG = CONFIGS["tiny"].with_overrides(steps=4, checkpoint_seconds=1e9)
CODE = """
import json, sys
from forescale.network.config import TrainConfig
from forescale.training.train import train
config, out, options = TrainConfig.from_dict(json.loads(sys.argv[1])), sys.argv[2], json.loads(sys.argv[3])
train(config, out, device="cpu", progress=False, **options)
"""


def start(config, out, n=2, **options):
    """The processes that torchrun would start."""
    env = os.environ | {
        "WORLD_SIZE": str(n),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(20_000 + os.getpid() % 20_000),
    }
    command = [sys.executable, "-c", CODE, json.dumps(config.to_dict()), str(out), json.dumps(options)]
    return [subprocess.Popen(command, env=env | {"RANK": str(r)}, stderr=subprocess.PIPE, text=True) for r in range(n)]


def together(config, out, **options):
    assert [process.wait(120) for process in start(config, out, **options)] == [0, 0]
    return checkpoint.read(out / training.CHECKPOINT, "training")


def test_two_ranks_equal_one_process_with_the_mean_of_both_gradients(tmp_path):
    arrays, facts = together(CONFIG, tmp_path)
    assert facts["world_size"] == 2
    torch.manual_seed(CONFIG.seed)
    network = training.Network(CONFIG.network)
    run = training.Run(data.resolved(CONFIG), network, training.make_optimisers(network, CONFIG))
    streams = [data.curve_stream(CONFIG.with_overrides(rank=r), network.head, training.NO_BINS) for r in (0, 1)]

    class Both:
        rank = 0

        def add_up(self, gradients, n_curves, stop):
            mine = [g.clone() for g in gradients]
            network.zero_grad()
            other = streams[1].batch(run.step)
            losses = training._losses(network, other, CONFIG.log_p_floor)
            (CONFIG.run_weight * losses[0] + CONFIG.curve_weight * losses[1]).backward()
            for p, g in zip(network.parameters(), mine, strict=True):
                p.grad = (p.grad + g) / 2
            return n_curves + other.n_curves, stop

    run.ranks = Both()
    while not run.finished:
        training._step(run, streams[0].batch(run.step))
    assert run.curves == facts["curves"]
    for name, values in network.state_dict().items():
        np.testing.assert_allclose(arrays[f"network.{name}"], values.numpy(), atol=1e-6)  # sums in another order


def test_a_resumed_run_of_two_ranks_equals_an_uninterrupted_one_bit_for_bit(tmp_path):
    whole, _ = together(CONFIG, tmp_path / "whole")
    together(CONFIG, tmp_path / "parts", stop_after=2)
    parts, _ = together(CONFIG, tmp_path / "parts", resume=True)
    for name, values in whole.items():
        assert np.array_equal(values, parts[name]), name
    with pytest.raises(training.CheckpointError, match="2 processes"):
        training.train(CONFIG, tmp_path / "parts", resume=True, device="cpu", progress=False)


def test_a_signal_to_one_rank_stops_both_at_the_same_step_with_a_checkpoint(tmp_path):
    processes = start(CONFIG.with_overrides(steps=10**6), tmp_path)
    log = tmp_path / training.LOG
    deadline = time.monotonic() + 90
    while not (log.exists() and log.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.1)
    processes[1].send_signal(signal.SIGTERM)
    assert [process.wait(120) for process in processes] == [0, 0]
    assert 0 < checkpoint.read(tmp_path / training.CHECKPOINT, "training")[1]["steps"] < 10**6


def torchrun(out, steps, *more):
    """The command that a user types, of this environment."""
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "forescale"]
    return [*launch, "train", "--config", "tiny", "--device", "cpu", "--out", str(out), "--steps", str(steps), *more]


def wait_for_a_line(log):
    deadline = time.monotonic() + 120
    while not (log.exists() and log.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.05)


@pytest.mark.slow
def test_torchrun_itself_stops_at_a_signal_and_resumes_bit_for_bit(tmp_path):
    subprocess.run(torchrun(tmp_path / "whole", 200), check=True, timeout=300)
    process = subprocess.Popen(torchrun(tmp_path / "parts", 200), stderr=subprocess.PIPE)
    wait_for_a_line(tmp_path / "parts" / training.LOG)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    assert process.returncode == 1  # torchrun's own, which says that it was told to stop
    _, facts = checkpoint.read(tmp_path / "parts" / training.CHECKPOINT, "training")
    assert 0 < facts["steps"] < 200
    assert facts["world_size"] == 2
    subprocess.run(torchrun(tmp_path / "parts", 200, "--resume"), check=True, timeout=300)
    whole, parts = (
        checkpoint.read(tmp_path / name / training.CHECKPOINT, "training")[0] for name in ("whole", "parts")
    )
    assert all(np.array_equal(values, parts[name]) for name, values in whole.items())


def test_a_rank_that_is_killed_ends_the_other_with_one_sentence(tmp_path):
    processes = start(CONFIG.with_overrides(steps=10**6), tmp_path)
    wait_for_a_line(tmp_path / training.LOG)
    processes[1].kill()
    _, said = processes[0].communicate(timeout=120)
    assert "FitError: expected gradients of all 2 processes, got '" in said
    assert "resume=True goes on from the last checkpoint" in said
