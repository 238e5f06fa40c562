"""MLflow's file store, `mlruns/EXPERIMENT/RUN/metrics/NAME`: lines of `timestamp value step`."""

from pathlib import Path

from .run import Run

PATTERN = "meta.yaml"
WHAT = "MLflow's mlruns/"


def read(folder: Path, files: list[Path]) -> list[Run]:
    """One run for each meta.yaml of a run with metrics beside it; deleted runs, and models that repeat a run's
    metrics, are left out."""
    return [_read_run(path.parent) for path in sorted(files) if (path.parent / "metrics").is_dir() and _is_run(path)]


def _is_run(meta: Path) -> bool:
    lines = [line.strip() for line in meta.read_text("utf-8", "replace").splitlines()]
    return any(line.startswith(("run_id:", "run_uuid:")) for line in lines) and "lifecycle_stage: deleted" not in lines


def _read_run(folder: Path) -> Run:
    named = folder / "tags" / "mlflow.runName"
    run = Run(named.read_text("utf-8", "replace").strip() if named.is_file() else folder.name)
    for path in sorted((folder / "metrics").rglob("*")):
        if path.is_file():
            _read_metric(path, path.relative_to(folder / "metrics").as_posix(), run)
    for path in sorted((folder / "params").rglob("*")):
        if path.is_file():
            run.config[path.relative_to(folder / "params").as_posix()] = path.read_text("utf-8", "replace").strip()
    return run


def _read_metric(path: Path, name: str, run: Run) -> None:
    """A line being written may lack its end: it is left out and said."""
    for line in path.read_text("utf-8", "replace").splitlines():
        cells = line.split()
        try:
            run.add(name, int(cells[2]), float(cells[1]))
        except (IndexError, ValueError):
            run.truncated = run.truncated or bool(cells)
