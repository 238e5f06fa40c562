"""Fifty kills at any moment: what is left always resumes, and ends where an undisturbed run does, bit for bit."""

import os
import random
import signal
import time

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from forescale.network import checkpoint  # noqa: E402
from forescale.network.config import CONFIGS  # noqa: E402
from forescale.training import train as training  # noqa: E402

N_KILLS = 50


def train(out, config, resume):
    return training.train(config, out, resume=resume, progress=False, device="cpu")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="children that are killed are forked")
def test_fifty_kills_change_nothing(tmp_path):
    config = CONFIGS["tiny"].with_overrides(steps=400, checkpoint_seconds=0.02)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train(whole, config, resume=False)
    drawn, kills = random.Random(0), 0
    while kills < N_KILLS:
        child = os.fork()
        if child == 0:
            done = False
            try:
                train(parts, config, resume=(parts / training.CHECKPOINT).exists())
                done = True
            finally:
                os._exit(0 if done else 1)
        time.sleep(drawn.uniform(0.02, 0.6))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            kills += 1
        else:
            assert os.WEXITSTATUS(status) == 0, "a resume failed"
            break  # it was through before it could be killed
    train(parts, config, resume=True)
    ours, theirs = (checkpoint.read(out / training.CHECKPOINT, "training") for out in (whole, parts))
    assert ours[0].keys() == theirs[0].keys()
    assert all(np.array_equal(values, theirs[0][name]) for name, values in ours[0].items())
    assert ours[1]["curves"] == theirs[1]["curves"]
    print(f"{kills} kills")
