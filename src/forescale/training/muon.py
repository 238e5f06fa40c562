"""The optimiser: Muon for the matrices inside the blocks, AdamW for the rest, one learning-rate schedule for both.

torch.optim.Muon (2.9 and later) is not used: its Newton-Schulz runs in bfloat16, which some CPUs refuse as an illegal
instruction, and one matrix at a time. Here it runs in float32 over all matrices of one shape at once.

Source: K. Jordan and others, "Muon: an optimizer for hidden layers in neural networks" (2024), kellerjordan.github.io.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from ..network.config import TrainConfig

_QUINTIC = (3.4445, -4.7750, 2.0315)
"""Coefficients a, b, c of the map s -> a s + b s^3 + c s^5 on singular values, steepest at zero (source above)."""


def orthogonalise(matrix_SRC: Tensor, n_steps: int = 5) -> Tensor:
    """Pushes the singular values of each (R, C) matrix of a stack into about 0.5 to 1.3, by Newton-Schulz."""
    a, b, c = _QUINTIC
    tall = matrix_SRC.shape[1] > matrix_SRC.shape[2]
    x = matrix_SRC.mT if tall else matrix_SRC
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    for _ in range(n_steps):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Momentum (Nesterov), orthogonalised; an update of unit spectral size times sqrt(max(1, rows / columns))."""

    def __init__(
        self, params: Iterable[Tensor], lr: float, *, momentum: float = 0.95, weight_decay: float = 0.01
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    # an optimiser of torch takes a closure; ours never asks for one
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            stacks: dict[torch.Size, list[Tensor]] = defaultdict(list)
            for p in group["params"]:
                stacks[p.shape].append(p)
            for shape, params in stacks.items():
                update = orthogonalise(torch.stack(self._nesterov(params, group["momentum"])))
                size = group["lr"] * math.sqrt(max(1.0, shape[0] / shape[1]))
                torch._foreach_mul_(params, 1 - group["lr"] * group["weight_decay"])
                torch._foreach_add_(params, list(update.unbind()), alpha=-size)

    def _nesterov(self, params: list[Tensor], momentum: float) -> list[Tensor]:
        """Gradients looked at from one step ahead; all of a shape at once, which is what costs a GPU."""
        grads = [p.grad for p in params if p.grad is not None]
        assert len(grads) == len(params)
        buffers = [self.state[p].setdefault("momentum", torch.zeros_like(p)) for p in params]
        torch._foreach_lerp_(buffers, grads, 1 - momentum)
        return list(torch._foreach_lerp(grads, buffers, momentum))


def make_optimisers(network: nn.Module, config: TrainConfig) -> dict[str, torch.optim.Optimizer]:
    """Muon for block matrices; AdamW for embeddings, heads (decayed) and biases (not decayed)."""
    named = list(network.named_parameters())
    block = [p for name, p in named if name.startswith("blocks.") and p.ndim == 2]
    matrices = [p for name, p in named if not name.startswith("blocks.") and p.ndim == 2]
    biases = [p for _, p in named if p.ndim < 2]
    groups = [
        {"params": matrices, "weight_decay": config.weight_decay},
        {"params": biases, "weight_decay": 0.0},
    ]
    return {
        "muon": Muon(block, config.lr_muon, weight_decay=config.weight_decay),
        "adamw": torch.optim.AdamW(groups, lr=config.lr_adamw, betas=(0.9, 0.98), fused=True),
    }


def schedule(config: TrainConfig, step: int) -> float:
    """Share of the peak learning rate at a step (from 0): a linear rise, then half a cosine down to `lr_floor`."""
    n_warmup = max(1, round(config.warmup * config.steps))
    if step < n_warmup:
        return (step + 1) / n_warmup
    phase = (step - n_warmup) / max(1, config.steps - n_warmup)
    return config.lr_floor + (1 - config.lr_floor) * 0.5 * (1 + math.cos(math.pi * phase))
