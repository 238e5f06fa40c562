"""What fixes a network and its training: two frozen records that survive a round trip through JSON.

The same seed and configuration give the same weights on one machine and thread count, so a configuration, stored
with the weights, is the full account of where they come from. This file knows no torch.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self

from ..errors import ConfigError
from .encodings.registry import ENCODINGS

SURFACES = "surfaces"
"""The encoding of tables of runs: a network of two kinds of question (`answers.py`)."""

HeadName = Literal["coupled", "mixture", "bars"]
Sizes = Literal["log-uniform", "prior"]


class _Record:
    """Gives a dataclass a strict road to plain dictionaries and back."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]
    """What makes a record a dataclass to a type checker."""

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Raises ConfigError for a key that is not a field."""
        known = {f.name for f in dataclasses.fields(cls)}
        if unknown := sorted(set(values) - known):
            raise ConfigError(
                f"expected the settings {', '.join(sorted(known))}, got {', '.join(unknown)} ({cls.__name__}). "
                "Remove what is unknown, or use the version of forescale that wrote it."
            )
        return cls(**values)


@dataclass(frozen=True)
class NetworkConfig(_Record):
    """The shape of a network and of the numbers it reads and writes."""

    width: int = 96
    """Length of a token inside the network."""
    depth: int = 4
    """Number of attention blocks."""
    heads: int = 4
    """Attention heads a block; divides `width`."""
    head: HeadName = "coupled"
    """What the outputs mean: the anchored mixture of logistics, coupled or one a kind, or the paper's bars."""
    scaling: str = "loglog"
    """How x and y become tokens, a name in `encodings.registry`: "loglog" (ours), "raw" (the paper's), "linear"."""
    per_anchor: int = 4
    """Mixture components that each anchor of the features carries (not for "bars")."""
    n_bins: int = 500
    """Number of bars (head "bars")."""
    dropout: float = 0.0
    """Share of what attention and the MLPs add that is dropped in training; never in an answer."""

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise ConfigError(
                f"expected a width that the heads divide, got width {self.width} and {self.heads} heads "
                "(NetworkConfig). Choose a multiple."
            )
        for name, known in (("head", ("coupled", "mixture", "bars")), ("scaling", (*ENCODINGS, SURFACES))):
            if getattr(self, name) not in known:
                raise ConfigError(
                    f"expected {name} {' or '.join(known)}, got {getattr(self, name)!r} (NetworkConfig). Choose one."
                )


