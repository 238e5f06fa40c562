"""Weight files: complete, checked, and refused in one sentence."""

import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest
from tests.conftest import random_arrays, write_release

from forescale.errors import CheckpointError
from forescale.network import checkpoint
from forescale.network.config import CONFIGS, TrainConfig
from forescale.network.encodings.registry import ENCODINGS


@pytest.fixture
def release(tmp_path):
    """A release made of a training checkpoint with the arrays of a tiny network, and one of its optimiser."""
    own = random_arrays(CONFIGS["tiny"].network, np.random.default_rng(0))
    arrays = checkpoint.network_arrays(own) | {"muon.0.momentum": np.ones(2)}
    facts = {"train": CONFIGS["tiny"].to_dict(), "steps": 3, "curves": 60, "seconds": 1.5}
    checkpoint.write(tmp_path / "checkpoint.safetensors", arrays, "training", facts)
    checkpoint.export(tmp_path / "checkpoint.safetensors", tmp_path / "net.safetensors", {"machine": "a laptop"})
    return tmp_path / "net.safetensors"


def test_a_release_tells_what_it_is(release):
    weights = checkpoint.load_weights(release)
    assert weights.name == "net"
    assert weights.sha256 == hashlib.sha256(release.read_bytes()).hexdigest()
    assert weights.config == CONFIGS["tiny"].network
    assert TrainConfig.from_dict(weights.facts["train"]) == CONFIGS["tiny"]
    assert weights.facts["card"] == {"machine": "a laptop"}
    assert (weights.facts["steps"], weights.facts["curves"]) == (3, 60)
    assert {array.dtype for array in weights.arrays.values()} == {np.dtype(np.float32)}
    assert not [name for name in weights.arrays if "momentum" in name]
    assert not list(release.parent.glob("*.partial"))


def test_a_truncated_or_altered_file_is_refused(release):
    whole = release.read_bytes()
    for broken in (whole[:-5], whole[:5], b"", whole[:-1] + bytes([whole[-1] ^ 1])):
        release.write_bytes(broken)
        with pytest.raises(CheckpointError, match="truncated or altered"):
            checkpoint.load_weights(release)
        release.with_suffix(".sha256").write_text(hashlib.sha256(broken).hexdigest())
        if len(broken) < len(whole):
            with pytest.raises(CheckpointError, match="truncated or altered"):
                checkpoint.load_weights(release)


def test_a_missing_file_or_checksum_is_refused(release):
    release.with_suffix(".sha256").unlink()
    with pytest.raises(CheckpointError, match="checksum"):
        checkpoint.load_weights(release)
    with pytest.raises(CheckpointError, match="nowhere"):
        checkpoint.load_weights(release.parent / "nowhere.safetensors")


@pytest.mark.parametrize("field", ["format_version", "feature_version", "kind"])
def test_a_file_of_another_version_or_kind_is_refused(release, field):
    blob = release.read_bytes()
    size = int.from_bytes(blob[:8], "little")
    header = json.loads(blob[8 : 8 + size])
    header["__metadata__"][field] = "999"
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    release.write_bytes(len(text).to_bytes(8, "little") + text + blob[8 + size :])
    release.with_suffix(".sha256").write_text(hashlib.sha256(release.read_bytes()).hexdigest())
    with pytest.raises(CheckpointError, match="999"):
        checkpoint.load_weights(release)
    assert 999 not in {e.version for e in ENCODINGS.values()}


def test_a_training_checkpoint_is_not_a_release(release):
    path = release.parent / "checkpoint.safetensors"
    path.with_suffix(".sha256").write_text(hashlib.sha256(path.read_bytes()).hexdigest())
    with pytest.raises(CheckpointError, match="training"):
        checkpoint.load_weights(path)


def test_reading_weights_imports_no_torch(release):
    code = (
        "import sys; from forescale.network import checkpoint, forward, heads;"
        f"checkpoint.load_weights({str(release)!r}); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def rewritten(path, change):
    """The release with its arrays and facts changed, under a checksum that fits."""
    arrays, facts = checkpoint.read(path, "weights")
    arrays = {name: value.copy() for name, value in arrays.items()}
    change(arrays, facts)
    checkpoint.write(path, arrays, "weights", facts)
    path.with_suffix(".sha256").write_text(hashlib.sha256(path.read_bytes()).hexdigest())
    return path


def _nan(name):
    return lambda arrays, facts: arrays[name].ravel().__setitem__(-1, np.nan)


def _setting(name, value):
    return lambda arrays, facts: facts["train"]["network"].__setitem__(name, value)


UNFIT = {
    "NaN in a weight": (_nan("blocks.1.mlp.up.weight"), "numbers in 'blocks.1.mlp.up.weight' that are not finite"),
    "infinity in a bias": (lambda a, f: a["head_out.up.bias"].__setitem__(0, np.inf), "not finite"),
    "an array missing": (lambda a, f: a.pop("target_in.up.bias"), "misses 'target_in.up.bias'"),
    "an array too many": (lambda a, f: a.__setitem__("zoo", np.ones(1, np.float32)), "no place for 'zoo'"),
    "another depth": (_setting("depth", 3), "misses 'blocks.2"),
    "another width": (_setting("width", 32), "of shape"),
    "another type": (lambda a, f: a.update({k: v.astype(np.float64) for k, v in a.items()}), "float64, not"),
    "a depth that is none": (_setting("depth", "deep"), "configuration of a network"),
    "no width": (_setting("width", 0), "of shape"),
    "heads that do not divide": (_setting("heads", 5), "a width that the heads divide"),
    "another head": (_setting("head", "bars"), "misses 'edges'"),
    "an unknown setting": (_setting("colour", "blue"), "got colour"),
    "no training": (lambda a, f: f["train"].update(steps=None), "configuration of a network"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_weights_that_do_not_fit_their_facts_are_refused(release, case):
    change, said = UNFIT[case]
    with pytest.raises(CheckpointError, match=said):
        checkpoint.load_weights(rewritten(release, change))


@pytest.mark.parametrize("facts", ["", "[]", "{}", '{"train": {}}', '{"train": {"network": 3}}', "not json"])
def test_a_header_without_a_configuration_is_refused(release, facts):
    blob = release.read_bytes()
    size = int.from_bytes(blob[:8], "little")
    header = json.loads(blob[8 : 8 + size])
    header["__metadata__"]["facts"] = facts
    text = json.dumps(header).encode()
    release.write_bytes(len(text).to_bytes(8, "little") + text + blob[8 + size :])
    release.with_suffix(".sha256").write_text(hashlib.sha256(release.read_bytes()).hexdigest())
    with pytest.raises(CheckpointError, match="configuration of a network"):
        checkpoint.load_weights(release)


def test_edges_of_bars_must_rise(tmp_path):
    release = write_release(tmp_path / "bars.safetensors", "linear")
    with pytest.raises(CheckpointError, match="edges of bars that do not rise"):
        checkpoint.load_weights(rewritten(release, lambda a, f: a["edges"].__setitem__(3, 9.0)))
