"""What a training run asks of its machine: a folder of its own, threads, a device. Each refused in a sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import torch

from ..errors import CheckpointError, ConfigError
from ..spelling import option

LOCK = "lock"


@contextmanager
def hold(out: Path) -> Iterator[None]:
    """Nobody else trains in the folder meanwhile. The system lets go when the process ends, however it ends.

    Raises:
        CheckpointError: another process holds it.
    """
    out.mkdir(parents=True, exist_ok=True)
    with (out / LOCK).open("a+") as file:
        if not _locked(file):
            file.seek(0)
            raise CheckpointError(
                f"expected a folder that no other run trains in, got one that process {file.read().strip() or '?'} "
                f"holds ({out}). Wait for it, or choose another folder."
            )
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _locked(file: IO[str]) -> bool:
    """Whether the file could be locked for this process alone."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            file.seek(1 << 30)  # beyond what is written: the number of the process stays readable
            # a module of Windows alone
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def set_threads(threads: int) -> None:
    """Threads of the CPU for this process.

    Raises:
        ConfigError: fewer than one.
    """
    if threads < 1:
        raise ConfigError(f"expected at least 1 thread, got {threads} ({option('threads')}). One is often the fastest.")
    torch.set_num_threads(threads)


def check_seed(seed: int) -> None:
    """Refuses what torch or NumPy take for no seed, together with a step.

    Raises:
        ConfigError: negative, or of more than 31 bits.
    """
    if not 0 <= seed < 2**31:
        raise ConfigError(f"expected a {option('seed')} from 0 to 2^31 - 1, got {seed}. Try {option('seed', 0)}.")


def device_of(asked: str | None) -> str:
    """The device that was asked for, or a GPU if there is one.

    Raises:
        ConfigError: no device of that name here.
    """
    device = asked or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        have = "cpu and cuda" if torch.cuda.is_available() else "cpu"
        raise ConfigError(f"expected a device of this machine ({have}), got '{device}'. Choose one.") from None
    return device
