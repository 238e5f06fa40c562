"""The mean of the weights at the ends of two stages of one training run: less noise than either, at no cost.

Averaging weights along a training run: P. Izmailov and others (2018), arXiv 1803.05407.
"""

import hashlib
from pathlib import Path

import numpy as np

from forescale.errors import CheckpointError
from forescale.network.checkpoint import Weights, load_weights, write


def mean_of(first: Weights, last: Weights) -> dict[str, np.ndarray]:
    """Each weight half of both.

    Raises:
        CheckpointError: `last` did not begin with `first`.
    """
    began = last.facts.get("began", {}).get("sha256")
    if began != first.sha256:
        raise CheckpointError(
            f"expected weights that began with {first.sha256[:12]}, got those that began with {str(began)[:12]} "
            f"({last.name}). Give the two stages in their order."
        )
    pairs = ((name, values.astype(np.float64), last.arrays[name]) for name, values in first.arrays.items())
    return {name: (0.5 * (a + b)).astype(np.float32) for name, a, b in pairs}


def validation(arrays: dict[str, np.ndarray], last: Weights) -> dict[str, float]:
    """Nats per ln y of `run` and `curve` on the fixed batches of the prior of the last stage."""
    import torch

    from forescale.network.config import TrainConfig
    from forescale.network.heads import NO_BINS
    from forescale.training.data import curve_stream
    from forescale.training.model import Network
    from forescale.training.train import validate

    config = TrainConfig.from_dict(last.facts["train"])
    network = Network(config.network)
    network.load_state_dict({name: torch.from_numpy(values) for name, values in arrays.items()})
    return validate(network, curve_stream(config, network.head, NO_BINS).validation())


def average(first: str, last: str, out: str) -> None:
    """Write the mean of the weights of two stages, of which the second began with the first.

    Args:
        first: weights of the stage before.
        last: weights of the stage that began with them.
        out: NAME.safetensors; NAME.sha256 is written beside it.
    """
    a, b, path = load_weights(first), load_weights(last), Path(out)
    arrays = mean_of(a, b)
    facts = {**b.facts, "validation": validation(arrays, b), "averaged": [a.sha256, b.sha256]}
    write(path, arrays, "weights", facts)
    path.with_suffix(".sha256").write_text(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n")
    print(f"{path}: run {facts['validation']['run']:.3f}, curve {facts['validation']['curve']:.3f} nats per ln y")
