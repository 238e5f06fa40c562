"""Which arrays a network of a configuration has, and the refusal of a file that holds others."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import CheckpointError
from . import answers
from .config import SURFACES, NetworkConfig
from .encodings import surfaces
from .encodings.registry import ENCODINGS
from .heads import make_head

Shape = tuple[int, ...]


def expected_shapes(config: NetworkConfig) -> dict[str, Shape]:
    """Shape of every array, by the names that the modules of `training` give them."""
    w = config.width
    maps, more = _of_surfaces(w) if config.scaling == SURFACES else _of_curves(config)
    linear: dict[str, tuple[int, int]] = {}
    for name, (n_in, n_out) in (maps | {f"blocks.{i}.mlp": (w, w) for i in range(config.depth)}).items():
        linear |= {f"{name}.up": (n_in, 2 * w), f"{name}.down": (2 * w, n_out)}
    linear |= {f"blocks.{i}.{part}": (w, w) for i in range(config.depth) for part in ("query", "key", "value", "out")}
    shapes: dict[str, Shape] = {f"{name}.weight": (n_out, n_in) for name, (n_in, n_out) in linear.items()}
    return shapes | {f"{name}.bias": (n_out,) for name, (_, n_out) in linear.items()} | more


def _of_curves(config: NetworkConfig) -> tuple[dict[str, tuple[int, int]], dict[str, Shape]]:
    """Numbers in and out of the maps around the blocks, and the arrays that are no map."""
    encoding, w = ENCODINGS[config.scaling], config.width
    head = make_head(config, len(encoding.anchors))
    maps = {"context_in": (len(encoding.context), w), "target_in": (len(encoding.target), w)}
    bars: dict[str, Shape] = {"edges": (head.n_edges,), "tail_scale": (1,)} if head.n_edges else {}
    return maps | {"head_out": (w, head.n_outputs)}, bars


def _of_surfaces(w: int) -> tuple[dict[str, tuple[int, int]], dict[str, Shape]]:
    maps = {"row_in": (surfaces.N_COLUMNS["row"], w)}
    for kind in answers.KINDS:
        maps |= {kind.way_in: (kind.n_columns, w), kind.way_out: (w, len(kind.answers) * answers.N_OUTPUTS)}
    return maps, {}


def check_arrays(arrays: Mapping[str, NDArray[Any]], config: NetworkConfig, origin: str) -> None:
    """Refuses arrays that are not those of the configuration, or whose numbers are none.

    Raises:
        CheckpointError: an array too many, missing or of another shape or type; NaN or infinite values; edges that
            do not rise.
    """
    expected = expected_shapes(config)
    wrong = sorted(set(expected) ^ set(arrays))
    if wrong:
        what = "misses" if wrong[0] in expected else "has no place for"
        raise _unfit(f"a file that {what} '{wrong[0]}'", origin)
    for name, shape in expected.items():
        found = arrays[name]
        if found.shape != shape or found.dtype != np.float32:
            raise _unfit(f"'{name}' of shape {found.shape} and type {found.dtype}, not {shape} float32", origin)
        if not np.isfinite(found).all():
            raise _unfit(f"numbers in '{name}' that are not finite", origin)
    if "edges" in expected and not (np.all(np.diff(arrays["edges"]) > 0) and arrays["tail_scale"][0] > 0):
        raise _unfit("edges of bars that do not rise, or a tail of no width", origin)


def _unfit(got: str, origin: str) -> CheckpointError:
    return CheckpointError(
        f"expected the arrays that the file's own configuration asks for, got {got} ({origin}). "
        "The file is damaged or was made by another program; export it again."
    )
