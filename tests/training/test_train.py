"""Training: learns, repeats itself, and survives interruptions."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from forescale.errors import CheckpointError, ConfigError, FitError  # noqa: E402
from forescale.network import checkpoint  # noqa: E402
from forescale.network.config import CONFIGS, named_config  # noqa: E402
from forescale.network.forward import Forward  # noqa: E402
from forescale.network.heads import NO_BINS, Bins  # noqa: E402
from forescale.training import data  # noqa: E402
from forescale.training import train as training  # noqa: E402
from forescale.training.muon import orthogonalise, schedule  # noqa: E402

SHORT = {
    "tiny": CONFIGS["tiny"].with_overrides(steps=12, checkpoint_seconds=1e9),
    "bars": CONFIGS["tiny"].with_overrides(
        steps=12,
        prior="paper",
        network={**CONFIGS["tiny"].network.to_dict(), "head": "bars", "scaling": "linear", "n_bins": 50},
    ),
    "as the paper": CONFIGS["nsl-pfn"].with_overrides(
        steps=8,
        tokens_per_batch=600,
        prior_options={"n_asked": 20},
        network={**CONFIGS["tiny"].network.to_dict(), "head": "bars", "scaling": "raw", "n_bins": 50, "dropout": 0.1},
    ),
}


def train(config, out, **options):
    return training.train(config, out, progress=False, device="cpu", **options)


def weights(out):
    return checkpoint.read(out / training.CHECKPOINT, "training")[0]


@pytest.mark.parametrize("name", SHORT)
def test_an_interrupted_and_resumed_run_equals_an_uninterrupted_one_bit_for_bit(name, tmp_path):
    config = SHORT[name]
    train(config, tmp_path / "whole")
    assert not train(config, tmp_path / "parts", stop_after=5).finished
    assert train(config, tmp_path / "parts", resume=True).finished
    whole, parts = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert whole.keys() == parts.keys()
    for key, values in whole.items():
        assert np.array_equal(values, parts[key]), key
    released = [(tmp_path / out / training.WEIGHTS) for out in ("whole", "parts")]
    assert len({checkpoint.load_weights(path).facts["curves"] for path in released}) == 1


def test_a_run_depends_on_its_seed(tmp_path):
    train(SHORT["tiny"], tmp_path / "a", stop_after=2)
    train(SHORT["tiny"], tmp_path / "b", stop_after=2, seed=1)
    name = "network.blocks.0.query.weight"
    assert not np.array_equal(weights(tmp_path / "a")[name], weights(tmp_path / "b")[name])


def test_worker_processes_change_nothing(tmp_path):
    config = SHORT["tiny"].with_overrides(steps=3)
    network = training.Network(config.network)
    here, there = (data.curve_stream(config, network.head, NO_BINS, workers=w)(0) for w in (0, 2))
    for _ in range(5):
        a, b = next(here), next(there)
        assert np.array_equal(a.context_BMF, b.context_BMF)
        assert np.array_equal(a.run["distance"], b.run["distance"])
    there.close()


@pytest.mark.parametrize(("name", "low", "high"), [("nsl-pfn", 50, 501), ("lc-pfn", 100, 100)])
def test_a_prior_that_draws_its_sizes_fills_batches_of_the_token_budget(name, low, high):
    config = CONFIGS[name]
    prior = data.prior_of(config)
    for step in range(20):
        curves = data.draw_curves(config, prior, [0, 0, step])
        (n_curves, n_context), n_asked = curves.x_BM.shape, curves.x_BT.shape[1]
        n_points = n_asked if name == "nsl-pfn" else n_context + n_asked  # context regression asks the context too
        assert low <= n_points <= high
        assert int(0.1 * n_points) <= n_context < n_points
        assert n_curves == max(config.min_curves, config.tokens_per_batch // (n_context + n_asked))


def test_dropout_is_for_training_only(tmp_path):
    run = train(SHORT["as the paper"], tmp_path)
    batch = data.curve_stream(run.config, run.network.head, training._bins(run.network)).batch(0)
    twice = [training.validate(run.network, [batch]) for _ in range(2)]
    assert twice[0] == twice[1]
    again = [training._losses(run.network, batch).tolist() for _ in range(2)]
    assert again[0] != again[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_writes_a_checkpoint_and_returns(number, tmp_path):
    before = signal.getsignal(number)

    def interrupt_once_it_steps() -> None:
        log = tmp_path / training.LOG
        while not (log.exists() and log.stat().st_size):  # its first line: steps have been taken
            time.sleep(0.05)
        os.kill(os.getpid(), number)

    threading.Thread(target=interrupt_once_it_steps, daemon=True).start()
    run = train(CONFIGS["tiny"], tmp_path, steps=1_000_000)
    assert 0 < run.step < run.config.steps
    assert checkpoint.read(tmp_path / training.CHECKPOINT, "training")[1]["steps"] == run.step
    assert signal.getsignal(number) is before


def test_a_tiny_network_learns_one_batch_by_heart():
    config = CONFIGS["tiny"].with_overrides(steps=150, lr_floor=1.0)
    torch.manual_seed(0)
    network = training.Network(config.network)
    run = training.Run(config, network, training.make_optimisers(network, config))
    batch = data.curve_stream(config, network.head, NO_BINS).batch(0)
    first = training.validate(network, [batch])
    for _ in range(config.steps):
        training._step(run, batch)
    last = training.validate(network, [batch])
    # a batch of about 30 curves; a network that merely forecasts gains a few tenths of a nat
    assert last["run"] < first["run"] - 0.7
    assert last["curve"] < first["curve"] - 0.7


def test_the_log_holds_every_step_once_after_a_kill(tmp_path):
    config = CONFIGS["tiny"].with_overrides(steps=150)
    train(config, tmp_path, stop_after=60)
    with (tmp_path / training.LOG).open("a") as log:  # as if killed after its last checkpoint
        log.write('{"step": 100, "run": 0.0}\n{"step": 1')
    train(config, tmp_path, resume=True)
    lines = [json.loads(line) for line in (tmp_path / training.LOG).read_text().splitlines()]
    assert [line["step"] for line in lines if "run" in line] == [50, 100, 150]
    assert [line["step"] for line in lines if "validation" in line] == [60, 150]
    assert all(0 < line["data_share"] < 1 for line in lines if "run" in line)


@pytest.mark.parametrize("name", SHORT)
def test_a_released_network_answers_with_the_likelihood_it_was_validated_with(name, tmp_path):
    config = SHORT[name]
    run = train(config, tmp_path)
    weights = checkpoint.load_weights(tmp_path / training.WEIGHTS)
    head = run.network.head
    edges, tail_scale = (weights.arrays.get(k, np.ones(1)).astype(float) for k in ("edges", "tail_scale"))
    bins, prior, losses = Bins(edges, float(tail_scale[0])), data.prior_of(config), []
    for i in range(25):
        curves = data.draw_curves(config, prior, [data.VALIDATION_SEED, i])
        tokens, scaling = data.read(config, curves)
        raw = Forward(weights.config, weights.arrays)(tokens.context_BMF, tokens.target_BTF)
        for kind, y_BT in enumerate((curves.y_BT, curves.curve_BT)):
            r_BT = scaling.to_scaled(y_BT)
            every = head.marginals(raw.reshape(r_BT.size, -1), tokens.frame(), bins, kind)
            log_p = every.log_pdf(r_BT.ravel()).reshape(r_BT.shape)
            losses.append(-np.mean(log_p + scaling.log_jacobian(y_BT) + np.log(y_BT)))
    by_hand = np.array(losses).reshape(25, 2).mean(0)
    # float32 in training against float64 in the answer
    np.testing.assert_allclose(by_hand, [run.validation["run"], run.validation["curve"]], rtol=1e-4)


@pytest.mark.slow
def test_a_killed_run_resumes_from_its_last_checkpoint(tmp_path):
    config = CONFIGS["tiny"].with_overrides(steps=200, checkpoint_seconds=0.3)
    code = (
        "import sys; from forescale.network import config, train;"
        "train.train(config.TrainConfig.from_dict(__import__('json').loads(sys.argv[1])), sys.argv[2], device='cpu')"
    )
    killed = subprocess.Popen([sys.executable, "-c", code, json.dumps(config.to_dict()), str(tmp_path / "parts")])
    while not (tmp_path / "parts" / training.CHECKPOINT).exists() and killed.poll() is None:
        time.sleep(0.02)
    killed.kill()
    killed.wait()
    assert checkpoint.read(tmp_path / "parts" / training.CHECKPOINT, "training")[1]["steps"] < config.steps
    train(config, tmp_path / "parts", resume=True)
    train(config, tmp_path / "whole")
    whole, parts = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert all(np.array_equal(values, parts[key]) for key, values in whole.items())


def test_a_run_is_not_overwritten_nor_resumed_with_other_settings(tmp_path):
    with pytest.raises(CheckpointError, match="Check the path"):
        train(SHORT["tiny"], tmp_path, resume=True)
    train(SHORT["tiny"], tmp_path, stop_after=1)
    with pytest.raises(CheckpointError, match="resume=True"):
        train(SHORT["tiny"], tmp_path)
    with pytest.raises(CheckpointError, match="different seed"):
        train(SHORT["tiny"], tmp_path, resume=True, seed=7)


def test_a_run_can_begin_with_weights_and_says_where_it_began(tmp_path):
    first = train(SHORT["tiny"], tmp_path / "first")
    weights_path = tmp_path / "first" / training.WEIGHTS
    still = SHORT["tiny"].with_overrides(lr_muon=0.0, lr_adamw=0.0)
    train(still, tmp_path / "still", start=weights_path)
    for name, values in checkpoint.load_weights(weights_path).arrays.items():
        assert np.array_equal(weights(tmp_path / "still")[f"network.{name}"], values), name

    train(SHORT["tiny"], tmp_path / "whole", start=weights_path)
    train(SHORT["tiny"], tmp_path / "parts", start=weights_path, stop_after=5)
    train(SHORT["tiny"], tmp_path / "parts", resume=True)
    whole, parts = (checkpoint.load_weights(tmp_path / out / training.WEIGHTS) for out in ("whole", "parts"))
    assert all(np.array_equal(values, parts.arrays[name]) for name, values in whole.arrays.items())
    began = parts.facts["began"]
    assert began == whole.facts["began"]
    assert (began["steps"], began["curves"]) == (first.step, first.curves)
    assert began["sha256"] == checkpoint.load_weights(weights_path).sha256
    assert began["train"] == json.loads(json.dumps(first.config.to_dict()))


def test_weights_of_another_shape_and_two_beginnings_are_refused(tmp_path):
    train(SHORT["tiny"], tmp_path / "first")
    weights_path = tmp_path / "first" / training.WEIGHTS
    wider = SHORT["tiny"].with_overrides(network={**SHORT["tiny"].network.to_dict(), "width": 32})
    with pytest.raises(CheckpointError, match="got width 16"):
        train(wider, tmp_path / "wider", start=weights_path)
    with pytest.raises(ConfigError, match="got both"):
        train(SHORT["tiny"], tmp_path / "first", resume=True, start=weights_path)


def test_a_folder_that_another_run_trains_in_is_refused(tmp_path):
    from forescale.training.folder import hold

    with hold(tmp_path), pytest.raises(CheckpointError, match=f"process {os.getpid()} holds"):
        train(SHORT["tiny"], tmp_path)
    train(SHORT["tiny"], tmp_path, stop_after=1)


def test_a_damaged_line_of_the_log_does_not_stop_a_resume(tmp_path):
    train(SHORT["tiny"], tmp_path, stop_after=2)
    log = tmp_path / training.LOG
    log.write_bytes(log.read_bytes() + b'\xff\xfe{"ste\n[]\n{"step": "two"}\n')
    train(SHORT["tiny"], tmp_path, resume=True, stop_after=2)
    assert [json.loads(line)["step"] for line in log.read_text().splitlines()] == [2, 4]


@pytest.mark.parametrize(
    ("setting", "words"),
    [({"threads": 0}, "at least 1 thread"), ({"device": "abacus"}, "device"), ({"seed": -1}, "seed")],
)
def test_a_machine_that_is_not_there_is_refused(tmp_path, setting, words):
    with pytest.raises(ConfigError, match=words):
        training.train(SHORT["tiny"], tmp_path, progress=False, **setting)


def test_a_diverged_run_says_so(tmp_path):
    with pytest.raises(FitError, match="finite"):
        train(named_config("tiny", lr_adamw=1e30, steps=60), tmp_path)


def test_newton_schulz_brings_singular_values_near_one():
    matrices = torch.from_numpy(np.random.default_rng(0).normal(size=(3, 24, 12)).astype(np.float32))
    for stack in (matrices, matrices.mT):
        values = torch.linalg.svdvals(orthogonalise(stack))
        assert values.min() > 0.4
        assert values.max() < 1.3


def test_the_learning_rate_rises_then_falls_to_its_floor():
    config = CONFIGS["base"].with_overrides(steps=1000)
    rates = [schedule(config, step) for step in range(1001)]
    top = round(config.warmup * config.steps)
    assert np.argmax(rates) in (top - 1, top)
    assert np.all(np.diff(rates[:top]) > 0)
    assert np.all(np.diff(rates[top:]) < 0)
    assert rates[-1] == pytest.approx(config.lr_floor)


def test_a_run_that_is_to_end_at_a_time_ends_on_a_whole_schedule(tmp_path):
    until = time.time() + 14.0
    run = train(CONFIGS["tiny"], tmp_path, steps=10**6, until=until)
    assert run.finished
    assert run.step == run.config.steps < 10**6
    assert time.time() < until + 3.0  # a loaded machine
    warmup = round(run.config.warmup * run.config.steps)
    assert schedule(run.config, warmup) == pytest.approx(1.0, abs=0.01)
    assert checkpoint.load_weights(tmp_path / training.WEIGHTS).facts["train"]["steps"] == run.step
    assert any("planned" in json.loads(line) for line in (tmp_path / training.LOG).read_text().splitlines())
