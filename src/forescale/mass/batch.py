"""A table of any number of curves, bucket by bucket: what is done stays done, and a second call goes on from there.

out/plan.json          the question and what it was asked of; another question wants another folder
out/buckets/           rows by bucket, until every part is there
out/part-00012.csv     answers of a bucket (.parquet where the source is one), written aside and renamed
"""

import hashlib
import json
import os
import shutil
import time
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import CurveError
from ..forecasts.forecast import DEFAULT_LEVELS, Kind, check_kind
from ..method.registry import find_method
from ..progress import counted, tell
from ..spelling import option
from ..version import __version__
from . import buckets, pool
from .engines import Engine
from .frame import TEXTS, asked, forecast_frame


@dataclass(frozen=True)
class Question:
    """What is asked of every group."""

    at: tuple[float | str, ...] | None
    ratio: tuple[float, ...] | None
    levels: tuple[float, ...] = DEFAULT_LEVELS
    method: str = "pfn"
    kind: Kind = "run"
    seed: int = 0
    drop_bad: bool = False
    x_from: float | None = None
    x_to: float | None = None

    def words(self) -> dict[str, Any]:
        """Keywords of `forecast_frame`."""
        return {**self.__dict__}


@dataclass(frozen=True)
class Task:
    """One bucket on its way to its part: small enough to travel, told apart by its place."""

    bucket: str
    part: str
    columns: buckets.Roles
    question: Question


@dataclass(frozen=True)
class Outcome:
    """What a batch came to: groups, and how many of them are rows with an error."""

    groups: int
    errors: int
    parts: int
    resumed: int


def run(
    source: Path,
    out: Path,
    question: Question,
    words: dict[str, Any],
    engine: Engine,
    *,
    n_buckets: int | None = None,
) -> Outcome:
    """Forecast every group of a file into part files.

    Args:
        source: a Parquet, CSV or TSV file.
        out: a folder, new or of the same question.
        words: keywords of `read_curves`: group, x, y, better, best, chance.
        engine: see `engines.find_engine`.

    Raises:
        CurveError: no such columns, or a folder of another question.
    """
    asked(question.at, question.ratio)
    find_method(question.method).check(check_kind(question.kind))
    every = _prepare(source, out, question, words, n_buckets)
    left = [task for task in every if not Path(task.part).exists()]
    counts, start = [0, 0], time.monotonic()
    with closing(engine(answer, left)) as answers:
        for _ in counted(range(len(left)), len(left), "part"):
            task, result, why = next(answers)
            groups, errors = result if why is None else _given_up(task, why)
            counts = [counts[0] + groups, counts[1] + errors]
            tell(f"{counts[0]:,} groups, {counts[0] / (time.monotonic() - start):,.0f} a second")
    shutil.rmtree(out / "buckets", ignore_errors=True)
    before = _count(every, left)
    return Outcome(counts[0] + before[0], counts[1] + before[1], len(every), len(every) - len(left))


def answer(task: Task) -> tuple[int, int]:
    """Forecast one bucket and write its part; how many groups, and how many of them are errors."""
    table = buckets.read_bucket(Path(task.bucket), task.columns)
    c = task.columns
    frame = forecast_frame(
        table, group=c.group, x=c.x, y=c.y, better=c.better, best=c.best, chance=c.chance, **task.question.words()
    )
    _write(frame, Path(task.part))
    first = frame.drop_duplicates("group")
    return len(first), int((first["error"] != "").sum())


def _given_up(task: Task, why: str) -> tuple[int, int]:
    """A part that says of each group why there is no answer."""
    table = buckets.read_bucket(Path(task.bucket), task.columns)
    names = list(dict.fromkeys(table[task.columns.group]))
    # The columns of a part stay the same: those of groups that have no point at all.
    empty = {task.columns.group: names, task.columns.x: [1.0] * len(names), task.columns.y: [1.0] * len(names)}
    question = replace(task.question, method="line")
    c = task.columns
    frame = forecast_frame(empty, group=c.group, x=c.x, y=c.y, **question.words())
    frame["error"] = f"expected an answer, got none in {pool.ATTEMPTS} attempts: {why}. Ask this group alone."
    _write(frame, Path(task.part))
    return len(frame), len(frame)


def _prepare(source: Path, out: Path, question: Question, words: dict[str, Any], n_buckets: int | None) -> list[Task]:
    """The plan of the folder, made or found again, and its tasks."""
    n_rows = buckets.n_rows_about(source)
    key = _key(source, question, words)
    plan = _stored(out)
    if plan is not None and plan["key"] != key:
        raise CurveError(
            f"expected a folder of this same question and file, got another's answers in '{out}'. "
            f"Choose another {option('out')}, or remove it."
        )
    if plan is None:
        if out.exists() and (not out.is_dir() or any(p.name != "buckets" for p in out.iterdir())):
            raise CurveError(f"expected a new or empty folder, got '{out}' with other files. Choose another one.")
        folder = out / "buckets"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        n = n_buckets or max(2, min(4096, n_rows // buckets.IN_A_BUCKET))
        columns, n_read = buckets.scatter(source, folder, n, words)
        plan = {"key": key, "columns": columns.__dict__, "rows": n_read}
        plan["buckets"] = sorted(p.stem for p in folder.glob("*.bucket"))
        buckets.write_json(out / "plan.json", plan)
    columns = buckets.Roles(**plan["columns"])
    ending = ".parquet" if source.suffix.lower() in (".parquet", ".pq") else ".csv"
    return [
        Task(str(out / "buckets" / f"{stem}.bucket"), str(out / f"part-{stem}{ending}"), columns, question)
        for stem in plan["buckets"]
    ]


def _key(source: Path, question: Question, words: dict[str, Any]) -> dict[str, Any]:
    """What has to agree for stored parts to stand."""
    stat = source.stat() if source.exists() else None
    asked = json.loads(json.dumps({"question": question.words(), "columns": words}, default=str))
    return {
        "forescale": __version__,
        "source": str(source.resolve()),
        "size": stat.st_size if stat else 0,
        "changed": stat.st_mtime_ns if stat else 0,
        "asked": hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest(),
        "weights": find_method(question.method).fingerprint,
    }


def _stored(out: Path) -> dict[str, Any] | None:
    try:
        plan: dict[str, Any] = json.loads((out / "plan.json").read_text())
        return plan
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise CurveError(f"expected a plan that can be read, got '{error}' ('{out}'). Choose another folder.") from None


def _count(every: list[Task], left: list[Task]) -> tuple[int, int]:
    """Groups and errors of the parts that were there before."""
    import pandas as pd

    groups = errors = 0
    done = {task.part for task in left}
    for task in every:
        if task.part in done:
            continue
        if task.part.endswith(".parquet"):
            frame = pd.read_parquet(task.part)
        else:
            frame = pd.read_csv(task.part, keep_default_na=False)
        first = frame.drop_duplicates("group")
        groups, errors = groups + len(first), errors + int((first["error"] != "").sum())
    return groups, errors


def _write(frame: Any, part: Path) -> None:
    aside = part.with_name(f".{part.name}.{os.getpid()}")
    if part.suffix == ".parquet":
        import pyarrow as pa

        types = [(name, pa.string() if name in TEXTS else pa.float64()) for name in frame.columns]
        frame.to_parquet(aside, index=False, schema=pa.schema(types))
    else:
        frame.to_csv(aside, index=False)
    os.replace(aside, part)
