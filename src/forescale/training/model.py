"""The transformer: every token, seen or asked, attends to the context only.

Nothing marks a position and a target is nobody's key, so the order of the context cannot matter and an answer cannot
depend on the other questions. A batch shares one number of context points, hence no masks.
`forward.py` repeats this file in NumPy; a test holds the two together.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..network.config import NetworkConfig
from ..network.encodings.registry import ENCODINGS
from ..network.heads import Head, make_head


class Mlp(nn.Module):
    """Two linear maps with a ReLU between; ReLU because a GELU costs three times the time on a CPU."""

    def __init__(self, n_in: int, n_hidden: int, n_out: int) -> None:
        super().__init__()
        self.up = nn.Linear(n_in, n_hidden)
        self.down = nn.Linear(n_hidden, n_out)

    def forward(self, z: Tensor) -> Tensor:
        return cast("Tensor", self.down(F.relu(self.up(z))))


class Block(nn.Module):
    """Pre-norm attention to the context, then an MLP; both start as the identity (zero output maps)."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)
        self.mlp = Mlp(width, 2 * width, width)
        for layer in (self.out, self.mlp.down):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, tokens_BND: Tensor, n_context: int, n_skip: int = 0) -> Tensor:
        """Maps (B, N, D) to (B, N - n_skip, D): the first `n_skip` tokens are read but not carried on."""
        normed = F.layer_norm(tokens_BND, tokens_BND.shape[-1:])
        context = normed[:, :n_context]
        query = self._split(self.query(normed[:, n_skip:]))
        key, value = self._split(self.key(context)), self._split(self.value(context))
        mixed = F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
        carried = tokens_BND[:, n_skip:] + self._dropped(self.out(mixed))
        return carried + self._dropped(self.mlp(F.layer_norm(carried, carried.shape[-1:])))

    def _dropped(self, z_BND: Tensor) -> Tensor:
        return F.dropout(z_BND, self.dropout, self.training) if self.dropout else z_BND

    def _split(self, z_BND: Tensor) -> Tensor:
        return z_BND.reshape(*z_BND.shape[:2], self.heads, -1).transpose(1, 2)


class Network(nn.Module):
    """From tokens to the raw outputs of the head, for `run` and `curve`.

    With bars, the buffers `edges` and `tail_scale` hold their places, so that they travel with the weights.
    """

    edges: Tensor
    tail_scale: Tensor

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        encoding = ENCODINGS[config.scaling]
        self.head: Head = make_head(config, len(encoding.anchors))
        width = config.width
        self.context_in = Mlp(len(encoding.context), 2 * width, width)
        self.target_in = Mlp(len(encoding.target), 2 * width, width)
        self.blocks = nn.ModuleList(Block(width, config.heads, config.dropout) for _ in range(config.depth))
        self.head_out = Mlp(width, 2 * width, self.head.n_outputs)
        if self.head.n_edges:
            self.register_buffer("edges", torch.zeros(self.head.n_edges))
            self.register_buffer("tail_scale", torch.ones(1))
        nn.init.normal_(self.head_out.down.weight, std=0.02)
        with torch.no_grad():
            self.head_out.down.bias.copy_(torch.as_tensor(self.head.initial_bias()))

    def forward(self, context_BMF: Tensor, target_BTF: Tensor) -> Tensor:
        """Maps context (B, M, Fc) and targets (B, T, Ft) to raw outputs (B, T, O), for `run` and for `curve`."""
        n_context = context_BMF.shape[1]
        tokens_BND = torch.cat([self.context_in(context_BMF), self.target_in(target_BTF)], dim=1)
        last = len(self.blocks) - 1
        for i, block in enumerate(self.blocks):
            tokens_BND = block(tokens_BND, n_context, n_skip=n_context if i == last else 0)
        raw_BTO: Tensor = self.head_out(F.layer_norm(tokens_BND, tokens_BND.shape[-1:]))
        return raw_BTO
