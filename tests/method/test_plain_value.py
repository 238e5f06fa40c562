"""A Forecast is a plain value: it travels without weights, and comes back able to answer."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from tests.conftest import write_release

import forescale as fs
from forescale.network import forecaster
from forescale.network.forecaster import Forecaster, recall

MOST = 20_000
"""Bytes of a pickled forecast of a few targets."""


def travelled(value):
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize("method", ["pfn", "nsl-pfn", "m2", "line"])
def test_a_forecast_travels_small_and_comes_back_able_to_answer(curve, method):
    f = fs.forecast(curve, [1e10, 1e11], method=method)
    assert len(pickle.dumps(f)) < (2 * MOST if method == "nsl-pfn" else MOST)  # a thousand bars a target
    back = travelled(f)
    np.testing.assert_array_equal(back.quantile([0.05, 0.5]), f.quantile([0.05, 0.5]))
    np.testing.assert_array_equal(back.ask([3e10, 4e10]).median, f.ask([3e10, 4e10]).median)
    assert (back.warnings, back.details) == (f.warnings, f.details)


def test_a_forecast_of_a_long_context_stays_small_too(rng):
    x = np.geomspace(1e6, 1e9, 60)
    f = fs.forecast((x, 2 + 50 * x**-0.3 * np.exp(0.01 * rng.normal(size=len(x)))), [1e10, 1e11, 1e12])
    assert len(pickle.dumps(f)) < MOST


def test_a_forecast_answers_in_another_process(curve, tmp_path):
    f, path = fs.forecast(curve, 1e10), tmp_path / "f.pickle"
    path.write_bytes(pickle.dumps(f))
    code = "import pickle, sys; f = pickle.load(open(sys.argv[1], 'rb')); print(repr(float(f.ask([3e10]).median[0])))"
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert float(done.stdout) == float(f.ask([3e10]).median[0])


def test_a_network_travels_by_name_and_checksum(tmp_path):
    network = Forecaster.load("base")
    assert len(pickle.dumps(network)) < 1000
    assert travelled(network).weights.sha256 == network.weights.sha256
    own = Forecaster.load(write_release(tmp_path / "own.safetensors", "loglog"))
    assert len(pickle.dumps(own)) < 1000
    assert travelled(own) is own


def test_a_network_made_in_memory_has_only_itself_to_send(tiny_checkpoint, curve):
    weights = Forecaster.load(tiny_checkpoint).weights
    f = Forecaster(weights, "mine").forecast(curve, [1e10])
    np.testing.assert_array_equal(travelled(f).ask([1e11]).median, f.ask([1e11]).median)


def test_two_files_of_one_path_are_two_networks_and_the_new_one_answers(tmp_path, curve):
    path = write_release(tmp_path / "own.safetensors", "loglog")
    first, again = (fs.forecast(curve, 1e10, method=str(path)) for _ in range(2))
    write_release(path, "loglog", seed=1)
    second = fs.forecast(curve, 1e10, method=str(path))
    np.testing.assert_array_equal(first.median, again.median)
    assert second.median != first.median
    assert second.details["weights"]["sha256"] != first.details["weights"]["sha256"]
    np.testing.assert_array_equal(first.ask([1e10]).median, first.median)  # the network that gave it answers


def test_a_forecast_whose_network_changed_says_so_instead_of_answering_with_another(tmp_path, curve):
    path = write_release(tmp_path / "own.safetensors", "loglog")
    (tmp_path / "f.pickle").write_bytes(pickle.dumps(fs.forecast(curve, 1e10, method=str(path))))
    write_release(path, "loglog", seed=1)
    code = (
        "import pickle, sys, forescale as fs\n"
        "f = pickle.load(open(sys.argv[1], 'rb')); print(f.median.size)\n"
        "try: f.ask([1e11])\n"
        "except fs.CheckpointError as error: print(error)"
    )
    command = [sys.executable, "-c", code, tmp_path / "f.pickle"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("1\nexpected the weights ")
    assert "The file has changed since" in done.stdout


def test_no_more_than_a_few_networks_are_kept(tmp_path):
    for seed in range(12):
        recall(str(write_release(tmp_path / f"{seed}.safetensors", "loglog", seed=seed)), "own")
    assert len(forecaster._LOADED) <= forecaster._MOST_LOADED


def test_a_method_is_found_with_what_it_can_do_as_fields():
    pfn, chains, last = (fs.find_method(name) for name in ("pfn", "mcmc-m4", "last"))
    assert (pfn.batched, pfn.seeded, pfn.whole_curves, pfn.cost) == (True, False, False, "quick")
    assert (chains.batched, chains.seeded, chains.whole_curves, chains.cost) == (False, True, True, "slow")
    assert (pfn.kinds, last.kinds, last.plug_in, last.extra) == (("run", "curve"), ("run",), True, None)
    assert [fs.find_method(name).reads_targets for name in ("pfn", "nsl-pfn", "m2")] == [False, True, False]


def test_a_misspelt_method_names_the_nearest():
    with pytest.raises(fs.CurveError, match=r"got 'pnf'\. Did you mean 'pfn'\?"):
        fs.find_method("pnf")
