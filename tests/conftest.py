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
from forescale.network.encodings.registry import ENCODINGS  # noqa: E402
from forescale.network.heads import make_head  # noqa: E402

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
    encoding = ENCODINGS[config.scaling]
    head, w = make_head(config, len(encoding.anchors)), config.width
    maps = {
        "context_in": (len(encoding.context), 2 * w, w),
        "target_in": (len(encoding.target), 2 * w, w),
        "head_out": (w, 2 * w, head.n_outputs),
    }
    maps |= {f"blocks.{i}.mlp": (w, 2 * w, w) for i in range(config.depth)}
    linear = {f"{name}.up": shape[:2] for name, shape in maps.items()}
    linear |= {f"{name}.down": shape[1:] for name, shape in maps.items()}
    linear |= {f"blocks.{i}.{part}": (w, w) for i in range(config.depth) for part in ("query", "key", "value", "out")}
    arrays = {}
    for name, (n_in, n_out) in linear.items():
        arrays[f"{name}.weight"] = (rng.normal(size=(n_out, n_in)) / np.sqrt(n_in)).astype(np.float32)
        arrays[f"{name}.bias"] = (0.3 * rng.normal(size=n_out)).astype(np.float32)
    if head.n_edges:
        arrays["edges"] = np.concatenate([[0.0], np.sort(rng.uniform(0.05, 1.5, head.n_edges - 1))]).astype(np.float32)
        arrays["tail_scale"] = np.array([0.4], np.float32)
    return arrays
