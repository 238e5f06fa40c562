"""Files: training checkpoints and released weights. Safetensors with JSON in the header; nothing is ever unpickled.

A release is `<name>.safetensors` and, beside it, `<name>.sha256` in the format of the command sha256sum. Reading one
needs NumPy only.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import CheckpointError, ConfigError
from .config import SURFACES, NetworkConfig, TrainConfig
from .encodings import surfaces
from .encodings.registry import ENCODINGS
from .shapes import check_arrays

Arrays = dict[str, NDArray[Any]]
FORMAT_VERSION = 1
_NETWORK = "network."


@dataclass(frozen=True)
class Weights:
    """A released network: everything that a forecast needs and the account of where it comes from."""

    name: str
    """File name without its ending."""
    sha256: str
    """Digest of the weight file, 64 hexadecimal digits."""
    config: NetworkConfig
    """Shape of the network and the meaning of its outputs."""
    arrays: dict[str, NDArray[np.float32]]
    """Weights by the names that `model.Network` gives them."""
    facts: dict[str, Any]
    """"train" (the training configuration), "steps", "curves", "seconds" and "card"."""


def write(path: Path, arrays: Mapping[str, NDArray[Any]], kind: str, facts: Mapping[str, Any]) -> None:
    """Writes a safetensors file in one move: whoever looks sees the old file or the new one, never half of one."""
    from safetensors.numpy import save

    metadata = {
        "kind": kind,
        "format_version": str(FORMAT_VERSION),
        "feature_version": str(_encoding_version(facts["train"]["network"]["scaling"])),
        "facts": json.dumps(dict(facts), sort_keys=True),
    }
    metadata["digest"] = _digest(arrays, metadata["facts"])
    _replace(path, save({k: np.ascontiguousarray(v) for k, v in arrays.items()}, metadata))


def read(path: Path, kind: str) -> tuple[Arrays, dict[str, Any]]:
    """Arrays and facts of a file of ours.

    Raises:
        CheckpointError: missing, truncated, altered, not safetensors, of another kind, or written by another version.
    """
    return _parse(path, _bytes(path), kind)


def export(checkpoint: Path, path: Path, card: Mapping[str, Any] | None = None) -> Weights:
    """Writes the network of a training checkpoint as a release: float32 weights, the configuration and a card.

    Args:
        checkpoint: `checkpoint.safetensors` of a training run.
        path: `<name>.safetensors`; `<name>.sha256` is written beside it.
        card: further facts for the model card, such as scores; anything JSON can hold.
    """
    arrays, facts = read(Path(checkpoint), "training")
    weights = {k.removeprefix(_NETWORK): v.astype(np.float32) for k, v in arrays.items() if k.startswith(_NETWORK)}
    path = Path(path)
    write(path, weights, "weights", {**facts, "card": dict(card or {})})
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    _replace(path.with_suffix(".sha256"), f"{digest}  {path.name}\n".encode())
    return load_weights(path)


def load_weights(path: str | Path) -> Weights:
    """Reads a release, after checking its sha256 and the versions of its format and features.

    Raises:
        CheckpointError: missing, truncated, altered, or of another version.
    """
    path = Path(path)
    blob = _bytes(path)
    digest = hashlib.sha256(blob).hexdigest()
    side = path.with_suffix(".sha256")
    if not side.exists():
        raise CheckpointError(
            f"expected the checksum {side.name} beside the weights, found none ({path}). "
            "Copy both files, or export the checkpoint again."
        )
    if side.read_text(errors="replace").split()[:1] != [digest]:
        raise CheckpointError(
            f"expected the sha256 that {side.name} states, got {digest[:12]}… ({path}). "
            "The file is truncated or altered; copy or install it again."
        )
    arrays, facts = _parse(path, blob, "weights")
    try:
        config = TrainConfig.from_dict(facts["train"]).network
        check_arrays(arrays, config, str(path))
    except (ConfigError, TypeError, ValueError) as error:
        raise _no_facts(path, str(error)) from None
    return Weights(path.stem, digest, config, arrays, facts)


def network_arrays(arrays: Arrays) -> Arrays:
    """Names the arrays of a network as a training checkpoint stores them."""
    return {_NETWORK + k: v for k, v in arrays.items()}


def split_arrays(arrays: Arrays) -> tuple[Arrays, Arrays]:
    """The arrays of a training checkpoint: (the network's, the optimisers')."""
    network = {k.removeprefix(_NETWORK): v for k, v in arrays.items() if k.startswith(_NETWORK)}
    return network, {k: v for k, v in arrays.items() if not k.startswith(_NETWORK)}


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CheckpointError(
            f"expected a weight file, got {error.strerror or error} ({path}). Check the path."
        ) from None


def _parse(path: Path, blob: bytes, kind: str) -> tuple[Arrays, dict[str, Any]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(blob)
        header = json.loads(blob[8 : 8 + int.from_bytes(blob[:8], "little")]).get("__metadata__", {})
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"expected a complete safetensors file, got one that does not parse: {error} ({path}). "
            "The file is truncated or altered; copy it again."
        ) from None
    if header.get("kind") != kind:
        raise CheckpointError(
            f"expected forescale {kind}, got {header.get('kind', 'a file of another program')!r} ({path}). "
            "Released weights come from the export of a training checkpoint."
        )
    _check_version(path, header, "format_version", FORMAT_VERSION)
    try:
        facts: dict[str, Any] = json.loads(header["facts"])
        scaling = str(facts["train"]["network"]["scaling"])
    except (KeyError, TypeError, ValueError) as error:
        raise _no_facts(path, f"{type(error).__name__} {error}") from None
    digest = header.get("digest")  # files before it came with a sha256 beside them
    if digest is not None and digest != _digest(arrays, header["facts"]):
        raise CheckpointError(
            f"expected the digest that the header states, got another ({path}). "
            "The file was altered after it was written; copy it again, or start over."
        )
    if (version := _encoding_version(scaling)) is not None:  # NetworkConfig refuses any other by name
        _check_version(path, header, "feature_version", version)
    return arrays, facts


def _digest(arrays: Mapping[str, NDArray[Any]], facts: str) -> str:
    """sha256 of names, shapes, types and values of arrays, and of the facts beside them."""
    h = hashlib.sha256(facts.encode())
    for name in sorted(arrays):
        values = np.ascontiguousarray(arrays[name])
        h.update(f"{name} {values.dtype.str} {values.shape}".encode())
        h.update(values.tobytes())
    return h.hexdigest()


def _encoding_version(scaling: str) -> int | None:
    if scaling == SURFACES:
        return surfaces.VERSION
    return ENCODINGS[scaling].version if scaling in ENCODINGS else None


def _no_facts(path: Path, why: str) -> CheckpointError:
    return CheckpointError(
        f"expected the configuration of a network in the header, got one that cannot be: {why.rstrip('.')} ({path}). "
        "The file is damaged or was made by another program; export it again."
    )


def _check_version(path: Path, header: Mapping[str, str], name: str, ours: int) -> None:
    if header.get(name) != str(ours):
        raise CheckpointError(
            f"expected {name.replace('_', ' ')} {ours}, got {header.get(name)} ({path}). "
            "Use weights made for this version of forescale."
        )


def _replace(path: Path, blob: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        file.write(blob)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
