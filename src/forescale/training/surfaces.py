"""Training the network of surfaces: its torch half, its batches and its losses. The loop is `train.py`'s.

A batch holds tables with the same number of runs; each asks losses at (N, D) and optima at budgets.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ..network import answers
from ..network.config import NetworkConfig, TrainConfig
from ..network.encodings import surfaces
from ..prior.surfaces import SurfaceConfig, SurfacePrior, Tables
from .model import Block, Mlp

N_BUDGETS = 4
WEIGHTS = {"run": 1.0, "curve": 0.5, "best_u": 0.4, "best_loss": 0.25, "slope": 0.25}
"""Of the losses of the answers, which differ in how much a table can tell of them."""


class SurfaceNetwork(nn.Module):
    """The product's blocks between three ways in (runs, losses asked, optima asked) and two ways out."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        width = config.width
        self.row_in = Mlp(surfaces.N_COLUMNS["row"], 2 * width, width)
        for kind in answers.KINDS:
            n = len(kind.answers)
            out = Mlp(width, 2 * width, n * answers.N_OUTPUTS)
            nn.init.normal_(out.down.weight, std=0.02)
            with torch.no_grad():
                out.down.bias.copy_(torch.as_tensor(answers.initial_bias(n)))
            self.add_module(kind.way_in, Mlp(kind.n_columns, 2 * width, width))
            self.add_module(kind.way_out, out)
        self.blocks = nn.ModuleList(Block(width, config.heads, config.dropout) for _ in range(config.depth))

    def forward(self, rows_BMF: Tensor, *questions: Tensor) -> dict[str, Tensor]:
        """Raw outputs (B, K, N_OUTPUTS) of each answer; `questions` in the order of KINDS."""
        n = rows_BMF.shape[1]
        parts = [self.row_in(rows_BMF)]
        parts += [getattr(self, kind.way_in)(asked) for kind, asked in zip(answers.KINDS, questions, strict=True)]
        tokens = torch.cat(parts, dim=1)
        for i, block in enumerate(self.blocks):
            tokens = block(tokens, n, n_skip=n if i == len(self.blocks) - 1 else 0)
        tokens = F.layer_norm(tokens, tokens.shape[-1:])
        out: dict[str, Tensor] = {}
        for kind, mine in zip(answers.KINDS, torch.split(tokens, [q.shape[1] for q in questions], dim=1), strict=True):
            raw = getattr(self, kind.way_out)(mine)
            out |= dict(zip(kind.answers, torch.split(raw, answers.N_OUTPUTS, dim=-1), strict=True))
        return out


@dataclass(frozen=True)
class SurfaceBatch:
    """What one optimiser step reads: tokens, distances of the outcomes from their anchors, and which optima exist."""

    tokens: tuple[NDArray[np.float32], ...]
    outcomes: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]
    exists: NDArray[np.float32]
    log_jacobian: tuple[float, ...]
    """Mean of ln |dr / d outcome| of each answer: takes a loss in r to nats per ln L (ln N*, slope)."""

    @property
    def n_curves(self) -> int:
        return len(self.exists)


def prior_of(config: TrainConfig) -> SurfacePrior:
    """The prior of tables that a configuration names, with its options."""
    return SurfacePrior(SurfaceConfig.from_dict({"name": config.prior, **config.prior_options}))


def draw_batch(config: TrainConfig, prior: SurfacePrior, key: list[int]) -> SurfaceBatch:
    """One batch: n is log-uniform and shared, the number of tables follows from the token budget."""
    rng = np.random.default_rng(key)
    low, high = np.log(config.n_min), np.log(config.n_max + 1)
    n_runs = min(int(np.exp(rng.uniform(low, high))), config.n_max)
    n_tables = max(config.min_curves, config.tokens_per_batch // (n_runs + config.n_targets + N_BUDGETS))
    return encode_batch(prior.sample(rng, n_tables, n_runs, config.n_targets, N_BUDGETS))


def encode_batch(tables: Tables) -> SurfaceBatch:
    """Tokens and outcomes of tables."""
    t = tables
    tokens = surfaces.encode(t.u_BM, t.v_BM, t.y_BM, t.u_BT, t.v_BT, t.c_BO)
    shift, scale = tokens.shift_B1, tokens.scale_B1
    r = {
        "run": (t.run_BT - shift) / scale, "curve": (t.curve_BT - shift) / scale,
        "best_u": t.best_u_BO - tokens.mean_u_B1, "best_loss": (t.best_y_BO - shift) / scale, "slope": t.slope_BO,
    }  # fmt: skip
    outcomes = {}
    for answer, values in r.items():
        distance, log_scale = answers.outcome(tokens.anchors[answers.ANCHORS_OF[answer]], values)
        outcomes[answer] = np.clip(distance, -1e9, 1e9).astype(np.float32), log_scale.astype(np.float32)
    per_loss = -float(np.mean(np.log(scale)))
    jacobian = {"run": per_loss, "curve": per_loss, "best_loss": per_loss}
    return SurfaceBatch(
        (tokens.context_BMF, tokens.loss_BTF, tokens.optimum_BOF), outcomes, t.inside_BO.astype(np.float32),
        tuple(jacobian.get(name, 0.0) for name in answers.ANSWERS),
    )  # fmt: skip


def losses(network: nn.Module, batch: SurfaceBatch, floor: float = -math.inf) -> Tensor:
    """Mean -ln p of each answer, in the order of ANSWERS; an optimum counts where there is one."""
    device = next(network.parameters()).device

    def on(array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(device, non_blocking=True)

    raw = network(*(on(tokens) for tokens in batch.tokens))
    exists = on(batch.exists)
    share = exists / exists.sum().clamp(min=1.0)
    found = []
    for answer in answers.ANSWERS:
        distance, log_scale = (on(part) for part in batch.outcomes[answer])
        surprise = -answers.log_density(torch, raw[answer], distance, log_scale).clamp(min=-1e4)
        surprise = surprise.clamp(min=floor)
        found.append(surprise.mean() if answer in ("run", "curve") else (surprise * share).sum())
    return torch.stack(found)
