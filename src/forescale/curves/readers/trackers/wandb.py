"""W&B's offline logs, `run-*.wandb`: records of protocol buffers inside LevelDB's log format.

W&B promises nothing about this file; what is read here is what releases .12, .15, .17, .19 and .31 wrote (tests/data).
Field numbers: wandb/proto/wandb_internal.proto (MIT). Log format: LevelDB's doc/log_format.md.
"""

import contextlib
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .protobuf import Damaged, fields, first, signed, text
from .run import Run

PATTERN = "*.wandb"
WHAT = "W&B offline logs (.wandb)"

_BLOCK, _FILE_HEADER = 32_768, 7
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4


def read(folder: Path, files: list[Path]) -> list[Run]:
    """One run a file, named as it was displayed."""
    return [_read_file(path) for path in sorted(files)]


def _read_file(path: Path) -> Run:
    run, blob = Run(path.stem), path.read_bytes()
    if blob[:4] != b":W&B":
        run.truncated = True
        return run
    try:
        for record in _records(blob):
            _read_record(record, run)
    except Damaged:
        run.truncated = True
    return run


def _records(blob: bytes) -> Iterator[bytes]:
    """Whole records; one longer than the rest of its 32 KiB block is written in pieces."""
    at, pieces = _FILE_HEADER, b""
    while at < len(blob):
        left = _BLOCK - at % _BLOCK
        if left < 7:
            at += left
            continue
        if at + 7 > len(blob):
            raise Damaged("ends inside a header")
        _, size, kind = struct.unpack_from("<IHB", blob, at)
        if kind == 0 and size == 0:  # zeros to the end of the block
            at += left
            continue
        if at + 7 + size > len(blob) or not _FULL <= kind <= _LAST:
            raise Damaged("ends inside a record")
        pieces = blob[at + 7 : at + 7 + size] if kind in (_FULL, _FIRST) else pieces + blob[at + 7 : at + 7 + size]
        if kind in (_FULL, _LAST):
            yield pieces
        at += 7 + size


def _read_record(record: bytes, run: Run) -> None:
    for number, value in fields(record):
        if not isinstance(value, bytes):
            continue
        if number == 2:
            _read_history(value, run)
        elif number == 5:
            run.config |= _items(value, 1)
        elif number == 17:
            run.name = text(first(value, 8)) or text(first(value, 1)) or run.name
            config = first(value, 4)
            if isinstance(config, bytes):
                run.config |= _items(config, 1)
        elif number == 18:
            run.state = "finished" if not first(value, 1) else "failed"


def _read_history(history: bytes, run: Run) -> None:
    items = _items(history, 1)
    where = first(history, 2)
    number = first(where, 1) if isinstance(where, bytes) else None
    step = signed(number) if isinstance(number, int) else items.get("_step", 0)
    for name, value in _flat(items):
        if not name.startswith("_") and isinstance(value, int | float) and not isinstance(value, bool):
            run.add(name, step, float(value))


def _flat(items: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Nested readings by their path, joined by dots: early releases log them whole. Media have a `_type`."""
    for name, value in items.items():
        if isinstance(value, dict) and "_type" not in value:
            yield from ((f"{name}.{inner}", cell) for inner, cell in _flat(value))
        else:
            yield name, value


def _items(message: bytes, repeated: int) -> dict[str, Any]:
    """Key (or nested key, joined by dots) -> value of a list of items."""
    out: dict[str, Any] = {}
    for number, item in fields(message):
        if number != repeated or not isinstance(item, bytes):
            continue
        key, nested, value = "", [], None
        for field, content in fields(item):
            if field == 1:
                key = text(content)
            elif field == 2:
                nested.append(text(content))
            elif field == 16:
                with contextlib.suppress(json.JSONDecodeError):
                    value = json.loads(text(content))
        out[key or ".".join(nested)] = value
    out.pop("_wandb", None)
    return out
