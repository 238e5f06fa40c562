"""The stores of experiment trackers behind the contract of readers: a folder, or one file of a store."""

from ...errors import Caveat, CurveError
from .base import Column, Reader, Source, Table
from .trackers.journal import is_journal


class Tracker(Reader):
    """TensorBoard, W&B, MLflow, DVCLive, Trackio, Optuna, Comet: one row a step of a run."""

    name = "folders of trackers: TensorBoard, W&B offline, MLflow, DVCLive, Trackio, Optuna, Comet"

    def can_read(self, source: Source) -> bool:
        path = source.path
        if path is None:
            return False
        if source.suffix in _TEXT:
            return source.suffix == ".log" and is_journal(source.head)
        from .trackers.folder import STORES

        patterns = [pattern for store in STORES for pattern in store.patterns]
        if path.is_dir():
            return any(next(path.rglob(pattern), None) is not None for pattern in patterns)
        return any(path.match(pattern) for pattern in patterns)

    def read(self, source: Source) -> Table:
        from .trackers.folder import runs_in
        from .trackers.run import as_table

        assert source.path is not None
        runs, found = runs_in(source.path)
        cells = as_table(runs)
        if not any(len(c) for c in cells.values()):
            raise CurveError(f"expected runs with readings, got none ({source.origin}). Check the folder.")
        notes = [Caveat("read_from", f"read {', '.join(found)}.")]
        if cut := [run.name for run in runs if run.truncated]:
            text = f"the log of {', '.join(cut[:5])} ends in the middle of a record; what stands before it was read."
            notes.append(Caveat("truncated_log", text))
        group = "run" if len(runs) > 1 else None
        columns = {name: Column(values) for name, values in cells.items()}
        return Table(columns, source.origin, x="step", group=group, lenient=True, notes=tuple(notes))


_TEXT = {".csv", ".tsv", ".json", ".jsonl", ".yaml", ".txt", ".dat", ".md", ".log", ".zip", ".parquet", ".xlsx", ".npz"}
"""Endings of single files that other readers take, though stores use some of them too."""
