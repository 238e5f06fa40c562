"""The prior of tables of runs: how loss depends on parameters and tokens, what people measure, and what they ask."""

from .config import SurfaceConfig
from .sample import SurfacePrior, Tables

__all__ = ["SurfaceConfig", "SurfacePrior", "Tables"]
