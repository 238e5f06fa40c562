"""Optuna's journal files (`JournalFileBackend`): a line of JSON for each thing that happened, told by its `op_code`.

Codes: optuna/storages/journal/_storage.py (MIT).
"""

import json
from pathlib import Path
from typing import Any

from .run import Run

PATTERN = "*.log"
WHAT = "Optuna's journal files"

_CREATE_STUDY, _DELETE_STUDY, _CREATE_TRIAL, _SET_PARAM, _SET_STATE, _REPORT = 0, 1, 4, 5, 6, 7
_STATES = ("running", "complete", "pruned", "fail", "waiting")


def is_journal(head: bytes) -> bool:
    """Whether a file that begins so is a journal."""
    return head.startswith(b'{"op_code"')


def read(folder: Path, files: list[Path]) -> list[Run]:
    """A trial is a run, in every journal among the files."""
    runs: list[Run] = []
    for path in sorted(files):
        with path.open("rb") as stream:
            if is_journal(stream.read(10)):
                runs += _read_file(path)
    return runs


def _read_file(path: Path) -> list[Run]:
    """Trials of the studies that were not deleted; a line being written may lack its end: it is left out and said."""
    studies: dict[int, str] = {}
    trials: list[tuple[int, Run]] = []
    n_of: dict[int, int] = {}
    n_studies, truncated = 0, False
    for line in path.read_text("utf-8", "replace").splitlines():
        try:
            entry = json.loads(line)
            code = entry["op_code"]
            if code == _CREATE_STUDY:
                studies[n_studies] = entry["study_name"]
                n_studies += 1
            elif code == _DELETE_STUDY:
                studies.pop(entry["study_id"], None)
            elif code == _CREATE_TRIAL:
                study = entry["study_id"]
                trials.append((study, Run(f"trial {n_of.get(study, 0)}")))
                n_of[study] = n_of.get(study, 0) + 1
            elif code in (_SET_PARAM, _SET_STATE, _REPORT):
                _note(code, entry, trials[entry["trial_id"]][1])
        except (ValueError, LookupError, TypeError):
            truncated = True
    kept = [(study, run) for study, run in trials if study in studies]
    for study, run in kept:
        run.name = f"{studies[study]}/{run.name}" if len(studies) > 1 else run.name
        run.truncated = truncated
    return [run for _, run in kept]


def _note(code: int, entry: dict[str, Any], run: Run) -> None:
    if code == _REPORT:
        run.add("value", float(entry["step"]), float(entry["intermediate_value"]))
    elif code == _SET_STATE:
        run.state = _STATES[entry["state"]]
    else:
        value, kind = entry["param_value_internal"], json.loads(entry["distribution"])
        choices = kind["attributes"].get("choices")
        run.config[entry["param_name"]] = value if choices is None else choices[int(value)]
