"""A process of its own for what takes longer than a blink: it can be stopped when the question changes."""

import asyncio
import multiprocessing
from collections.abc import Awaitable, Callable
from typing import Any

from ..errors import ForescaleError

POLL = 0.02
Work = Callable[..., Any]


class Stopped(Exception):
    """Nobody waits for the answer any more."""


class Worker:
    """Runs one piece of work at a time; started when it is first needed, replaced when its work is stopped."""

    def __init__(self) -> None:
        self._process: Any = None
        self._pipe: Any = None
        self._lock = asyncio.Lock()

    async def run(self, work: Work, *arguments: Any, stopped: Callable[[], Awaitable[bool]]) -> Any:
        """The result of `work(*arguments)`; what it raises is raised here.

        Raises:
            Stopped: `stopped()` said so while it ran.
        """
        async with self._lock:
            self._start()
            self._pipe.send((work, arguments))
            while not self._pipe.poll():
                if await stopped():
                    self.close()
                    raise Stopped
                if not self._process.is_alive():
                    self.close()
                    raise ForescaleError("expected an answer, got none: the worker ended. Ask again.")
                await asyncio.sleep(POLL)
            good, result = self._pipe.recv()
        if not good:
            raise result
        return result

    def close(self) -> None:
        """End the process, whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
        self._process = None

    def _start(self) -> None:
        if self._process is None or not self._process.is_alive():
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
            self._process.start()
            theirs.close()


def _serve(pipe: Any) -> None:
    from ..spelling import in_the_shell

    with in_the_shell():
        while True:
            try:
                work, arguments = pipe.recv()
            except (EOFError, KeyboardInterrupt):
                return
            try:
                pipe.send((True, work(*arguments)))
            except ForescaleError as error:
                pipe.send((False, ForescaleError(str(error))))
            except Exception as error:
                pipe.send((False, ForescaleError(f"expected an answer, got {type(error).__name__}: {error}.")))
