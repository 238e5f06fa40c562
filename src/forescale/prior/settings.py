"""What a setting of a prior is: it stands once, with its default, its range, its group and its meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any, ClassVar, Self

from ..errors import ConfigError

GROUPS = {
    "families": "How often each family of laws",
    "laws": "What their parameters are",
    "plain": "Curves that are a law and little else",
    "training": "What training does to a law",
    "noise": "What a reading adds",
    "shown": "What a table shows",
    "asked": "Where is asked",
}
"""Groups of the settings of our prior, with their titles."""


@dataclass(frozen=True)
class Setting:
    """One setting of a prior. Shares (`p_`) are varied evenly over [low, high], all others in their logarithm."""

    name: str
    default: float
    low: float
    high: float
    group: str
    meaning: str

    @property
    def is_share(self) -> bool:
        return self.name.startswith("p_")


def setting(default: float, low: float, high: float, group: str, meaning: str) -> Any:
    """A field of a prior's config."""
    assert group in GROUPS
    assert low <= default <= high
    return field(default=default, metadata={"low": low, "high": high, "group": group, "meaning": meaning})


class PriorConfig:
    """Round trip through plain dicts; unknown keys and shares outside [0, 1] are refused."""

    name: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def to_dict(self) -> dict[str, Any]:
        """All fields, and under "name" which prior they belong to."""
        return {"name": self.name, **asdict(self)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The config `to_dict` came from.

        Raises:
            ConfigError: a key that is no field, or another prior's name.
        """
        values = dict(values)
        name = values.pop("name", cls.name)
        if name != cls.name:
            raise ConfigError(f"expected settings of the prior '{cls.name}', got '{name}'. Use make_prior.")
        known = {f.name for f in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ConfigError(
                f"expected settings of the prior '{cls.name}', got unknown {unknown}. Known: {sorted(known)}."
            )
        return cls(**values)

    @classmethod
    def settings(cls) -> Iterator[Setting]:
        """All settings that have a range, in their order."""
        for f in fields(cls):
            if f.metadata:
                yield Setting(f.name, float(getattr(cls, f.name)), **f.metadata)

    def __post_init__(self) -> None:
        for key, value in asdict(self).items():
            if key.startswith("p_") and not 0.0 <= value <= 1.0:
                raise ConfigError(f"expected {key} in [0, 1], got {value}. It is a share of the curves.")
