"""Frozen settings of the priors: every mechanism has its own share, so that an ablation can switch it off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Self

from ..errors import ConfigError


class PriorConfig:
    """Round trip through plain dicts; unknown keys and shares outside [0, 1] are refused."""

    name: ClassVar[str]

    def to_dict(self) -> dict[str, Any]:
        """All fields, and under "name" which prior they belong to."""
        return {"name": self.name, **asdict(self)}  # type: ignore[call-overload]

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
        known = {f.name for f in fields(cls)}  # type: ignore[arg-type]
        unknown = sorted(set(values) - known)
        if unknown:
            raise ConfigError(
                f"expected settings of the prior '{cls.name}', got unknown {unknown}. Known: {sorted(known)}."
            )
        return cls(**values)

    def __post_init__(self) -> None:
        for key, value in asdict(self).items():  # type: ignore[call-overload]
            if key.startswith("p_") and not 0.0 <= value <= 1.0:
                raise ConfigError(f"expected {key} in [0, 1], got {value}. It is a share of the curves.")


@dataclass(frozen=True)
class OursConfig(PriorConfig):
    """Our prior. `weight_*` are relative shares of the families, `p_*` probabilities."""

    name: ClassVar[str] = "ours"

    weight_m2: float = 0.07  # power law with a floor, nothing else
    weight_powfl: float = 0.27  # power law with floor, late start, second term
    weight_m4: float = 0.08  # sigmoid M4
    weight_sigmoid_floor: float = 0.13  # concave in the context, then a floor
    weight_bnsl: float = 0.08  # broken power law, 1-3 breaks
    weight_dub: float = 0.11  # down, up, down
    weight_steps: float = 0.04  # sigmoidal steps on a trend
    weight_bump: float = 0.08  # a bump on a trend
    weight_expo: float = 0.05  # exponential approach
    weight_drift: float = 0.09  # a local exponent that drifts

    exponent: float = 0.30  # median exponent of power laws
    exponent_std: float = 0.90  # standard deviation of its ln
    p_no_floor: float = 0.07  # power laws without a floor
    p_late: float = 0.25  # powfl: late start
    p_second: float = 0.35  # powfl: a second, faster term
    m4_slope: float = 0.40  # median slope of M4
    p_m4_no_floor: float = 0.04  # M4 without a floor
    p_sharp: float = 0.45  # sigmoid_floor: bends faster than any power law
    p_flat_start: float = 0.50  # bnsl: begins on a plateau
    onset: float = 0.70  # bnsl: median slope behind the plateau
    break_ratio: float = 0.45  # bnsl: median of a new slope over the old one
    break_std: float = 1.20  # bnsl: standard deviation of its ln
    break_width: float = 0.13  # bnsl: the sharpest break, in ln x
    p_recent_breaks: float = 0.55  # bnsl: breaks in the last third of the context
    p_peak_returns: float = 0.25  # dub: falls back to the old trend behind the peak
    p_peak_inside: float = 0.65  # dub: the peak lies in the context
    p_flat_descent: float = 0.25  # dub: flat before the rise
    after_peak: float = 0.26  # dub: median slope behind the peak
    bump_height: float = 0.7  # the highest bump, in ln y
    drift_rate: float = 0.9  # drift: the most that ln exponent wanders per root of an e-fold
    p_drift_floor: float = 0.50  # drift: with a floor

    p_clean: float = 0.17  # curves nearly without noise, modifiers, filter or spikes
    clean_few: float = 4.0  # so many times that share where 5 to 8 points lie unevenly: finished runs, not a log
    clean_fewest: float = 0.4  # and where 3 or 4 do: they look clean by chance
    p_clean_m2: float = 0.95  # share of those that are plain m2; the rest follows the weights above

    p_reversal: float = 0.03  # worse with scale: the law upside down
    p_saturation: float = 0.40  # another resource runs out: the curve bends into a floor, more or less sharply
    saturation_depth: float = 0.70  # the deepest such floor, in spreads of the context below its end
    saturation_reach: float = 2.5  # or, of the other half, in e-folds of x at the slope of its end
    saturation_sharpness: float = 4.0  # the sharpest bend into it
    times_in_logs: float = 2.0  # factor of the shares of transients, decays and spikes where x is evenly spaced
    times_in_tables: float = 0.4  # and elsewhere: a table of finished runs, not a log
    p_prelude: float = 0.30  # the first part of the context follows another law
    prelude_reach: float = 0.6  # the largest share of the context that it takes
    p_transient: float = 0.08  # initial transient
    p_lr_decay: float = 0.07  # a decaying learning rate bends the curve down
    p_wiggle: float = 0.85  # smooth perturbation
    wiggle_size: float = 0.40  # its largest amplitude, in spreads of the context
    wiggle_length: float = 0.12  # its shortest length, in ranges of the context
    p_upturn: float = 0.01  # multi-epoch over-fitting

    p_buried: float = 0.04  # noise as large as the trend: few test examples, one seed, a trend hardly begun
    p_loud: float = 0.93  # noise up to `loud`, else quiet
    loud: float = 0.21  # the loudest noise, in spreads of the context
    p_noise_trend: float = 0.45  # noise that grows or shrinks along the curve
    p_heavy_tails: float = 0.13  # Student t with 3 degrees of freedom
    p_skewed: float = 0.02  # one-sided noise
    p_autocorrelated: float = 0.13  # AR(1) noise
    p_outliers: float = 0.09  # 5 % of the points with 3-20 times the noise
    p_spikes: float = 0.05  # excursions that recover
    p_spike_at_end: float = 0.35  # share of those that touch the end of the context
    p_quantised: float = 0.10  # ln y in coarse steps
    p_rounded: float = 0.12  # y rounded to 2-5 digits

    p_filtered: float = 0.40  # contexts that never rise: the best so far, or a monotone fit
    filtered_few: float = 0.4  # so many times that share where at most 8 points are shown
    p_monotone: float = 0.40  # of those: isotonic regression of the readings, binned; else the best so far
    p_records: float = 0.67  # of the best so far: new minima only, else a running minimum on a grid
    p_log_thinned: float = 0.85  # of all filtered: shown evenly in ln x, else evenly in rank
    raw_per_shown: float = 20.0  # the most raw readings behind each one shown
    filtered_noise: float = 5.5  # noise of the best so far against that of other curves
    monotone_noise: float = 4.0  # and of the monotone fits
    p_repeats: float = 0.12  # each x measured 2-8 times

    p_double: float = 0.40  # horizon near twice the context
    p_near: float = 0.25  # horizon U(.1, 1.7) in ln x
    p_far: float = 0.35  # horizon U(.5, 6.9) in ln x
    p_short_horizon: float = 0.5  # of contexts with R < 1: horizon R U(.3, 1.5)
    p_inside: float = 0.20  # targets within the context's range
    p_below: float = 0.02  # targets just below it


@dataclass(frozen=True)
class PaperConfig(PriorConfig):
    """The paper's prior; `ablation` gives the steps of the paper's table."""

    name: ClassVar[str] = "paper"

    p_m3: float = 0.5  # a falling piece is M3, else M4
    p_breaks: float = 0.2  # curves with 1 or 2 breaks
    p_up: float = 0.1  # curves that rise for a while
    log_noise_mean: float = -4.0  # mean of the ln of the noise std, in units of y
    log_noise_std: float = 1.0  # its standard deviation
    context_regression: bool = False  # the points of the context are targets too, as the authors train
    n_asked: int = 0  # most targets of a curve, chosen by chance; 0 asks them all

    @classmethod
    def ablation(cls, step: str) -> PaperConfig:
        """One of "m3", "m4", "m3+m4", "+breaks", "+up" (the whole prior)."""
        steps = {
            "m3": cls(p_m3=1.0, p_breaks=0.0, p_up=0.0),
            "m4": cls(p_m3=0.0, p_breaks=0.0, p_up=0.0),
            "m3+m4": cls(p_breaks=0.0, p_up=0.0),
            "+breaks": cls(p_up=0.0),
            "+up": cls(),
        }
        if step not in steps:
            raise ConfigError(f"expected an ablation step of {sorted(steps)}, got '{step}'.")
        return steps[step]

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.p_breaks + self.p_up > 1.0:
            raise ConfigError(f"expected p_breaks + p_up at most 1, got {self.p_breaks + self.p_up}.")


@dataclass(frozen=True)
class LearningCurveConfig(PriorConfig):
    """LC-PFN's prior of training curves."""

    name: ClassVar[str] = "lc-pfn"

    n_epochs: int = 100  # length of a run, context and targets together; longer where a batch needs it
    log_noise_mean: float = -4.0  # mean of the ln of the noise std, in units of y
    log_noise_std: float = 1.0  # its standard deviation
