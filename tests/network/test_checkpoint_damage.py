"""Weights that parse and are wrong all the same: altered, not numbers, of other shapes."""

import hashlib
import json

import numpy as np
import pytest
from safetensors.numpy import load, save

import forescale as fs
from forescale import CheckpointError, Forecaster
from forescale.network import checkpoint


@pytest.fixture
def released(tmp_path):
    """A copy of our own weights: arrays and metadata to change, and how to write them back with a right sha256."""
    from importlib.resources import files

    blob = (files("forescale") / "weights" / "base.safetensors").read_bytes()
    header = json.loads(blob[8 : 8 + int.from_bytes(blob[:8], "little")])["__metadata__"]
    header.pop("digest", None)
    path = tmp_path / "mine.safetensors"

    def write(arrays, metadata=header):
        path.write_bytes(save(arrays, metadata))
        path.with_suffix(".sha256").write_text(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n")
        return path

    return {name: np.array(values) for name, values in load(blob).items()}, header, write


def test_weights_that_hold_no_numbers_are_refused(released):
    arrays, _, write = released
    name = next(iter(arrays))
    arrays[name].flat[0] = np.nan
    with pytest.raises(CheckpointError, match=f"'{name}' that are not finite"):
        Forecaster.load(write(arrays))


@pytest.mark.parametrize("change", ["missing", "shape", "extra row"])
def test_weights_that_do_not_fit_are_refused(released, change):
    arrays, _, write = released
    name = next(n for n in arrays if n.startswith("blocks.0") and n.endswith("query.weight"))
    if change == "missing":
        del arrays[name]
    else:
        arrays[name] = arrays[name][:-1] if change == "shape" else np.vstack([arrays[name], arrays[name][:1]])
    with pytest.raises(CheckpointError, match="configuration asks for"):
        Forecaster.load(write(arrays))


def test_a_header_without_settings_is_refused(released):
    arrays, header, write = released
    with pytest.raises(CheckpointError, match="configuration of a network"):
        Forecaster.load(write(arrays, header | {"facts": "{}"}))


def test_a_checkpoint_that_was_altered_after_it_was_written_is_refused(released, tmp_path):
    arrays, header, _ = released
    path = tmp_path / "checkpoint.safetensors"
    checkpoint.write(path, checkpoint.network_arrays(arrays), "training", json.loads(header["facts"]))
    read, _ = checkpoint.read(path, "training")
    assert read.keys() == checkpoint.network_arrays(arrays).keys()
    blob = bytearray(path.read_bytes())
    blob[-3] ^= 1
    path.write_bytes(blob)
    with pytest.raises(CheckpointError, match="digest"):
        checkpoint.read(path, "training")


def test_our_own_weights_answer(released):
    arrays, _, write = released
    curve = fs.Curve([1, 2, 4, 8], [4, 3, 2.5, 2.2])
    ours, copied = (Forecaster.load(name).forecast(curve, [16]).median for name in ("base", write(arrays)))
    assert ours == copied
