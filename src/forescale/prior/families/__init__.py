"""The families of our prior, one random law each; `FAMILIES` fixes their order and so `Batch.family_B`."""

from __future__ import annotations

from .base import Family, Span
from .broken import BNSL_FAMILY, DUB
from .bumps import BUMP, STEPS
from .drifting import DRIFT
from .power import EXPO, M2_FAMILY, POWFL
from .sigmoid import M4_FAMILY, SIGMOID_FLOOR

FAMILIES: tuple[Family, ...] = (
    M2_FAMILY,
    POWFL,
    M4_FAMILY,
    SIGMOID_FLOOR,
    BNSL_FAMILY,
    DUB,
    STEPS,
    BUMP,
    EXPO,
    DRIFT,
)

__all__ = ["FAMILIES", "Family", "Span"]
