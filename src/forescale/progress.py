"""How far a long answer has come: one line on standard error, on a terminal only, once it has taken a second.

`counted(items, n, "method")` counts where the work is, and `tell` adds what it has come to; `shown("recipes")` shows it
where somebody looks, the shell.
"""

import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TypeVar

T = TypeVar("T")
PATIENCE, EVERY = 1.0, 0.2
"""Seconds before anything is shown, and between two looks."""
_counts: list[tuple[int, int, str]] = []
"""Loops that run while somebody looks, the outermost first: done, of how many, of what."""
_told: list[str] = []
"""What they have come to."""
_watched = threading.Event()
_logged: list[str] = []
"""The name under which the outermost of them writes a line at every tenth, where nobody looks."""


def counted(items: Iterable[T], n: int, noun: str) -> Iterator[T]:
    """The items, counted while they are worked on (by one thread: the shell's)."""
    if not _watched.is_set():
        yield from items
        return
    depth, start = len(_counts), time.monotonic()
    _counts.append((0, n, noun))
    try:
        for i, item in enumerate(items):
            _counts[depth] = (i, n, noun)
            if depth == 0 and _logged and i * 10 // n > (i - 1) * 10 // n and i:
                print(line(_logged[0], time.monotonic() - start), file=sys.stderr, flush=True)
            yield item
    finally:
        del _counts[depth:]
        if not depth:
            _told.clear()


def tell(text: str) -> None:
    """What the loop that is counted has come to, such as a rate."""
    _told[:] = [text]


@contextmanager
def shown(name: str, *, logged: bool = False) -> Iterator[None]:
    """While this holds, a terminal sees how far it is; nothing else does, but for a line at every tenth if `logged`."""
    if sys.stderr is None or not sys.stderr.isatty():
        with _in_tenths(name) if logged and sys.stderr is not None else nullcontext():
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


@contextmanager
def _in_tenths(name: str) -> Iterator[None]:
    _logged.append(name)
    _watched.set()
    try:
        yield
    finally:
        _watched.clear()
        _logged.clear()


def line(name: str, seconds: float) -> str:
    """`backtest: method 3 of 13, 12 s`."""
    counts = [f"{noun} {done + 1} of {n}" for done, n, noun in list(_counts) if n > 1]
    return f"{name}: {', '.join([*counts, *_told, f'{seconds:.0f} s'])}"


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
