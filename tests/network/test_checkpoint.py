"""Weight files: complete, checked, and refused in one sentence."""

import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest

from forescale.errors import CheckpointError
from forescale.network import checkpoint
from forescale.network.config import CONFIGS, TrainConfig
from forescale.network.encodings.registry import ENCODINGS


@pytest.fixture
def release(tmp_path):
    """A release made of a training checkpoint with two arrays."""
    arrays = {"network.a.weight": np.arange(6.0).reshape(2, 3), "muon.0.momentum": np.ones(2)}
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
    assert list(weights.arrays) == ["a.weight"]
    assert weights.arrays["a.weight"].dtype == np.float32
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
