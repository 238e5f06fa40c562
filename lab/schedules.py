"""Logs of our own under schedules: small networks trained on a teacher's answers, and SGD whose loss is known exactly.

Inputs have a power-law spectrum, so that the loss of a constant rate falls like a power of the steps for a while. The
readings of networks are losses of single batches, as a training loop shows them.

SGD on a quadratic with Hessian eigenvalues l_i: the mean square v_i of mode i follows, exactly,
v_i <- (1 - r_t l_i)^2 v_i + r_t^2 s l_i, with the rate r_t and gradient noise s; the loss is floor + sum of l_i v_i.
"""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SCHEDULES = ("constant", "cosine", "wsd")
EXACT = (*SCHEDULES, "linear")
STEPS, BATCH, INPUTS, WIDTH = 3000, 32, 64, 96
WARM_UP, DECAY_FROM = 0.02, 0.8
"""Shares of the run: the rate rises until the first; `wsd` (warm up, stay, decay) falls linearly from the second on."""


def rate(schedule: str, share: float) -> float:
    """The learning rate at a share of the run, over its highest."""
    if share < WARM_UP:
        return share / WARM_UP
    if schedule == "linear":
        return (1 - share) / (1 - WARM_UP)
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


def exact_logs(schedule: str, n_runs: int) -> Iterator[tuple[Floats, Floats]]:
    """(steps, losses) of SGD on random quadratics, every fifth of 1,500 steps, read with small errors."""
    rng = np.random.default_rng([EXACT.index(schedule), 7])
    steps, modes = np.arange(1, 1501), np.arange(1, 401.0)
    shape = n_runs, 1
    eigenvalues = modes ** -rng.uniform(1.0, 2.0, shape)
    energy = modes ** -rng.uniform(1.1, 1.8, shape)
    v = energy / energy.sum(axis=1, keepdims=True) / eigenvalues
    peak, noise = 10 ** rng.uniform(-1, 0, shape), 10 ** rng.uniform(-2.5, -0.5, shape)
    floor, lowest = 10 ** rng.uniform(-1, 0.5, shape), rng.choice([0.0, 0.1], shape)
    losses = np.empty((n_runs, len(steps)))
    for i, step in enumerate(steps):
        r = peak * np.maximum(rate(schedule, step / len(steps)), lowest)
        v = (1 - r * eigenvalues) ** 2 * v + r**2 * noise * eigenvalues
        losses[:, i] = floor[:, 0] + (eigenvalues * v).sum(axis=1)
    errors = 10 ** rng.uniform(-3, -1.7, shape) * rng.normal(size=losses.shape)
    for row in losses * np.exp(errors):
        yield steps[4::5].astype(float), row[4::5]


def _network(torch, width: int, generator):  # type: ignore[no-untyped-def]
    layers = torch.nn.Sequential(torch.nn.Linear(INPUTS, width), torch.nn.ReLU(), torch.nn.Linear(width, 1))
    with torch.no_grad():
        for layer in (layers[0], layers[2]):
            layer.weight.copy_(torch.randn(layer.weight.shape, generator=generator) * (2 / layer.in_features) ** 0.5)
            layer.bias.zero_()
    return layers
