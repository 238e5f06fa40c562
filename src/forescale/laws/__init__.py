"""Laws: one formula per file, written once and read by prior, fits, posteriors and theory.

A new law is one file and one line here: it is then fitted, sampled, listed and tested like the others.
"""

from __future__ import annotations

from ..numerics import Floats as FloatArray
from .base import Law
from .bnsl import Bnsl
from .chinchilla import Chinchilla
from .m1 import M1
from .m2 import M2
from .m3 import M3
from .m4 import M4

LAWS: dict[str, Law] = {law.name: law for law in (M1(), M2(), M3(), M4(), Bnsl(1), Bnsl(2))}

__all__ = ["LAWS", "M1", "M2", "M3", "M4", "Bnsl", "Chinchilla", "FloatArray", "Law"]
