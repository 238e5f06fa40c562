"""Frozen settings of the priors: every mechanism has its own share, so that an ablation can switch it off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..errors import ConfigError
from .settings import PriorConfig, setting


@dataclass(frozen=True)
class OursConfig(PriorConfig):
    """Our prior, a setting a line: default, lowest and highest value that an experiment tries, group, meaning.

    `weight_*` are relative shares of the families, `p_*` probabilities; LU(a, b) is log-uniform.
    """

    name: ClassVar[str] = "ours"

    weight_m2: float = setting(0.07, 0.01, 0.3, "families", "power law with a floor, nothing else")
    weight_powfl: float = setting(0.27, 0.02, 0.6, "families", "power law with floor, late start, second term")
    weight_m4: float = setting(0.08, 0.02, 0.6, "families", "sigmoid M4")
    weight_sigmoid_floor: float = setting(0.13, 0.02, 0.6, "families", "concave in the context, then a floor")
    weight_bnsl: float = setting(0.08, 0.02, 0.6, "families", "broken power law, 1-3 breaks")
    weight_dub: float = setting(0.11, 0.02, 0.6, "families", "down, up, down")
    weight_steps: float = setting(0.04, 0.01, 0.3, "families", "sigmoidal steps on a trend")
    weight_bump: float = setting(0.08, 0.01, 0.3, "families", "a bump on a trend")
    weight_expo: float = setting(0.05, 0.01, 0.3, "families", "exponential approach")
    weight_drift: float = setting(0.09, 0.02, 0.6, "families", "a local exponent that drifts")

    exponent: float = setting(0.4, 0.1, 0.6, "laws", "median exponent of power laws")
    exponent_std: float = setting(0.85, 0.5, 1.2, "laws", "standard deviation of its ln")
    p_no_floor: float = setting(0.07, 0.0, 0.7, "laws", "power laws without a floor")
    p_straight: float = setting(0.26, 0.0, 0.7, "laws", "m2: without a floor")
    p_any_share: float = setting(
        0.8, 0.0, 1.0, "laws", "m2: the floor is any share of the last level, else log-uniform against what falls"
    )
    p_steep: float = setting(0.04, 0.0, 0.3, "laws", "power laws with an exponent LU(1.5, 6)")
    p_late: float = setting(0.25, 0.0, 0.9, "laws", "powfl: late start")
    p_second: float = setting(0.35, 0.0, 0.9, "laws", "powfl: a second, faster term")
    m4_slope: float = setting(0.4, 0.15, 1.0, "laws", "median slope of M4")
    p_m4_no_floor: float = setting(0.04, 0.0, 0.7, "laws", "M4 without a floor")
    p_sharp: float = setting(0.45, 0.0, 0.9, "laws", "sigmoid_floor: bends faster than any power law")
    p_flat_start: float = setting(0.5, 0.0, 0.8, "laws", "bnsl: begins on a plateau")
    onset: float = setting(0.7, 0.2, 1.5, "laws", "bnsl: median slope behind the plateau")
    break_ratio: float = setting(0.45, 0.2, 1.0, "laws", "bnsl: median of a new slope over the old one")
    break_std: float = setting(1.2, 0.5, 1.8, "laws", "bnsl: standard deviation of its ln")
    break_width: float = setting(0.13, 0.03, 0.8, "laws", "bnsl: the sharpest break, in ln x")
    p_recent_breaks: float = setting(0.55, 0.0, 0.8, "laws", "bnsl: breaks in the last third of the context")
    p_peak_returns: float = setting(0.25, 0.0, 0.9, "laws", "dub: falls back to the old trend behind the peak")
    p_peak_inside: float = setting(0.65, 0.5, 1.0, "laws", "dub: the peak lies in the context")
    p_flat_descent: float = setting(0.25, 0.0, 0.7, "laws", "dub: flat before the rise")
    after_peak: float = setting(0.26, 0.12, 0.7, "laws", "dub: median slope behind the peak")
    bump_height: float = setting(0.7, 0.2, 2.0, "laws", "the highest bump, in ln y")
    drift_rate: float = setting(0.9, 0.2, 2.0, "laws", "drift: the most that ln exponent wanders per root of an e-fold")
    p_drift_floor: float = setting(0.5, 0.0, 1.0, "laws", "drift: with a floor")

    p_clean: float = setting(0.17, 0.0, 0.4, "plain", "curves nearly without noise, modifiers, filter or spikes")
    clean_few: float = setting(
        2.0, 1.0, 8.0, "plain", "so many times that share where 5 to 8 points lie unevenly: finished runs, not a log"
    )
    clean_fewest: float = setting(0.4, 0.1, 4.0, "plain", "and where 3 or 4 do: they look clean by chance")
    p_clean_m2: float = setting(
        0.95, 0.2, 1.0, "plain", "share of those that are plain m2; the rest follows the weights above"
    )
    p_plain_table: float = setting(
        0.85, 0.0, 0.95, "plain", "tables of at most 16 runs that are m2 with some noise and nothing else"
    )
    p_plain: float = setting(0.15, 0.0, 0.5, "plain", "and of all other curves")
    plain_noise: float = setting(0.02, 0.005, 0.1, "plain", "the loudest noise of such a table, in ln y")

    p_reversal: float = setting(0.03, 0.0, 0.2, "training", "worse with scale: the law upside down")
    p_saturation: float = setting(
        0.55, 0.0, 0.6, "training", "another resource runs out: the curve bends into a floor, more or less sharply"
    )
    saturation_depth: float = setting(
        0.7, 0.2, 3.0, "training", "the deepest such floor, in spreads of the context below its end"
    )
    saturation_reach: float = setting(
        2.5, 0.5, 6.0, "training", "or, of the other half, in e-folds of x at the slope of its end"
    )
    saturation_sharpness: float = setting(4.0, 1.5, 20.0, "training", "the sharpest bend into it")
    times_in_logs: float = setting(
        2.0, 0.5, 4.0, "training", "factor of the shares of transients, decays and spikes where x is evenly spaced"
    )
    times_in_tables: float = setting(0.4, 0.1, 2.0, "training", "and elsewhere: a table of finished runs, not a log")
    p_prelude: float = setting(0.3, 0.0, 0.7, "training", "the first part of the context follows another law")
    prelude_reach: float = setting(0.6, 0.2, 0.9, "training", "the largest share of the context that it takes")
    p_transient: float = setting(0.08, 0.0, 0.5, "training", "initial transient")
    p_lr_decay: float = setting(0.085, 0.0, 0.4, "training", "a decaying learning rate bends the curve down")
    p_annealing: float = setting(
        0.3, 0.0, 0.5, "training", "a learning rate that falls over the whole run, context and targets alike"
    )
    p_recipe: float = setting(
        0.25, 0.0, 0.6, "training", "tables of 3 or 4 runs whose larger runs, which are asked, follow another recipe"
    )
    p_recipe_later: float = setting(0.0, 0.0, 0.3, "training", "and of those of 5 to 8 runs")
    p_wiggle: float = setting(0.85, 0.0, 1.0, "training", "smooth perturbation")
    wiggle_size: float = setting(0.4, 0.03, 1.0, "training", "its largest amplitude, in spreads of the context")
    wiggle_length: float = setting(0.12, 0.05, 0.6, "training", "its shortest length, in ranges of the context")
    p_upturn: float = setting(0.015, 0.0, 0.15, "training", "multi-epoch over-fitting")
    p_onset: float = setting(
        0.02, 0.0, 0.3, "training", "a steeper fall begins near the end of the context or beyond it"
    )

    p_buried: float = setting(
        0.04, 0.0, 0.3, "noise", "noise as large as the trend: few test examples, one seed, a trend hardly begun"
    )
    p_loud: float = setting(0.93, 0.0, 1.0, "noise", "noise up to `loud`, else quiet")
    loud: float = setting(0.21, 0.1, 1.0, "noise", "the loudest noise, in spreads of the context")
    p_noise_trend: float = setting(0.45, 0.0, 0.9, "noise", "noise that grows or shrinks along the curve")
    p_heavy_tails: float = setting(0.13, 0.0, 0.5, "noise", "Student t with 3 degrees of freedom")
    p_skewed: float = setting(0.02, 0.0, 0.4, "noise", "one-sided noise")
    p_autocorrelated: float = setting(0.13, 0.0, 0.6, "noise", "AR(1) noise")
    p_outliers: float = setting(0.09, 0.0, 0.2, "noise", "5 % of the points with 3-20 times the noise")
    p_spikes: float = setting(0.05, 0.0, 0.3, "noise", "excursions that recover")
    p_spike_at_end: float = setting(0.35, 0.0, 1.0, "noise", "share of those that touch the end of the context")
    p_quantised: float = setting(0.1, 0.0, 0.2, "noise", "ln y in coarse steps")
    p_rounded: float = setting(0.12, 0.0, 0.5, "noise", "y rounded to 2-5 digits")
    rounded_in_tables: float = setting(2.5, 0.5, 6.0, "noise", "so many times that share in tables of at most 16 runs")

    p_filtered: float = setting(0.4, 0.0, 0.7, "shown", "contexts that never rise: the best so far, or a monotone fit")
    filtered_few: float = setting(0.4, 0.1, 2.0, "shown", "so many times that share where at most 8 points are shown")
    p_monotone: float = setting(
        0.4, 0.0, 1.0, "shown", "of those: isotonic regression of the readings, binned; else the best so far"
    )
    p_records: float = setting(
        0.67, 0.0, 1.0, "shown", "of the best so far: new minima only, else a running minimum on a grid"
    )
    p_log_thinned: float = setting(
        0.85, 0.0, 1.0, "shown", "of all filtered: shown evenly in ln x, else evenly in rank"
    )
    raw_per_shown: float = setting(20.0, 5.0, 60.0, "shown", "the most raw readings behind each one shown")
    filtered_noise: float = setting(5.5, 1.0, 10.0, "shown", "noise of the best so far against that of other curves")
    monotone_noise: float = setting(4.0, 1.0, 10.0, "shown", "and of the monotone fits")
    p_pooled: float = setting(
        0.35, 0.0, 0.8, "shown", "contexts of at least 64 points that are means of many rows of a log"
    )
    rows_per_point: float = setting(100.0, 10.0, 1000.0, "shown", "the most rows behind a point, on average")
    pooled_noise: float = setting(2.0, 1.0, 10.0, "shown", "noise of their rows against that of other curves")
    p_repeats: float = setting(0.12, 0.0, 0.5, "shown", "each x measured 2-8 times")

    p_double: float = setting(0.4, 0.0, 1.0, "asked", "horizon near twice the context")
    p_near: float = setting(0.25, 0.0, 1.0, "asked", "horizon U(.1, 1.7) in ln x")
    p_far: float = setting(0.35, 0.0, 1.0, "asked", "horizon U(.5, 6.9) in ln x")
    p_short_horizon: float = setting(0.5, 0.0, 1.0, "asked", "of contexts with R < 1: horizon R U(.3, 1.5)")
    p_inside: float = setting(0.2, 0.0, 0.5, "asked", "targets within the context's range")
    p_below: float = setting(0.02, 0.0, 0.1, "asked", "targets just below it")


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
