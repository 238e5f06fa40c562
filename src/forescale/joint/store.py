"""A fitted model as a small versioned JSON file: the runs, the method, its options, and one answer to check by.

Nothing is unpickled. What is stored is what the model was made of; reading it makes the model again, in a moment,
and the stored answer says whether this version of forescale still gives the same one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import Caveat, CheckpointError, CurveError
from ..version import __version__
from .base import Model

KIND, VERSION = "forescale joint model", 1
SAME = 1e-6


def save(model: Model, path: Path) -> None:
    """Writes the file in one move.

    Raises:
        CurveError: a model fitted together with other recipes, or a path that cannot be written.
    """
    if "recipes" in model.options:
        raise CurveError("expected the model of one table, got one of several recipes. Save the table instead.")
    facts: dict[str, Any] = {
        "kind": KIND, "version": VERSION, "forescale": __version__, "method": model.method,
        "options": model.options,
        "runs": {name: [float(x) for x in model.table[name]] for name in ("params", "tokens", "loss")},
        "check": _check(model),
    }  # fmt: skip
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text(json.dumps(facts, indent=1) + "\n")
        os.replace(partial, path)
    except OSError as error:
        raise CurveError(
            f"expected a path that can be written, got {error.strerror} ({path}). Choose another."
        ) from None


def load(path: Path, make: Callable[..., Any]) -> Any:
    """Reads the file and makes the model again, with `fit_joint`.

    Raises:
        CheckpointError: unreadable, of another kind, or of a newer version.
    """
    try:
        facts = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        told = getattr(error, "strerror", None) or "a file that does not parse"
        raise CheckpointError(f"expected a saved joint model, got {told} ({path}). Check the path.") from None
    if not isinstance(facts, dict) or facts.get("kind") != KIND:
        raise CheckpointError(f"expected a saved joint model, got another file ({path}). Save a model first.")
    if facts.get("version") != VERSION:
        raise CheckpointError(
            f"expected version {VERSION} of a saved joint model, got {facts.get('version')} ({path}). "
            "Use the version of forescale that wrote it."
        )
    try:
        options = {k: tuple(v) if isinstance(v, list) else v for k, v in facts["options"].items() if v is not None}
        model = make(**facts["runs"], method=facts["method"], **options)
        moved = abs(_check(model)["log_median"] - facts["check"]["log_median"]) > SAME
    except (KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"expected the fields of a saved joint model, got a file without {error} ({path})."
        ) from None
    if moved:
        said = f"saved by forescale {facts.get('forescale')}; this version answers a little differently."
        object.__setattr__(model, "warnings", (*model.warnings, Caveat("other_version", said)))
    return model


def _check(model: Model) -> dict[str, float]:
    """The median of the noise-free loss of a model ten times as dear as the dearest."""
    i = int(np.argmax(model.table["params"] * model.table["tokens"]))
    n, d = (float(model.table[name][i] * np.sqrt(10)) for name in ("params", "tokens"))
    return {"params": n, "tokens": d, "log_median": float(np.log(model.predict(n, d, kind="curve").median[0]))}
