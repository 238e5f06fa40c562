"""Priors: laws made random. `make_prior(config).sample(rng, n_curves, n_context, n_targets)` -> Batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ConfigError
from .batch import Batch, Prior, SizedPrior
from .config import LearningCurveConfig, OursConfig, PaperConfig
from .learning_curves import LearningCurvePrior
from .ours import OursPrior
from .paper import PaperPrior
from .settings import PriorConfig
from .surfaces import SurfaceConfig, SurfacePrior


def make_prior(config: PriorConfig | Mapping[str, Any] | str = "ours") -> Prior:
    """The prior a config describes.

    Args:
        config: a config, its `to_dict()` (the key "name" tells which), or a name for the defaults.

    Raises:
        ConfigError: an unknown name or setting.
    """
    if isinstance(config, str):
        config = {"name": config}
    if isinstance(config, Mapping):
        config = read_config(config)
    if isinstance(config, OursConfig):
        return OursPrior(config)
    if isinstance(config, PaperConfig):
        return PaperPrior(config)
    if isinstance(config, LearningCurveConfig):
        return LearningCurvePrior(config)
    if isinstance(config, SurfaceConfig):
        raise ConfigError("expected a prior of curves, got 'joint', which draws tables of runs. Use SurfacePrior.")
    known = "OursConfig, PaperConfig or LearningCurveConfig"
    raise ConfigError(f"expected a prior's config, got {type(config).__name__}. Use {known}.")


def read_config(values: Mapping[str, Any]) -> PriorConfig:
    """The config that `to_dict` came from, of whichever prior its "name" says; raises ConfigError as `make_prior`."""
    return _config_class(str(values.get("name", "ours"))).from_dict(values)


def _config_class(name: str) -> type[PriorConfig]:
    classes: dict[str, type[PriorConfig]] = {
        c.name: c for c in (OursConfig, PaperConfig, LearningCurveConfig, SurfaceConfig)
    }
    if name not in classes:
        raise ConfigError(f"expected a prior named {sorted(classes)}, got '{name}'.")
    return classes[name]


__all__ = [
    "Batch",
    "LearningCurveConfig",
    "LearningCurvePrior",
    "OursConfig",
    "OursPrior",
    "PaperConfig",
    "PaperPrior",
    "Prior",
    "PriorConfig",
    "SizedPrior",
    "SurfaceConfig",
    "SurfacePrior",
    "make_prior",
    "read_config",
]
