"""Protocol buffers without a schema: the fields of a message as they stand on the wire.

Source: the encoding guide of protocol buffers (protobuf.dev/programming-guides/encoding).
"""

import struct
from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class Damaged(ValueError):
    """The bytes end early or are no message."""


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(field number, value): an unsigned integer for varints, the raw bytes for everything else.

    Raises:
        Damaged: not a message.
    """
    at, end = 0, len(message)
    while at < end:
        key, at = _varint(message, at)
        kind = key & 7
        if kind == VARINT:
            value, at = _varint(message, at)
            yield key >> 3, value
            continue
        if kind == BYTES:
            size, at = _varint(message, at)
        elif kind in (FIXED64, FIXED32):
            size = 8 if kind == FIXED64 else 4
        else:
            raise Damaged(f"wire type {kind}")
        if at + size > end:
            raise Damaged("ends inside a field")
        yield key >> 3, message[at : at + size]
        at += size


def first(message: bytes, number: int) -> int | bytes | None:
    """The last value of a field (which is the one that counts), or None."""
    found: int | bytes | None = None
    for field, value in fields(message):
        if field == number:
            found = value
    return found


def signed(value: int) -> int:
    """A varint as the int64 it stands for."""
    return value - (1 << 64) if value >= 1 << 63 else value


def text(value: int | bytes | None) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def float32(value: bytes) -> float:
    if len(value) != 4:
        raise Damaged("a float of another size")
    return float(struct.unpack("<f", value)[0])


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(message) or shift > 63:
            raise Damaged("ends inside a number")
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
