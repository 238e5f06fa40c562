"""JointModel: the contract of every joint model, and what is read from its answers alone.

predict    the loss of N parameters trained on D tokens
allocate   the best split of a budget
best       N* over many budgets, for pictures and plans
parts      what is irreducible, what more parameters buy, what more tokens buy
plan       which runs to do next
save       a small versioned file that a team shares; `load` is the way back
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from .base import Model, positive
from .parts import Parts, parts
from .plan import Plan, plan
from .store import load, save


class JointModel(Model):
    """What a method has learned from the runs of one recipe; made by `fit_joint`."""

    maker: ClassVar[Callable[..., JointModel]]
    """`fit_joint`, which stands above: `model.py` hands it down."""

    def parts(self, params: float, tokens: float) -> Parts:
        """The loss of a planned run in parts: irreducible, what more parameters and what more tokens would buy."""
        return parts(self, float(positive(params, "params")), float(positive(tokens, "tokens")))

    def plan(self, flops: float, budget: float, n: int = 6, *, seed: int = 0) -> Plan:
        """Which n runs of at most `budget` FLOPs in all to do next, to know N* and L* at `flops`."""
        return plan(self, float(positive(flops, "flops")), float(positive(budget, "budget")), n, seed)

    def save(self, path: str | Path) -> None:
        """A small versioned JSON file: the runs, the method and its options.

        Raises:
            CurveError: a model fitted together with other recipes, or a path that cannot be written.
        """
        save(self, Path(path))

    @staticmethod
    def load(path: str | Path) -> JointModel:
        """The model that `save` wrote.

        Raises:
            CheckpointError: unreadable, of another kind, or of a newer version.
        """
        made: JointModel = load(Path(path), JointModel.maker)
        return made
