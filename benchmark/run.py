"""Run methods x suites x cuts, in parallel, resumable: what is stored already is not computed again.

python -m benchmark.run                                            every method but mcmc-*, every suite, every cut
python -m benchmark.run --methods mcmc-m4 --cuts 100 --jobs 2      the long ones, overnight
python -m benchmark.run --weights runs/mine.safetensors --name mine
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

import forescale as fs

from .solve import problems, solve
from .store import RESULTS, Job, append_row, finish, key_of, read_rows
from .suites import CUTS, SUITES, MissingData, data_folder

SLOW = "mcmc-"
"""Methods whose names begin so are left out unless they are asked for."""
Key = dict[str, str]
Task = tuple[Job, list[str]]


def main(arguments: list[str] | None = None) -> None:
    options = _parse(arguments)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"  # one thread a process, or the workers fight over the cores
    folder, root, say = str(data_folder(options.data)), Path(options.results), Console(stderr=True)
    jobs = [
        Job(method, suite, cut, options.weights)
        for method in _methods(options, say)
        for cut in options.cuts
        for suite in options.suites
    ]
    keys = {method: key_of(method, options.weights) for method in {job.method for job in jobs}}
    orders = {job: list(problems(job.suite, job.cut, folder))[: options.limit] for job in jobs}
    tasks = plan(jobs, keys, orders, root, redo=options.redo, retry=options.retry)
    say.print(f"{len(jobs)} files asked, {sum(len(names) for _, names in tasks)} curves to do, into {root}")
    failures = execute(tasks, keys, orders, folder, root, options.jobs, say)
    if failures:
        say.print(f"{failures} curves failed; their rows say why. `--retry` asks them again.")


def plan(
    jobs: Iterable[Job], keys: dict[str, Key], orders: dict[Job, list[str]], root: Path, *, redo: bool, retry: bool
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
    keys: dict[str, Key],
    orders: dict[Job, list[str]],
    folder: str,
    root: Path,
    n_processes: int,
    say: Console,
) -> int:
    """Solve the tasks, keeping every row as it comes; the number of curves that failed."""
    left: Counter[Job] = Counter()
    for job, names in tasks:
        left[job] += len(names)
    failures = 0
    columns = ("[progress.description]{task.description}", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        Progress(TextColumn(columns[0]), *columns[1:], TimeRemainingColumn(), console=say) as bar,
        ProcessPoolExecutor(n_processes, mp_context=get_context("spawn")) as pool,
    ):
        shown = bar.add_task("curves", total=sum(left.values()))
        asked: dict[Future, Job] = {pool.submit(solve, job, names, folder): job for job, names in tasks}
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


def _methods(options: argparse.Namespace, say: Console) -> list[str]:
    if options.weights:
        return [options.name or Path(options.weights).stem]
    listed = fs.methods()
    chosen = options.methods or [name for name in listed if not name.startswith(SLOW)]
    unknown = [name for name in chosen if name not in listed]
    if unknown:
        raise SystemExit(f"expected methods among {', '.join(listed)}, got {', '.join(unknown)}. Check --methods.")
    for name in chosen:
        if "[needs:" in listed[name]:
            say.print(f"{name} left out: {listed[name].rpartition('[needs: ')[2].rstrip(']')}")
    return [name for name in chosen if "[needs:" not in listed[name]]


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = lambda text: text.split(",")  # noqa: E731
    parser.add_argument("--methods", type=names, help="comma-separated; default: all but mcmc-*")
    parser.add_argument("--suites", "--suite", type=names, default=list(SUITES), help="comma-separated")
    parser.add_argument(
        "--cuts", type=lambda text: [float(c) / 100 for c in text.split(",")], default=list(CUTS), help="in %%: 100,40"
    )
    parser.add_argument("--limit", type=int, help="only the first curves of each suite")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--weights", help="score this .safetensors file instead of methods")
    parser.add_argument("--name", help="what to call it")
    parser.add_argument("--data", help="folder of the CSV files")
    parser.add_argument("--results", default=str(RESULTS), help="where rows are stored")
    parser.add_argument("--retry", action="store_true", help="ask failed curves again")
    parser.add_argument("--redo", action="store_true", help="forget what is stored for this selection")
    options = parser.parse_args(arguments)
    if wrong := [s for s in options.suites if s not in SUITES]:
        parser.error(f"expected suites among {', '.join(SUITES)}, got {', '.join(wrong)}")
    return options


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("interrupted; the same command goes on from here")
    except (MissingData, fs.CheckpointError, fs.CurveError) as error:
        sys.exit(str(error))
