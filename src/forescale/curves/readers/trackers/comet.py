"""Comet's offline archives: a zip with `messages.json`, one message a line."""

import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

from .run import Run

PATTERN = "*.zip"
WHAT = "Comet's offline archives (.zip)"


def is_archive(path: Path) -> bool:
    """Whether a zip holds Comet's messages."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {"messages.json", "experiment.json"} <= set(archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def read(folder: Path, files: list[Path]) -> list[Run]:
    """One run an archive, named as it was or by its key."""
    return [_read_file(path) for path in sorted(files) if is_archive(path)]


def _read_file(path: Path) -> Run:
    run = Run(path.stem)
    try:
        with zipfile.ZipFile(path) as archive, archive.open("messages.json") as lines:
            for line in lines:
                try:
                    message = json.loads(line)
                    _read_message(message.get("type"), message.get("payload") or {}, run)
                except (ValueError, AttributeError):  # no JSON, or none of Comet's
                    run.truncated = True
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError):
        run.truncated = True
    return run


def _read_message(kind: str | None, payload: dict[str, Any], run: Run) -> None:
    metric = payload.get("metric") or {}
    if kind == "metric_msg":
        step, value = metric.get("step"), metric.get("metricValue")
        if isinstance(step, int | float) and isinstance(value, int | float) and not isinstance(value, bool):
            run.add(str(metric.get("metricName")), step, float(value))
    elif kind == "parameter_msg" and (parameter := payload.get("param") or {}).get("source") != "auto-logged":
        run.config[str(parameter.get("paramName"))] = parameter.get("paramValue")
    elif kind == "log_other" and payload.get("key") == "Name":
        run.name = str(payload.get("value"))
