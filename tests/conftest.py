"""Fixtures that many tests share: a generator, a curve, and released weights that nobody trained.

While tests run, the shapes and types written in the signatures of CHECKED rooms hold (jaxtyping, beartype).
"""

from pathlib import Path

import numpy as np
import pytest
from jaxtyping import install_import_hook

CHECKED = ("forescale.network.encodings.base",)
install_import_hook(CHECKED, "beartype.beartype")

from forescale import Curve, Forecaster  # noqa: E402
from forescale.network import checkpoint  # noqa: E402
from forescale.network.config import CONFIGS, NetworkConfig, TrainConfig  # noqa: E402
from forescale.network.shapes import expected_shapes  # noqa: E402

SHAPES = {
    "loglog": NetworkConfig(width=16, depth=2, heads=2),
    "linear": NetworkConfig(width=16, depth=2, heads=2, head="bars", scaling="linear", n_bins=40),
}
"""A network for each scaling with its head: ours and the paper's."""


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20250601)


@pytest.fixture
def curve(rng) -> Curve:
    """Twelve noisy readings of a power law with a floor."""
    x = np.geomspace(1e6, 1e9, 12)
    return Curve(x, (0.5 + 60 * x**-0.25) * np.exp(0.01 * rng.normal(size=12)), x_name="tokens", y_name="loss")


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory) -> Path:
    """A release in our configuration with seeded random weights: `tiny.safetensors` and its checksum."""
    return write_release(tmp_path_factory.mktemp("weights") / "tiny.safetensors", "loglog")


@pytest.fixture(scope="session", params=list(SHAPES))
def untrained(request, tmp_path_factory) -> Forecaster:
    """A forecaster with random weights, in both configurations: what it promises must hold untrained."""
    path = write_release(tmp_path_factory.mktemp("weights") / "untrained.safetensors", request.param)
    return Forecaster.load(path)


def write_release(path: Path, scaling: str, seed: int = 0) -> Path:
    """Weights drawn at random, in the format of a release; needs no torch."""
    config = TrainConfig(network=SHAPES[scaling], prior=CONFIGS["tiny"].prior)
    arrays = {f"network.{k}": v for k, v in random_arrays(config.network, np.random.default_rng(seed)).items()}
    training = path.with_name("checkpoint.safetensors")
    checkpoint.write(training, arrays, "training", {"train": config.to_dict(), "steps": 0, "curves": 0, "seconds": 0.0})
    checkpoint.export(training, path)
    return path


def random_arrays(config: NetworkConfig, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Every array of a network of that shape, at a size that lets all parts speak."""
    arrays = {}
    for name, shape in expected_shapes(config).items():
        if name.endswith(".weight"):
            arrays[name] = (rng.normal(size=shape) / np.sqrt(shape[1])).astype(np.float32)
        elif name.endswith(".bias"):
            arrays[name] = (0.3 * rng.normal(size=shape)).astype(np.float32)
        elif name == "edges":
            arrays[name] = np.concatenate([[0.0], np.sort(rng.uniform(0.05, 1.5, shape[0] - 1))]).astype(np.float32)
        else:
            arrays[name] = np.array([0.4], np.float32)
    return arrays
