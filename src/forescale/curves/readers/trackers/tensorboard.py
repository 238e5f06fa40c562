"""TensorBoard event files: TFRecords of `Event` messages, scalars in both styles. A folder of them is a run.

Read whole: TensorBoard itself keeps 10,000 readings of a tag unless told otherwise. As there, a later session that says
at which step it starts (`SummaryWriter(purge_step=...)`) takes the place of what was logged from that step on.

Field numbers: tensorboard/compat/proto/{event,summary,tensor}.proto (Apache-2.0).
"""

import struct
from collections.abc import Iterator
from pathlib import Path

from .protobuf import Damaged, fields, first, float32, signed, text
from .run import Run

PATTERN = "*tfevents*"
WHAT = "TensorBoard event files"

_FLOAT, _DOUBLE = 1, 2
_START = 1
"""Status of a SessionLog."""


def read(folder: Path, files: list[Path]) -> list[Run]:
    """One run for each folder that holds event files, named by its path from `folder`."""
    runs: dict[str, Run] = {}
    for path in sorted(files):
        name = str(path.parent.relative_to(folder)) if path.parent != folder else folder.resolve().name
        _read_file(path, runs.setdefault(name, Run(name)))
    return list(runs.values())


def _read_file(path: Path, run: Run) -> None:
    scalar_tags: set[str] = set()
    blob = path.read_bytes()
    try:
        for record in _records(blob):
            _read_event(record, run, scalar_tags)
    except Damaged:
        run.truncated = True


def _records(blob: bytes) -> Iterator[bytes]:
    """Payloads: each stands between its length with a checksum (12 bytes) and a checksum of its own (4)."""
    at = 0
    while at < len(blob):
        if at + 12 > len(blob):
            raise Damaged("ends inside a length")
        (size,) = struct.unpack_from("<Q", blob, at)
        if at + 16 + size > len(blob):
            raise Damaged("ends inside a record")
        yield blob[at + 12 : at + 12 + size]
        at += 16 + size


def _read_event(event: bytes, run: Run, scalar_tags: set[str]) -> None:
    step, started, summaries = 0, False, []
    for number, value in fields(event):
        if number == 2 and isinstance(value, int):
            step = signed(value)
        elif number == 5 and isinstance(value, bytes):
            summaries.append(value)
        elif number == 7 and isinstance(value, bytes):
            started = first(value, 1) == _START
    if started:
        run.forget_from(step)
    for summary in summaries:
        for number, value in fields(summary):
            if number == 1 and isinstance(value, bytes):
                _read_value(value, step, run, scalar_tags)


def _read_value(value: bytes, step: int, run: Run, scalar_tags: set[str]) -> None:
    """A scalar is a plain float, or a tensor whose tag was once said to be the plugin's for scalars."""
    tag, reading, tensor = "", None, None
    for number, content in fields(value):
        if number == 1:
            tag = text(content)
        elif number == 2 and isinstance(content, bytes):
            reading = float32(content)
        elif number == 8 and isinstance(content, bytes):
            tensor = content
        elif number == 9 and isinstance(content, bytes):
            plugin = first(content, 1)
            if isinstance(plugin, bytes) and first(plugin, 1) == b"scalars":
                scalar_tags.add(tag)
    if reading is None and tensor is not None and tag in scalar_tags:
        reading = _scalar(tensor)
    if reading is not None:
        run.add(tag, step, reading)


def _scalar(tensor: bytes) -> float | None:
    """The one number of a tensor: packed or plain values, or raw content."""
    kind = first(tensor, 1)
    form = {_FLOAT: "<f", _DOUBLE: "<d"}.get(kind if isinstance(kind, int) else 0)
    for number, value in fields(tensor):
        wanted = number == 4 or (number, kind) in ((5, _FLOAT), (6, _DOUBLE))
        if form and wanted and isinstance(value, bytes) and len(value) == struct.calcsize(form):
            return float(struct.unpack(form, value)[0])
    return None
