"""Encodings by name."""

from __future__ import annotations

from .base import Encoding
from .linear import LINEAR, RAW
from .loglog import LOGLOG

ENCODINGS: dict[str, Encoding] = {e.name: e for e in (LOGLOG, LINEAR, RAW)}
"""What `NetworkConfig.scaling` may name. An ablation adds poorer ones here, to measure what each part gives."""


def encoding(name: str) -> Encoding:
    """The encoding of that name; `NetworkConfig` has refused any other."""
    return ENCODINGS[name]
