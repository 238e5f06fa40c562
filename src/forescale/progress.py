"""How far a long answer has come: one line on standard error, on a terminal only, once it has taken a second.

`counted(items, n, "method")` counts where the work is; `shown("recipes")` shows it where somebody looks, the shell.
"""

import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
PATIENCE, EVERY = 1.0, 0.2
"""Seconds before anything is shown, and between two looks."""
_counts: list[tuple[int, int, str]] = []
"""Loops that run while somebody looks, the outermost first: done, of how many, of what."""
_watched = threading.Event()


def counted(items: Iterable[T], n: int, noun: str) -> Iterator[T]:
    """The items, counted while they are worked on (by one thread: the shell's)."""
    if not _watched.is_set():
        yield from items
        return
    depth = len(_counts)
    _counts.append((0, n, noun))
    try:
        for i, item in enumerate(items):
            _counts[depth] = (i, n, noun)
            yield item
    finally:
        del _counts[depth:]


@contextmanager
def shown(name: str) -> Iterator[None]:
    """While this holds, a terminal sees how far it is; nothing else does."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    finished = threading.Event()
    thread = threading.Thread(target=_show, args=(name, finished), daemon=True)
    thread.start()
    _watched.set()
    try:
        yield
    finally:
        _watched.clear()
        finished.set()
        thread.join()


def line(name: str, seconds: float) -> str:
    """`backtest: method 3 of 13, 12 s`."""
    counts = ", ".join(f"{noun} {done + 1} of {n}" for done, n, noun in list(_counts) if n > 1)
    return f"{name}: {f'{counts}, ' if counts else ''}{seconds:.0f} s"


def _show(name: str, finished: threading.Event) -> None:
    start, width = time.monotonic(), 0
    if finished.wait(PATIENCE):
        return
    while not finished.wait(EVERY):
        told = line(name, time.monotonic() - start)[:79]
        sys.stderr.write("\r" + told.ljust(width))
        sys.stderr.flush()
        width = len(told)
    sys.stderr.write("\r" + " " * width + "\r")
    sys.stderr.flush()
