"""Logs of our own: small networks trained on a teacher's answers under three schedules, one reading a step.

Inputs have a power-law spectrum, so that the loss of a constant rate falls like a power of the steps for a while. The
readings are losses of single batches, as a training loop shows them.
"""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SCHEDULES = ("constant", "cosine", "wsd")
STEPS, BATCH, INPUTS, WIDTH = 3000, 32, 64, 96
WARM_UP, DECAY_FROM = 0.02, 0.8
"""Shares of the run: the rate rises until the first; `wsd` (warm up, stay, decay) falls linearly from the second on."""


def rate(schedule: str, share: float) -> float:
    """The learning rate at a share of the run, over its highest."""
    if share < WARM_UP:
        return share / WARM_UP
    if schedule == "cosine":
        return 0.5 * (1 + math.cos(math.pi * (share - WARM_UP) / (1 - WARM_UP)))
    if schedule == "wsd":
        return min(1.0, (1 - share) / (1 - DECAY_FROM))
    return 1.0


def logs(schedule: str, n_runs: int) -> Iterator[tuple[Floats, Floats]]:
    """(steps, losses) of each run."""
    for seed in range(n_runs):
        yield np.arange(1.0, STEPS + 1), one_run(schedule, seed)


def one_run(schedule: str, seed: int) -> Floats:
    """The loss of every step, (STEPS,): mean squared error over the teacher's variance, and a floor of noise."""
    import torch

    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(seed)
    spectrum = torch.arange(1, INPUTS + 1, dtype=torch.float32) ** -0.6
    teacher = _network(torch, 256, generator)
    student = _network(torch, WIDTH, generator)
    optimiser = torch.optim.Adam(student.parameters(), lr=1e-2)
    noise = 0.1 + 0.3 * float(torch.rand((), generator=generator))
    losses = np.empty(STEPS)
    for step in range(STEPS):
        x = torch.randn(BATCH, INPUTS, generator=generator) * spectrum
        with torch.no_grad():
            y = teacher(x) + noise * torch.randn(BATCH, 1, generator=generator)
        optimiser.param_groups[0]["lr"] = 1e-2 * rate(schedule, (step + 1) / STEPS)
        loss = ((student(x) - y) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses[step] = float(loss.detach())
    return losses


def _network(torch, width: int, generator):  # type: ignore[no-untyped-def]
    layers = torch.nn.Sequential(torch.nn.Linear(INPUTS, width), torch.nn.ReLU(), torch.nn.Linear(width, 1))
    with torch.no_grad():
        for layer in (layers[0], layers[2]):
            layer.weight.copy_(torch.randn(layer.weight.shape, generator=generator) * (2 / layer.in_features) ** 0.5)
            layer.bias.zero_()
    return layers
