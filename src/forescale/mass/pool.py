"""Workers that may die: a process that is killed is replaced, and costs the one task that it had in hand."""

from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

ATTEMPTS = 3
"""Times that a task is tried before it is given up."""


def each(
    work: Callable[[Any], Any], tasks: Sequence[Any], n_workers: int
) -> Generator[tuple[Any, Any, str | None], None, None]:
    """(task, result, None) as tasks end, or (task, None, why) once one has failed `ATTEMPTS` times.

    Args:
        work: a function of a module, run in fresh processes ("spawn").
        tasks: what it is called with, each hashable.
    """
    waiting = deque(tasks)
    tried: dict[Any, int] = {}
    workers = [_Worker(work) for _ in range(min(n_workers, len(tasks)))]
    try:
        while waiting or any(w.task is not None for w in workers):
            for worker in workers:
                if worker.task is None and waiting:
                    worker.give(waiting.popleft())
            ready = wait([w.pipe for w in workers if w.task is not None])
            for i, worker in enumerate(workers):
                if worker.pipe not in ready:
                    continue
                task, result, why, alive = worker.take()
                if not alive:
                    workers[i] = _Worker(work)
                if why is None:
                    yield task, result, None
                    continue
                tried[task] = tried.get(task, 0) + 1
                if tried[task] < ATTEMPTS:
                    waiting.append(task)
                else:
                    yield task, None, why
    finally:
        for worker in workers:
            worker.end()


class _Worker:
    """One process and the task that it has in hand."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=_serve, args=(theirs, work), daemon=True)
        self.process.start()
        theirs.close()
        self.task: Any = None

    def give(self, task: Any) -> None:
        self.task = task
        with suppress(OSError):  # it has died: `take` finds out
            self.pipe.send(task)

    def take(self) -> tuple[Any, Any, str | None, bool]:
        """The task, its result or why there is none, and whether the worker lives."""
        task, self.task = self.task, None
        try:
            result, why = self.pipe.recv()
            return task, result, why, True
        except (EOFError, OSError):
            self.process.join(5)
            return task, None, f"the worker ended with code {self.process.exitcode}", False

    def end(self) -> None:
        self.pipe.close()
        if self.task is not None or self.process.is_alive():
            self.process.terminate()
        self.process.join(5)


def _serve(pipe: Connection, work: Callable[[Any], Any]) -> None:
    """Tasks in, results out, until the other end closes."""
    import signal

    from ..numerics import one_thread

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears Ctrl-C and ends its workers
    with one_thread():
        while True:
            try:
                task = pipe.recv()
            except EOFError:
                return
            try:
                pipe.send((work(task), None))
            except Exception as error:
                pipe.send((None, f"{type(error).__name__}: {error}"))
