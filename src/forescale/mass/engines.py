"""Who works on the buckets: processes of this machine, or a Dask cluster. Both take a bucket at once, never a group."""

import os
from collections.abc import Callable, Generator
from importlib import import_module
from typing import Any

from ..errors import CurveError, MissingExtraError
from . import pool

Engine = Callable[[Callable[[Any], Any], list[Any]], Generator[tuple[Any, Any, str | None], None, None]]
"""(work, tasks) -> (task, result, None) as they end, or (task, None, why)."""


def find_engine(name: str, n_workers: int | None = None, address: str | None = None) -> Engine:
    """The engine of that name.

    Args:
        n_workers: processes; as many as this process may use cores where left out.
        address: of a Dask scheduler that is running; a cluster on this machine where left out.

    Raises:
        CurveError: no such engine, or no worker at all.
        MissingExtraError: Dask is not installed.
    """
    n = n_workers if n_workers is not None else len(os.sched_getaffinity(0))
    if n < 1:
        raise CurveError(f"expected at least one worker, got {n}. Try 2.")
    if name == "processes":
        return lambda work, tasks: pool.each(work, tasks, n)
    if name == "dask":
        return lambda work, tasks: _dask(work, tasks, n, address)
    raise CurveError(
        f"expected an engine 'processes' or 'dask', got '{name}'. Spark and Ray: docs/guides/many-curves.md."
    )


def _dask(
    work: Callable[[Any], Any], tasks: list[Any], n_workers: int, address: str | None
) -> Generator[tuple[Any, Any, str | None], None, None]:
    """Every bucket a task of Dask, which gives those of a lost worker to another one."""
    try:
        distributed: Any = import_module("distributed")  # untyped
    except ImportError:
        raise MissingExtraError(
            "expected the extra [dask], got no module 'distributed'. Run: pip install 'forescale[dask]'."
        ) from None
    cluster = (
        None if address else distributed.LocalCluster(n_workers=n_workers, threads_per_worker=1, dashboard_address=None)
    )
    try:
        with distributed.Client(address or cluster) as client:
            futures = client.map(work, tasks, pure=False, retries=pool.ATTEMPTS - 1, batch_size=1_000)
            task_of = dict(zip(futures, tasks, strict=True))
            for future in distributed.as_completed(futures):
                if future.status == "finished":
                    yield task_of[future], future.result(), None
                else:
                    yield task_of[future], None, str(future.exception())
    finally:
        if cluster is not None:
            cluster.close()
