"""Run methods x suites x cuts, in parallel, resumable: what is stored already is not computed again."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from .methods import chosen, key_of, names, title
from .solve import problems, solve
from .store import RESULTS, Job, Key, append_row, finish, read_rows
from .suites.folder import data_folder
from .suites.papers import CUTS, SUITES

Task = tuple[Job, list[str]]


def run(
    methods: str = "",
    suites: str = ",".join(SUITES),
    cuts: str = ",".join(f"{100 * cut:.0f}" for cut in CUTS),
    limit: int = 0,
    jobs: int = 2,
    weights: str = "",
    name: str = "",
    data: str = "",
    results: str = str(RESULTS),
    retry: bool = False,
    redo: bool = False,
) -> None:
    """Ask methods about the papers' suites and store every row; goes on from what is stored.

    Args:
        methods: comma-separated; all but mcmc-* where none are named.
        suites: comma-separated.
        cuts: in % of the context: 100,40.
        limit: only the first curves of each suite; 0 for all.
        jobs: processes, of one thread each.
        weights: ask this .safetensors file instead of methods.
        name: what to call it.
        data: folder of the CSV files.
        results: where rows are stored.
        retry: ask failed curves again.
        redo: forget what is stored for this selection.
    """
    if wrong := [s for s in names(suites) if s not in SUITES]:
        raise SystemExit(f"expected suites among {', '.join(SUITES)}, got {', '.join(wrong)}. Check --suites.")
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"  # one thread a process, or the workers fight over the cores
    folder, root, say = str(data_folder(data)), Path(results), Console(stderr=True)
    asked = [name or title("", weights)] if weights else chosen(methods)
    shares = [float(cut) / 100 for cut in names(cuts)]
    every = [Job(method, suite, cut, weights) for method in asked for cut in shares for suite in names(suites)]
    keys = {method: key_of(method, weights) for method in asked}
    orders = {job: list(problems(job.suite, job.cut, folder))[: limit or None] for job in every}
    tasks = plan(every, keys, orders, root, redo=redo, retry=retry)
    say.print(f"{len(every)} files asked, {sum(len(which) for _, which in tasks)} curves to do, into {root}")
    if failures := execute(tasks, keys, orders, folder, root, jobs, say):
        say.print(f"{failures} curves failed; their rows say why. `--retry` asks them again.")


def plan(
    jobs: Iterable[Job], keys: Mapping[str, Key], orders: dict[Job, list[str]], root: Path, *, redo: bool, retry: bool
) -> list[Task]:
    """What is left to do: a network's curves in one task, everybody else's one by one."""
    tasks: list[Task] = []
    for job in jobs:
        path = job.path(root)
        if redo:
            path.unlink(missing_ok=True)
            path.with_suffix(".part").unlink(missing_ok=True)
        stored = read_rows(path, keys[job.method])
        done = {name for name, row in stored.items() if not (retry and row["error"])}
        left = [name for name in orders[job] if name not in done]
        if left:
            tasks += [(job, left)] if job.is_network else [(job, [name]) for name in left]
        elif path.with_suffix(".part").exists():
            finish(path, keys[job.method], _whole(job, orders, stored))
    return tasks


def execute(
    tasks: list[Task],
    keys: Mapping[str, Key],
    orders: dict[Job, list[str]],
    folder: str,
    root: Path,
    n_processes: int,
    say: Console,
) -> int:
    """Solve the tasks, keeping every row as it comes; the number of curves that failed."""
    left: Counter[Job] = Counter()
    for job, curves in tasks:
        left[job] += len(curves)
    failures = 0
    columns = ("[progress.description]{task.description}", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        Progress(TextColumn(columns[0]), *columns[1:], TimeRemainingColumn(), console=say) as bar,
        ProcessPoolExecutor(n_processes, mp_context=get_context("spawn")) as pool,
    ):
        shown = bar.add_task("curves", total=sum(left.values()))
        asked: dict[Future, Job] = {pool.submit(solve, job, curves, folder): job for job, curves in tasks}
        try:
            for future in as_completed(asked):
                job = asked[future]
                for row in future.result():
                    append_row(job.path(root), keys[job.method], row)
                    failures += bool(row["error"])
                    left[job] -= 1
                    bar.update(shown, advance=1, description=job.label)
                if not left[job]:
                    stored = read_rows(job.path(root), keys[job.method])
                    finish(job.path(root), keys[job.method], _whole(job, orders, stored))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return failures


def _whole(job: Job, orders: dict[Job, list[str]], stored: dict) -> list[str]:
    """The order of rows in the file: those asked, then those that an earlier, longer run had stored."""
    return orders[job] + [name for name in stored if name not in set(orders[job])]
