"""The small family of errors a user can cause, and the warnings that travel as data."""

from dataclasses import dataclass


class ForescaleError(Exception):
    """Base of every error forescale raises on purpose: one sentence, no traceback needed."""


class CurveError(ForescaleError, ValueError):
    """Unusable measurements or arguments."""


class ConfigError(ForescaleError, ValueError):
    """A setting of a prior, a network or a training run that cannot be."""


class FitError(ForescaleError, RuntimeError):
    """A fit did not converge; `best` carries the best attempt so far (or None)."""

    def __init__(self, message: str, best: object = None):
        super().__init__(message)
        self.best = best


class CheckpointError(ForescaleError, RuntimeError):
    """A weight file is truncated, altered, or made by another version."""


class MissingExtraError(ForescaleError, ImportError):
    """A feature needs an optional extra that is not installed."""


NOTES = frozenset({"guessed_columns", "read_from", "better", "shifted_x", "rounded"})
"""Codes that only say how a table was read."""


@dataclass(frozen=True)
class Caveat:
    """A warning, or a note, as data: a stable `code` for programs, a sentence for people."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
