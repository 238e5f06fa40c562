"""Processes that make batches ahead of time: worker i of K makes steps first + i, first + i + K, ... in order.

Each sends through a pipe of its own and is ended by a signal, so that nothing is shared that could be waited for when a
run ends. A pool of `multiprocessing` can be: its queue's lock may be held by a worker that waits for work.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from queue import Queue
from threading import Thread
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, cast

Made = TypeVar("Made")
AHEAD = 3
"""Batches that a worker makes before the first of them is taken."""


class Workers(Generic[Made]):
    """K processes, each a function of the step; a context manager that ends them."""

    def __init__(self, make: Callable[[int], Made], first: int, n: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.first, self.n = first, n
        self._pipes: list[Connection] = []
        self._processes = []
        for i in range(n):
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(make, first + i, n, theirs), daemon=True)
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)

    def take(self, step: int) -> Made:
        """The batch of a step; steps are taken in order.

        Raises:
            RuntimeError: the worker has died, with what it said.
        """
        i = (step - self.first) % self.n
        try:
            made = self._pipes[i].recv()
        except (EOFError, OSError):
            raise RuntimeError(
                f"expected a batch from worker {i}, got its end (exit code {self._processes[i].exitcode}). "
                "Its own message stands above; resume the run."
            ) from None
        if isinstance(made, BaseException):
            raise made
        return cast("Made", made)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.join(timeout=5)
        for pipe in self._pipes:
            pipe.close()


def _work(make: Callable[[int], Any], step: int, n: int, pipe: Connection) -> None:
    """Makes batches for ever while a thread hands them over; ends when the reader is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ready: Queue[Any] = Queue(AHEAD)
    Thread(target=_send, args=(ready, pipe), daemon=True).start()
    while True:
        try:
            made = make(step)
        except Exception as error:
            made = error
        ready.put(made)
        step += n


def _send(ready: Queue[Any], pipe: Connection) -> None:
    while True:
        try:
            pipe.send(ready.get())
        except OSError:
            os._exit(0)