@dataclass(frozen=True)
class TrainConfig(_Record):
    """One training run from the first draw to the last step."""

    network: NetworkConfig = field(default_factory=NetworkConfig)
    """The network to train."""
    prior: str = "ours"
    """Which prior draws the curves: "ours", "paper" or "lc-pfn"."""
    prior_options: dict[str, Any] = field(default_factory=dict)
    """Fields of that prior's own configuration that differ from its defaults."""
    steps: int = 14_000
    """Optimiser steps, one batch each."""
    sizes: Sizes = "log-uniform"
    """Who draws how many points a curve has: the four settings below, or the prior itself."""
    tokens_per_batch: int = 2_500
    """Context plus target points in a batch; fixes how many curves it holds."""
    min_curves: int = 16
    """Fewest curves in a batch, however long they are."""
    n_targets: int = 10
    """Target points a curve."""
    n_min: int = 3
    """Fewest context points of a curve."""
    n_max: int = 128
    """Most context points; the number is log-uniform and shared by a batch."""
    lr_muon: float = 0.01
    """Peak learning rate of the matrices inside the blocks."""
    lr_adamw: float = 1.5e-3
    """Peak learning rate of everything else."""
    warmup: float = 0.04
    """Share of the steps in which the rates rise linearly."""
    lr_floor: float = 0.002
    """Learning rate after the last step, as a share of the peak (cosine between)."""
    weight_decay: float = 0.01
    """Decoupled decay of matrices, per step and unit of learning rate."""
    clip: float = 1.0
    """Largest norm of the gradient."""
    run_weight: float = 1.0
    """Weight of the loss of `run`, one new reading."""
    curve_weight: float = 0.5
    """Weight of the loss of `curve`, the noise-free trend."""
    log_p_floor: float = -15.0
    """Log densities below this stop pulling, so that one outlier cannot wreck a step."""
    seed: int = 0
    """Seed of the weights and of every batch."""
    rank: int = 0
    """Which of several parallel processes this is; it enters the seed of a batch."""
    checkpoint_seconds: float = 180.0
    """Wall time between two checkpoints: the most that a kill can lose."""

    def __post_init__(self) -> None:
        if isinstance(self.network, Mapping):
            object.__setattr__(self, "network", NetworkConfig.from_dict(self.network))
        if self.sizes not in ("log-uniform", "prior") or (self.sizes == "prior" and self.prior == "ours"):
            raise ConfigError(
                f"expected sizes 'log-uniform', or 'prior' with the prior 'paper' or 'lc-pfn', got {self.sizes!r} with "
                f"{self.prior!r} (TrainConfig). Choose one."
            )
        if self.steps < 1 or not 1 <= self.n_min <= self.n_max:
            raise ConfigError(
                f"expected steps >= 1 and 1 <= n_min <= n_max, got steps {self.steps}, n {self.n_min} to {self.n_max} "
                "(TrainConfig). Correct the settings."
            )

    def with_overrides(self, **changes: Any) -> Self:
        """A copy in which every change that is not None holds; `prior_options` are merged, not replaced."""
        changes = {name: value for name, value in changes.items() if value is not None}
        if "prior_options" in changes:
            changes["prior_options"] = {**self.prior_options, **changes["prior_options"]}
        return type(self).from_dict({**{f.name: getattr(self, f.name) for f in dataclasses.fields(self)}, **changes})


_OF_TABLES = TrainConfig(
    network=NetworkConfig(scaling=SURFACES),
    prior="joint",
    steps=50_000,
    tokens_per_batch=2_600,
    n_targets=12,
    n_max=160,
)
CONFIGS: dict[str, TrainConfig] = {
    "tiny": TrainConfig(network=NetworkConfig(width=16, depth=2, heads=2), steps=300, tokens_per_batch=600, n_max=30),
    "base": TrainConfig(steps=16_686, tokens_per_batch=16_000, warmup=0.06),
    "base-continued": TrainConfig(
        steps=10_423, tokens_per_batch=4_000, warmup=0.03, lr_muon=1.5e-3, lr_adamw=2.5e-4, checkpoint_seconds=420.0
    ),
    "joint": _OF_TABLES,
    "joint-continued": _OF_TABLES.with_overrides(steps=3_000, warmup=0.05, lr_muon=3.5e-3, lr_adamw=5e-4),
    "nsl-pfn": TrainConfig(
        network=NetworkConfig(head="bars", scaling="raw", n_bins=1_000),
        prior="paper",
        prior_options={"context_regression": True},
        steps=42_000,
        sizes="prior",
        tokens_per_batch=8_000,
    ),
    "lc-pfn": TrainConfig(
        network=NetworkConfig(head="bars", scaling="raw", n_bins=1_000),
        prior="lc-pfn",
        steps=42_000,
        sizes="prior",
        tokens_per_batch=4_000,
    ),
}
"""By name: a toy, our releases for curves and for tables of runs, each with the second stage of its training (`--from`
the first), and the two networks that the paper compares, each trained on its own prior."""


def named_config(name: str, **overrides: Any) -> TrainConfig:
    """One of `CONFIGS` with changes; None leaves a setting as it is. Raises ConfigError for an unknown name."""
    if name not in CONFIGS:
        raise ConfigError(f"expected a configuration {', '.join(CONFIGS)}, got {name!r}. Choose one.")
    return CONFIGS[name].with_overrides(**overrides)
