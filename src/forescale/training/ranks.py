"""Several processes train one network: `torchrun --nproc-per-node 2 -m forescale train ...`.

Every rank draws its own batches (the rank is part of their key) and holds the whole network. Once a step all ranks add
up one flat vector: their gradients, their curves, and whether one of them wants to stop. So the mean gradient is
clipped and applied by all alike, and all stop at the same step. Rank 0 writes; the others wait for it at the end.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, distributed

from ..errors import FitError
from ..spelling import option


@dataclass(frozen=True)
class Ranks:
    """Which of how many processes this one is; alone it is rank 0 of 1."""

    rank: int = 0
    size: int = 1

    @property
    def writes(self) -> bool:
        return self.rank == 0

    def add_up(self, gradients: list[Tensor], n_curves: int, stop: bool) -> tuple[int, bool]:
        """Puts the mean over ranks into the gradients; curves of all ranks, and whether any of them stops.

        Raises:
            FitError: another rank has ended.
        """
        if self.size == 1:
            return n_curves, stop
        told = torch.tensor([float(n_curves), float(stop)], device=gradients[0].device)
        flat = torch.cat([*(g.flatten() for g in gradients), told])
        try:
            distributed.all_reduce(flat)
        except RuntimeError as error:
            raise FitError(
                f"expected gradients of all {self.size} processes, got '{str(error).splitlines()[0]}' in process "
                f"{self.rank}. One has ended; {option('resume', True)} goes on from the last checkpoint."
            ) from None
        mean = torch.split(flat[:-2] / self.size, [g.numel() for g in gradients])
        torch._foreach_copy_(gradients, [part.view_as(g) for part, g in zip(mean, gradients, strict=True)])
        curves, stops = flat[-2:].tolist()
        return round(curves), stops > 0


@contextmanager
def ranks(device: str) -> Iterator[Ranks]:
    """The processes that torchrun started beside this one, or this one alone.

    All leave together: a group that is destroyed while another rank still writes ends that one too.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield Ranks()
        return
    if device == "cuda":
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    distributed.init_process_group("nccl" if device == "cuda" else "gloo")
    try:
        yield Ranks(distributed.get_rank(), size)
        distributed.barrier()
    finally:
        distributed.destroy_process_group()
